#include "temporary_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

static int open_named(const char *folder)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/.strata-XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor >= 0)
        (void)unlink(path);
    return descriptor;
}

enum strata_status strata_temporary_file_open(struct strata_temporary_file *file, const char *folder,
                                              struct strata_error *err)
{
    *file = (struct strata_temporary_file){.folder = folder};
    int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    /* Kernels and file systems without O_TMPFILE answer in these three ways. */
    if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        descriptor = open_named(folder);
    if (descriptor < 0)
        return strata_fail(err, STRATA_IO,
                           "cannot make a temporary file in %s: %s\nname a folder that can be written to with "
                           "--temp-dir",
                           folder, strerror(errno));
    struct statfs about;
    file->is_in_memory = fstatfs(descriptor, &about) == 0 &&
                         ((unsigned long)about.f_type == TMPFS_MAGIC || (unsigned long)about.f_type == RAMFS_MAGIC);
    file->descriptor = descriptor;
    file->is_open = true;
    return STRATA_OK;
}

void strata_temporary_file_close(struct strata_temporary_file *file)
{
    if (file->is_open)
        (void)close(file->descriptor);
    *file = (struct strata_temporary_file){0};
}

static enum strata_status fail_to_write(const struct strata_temporary_file *file, int error, struct strata_error *err)
{
    return strata_fail(err, STRATA_IO,
                       "cannot write a temporary file in %s: %s\nfree space there, name another folder with "
                       "--temp-dir, or raise --memory-limit",
                       file->folder, strerror(error));
}

enum strata_status strata_temporary_file_allocate(struct strata_temporary_file *file, uint64_t n_bytes,
                                                  struct strata_error *err)
{
    int error;
    do {
        error = posix_fallocate(file->descriptor, (off_t)file->n_bytes, (off_t)(n_bytes - file->n_bytes));
    } while (error == EINTR);
    if (error)
        return fail_to_write(file, error, err);
    file->n_bytes = n_bytes;
    return STRATA_OK;
}

uint64_t strata_temporary_file_reserve(struct strata_temporary_file *file, uint64_t n_bytes)
{
    return __atomic_fetch_add(&file->n_bytes, n_bytes, __ATOMIC_RELAXED);
}

enum strata_status strata_temporary_file_write(const struct strata_temporary_file *file, const void *bytes,
                                               size_t n_bytes, uint64_t offset, struct strata_error *err)
{
    const char *from = bytes;
    while (n_bytes) {
        ssize_t n = pwrite(file->descriptor, from, n_bytes, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_to_write(file, n < 0 ? errno : ENOSPC, err);
        from += n;
        offset += (uint64_t)n;
        n_bytes -= (size_t)n;
    }
    return STRATA_OK;
}

enum strata_status strata_temporary_file_read(const struct strata_temporary_file *file, void *bytes, size_t n_bytes,
                                              uint64_t offset, struct strata_error *err)
{
    char *to = bytes;
    while (n_bytes) {
        ssize_t n = pread(file->descriptor, to, n_bytes, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return strata_fail(err, STRATA_IO, "cannot read a temporary file in %s: %s", file->folder,
                               n < 0 ? strerror(errno) : "it is shorter than what was written");
        to += n;
        offset += (uint64_t)n;
        n_bytes -= (size_t)n;
    }
    return STRATA_OK;
}

void strata_temporary_file_announce(const struct strata_temporary_file *file, uint64_t offset, uint64_t n_bytes)
{
    (void)posix_fadvise(file->descriptor, (off_t)offset, (off_t)n_bytes, POSIX_FADV_WILLNEED);
}
