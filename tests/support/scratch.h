/* A directory of the test's own, and files in it. Every function asserts that it works. */
#ifndef STRATA_TEST_SCRATCH_H
#define STRATA_TEST_SCRATCH_H

#include <stddef.h>

struct scratch {
    char path[64];
};

void scratch_make(struct scratch *scratch);

/* The directory and all that is in it. */
void scratch_remove(struct scratch *scratch);

/* directory/name; free() it. */
char *scratch_path(const struct scratch *scratch, const char *name);

/* A file with these bytes; its path, to be freed. */
char *scratch_write(const struct scratch *scratch, const char *name, const void *bytes, size_t n);
char *scratch_write_text(const struct scratch *scratch, const char *name, const char *text);

/* The bytes of a file, terminated, to be freed. */
char *read_whole_file(const char *path, size_t *n);

#endif
