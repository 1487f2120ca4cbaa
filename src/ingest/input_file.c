#include "input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "memory.h"

enum strata_status strata_input_file_open(struct strata_input_file *file, const char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct stat about;
    *file = (struct strata_input_file){.descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), .path = path};
    if (file->descriptor < 0)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot open %s: %s", path, strerror(errno));
    if (fstat(file->descriptor, &about) != 0)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot examine %s: %s", path, strerror(errno));
    if (S_ISDIR(about.st_mode))
        STRATA_GIVE_UP(err, STRATA_IO, "%s is a directory; name the files in it, say '%s/*.csv'", path, path);
    if (!S_ISREG(about.st_mode))
        STRATA_GIVE_UP(err, STRATA_IO, "%s is not a regular file", path);
    file->n_bytes = (uint64_t)about.st_size;
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
