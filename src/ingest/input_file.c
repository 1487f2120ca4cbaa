#include "input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "memory.h"

/* A pipe by name waits for its writer; whatever else it is, opening it must not wait. */
static int open_path(const char *path)
{
    struct stat about;
    bool is_pipe = stat(path, &about) == 0 && S_ISFIFO(about.st_mode);
    if (strcmp(path, "-") == 0)
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    return open(path, O_RDONLY | O_CLOEXEC | (is_pipe ? 0 : O_NONBLOCK));
}

enum strata_status strata_input_file_open(struct strata_input_file *file, const char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct stat about;
    bool is_standard_input = strcmp(path, "-") == 0;
    *file =
        (struct strata_input_file){.descriptor = open_path(path), .path = is_standard_input ? "standard input" : path};
    if (file->descriptor < 0)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot open %s: %s", file->path, strerror(errno));
    if (fstat(file->descriptor, &about) != 0)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot examine %s: %s", file->path, strerror(errno));
    if (S_ISDIR(about.st_mode))
        STRATA_GIVE_UP(err, STRATA_IO, "%s is a directory; name the files in it, say '%s/*.csv'", file->path,
                       is_standard_input ? "DIRECTORY" : path);
    if (S_ISBLK(about.st_mode))
        STRATA_GIVE_UP(err, STRATA_IO, "%s is a whole device, neither a file nor a pipe", file->path);
    /* Of a file on standard input, a program before this one may have read a part. */
    file->is_regular = S_ISREG(about.st_mode) && (!is_standard_input || lseek(file->descriptor, 0, SEEK_CUR) == 0);
    file->n_bytes = file->is_regular ? (uint64_t)about.st_size : 0;
    file->device = about.st_dev;
    file->inode = about.st_ino;
done:
    if (status != STRATA_OK)
        strata_input_file_close(file);
    return status;
}

void strata_input_file_close(struct strata_input_file *file)
{
    if (file->descriptor >= 0)
        (void)close(file->descriptor);
    file->descriptor = -1;
}

enum strata_status strata_input_file_read(const struct strata_input_file *file, uint64_t offset, char *out, size_t n,
                                          struct strata_error *err)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(file->descriptor, out + done, n - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return strata_fail(err, STRATA_IO, "cannot read %s at byte %llu: %s", file->path,
                               (unsigned long long)(offset + done), strerror(errno));
        if (got == 0)
            return strata_fail(err, STRATA_IO, "%s has become shorter while it was read (it had %llu bytes)",
                               file->path, (unsigned long long)file->n_bytes);
        done += (size_t)got;
    }
    return STRATA_OK;
}

enum strata_status strata_input_file_read_on(const struct strata_input_file *file, uint64_t offset, char *out, size_t n,
                                             size_t *got, struct strata_error *err)
{
    *got = 0;
    for (;;) {
        ssize_t result =
            file->is_regular ? pread(file->descriptor, out, n, (off_t)offset) : read(file->descriptor, out, n);
        if (result >= 0) {
            *got = (size_t)result;
            return STRATA_OK;
        }
        if (errno == EAGAIN) {
            struct pollfd readable = {.fd = file->descriptor, .events = POLLIN};
            (void)poll(&readable, 1, -1);
        } else if (errno != EINTR) {
            return strata_fail(err, STRATA_IO, "cannot read %s at byte %llu: %s", file->path,
                               (unsigned long long)offset, strerror(errno));
        }
    }
}

static enum strata_status add_path(char ***paths, size_t *n_paths, size_t *capacity, const char *path,
                                   struct strata_error *err)
{
    void *array = *paths;
    enum strata_status status = strata_grow_array(&array, capacity, *n_paths + 1, sizeof **paths, err);
    *paths = array;
    if (status != STRATA_OK)
        return status;
    char *copy = strata_copy_string(path);
    if (!copy)
        return strata_fail(err, STRATA_MEMORY, "out of memory for the path %s", path);
    (*paths)[(*n_paths)++] = copy;
    return STRATA_OK;
}

static enum strata_status expand_pattern(const char *pattern, char ***paths, size_t *n_paths, size_t *capacity,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    glob_t matches = {0};
    struct stat about;
    if (strpbrk(pattern, "*?[") == NULL || stat(pattern, &about) == 0)
        return add_path(paths, n_paths, capacity, pattern, err);
    int result = glob(pattern, GLOB_ERR, NULL, &matches);
    if (result == GLOB_NOMATCH)
        STRATA_GIVE_UP(err, STRATA_IO, "no file matches %s", pattern);
    if (result != 0)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot list the files that match %s", pattern);
    for (size_t i = 0; i < matches.gl_pathc; ++i)
        STRATA_TRY(add_path(paths, n_paths, capacity, matches.gl_pathv[i], err));
done:
    globfree(&matches);
    return status;
}

enum strata_status strata_input_paths_expand(const char *const *patterns, size_t n_patterns, char ***paths,
                                             size_t *n_paths, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t capacity = 0;
    *paths = NULL;
    *n_paths = 0;
    for (size_t i = 0; i < n_patterns; ++i)
        STRATA_TRY(expand_pattern(patterns[i], paths, n_paths, &capacity, err));
done:
    if (status != STRATA_OK) {
        for (size_t i = 0; i < *n_paths; ++i)
            free((*paths)[i]);
        free(*paths);
        *paths = NULL;
        *n_paths = 0;
    }
    return status;
}
