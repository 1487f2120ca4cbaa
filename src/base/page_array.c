#include "page_array.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "memory.h"

/* A page and two lines of the cache: other sets of the first-level cache and of the second. */
enum { COLOURS = 32, COLOUR_BYTES = 4096 + 128 };

static void *map_new(size_t n_bytes)
{
    return mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Pages that have come from elsewhere are pieces of their own for the system, which it moves one by one, if at all. */
static void *copy(const struct strata_page_array *array, size_t n_bytes)
{
    void *mapping = map_new(n_bytes);
    if (mapping == MAP_FAILED)
        return mapping;
    memcpy(mapping, array->mapping, array->n_mapped);
    (void)munmap(array->mapping, array->n_mapped);
    return mapping;
}

static void *move(const struct strata_page_array *array, size_t n_bytes)
{
    void *mapping = mremap(array->mapping, array->n_mapped, n_bytes, MREMAP_MAYMOVE);
    return mapping == MAP_FAILED && errno == EFAULT ? copy(array, n_bytes) : mapping;
}

static bool map(struct strata_page_array *array, size_t n_bytes)
{
    void *mapping = array->mapping ? move(array, n_bytes) : map_new(n_bytes);
    if (mapping == MAP_FAILED)
        return false;
    array->mapping = mapping;
    array->n_mapped = n_bytes;
    return true;
}

enum strata_status strata_page_array_resize(struct strata_page_array *array, size_t n_bytes, unsigned colour,
                                            struct strata_error *err)
{
    const size_t offset = colour % COLOURS * COLOUR_BYTES;
    const size_t needed = n_bytes > SIZE_MAX - offset ? 0 : strata_round_to_pages(n_bytes + offset);
    /* An array that has grown will grow again. */
    const size_t generous = strata_round_to_pages(array->n_mapped + array->n_mapped / 2);
    if (!needed)
        return strata_fail(err, STRATA_MEMORY, "an array of %zu bytes is too large", n_bytes);
    if (needed > array->n_mapped && !(generous > needed && map(array, generous)) && !map(array, needed))
        return strata_fail(err, STRATA_MEMORY, "out of memory: %zu bytes for a large array: %s", n_bytes,
                           strerror(errno));
    array->memory = (char *)array->mapping + offset;
    return STRATA_OK;
}

void strata_page_array_release(struct strata_page_array *array)
{
    if (array->mapping)
        (void)munmap(array->mapping, array->n_mapped);
    *array = (struct strata_page_array){0};
}
