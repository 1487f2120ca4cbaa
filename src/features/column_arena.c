#include "column_arena.h"

#include <stdint.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, FIRST_BYTES = 64 << 10, LAST_BYTES = 4 << 20 };

/* At the beginning of its own memory. */
struct strata_column_block {
    struct strata_column_block *older;
    size_t n_bytes, used;
};

static size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

/* Blocks double up to a limit: small tables stay small. */
static struct strata_column_block *add_block(struct strata_column_arena *arena, size_t needed)
{
    size_t header = round_up(sizeof(struct strata_column_block), ALIGNMENT);
    size_t n_bytes = arena->newest ? arena->newest->n_bytes * 2 : FIRST_BYTES;
    n_bytes = n_bytes > LAST_BYTES ? LAST_BYTES : n_bytes;
    if (n_bytes < header + needed)
        n_bytes = round_up(header + needed, FIRST_BYTES);
    void *memory = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct strata_column_block *block = memory;
    *block = (struct strata_column_block){.older = arena->newest, .n_bytes = n_bytes, .used = header};
    arena->newest = block;
    return block;
}

void *strata_column_arena_take(struct strata_column_arena *arena, size_t n_bytes)
{
    if (n_bytes > SIZE_MAX / 2)
        return NULL;
    size_t needed = round_up(n_bytes, ALIGNMENT);
    struct strata_column_block *block = arena->newest;
    if (!block || block->n_bytes - block->used < needed)
        block = add_block(arena, needed);
    if (!block)
        return NULL;
    void *taken = (char *)block + block->used;
    block->used += needed;
    return taken;
}

void strata_column_arena_release(struct strata_column_arena *arena)
{
    for (struct strata_column_block *block = arena->newest, *older; block; block = older) {
        older = block->older;
        (void)munmap(block, block->n_bytes);
    }
    arena->newest = NULL;
}
