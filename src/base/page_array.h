/* A large array in memory pages of its own, straight from the system: it grows without being copied, takes memory only
 * where it has been written, and gives all of it back when released. */
#ifndef STRATA_BASE_PAGE_ARRAY_H
#define STRATA_BASE_PAGE_ARRAY_H

#include <stddef.h>
#include <strata/status.h>

/* `{0}` is empty. */
struct strata_page_array {
    void *memory; /* 64-byte aligned; NULL while there are no bytes */
    void *mapping;
    size_t n_mapped;
};

/* Grow to at least n_bytes; the bytes so far stay, new ones are zero. The array may move. Arrays that are written side
 * by side, row by row, take different colours, each the same at every call: at the same place in their pages they would
 * drive each other out of the processor's caches. STRATA_MEMORY if there is no address space; the array is then as
 * before. */
enum strata_status strata_page_array_resize(struct strata_page_array *array, size_t n_bytes, unsigned colour,
                                            struct strata_error *err) STRATA_MUST_USE;

void strata_page_array_release(struct strata_page_array *array);

#endif
