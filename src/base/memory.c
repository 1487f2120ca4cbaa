#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, HUGE_PAGE = 2 << 20, HUGE_FROM = 4 << 20 };

/* Large arrays in huge pages, where the system has them to give: a page fault for each 2 MiB instead of 512. */
static void *take(size_t bytes)
{
    if (bytes < HUGE_FROM)
        return aligned_alloc(ALIGNMENT, bytes ? bytes : ALIGNMENT);
    size_t rounded = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *memory = aligned_alloc(HUGE_PAGE, rounded);
    if (memory)
        (void)madvise(memory, rounded, MADV_HUGEPAGE);
    return memory;
}

void *strata_malloc_array(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > (size_t)PTRDIFF_MAX - HUGE_PAGE)
        return NULL;
    return take((bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
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
