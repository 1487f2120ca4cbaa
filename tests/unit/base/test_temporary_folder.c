#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "temporary_folder.h"

static struct scratch scratch;

static void set_up(void) { scratch_make(&scratch); }
static void tear_down(void) { scratch_remove(&scratch); }
TestSuite(temporary_folder, .init = set_up, .fini = tear_down);

static void put_file(const struct strata_temporary_folder *folder)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/file.tmp", folder->path);
    int descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    cr_assert(descriptor >= 0);
    (void)close(descriptor);
}

static struct strata_temporary_folder open_one(void)
{
    struct strata_temporary_folder folder;
    struct strata_error err = {0};
    cr_assert_eq(strata_temporary_folder_open(&folder, scratch.path, &err), STRATA_OK, "%s", err.message);
    put_file(&folder);
    return folder;
}

Test(temporary_folder, closing_removes_it_with_its_files)
{
    struct strata_temporary_folder folder = open_one();
    struct stat about;
    char path[1024];
    (void)snprintf(path, sizeof path, "%s", folder.path);
    cr_assert_eq(stat(path, &about), 0);
    cr_assert_eq(about.st_mode & 0777u, 0700u);
    strata_temporary_folder_close(&folder);
    cr_assert_neq(access(path, F_OK), 0);
    strata_temporary_folder_close(&folder);
}

Test(temporary_folder, one_in_use_stays)
{
    struct strata_temporary_folder first = open_one(), second = open_one();
    cr_assert_eq(access(first.path, F_OK), 0);
    cr_assert_eq(access(second.path, F_OK), 0);
    strata_temporary_folder_close(&first);
    strata_temporary_folder_close(&second);
}

/* A process with a folder that is killed, with its guardian or without; `path` of the folder. */
static void leave_one(bool with_guardian, char path[1024])
{
    int names[2];
    memset(path, 0, 1024);
    cr_assert_eq(pipe(names), 0);
    pid_t child = fork();
    if (child == 0) {
        struct strata_temporary_folder folder = open_one();
        if (write(names[1], folder.path, strlen(folder.path)) < 0)
            _exit(1);
        if (with_guardian)
            (void)kill(folder.guardian.child, SIGKILL);
        (void)raise(SIGKILL);
    }
    cr_assert(child > 0);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_assert(read(names[0], path, 1023) > 0);
    (void)close(names[0]);
    (void)close(names[1]);
}

Test(temporary_folder, one_of_a_killed_process_goes)
{
    char path[1024];
    leave_one(false, path);
    for (int i = 0; i < 3000 && access(path, F_OK) == 0; ++i)
        (void)usleep(10000);
    cr_assert_neq(access(path, F_OK), 0, "%s is still there", path);
}

Test(temporary_folder, one_whose_guardian_was_killed_too_goes_with_the_next)
{
    char path[1024];
    leave_one(true, path);
    cr_assert_eq(access(path, F_OK), 0);
    struct strata_temporary_folder folder = open_one();
    cr_assert_neq(access(path, F_OK), 0);
    strata_temporary_folder_close(&folder);
}

Test(temporary_folder, what_is_not_a_folder_of_ours_stays)
{
    char other[1024], link[1024];
    (void)snprintf(other, sizeof other, "%s/other", scratch.path);
    (void)snprintf(link, sizeof link, "%s/strata-folder-link", scratch.path);
    cr_assert_eq(mkdir(other, 0700), 0);
    cr_assert_eq(symlink(other, link), 0);
    struct strata_temporary_folder folder = open_one();
    cr_assert_eq(access(other, F_OK), 0);
    cr_assert_eq(access(link, F_OK), 0);
    strata_temporary_folder_close(&folder);
    cr_assert_eq(unlink(link), 0);
    cr_assert_eq(rmdir(other), 0);
}

Test(temporary_folder, a_place_that_takes_none)
{
    struct strata_temporary_folder folder;
    struct strata_error err = {0};
    cr_assert_eq(strata_temporary_folder_open(&folder, "/no/pe", &err), STRATA_IO);
    cr_assert(strstr(err.message, "/no/pe: No such file") && strstr(err.message, "--temp-dir"), "%s", err.message);
    strata_temporary_folder_close(&folder);
}
