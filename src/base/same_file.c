#include "same_file.h"

#include <sys/stat.h>

bool strata_is_file(const char *path, uint64_t device, uint64_t inode)
{
    struct stat about;
    return stat(path, &about) == 0 && about.st_dev == device && about.st_ino == inode;
}

bool strata_is_same_file(const char *a, const char *b)
{
    struct stat about;
    return stat(a, &about) == 0 && strata_is_file(b, about.st_dev, about.st_ino);
}
