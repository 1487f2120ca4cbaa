#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALIGNMENT = 64, LEAST_PAGE = 4096 };

void *strata_malloc_array(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > (size_t)PTRDIFF_MAX - ALIGNMENT)
        return NULL;
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return aligned_alloc(ALIGNMENT, rounded ? rounded : ALIGNMENT);
}

void *strata_calloc_array(size_t count, size_t size)
{
    void *memory = strata_malloc_array(count, size);
    if (memory)
        memset(memory, 0, count * size);
    return memory;
}

enum strata_status strata_grow_array(void **array, size_t *capacity, size_t needed, size_t size,
                                     struct strata_error *err)
{
    if (needed <= *capacity)
        return STRATA_OK;
    size_t target = *capacity ? *capacity : 16;
    while (target < needed)
        if (__builtin_mul_overflow(target, (size_t)2, &target))
            return strata_fail_memory(err, "a growing array", needed, size);
    size_t bytes;
    if (__builtin_mul_overflow(target, size, &bytes))
        return strata_fail_memory(err, "a growing array", target, size);
    void *grown = realloc(*array, bytes);
    if (!grown)
        return strata_fail_memory(err, "a growing array", target, size);
    *array = grown;
    *capacity = target;
    return STRATA_OK;
}

enum strata_status strata_fail_memory(struct strata_error *err, const char *what, size_t count, size_t size)
{
    return strata_fail(err, STRATA_MEMORY, "out of memory: %zu x %zu bytes for %s", count, size, what);
}

size_t strata_round_to_pages(size_t n_bytes)
{
    long found = sysconf(_SC_PAGESIZE);
    size_t page = found > 0 ? (size_t)found : LEAST_PAGE;
    return n_bytes > SIZE_MAX - page ? 0 : (n_bytes + page - 1) / page * page;
}

char *strata_copy_string(const char *text) { return text ? strdup(text) : NULL; }
