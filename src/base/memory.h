/* Allocation with every size multiplication checked. */
#ifndef STRATA_BASE_MEMORY_H
#define STRATA_BASE_MEMORY_H

#include <stddef.h>
#include <strata/status.h>

/* `count` zeroed elements of `size` bytes, 64-byte aligned, to be given to free(). NULL if there is no memory or the
 * product overflows; never NULL for a count of 0. */
void *strata_calloc_array(size_t count, size_t size) STRATA_MUST_USE;

/* The same, not zeroed. */
void *strata_malloc_array(size_t count, size_t size) STRATA_MUST_USE;

/* Grow `*array` (plain malloc memory, elements of `size` bytes) so that it holds at least `needed`: at least doubles.
 * On failure the array is as before. */
enum strata_status strata_grow_array(void **array, size_t *capacity, size_t needed, size_t size,
                                     struct strata_error *err) STRATA_MUST_USE;

/* The error for a failed allocation of `count` elements of `size` bytes for `what`. Returns STRATA_MEMORY. */
enum strata_status strata_fail_memory(struct strata_error *err, const char *what, size_t count, size_t size);

/* The bytes of the whole pages that n_bytes take; 0 if that overflows. */
size_t strata_round_to_pages(size_t n_bytes);

/* A copy of a string, NULL if there is no memory; NULL gives NULL. */
char *strata_copy_string(const char *text) STRATA_MUST_USE;

#endif
