#include "test_data.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *test_data_path(const char *name)
{
    const char *directory = getenv("STRATA_TEST_DATA");
    char *path = NULL;
    cr_assert(asprintf(&path, "%s/%s", directory ? directory : "", name) > 0);
    if (!directory || access(path, R_OK) != 0) {
        free(path);
        cr_skip("skipped: data not found");
    }
    return path;
}
