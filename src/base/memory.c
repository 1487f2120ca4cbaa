#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

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

char *strata_copy_string(const char *text) { return text ? strdup(text) : NULL; }
