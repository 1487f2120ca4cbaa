#include "temporary_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* Unlike those of strata_temporary_file, which are files and never stay. */
static const char prefix[] = "strata-folder-";

/* The files in the folder of `descriptor`. Folders in it stay, and so does it then. */
static void remove_files(int descriptor)
{
    int own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = own < 0 ? NULL : fdopendir(own);
    if (!folder) {
        if (own >= 0)
            (void)close(own);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(descriptor, entry->d_name, 0);
    (void)closedir(folder);
}

/* A folder of this user that nobody holds was left by a process that was killed together with its guardian. */
static void remove_if_left(int place, const char *name)
{
    struct stat about;
    int descriptor = openat(place, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return;
    if (fstat(descriptor, &about) == 0 && about.st_uid == geteuid() && flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        remove_files(descriptor);
        (void)unlinkat(place, name, AT_REMOVEDIR);
    }
    (void)close(descriptor);
}

static void remove_left(const char *path)
{
    DIR *place = opendir(path);
    if (!place)
        return;
    for (const struct dirent *entry; (entry = readdir(place)) != NULL;)
        if (strncmp(entry->d_name, prefix, sizeof prefix - 1) == 0)
            remove_if_left(dirfd(place), entry->d_name);
    (void)closedir(place);
}

/* Make and lock; false with errno 0 if the name is taken, or another process took the folder for one that was left, in
 * the moment between. */
static bool make(struct strata_temporary_folder *folder)
{
    struct stat about;
    if (mkdir(folder->path, 0700) != 0) {
        errno = errno == EEXIST ? 0 : errno;
        return false;
    }
    folder->descriptor = open(folder->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder->descriptor < 0) {
        errno = errno == ENOENT ? 0 : errno;
        return false;
    }
    if (flock(folder->descriptor, LOCK_EX) == 0 && fstat(folder->descriptor, &about) == 0 && about.st_nlink > 0 &&
        access(folder->path, F_OK) == 0)
        return true;
    (void)close(folder->descriptor);
    errno = 0;
    return false;
}

/* A name that nobody has yet, in the whole path of `place`. */
static char *invent_path(const char *place)
{
    uint64_t number = 0;
    char *whole = realpath(place, NULL), *path = NULL;
    if (getrandom(&number, sizeof number, 0) != sizeof number ||
        asprintf(&path, "%s/%s%016llx", whole ? whole : place, prefix, (unsigned long long)number) < 0)
        path = NULL;
    free(whole);
    return path;
}

enum strata_status strata_temporary_folder_open(struct strata_temporary_folder *folder, const char *place,
                                                struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    enum { TRIES = 16 };
    *folder = (struct strata_temporary_folder){0};
    remove_left(place);
    for (int i = 0; i < TRIES && !folder->is_open; ++i) {
        free(folder->path);
        folder->path = invent_path(place);
        if (!folder->path)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a folder");
        strata_guardian_start(&folder->guardian, folder->path); /* before there is something to guard */
        folder->is_open = make(folder);
        if (folder->is_open)
            break;
        int os_error = errno;
        strata_guardian_stop(&folder->guardian);
        if (os_error)
            STRATA_GIVE_UP(err, STRATA_IO,
                           "cannot make a folder for temporary files in %s: %s\nname a folder that can be written to "
                           "with --temp-dir",
                           place, strerror(os_error));
    }
    if (!folder->is_open)
        STRATA_GIVE_UP(err, STRATA_IO,
                       "cannot lock a folder for temporary files in %s\nname another one with --temp-dir", place);
done:
    if (status != STRATA_OK) {
        free(folder->path);
        *folder = (struct strata_temporary_folder){0};
    }
    return status;
}

void strata_temporary_folder_close(struct strata_temporary_folder *folder)
{
    if (folder->is_open) {
        remove_files(folder->descriptor);
        (void)rmdir(folder->path);
        (void)close(folder->descriptor);
    }
    strata_guardian_stop(&folder->guardian);
    free(folder->path);
    *folder = (struct strata_temporary_folder){0};
}
