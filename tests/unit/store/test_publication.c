#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "publication.h"
#include "store_fixture.h"

static struct strata_error err;

static void write_all(struct strata_publication *publication, const char *text)
{
    cr_assert_eq(write(publication->file, text, strlen(text)), (ssize_t)strlen(text));
}

static void assert_content(const char *path, const char *expected)
{
    size_t n_bytes;
    char *bytes = store_read_bytes(path, &n_bytes);
    cr_expect_str_eq(bytes, expected);
    free(bytes);
}

static int count_files(const char *directory)
{
    int n = 0;
    DIR *open = opendir(directory);
    for (struct dirent *entry; (entry = readdir(open));)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(open);
    return n;
}

Test(publication, commit_replaces_the_output_and_leaves_nothing_else)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication publication;
    store_write_text(f.output, "old");
    cr_assert_eq(strata_publication_begin(&publication, f.output, &err), STRATA_OK, "%s", err.message);
    cr_expect_str_eq(publication.temporary, f.temporary);
    write_all(&publication, "new");
    assert_content(f.output, "old");
    cr_assert_eq(strata_publication_commit(&publication, &err), STRATA_OK, "%s", err.message);
    strata_publication_release(&publication);
    assert_content(f.output, "new");
    cr_expect_eq(count_files(f.directory), 1);
    store_fixture_release(&f);
}

Test(publication, release_without_commit_keeps_the_old_file)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication publication;
    store_write_text(f.output, "old");
    cr_assert_eq(strata_publication_begin(&publication, f.output, &err), STRATA_OK);
    write_all(&publication, "new");
    strata_publication_release(&publication);
    strata_publication_release(&publication);
    assert_content(f.output, "old");
    cr_expect_eq(count_files(f.directory), 1);
    store_fixture_release(&f);
}

Test(publication, second_run_is_busy_at_once)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication first, second;
    cr_assert_eq(strata_publication_begin(&first, f.output, &err), STRATA_OK);
    pid_t child = fork();
    if (child == 0) {
        enum strata_status status = strata_publication_begin(&second, f.output, &err);
        bool says_so = strstr(err.message, "another run") != NULL;
        strata_publication_release(&second);
        _exit(status == STRATA_BUSY && says_so ? strata_status_exit_code(status) : 100);
    }
    int how;
    cr_assert_eq(waitpid(child, &how, 0), child);
    cr_expect(WIFEXITED(how) && WEXITSTATUS(how) == 6);
    cr_expect_eq(access(f.temporary, F_OK), 0, "the loser must not remove the file of the winner");

    /* Open file description locks hold between two openings of one process, too. */
    cr_expect_eq(strata_publication_begin(&second, f.output, &err), STRATA_BUSY);
    strata_publication_release(&first);
    cr_expect_eq(strata_publication_begin(&second, f.output, &err), STRATA_OK);
    strata_publication_release(&second);
    store_fixture_release(&f);
}

Test(publication, file_of_a_killed_run_is_taken_over)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication publication;
    store_write_text(f.output, "old");
    pid_t child = fork();
    if (child == 0) {
        if (strata_publication_begin(&publication, f.output, &err) == STRATA_OK &&
            write(publication.file, "half of a", 9) == 9)
            (void)raise(SIGKILL);
        _exit(1);
    }
    int how;
    cr_assert_eq(waitpid(child, &how, 0), child);
    cr_assert(WIFSIGNALED(how));
    cr_assert_eq(access(f.temporary, F_OK), 0);
    assert_content(f.output, "old");

    cr_assert_eq(strata_publication_begin(&publication, f.output, &err), STRATA_OK, "%s", err.message);
    assert_content(f.temporary, "");
    write_all(&publication, "new");
    cr_assert_eq(strata_publication_commit(&publication, &err), STRATA_OK);
    strata_publication_release(&publication);
    assert_content(f.output, "new");
    cr_expect_eq(count_files(f.directory), 1);
    store_fixture_release(&f);
}

Test(publication, symbolic_link_is_followed_and_stays)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication publication;
    char link[128];
    struct stat about;
    (void)snprintf(link, sizeof link, "%s/latest.h5", f.directory);
    cr_assert_eq(symlink("results.h5", link), 0);
    cr_expect_eq(strata_publication_begin(&publication, link, &err), STRATA_IO);
    cr_expect(strstr(err.message, "symbolic link to nothing"), "%s", err.message);

    store_write_text(f.output, "old");
    cr_assert_eq(strata_publication_begin(&publication, link, &err), STRATA_OK, "%s", err.message);
    write_all(&publication, "new");
    cr_assert_eq(strata_publication_commit(&publication, &err), STRATA_OK);
    strata_publication_release(&publication);
    cr_assert_eq(lstat(link, &about), 0);
    cr_expect(S_ISLNK(about.st_mode));
    assert_content(f.output, "new");
    store_fixture_release(&f);
}

Test(publication, planted_temporary_files_are_refused)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication publication;
    char victim[128];
    (void)snprintf(victim, sizeof victim, "%s/victim", f.directory);
    store_write_text(victim, "precious");

    cr_assert_eq(symlink(victim, f.temporary), 0);
    cr_expect_eq(strata_publication_begin(&publication, f.output, &err), STRATA_IO);
    cr_assert_eq(unlink(f.temporary), 0);
    cr_assert_eq(link(victim, f.temporary), 0);
    cr_expect_eq(strata_publication_begin(&publication, f.output, &err), STRATA_IO);
    cr_assert_eq(unlink(f.temporary), 0);
    cr_assert_eq(mkfifo(f.temporary, 0600), 0);
    cr_expect_eq(strata_publication_begin(&publication, f.output, &err), STRATA_IO);
    assert_content(victim, "precious");
    store_fixture_release(&f);
}

Test(publication, permissions_of_the_replaced_file_are_kept)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication publication;
    struct stat about;
    store_write_text(f.output, "old");
    cr_assert_eq(chmod(f.output, 0600), 0);
    cr_assert_eq(strata_publication_begin(&publication, f.output, &err), STRATA_OK);
    cr_assert_eq(strata_publication_commit(&publication, &err), STRATA_OK);
    strata_publication_release(&publication);
    cr_assert_eq(stat(f.output, &about), 0);
    cr_expect_eq(about.st_mode & 0777, 0600);
    store_fixture_release(&f);
}

Test(publication, output_that_cannot_be_written_says_why)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication publication;
    char path[512];
    const struct {
        const char *name, *reason;
    } cases[] = {{"", "not the name of a file"},    {"/", "not the name of a file"},
                 {"/..", "not the name of a file"}, {"/missing/results.h5", "No such file"},
                 {"/sub", "is a directory"},        {"/pipe", "not a regular file"}};
    (void)snprintf(path, sizeof path, "%s/sub", f.directory);
    cr_assert_eq(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/pipe", f.directory);
    cr_assert_eq(mkfifo(path, 0600), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        (void)snprintf(path, sizeof path, "%s%s", *cases[i].name ? f.directory : "", cases[i].name);
        cr_expect_eq(strata_publication_begin(&publication, path, &err), STRATA_IO, "%s", path);
        cr_expect(strstr(err.message, cases[i].reason), "%s: %s", path, err.message);
        cr_expect_null(publication.output);
    }
    (void)snprintf(path, sizeof path, "%s/%0250d.h5", f.directory, 0);
    cr_expect_eq(strata_publication_begin(&publication, path, &err), STRATA_IO);
    store_fixture_release(&f);
}

Test(publication, relative_path_without_directory)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication publication;
    cr_assert_eq(chdir(f.directory), 0);
    cr_assert_eq(strata_publication_begin(&publication, "results.h5", &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(chdir("/"), 0);
    write_all(&publication, "new");
    cr_assert_eq(strata_publication_commit(&publication, &err), STRATA_OK, "%s", err.message);
    strata_publication_release(&publication);
    assert_content(f.output, "new");
    store_fixture_release(&f);
}

Test(publication, directory_without_write_permission)
{
    if (geteuid() == 0)
        cr_skip("skipped: root may write everywhere");
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication publication;
    cr_assert_eq(chmod(f.directory, 0500), 0);
    cr_expect_eq(strata_publication_begin(&publication, f.output, &err), STRATA_IO);
    cr_expect(strstr(err.message, "Permission denied"), "%s", err.message);
    cr_assert_eq(chmod(f.directory, 0700), 0);
    store_fixture_release(&f);
}

Test(publication, commit_refuses_when_the_temporary_file_was_replaced)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    struct strata_publication publication;
    store_write_text(f.output, "old");
    cr_assert_eq(strata_publication_begin(&publication, f.output, &err), STRATA_OK);
    cr_assert_eq(unlink(f.temporary), 0);
    store_write_text(f.temporary, "somebody else's");
    cr_expect_eq(strata_publication_commit(&publication, &err), STRATA_IO);
    strata_publication_release(&publication);
    assert_content(f.output, "old");
    assert_content(f.temporary, "somebody else's");
    store_fixture_release(&f);
}
