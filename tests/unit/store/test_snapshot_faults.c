#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_fixture.h"

static struct strata_error err;

/* The file system refuses to let the file grow beyond `n_bytes`, as a full disk does. */
static void limit_files(rlim_t n_bytes)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = n_bytes;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(snapshot_faults, write_that_fails_anywhere_leaves_the_old_file)
{
    struct store_fixture f;
    size_t n_bytes, n_old;
    (void)signal(SIGXFSZ, SIG_IGN);
    for (int compress = 0; compress < 2; ++compress) {
        store_fixture_init(&f, 20000);
        f.contents.compress = compress;
        cr_assert_eq(store_fixture_publish(&f, f.output, &err), STRATA_OK, "%s", err.message);
        free(store_read_bytes(f.output, &n_bytes));
        store_write_text(f.output, "old");
        for (size_t limit = 0; limit < n_bytes; limit += 1 + n_bytes / 41) {
            limit_files(limit);
            enum strata_status status = store_fixture_publish(&f, f.output, &err);
            limit_files(RLIM_INFINITY);
            cr_assert_eq(status, STRATA_IO, "limit %zu of %zu: status %d", limit, n_bytes, (int)status);
            cr_assert(strstr(err.message, "File too large"), "limit %zu: %s", limit, err.message);
            cr_assert_neq(access(f.temporary, F_OK), 0);
            char *old = store_read_bytes(f.output, &n_old);
            cr_assert_str_eq(old, "old");
            free(old);
        }
        limit_files(2 * n_bytes); /* HDF5 may grow the file beyond its final size */
        cr_expect_eq(store_fixture_publish(&f, f.output, &err), STRATA_OK, "%s", err.message);
        limit_files(RLIM_INFINITY);
        store_fixture_release(&f);
    }
}

Test(snapshot_faults, full_disk_says_so)
{
    struct store_fixture f;
    char path[128];
    store_fixture_init(&f, 200000);
    (void)snprintf(path, sizeof path, "%s/small", f.directory);
    cr_assert_eq(mkdir(path, 0700), 0);
    if (geteuid() != 0 || mount("tmpfs", path, "tmpfs", 0, "size=1m") != 0) {
        store_fixture_release(&f);
        cr_skip("skipped: mounting a small tmpfs needs root");
    }
    (void)snprintf(path, sizeof path, "%s/small/results.h5", f.directory);
    store_write_text(path, "old");
    for (int compress = 0; compress < 2; ++compress) {
        f.contents.compress = compress;
        cr_expect_eq(store_fixture_publish(&f, path, &err), STRATA_IO);
        cr_expect(strstr(err.message, "disk full") && strstr(err.message, "No space left"), "%s", err.message);
    }
    size_t n_bytes;
    char *old = store_read_bytes(path, &n_bytes);
    cr_expect_str_eq(old, "old");
    free(old);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/small", f.directory);
    cr_expect_eq(umount2(path, MNT_DETACH), 0);
    store_fixture_release(&f);
}

Test(snapshot_faults, killed_before_commit_leaves_the_old_file)
{
    struct store_fixture f;
    store_fixture_init(&f, 1000);
    f.contents.threads = 1;
    store_write_text(f.output, "old");
    pid_t child = fork();
    if (child == 0) {
        struct strata_publication publication;
        if (strata_publication_begin(&publication, f.output, &err) == STRATA_OK &&
            strata_snapshot_write(&publication, &f.contents, &err) == STRATA_OK)
            (void)raise(SIGKILL);
        _exit(1);
    }
    int how;
    cr_assert_eq(waitpid(child, &how, 0), child);
    cr_assert(WIFSIGNALED(how));
    size_t n_bytes;
    char *old = store_read_bytes(f.output, &n_bytes);
    cr_expect_str_eq(old, "old");
    free(old);
    cr_expect_eq(store_fixture_publish(&f, f.output, &err), STRATA_OK, "%s", err.message);
    cr_expect_neq(access(f.temporary, F_OK), 0);
    store_fixture_release(&f);
}
