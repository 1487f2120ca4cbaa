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

/* n_bytes from the end of the newest range. */
static bool move(struct strata_page_pool *pool, char *to, size_t n_bytes)
{
    struct strata_page_range *newest = &pool->range[pool->n - 1];
    char *from = newest->memory + (newest->n_bytes - n_bytes);
    if (mremap(from, n_bytes, n_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED) {
        /* What was there may be gone. */
        (void)mmap(to, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        return false;
    }
    ++pool->n_moved;
    newest->n_bytes -= n_bytes;
    pool->n -= newest->n_bytes == 0;
    return true;
}

void strata_page_pool_fill(struct strata_page_pool *pool, void *memory, size_t n_bytes)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = ((uintptr_t)memory + page - 1) / page * page;
    const uintptr_t end = ((uintptr_t)memory + n_bytes) / page * page;
    char *to = (char *)memory + (first - (uintptr_t)memory);
    for (size_t left = end > first ? end - first : 0; left > 0 && pool->n > 0 && pool->n_moved < MAX_MOVED;) {
        const size_t n_newest = pool->range[pool->n - 1].n_bytes, n = n_newest < left ? n_newest : left;
        if (!move(pool, to, n))
            return;
        to += n;
        left -= n;
    }
}

void strata_page_pool_release(struct strata_page_pool *pool)
{
    for (size_t i = 0; i < pool->n; ++i)
        (void)munmap(pool->range[i].memory, pool->range[i].n_bytes);
    free(pool->range);
    *pool = (struct strata_page_pool){.n_moved = pool->n_moved};
}
