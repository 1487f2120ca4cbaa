/* A large array in a temporary file, mapped into memory: where results are more than the memory limit allows.
 *
 * The array is read and written like any other. Its pages belong to the file, so the system can write them out and take
 * them away; room on the disk is reserved before an element can be touched, so that a full disk is an error of
 * strata_file_array_resize and never a signal later. */
#ifndef STRATA_BASE_FILE_ARRAY_H
#define STRATA_BASE_FILE_ARRAY_H

#include "temporary_file.h"

/* `{0}` is empty. */
struct strata_file_array {
    struct strata_temporary_file file;
    void *memory; /* page-aligned; NULL while there are no bytes */
    size_t n_mapped;
};

/* Grow to at least n_bytes; the bytes so far stay, new ones are zero. The array may move. STRATA_IO if `folder` (not
 * owned) takes no file or no more bytes; the array is then as before. */
enum strata_status strata_file_array_resize(struct strata_file_array *array, const char *folder, size_t n_bytes,
                                            struct strata_error *err) STRATA_MUST_USE;

/* Nothing of the array needs to be in memory now: its pages no longer count as the process's, and come back when they
 * are touched. Other threads may be reading and writing it. */
void strata_file_array_rest(const struct strata_file_array *array);

void strata_file_array_release(struct strata_file_array *array);

#endif
