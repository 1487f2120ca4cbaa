/* Do two paths lead to one file? */
#ifndef STRATA_BASE_SAME_FILE_H
#define STRATA_BASE_SAME_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* False also if one of them is not there. */
bool strata_is_same_file(const char *a, const char *b);

/* The same for a file that is known by its device and inode. */
bool strata_is_file(const char *path, uint64_t device, uint64_t inode);

#endif
