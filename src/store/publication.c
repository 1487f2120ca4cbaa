#include "publication.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "memory.h"

#define TEMPORARY_SUFFIX ".strata-tmp"

/* Each round that fails means that another run finished between two calls of ours. */
enum { MAX_ROUNDS = 100 };

/* The absolute path of `path`, whose last component need not exist but whose directory must. malloc memory. */
static enum strata_status resolve_output(const char *path, char **resolved, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *directory = NULL, *absolute_directory = NULL;
    struct stat about;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;

    if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot write the output %s: it is not the name of a file", path);
    if (lstat(path, &about) == 0 && S_ISLNK(about.st_mode)) {
        *resolved = realpath(path, NULL);
        if (!*resolved)
            STRATA_GIVE_UP(err, STRATA_IO, "cannot write the output %s: it is a symbolic link to nothing (%s)", path,
                           strerror(errno));
        goto done;
    }
    directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!directory)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    absolute_directory = realpath(directory, NULL);
    if (!absolute_directory)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot write the output %s: its directory %s: %s", path, directory,
                       strerror(errno));
    bool is_root = strcmp(absolute_directory, "/") == 0;
    if (asprintf(resolved, "%s/%s", is_root ? "" : absolute_directory, name) < 0) {
        *resolved = NULL;
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    }
done:
    free(directory);
    free(absolute_directory);
    return status;
}

/* What stands at the output may be replaced: nothing, or a regular file, whose permission bits are returned. */
static enum strata_status check_replaceable(const char *output, mode_t *mode, bool *exists, struct strata_error *err)
{
    struct stat about;
    *exists = false;
    if (stat(output, &about) != 0) {
        if (errno == ENOENT)
            return STRATA_OK;
        return strata_fail(err, STRATA_IO, "cannot write the output %s: %s", output, strerror(errno));
    }
    if (S_ISDIR(about.st_mode))
        return strata_fail(err, STRATA_IO, "cannot write the output %s: it is a directory; name a file in it", output);
    if (!S_ISREG(about.st_mode))
        return strata_fail(err, STRATA_IO, "cannot write the output %s: it is not a regular file", output);
    *exists = true;
    *mode = about.st_mode & 0777;
    return STRATA_OK;
}

static char *temporary_path(const char *output)
{
    const char *name = strrchr(output, '/') + 1;
    char *path;
    return asprintf(&path, "%.*s.%s" TEMPORARY_SUFFIX, (int)(name - output), output, name) < 0 ? NULL : path;
}

static enum strata_status lock(int file, const char *output, struct strata_error *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_OFD_SETLK, &whole) == 0)
        return STRATA_OK;
    if (errno == EAGAIN || errno == EACCES)
        return strata_fail(err, STRATA_BUSY, "another run is writing %s; wait until it ends or choose another output",
                           output);
    return strata_fail(err, STRATA_IO,
                       "cannot lock the output %s: %s; its file system offers no locks, write to another directory",
                       output, strerror(errno));
}

/* One attempt. `*is_current` tells whether the locked file is still the one at the path: another run may have renamed
 * it between the opening and the locking. */
static enum strata_status open_and_lock(struct strata_publication *publication, bool *is_current,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const char *path = publication->temporary;
    struct stat opened, at_path;

    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (file < 0 && errno == ELOOP)
        return strata_fail(err, STRATA_IO, "%s is a symbolic link; remove it", path);
    if (file < 0)
        return strata_fail(err, STRATA_IO, "cannot write the output %s: cannot create %s: %s", publication->output,
                           path, strerror(errno));
    if (fstat(file, &opened) != 0)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot write the output %s: %s", publication->output, strerror(errno));
    if (!S_ISREG(opened.st_mode) || opened.st_nlink > 1)
        STRATA_GIVE_UP(err, STRATA_IO, "%s is not a file that a run of strata left behind; remove it", path);
    STRATA_TRY(lock(file, publication->output, err));
    *is_current = lstat(path, &at_path) == 0 && at_path.st_dev == opened.st_dev && at_path.st_ino == opened.st_ino;
done:
    if (status != STRATA_OK || !*is_current) {
        (void)close(file);
        return status;
    }
    publication->file = file;
    publication->is_held = true;
    return STRATA_OK;
}

enum strata_status strata_publication_begin(struct strata_publication *publication, const char *output_path,
                                            struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    mode_t mode = 0;
    bool exists, is_current = false;

    *publication = (struct strata_publication){0};
    STRATA_TRY(resolve_output(output_path, &publication->output, err));
    STRATA_TRY(check_replaceable(publication->output, &mode, &exists, err));
    publication->temporary = temporary_path(publication->output);
    if (!publication->temporary)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    for (int round = 0; !is_current; ++round) {
        if (round == MAX_ROUNDS)
            STRATA_GIVE_UP(err, STRATA_BUSY, "other runs keep writing %s; choose another output", publication->output);
        STRATA_TRY(open_and_lock(publication, &is_current, err));
    }
    if (ftruncate(publication->file, 0) != 0 || (exists && fchmod(publication->file, mode) != 0))
        STRATA_GIVE_UP(err, STRATA_IO, "cannot write %s: %s", publication->temporary, strerror(errno));
done:
    if (status != STRATA_OK)
        strata_publication_release(publication);
    return status;
}

/* Only what was locked is renamed or removed, never what somebody else put at the path. */
static bool path_is_ours(const struct strata_publication *publication)
{
    struct stat held, at_path;
    return fstat(publication->file, &held) == 0 && lstat(publication->temporary, &at_path) == 0 &&
           held.st_dev == at_path.st_dev && held.st_ino == at_path.st_ino;
}

static enum strata_status sync_directory(const char *output, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_bytes = (size_t)(strrchr(output, '/') - output);
    char *path = n_bytes ? strndup(output, n_bytes) : strdup("/");
    int directory = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    /* Some file systems cannot sync a directory and say EINVAL: there is nothing more to be done there. */
    if (directory < 0 || (fsync(directory) != 0 && errno != EINVAL))
        status =
            strata_fail(err, STRATA_IO, "%s is complete and in place, but its directory could not be made durable: %s",
                        output, strerror(errno));
    if (directory >= 0)
        (void)close(directory);
    free(path);
    return status;
}

enum strata_status strata_publication_commit(struct strata_publication *publication, struct strata_error *err)
{
    const char *temporary = publication->temporary, *output = publication->output;
    if (!path_is_ours(publication))
        return strata_fail(err, STRATA_IO, "cannot publish %s: somebody removed or replaced %s", output, temporary);
    if (fsync(publication->file) != 0)
        return strata_fail(err, STRATA_IO, "cannot publish %s: %s; an earlier file there is untouched", output,
                           strerror(errno));
    if (rename(temporary, output) != 0)
        return strata_fail(err, STRATA_IO, "cannot publish %s: renaming %s: %s; an earlier file there is untouched",
                           output, temporary, strerror(errno));
    enum strata_status status = sync_directory(output, err);
    (void)close(publication->file);
    publication->is_held = false;
    return status;
}

void strata_publication_release(struct strata_publication *publication)
{
    if (publication->is_held) {
        if (path_is_ours(publication))
            (void)unlink(publication->temporary);
        (void)close(publication->file);
    }
    free(publication->output);
    free(publication->temporary);
    *publication = (struct strata_publication){0};
}
