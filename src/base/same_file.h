/* Do two paths lead to one file? */
#ifndef STRATA_BASE_SAME_FILE_H
#define STRATA_BASE_SAME_FILE_H

#include <stdbool.h>

/* False also if one of them is not there. */
bool strata_is_same_file(const char *a, const char *b);

#endif
