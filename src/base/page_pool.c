#include "page_pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <strata/status.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

/* The system allows a process some 65,000 pieces of address space. */
enum { MAX_MOVED = 16384 };

void strata_page_pool_give(struct strata_page_pool *pool, void *memory, size_t n_bytes)
{
    bool is_kept = false;
#pragma omp critical(strata_page_pool)
    if (pool->n_moved < MAX_MOVED) {
        struct strata_error error;
        void *range = pool->range;
        is_kept = strata_grow_array(&range, &pool->capacity, pool->n + 1, sizeof *pool->range, &error) == STRATA_OK;
        pool->range = range;
        if (is_kept)
            pool->range[pool->n++] = (struct strata_page_range){memory, n_bytes};
    }
    if (!is_kept)
        (void)munmap(memory, n_bytes);
}

/* Up to n_bytes from the end of the newest range; none if the pool is empty. */
static struct strata_page_range take(struct strata_page_pool *pool, size_t n_bytes)
{
    struct strata_page_range taken = {0};
#pragma omp critical(strata_page_pool)
    if (pool->n > 0 && pool->n_moved < MAX_MOVED) {
        struct strata_page_range *newest = &pool->range[pool->n - 1];
        taken.n_bytes = newest->n_bytes < n_bytes ? newest->n_bytes : n_bytes;
        newest->n_bytes -= taken.n_bytes;
        taken.memory = newest->memory + newest->n_bytes;
        pool->n -= newest->n_bytes == 0;
        ++pool->n_moved;
    }
    return taken;
}

static bool move(struct strata_page_range range, char *to)
{
    if (mremap(range.memory, range.n_bytes, range.n_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) != MAP_FAILED)
        return true;
    /* What was there may be gone. */
    (void)mmap(to, range.n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    (void)munmap(range.memory, range.n_bytes);
    return false;
}

void strata_page_pool_fill(struct strata_page_pool *pool, void *memory, size_t n_bytes)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = ((uintptr_t)memory + page - 1) / page * page;
    const uintptr_t end = ((uintptr_t)memory + n_bytes) / page * page;
    char *to = (char *)memory + (first - (uintptr_t)memory);
    for (size_t left = end > first ? end - first : 0; left > 0;) {
        const struct strata_page_range range = take(pool, left);
        if (range.n_bytes == 0 || !move(range, to))
            return;
        to += range.n_bytes;
        left -= range.n_bytes;
    }
}

void strata_page_pool_release(struct strata_page_pool *pool)
{
    struct strata_page_pool released;
#pragma omp critical(strata_page_pool)
    {
        released = *pool;
        *pool = (struct strata_page_pool){.n_moved = released.n_moved};
    }
    for (size_t i = 0; i < released.n; ++i)
        (void)munmap(released.range[i].memory, released.range[i].n_bytes);
    free(released.range);
}
