/* Memory pages that one part of a run has done with, for another part that is about to write: they are moved to their
 * new address as they are. To give them back to the system and take new ones costs several times as much, because the
 * system clears each page and accounts for it. */
#ifndef STRATA_BASE_PAGE_POOL_H
#define STRATA_BASE_PAGE_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct strata_page_range {
    char *memory;
    size_t n_bytes;
};

/* `{0}` is empty. Any thread may give, fill and release. */
struct strata_page_pool {
    struct strata_page_range *range; /* n */
    size_t n, capacity;
    size_t n_moved; /* ranges, so far: each leaves the address space in one piece more */
};

/* Take over whole pages from mmap that nobody uses any more. If they cannot be kept, they go back to the system. */
void strata_page_pool_give(struct strata_page_pool *pool, void *memory, size_t n_bytes);

/* Put pages of the pool in the place of those whole pages in memory[0 .. n_bytes) that nobody has written to yet; what
 * is in them then means nothing. The memory is private and anonymous, from mmap. If the pool has too few, the rest
 * stays as it is. */
void strata_page_pool_fill(struct strata_page_pool *pool, void *memory, size_t n_bytes);

/* All pages go back to the system. */
void strata_page_pool_release(struct strata_page_pool *pool);

#endif
