#include "partition_sort.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_source.h"

enum { MAX_CUSTOMERS = 3000, N_SHAPES = 6 };

/* Ids as one system gives them, or several. */
static size_t random_id(struct random_source *source, size_t shape, char id[64])
{
    const unsigned number = (unsigned)random_below(source, 100000000);
    switch (shape) {
    case 0: return (size_t)snprintf(id, 64, "C%07u", number % 10000000);
    case 1: return (size_t)snprintf(id, 64, "%u", number);
    case 2: return (size_t)snprintf(id, 64, "customer-%06u", number % 1000000); /* the tail alone differs */
    case 3: return (size_t)snprintf(id, 64, "%08x-1234-4abc-8def-0123456789ab", number);
    case 4: return (size_t)snprintf(id, 64, "somebody.%u@example.org", number);
    default:
        for (size_t i = 0; i < 15; ++i)
            id[i] = (char)random_below(source, 256); /* more bits than a digest has room for */
        return random_below(source, 16);
    }
}

static int compare(const void *a, const void *b)
{
    const struct strata_partition_entry *x = a, *y = b;
    if (x->bucket != y->bucket)
        return x->bucket < y->bucket ? -1 : 1;
    return strata_key_compare(x->key, y->key);
}

/* shape N_SHAPES: all of them mixed. */
static void check(struct random_source *source, size_t n, size_t shape)
{
    struct strata_key_arena arena = {0};
    struct strata_error err;
    struct strata_partition_entry *entry = calloc(n + 1, sizeof *entry), *wanted = calloc(n + 1, sizeof *wanted);
    uint64_t *ticket = calloc(n + 1, sizeof *ticket), *spare = calloc(n + 1, sizeof *spare), mask;
    for (size_t i = 0; i < n; ++i) {
        char id[64];
        size_t length = random_id(source, shape == N_SHAPES ? random_below(source, N_SHAPES) : shape, id);
        cr_assert_eq(strata_key_encode(id, length, &arena, &entry[i].key, &err), STRATA_OK);
        entry[i].bucket = (uint32_t)(strata_key_hash(entry[i].key) >> 62);
    }
    memcpy(wanted, entry, n * sizeof *wanted);
    qsort(wanted, n, sizeof *wanted, compare);
    const uint64_t *order = strata_partition_sort(entry, ticket, spare, n, &mask);
    bool *seen = calloc(n + 1, sizeof *seen);
    for (size_t i = 0; i < n; ++i) {
        const size_t number = order[i] & mask;
        cr_assert_lt(number, n);
        cr_assert(!seen[number], "shape %zu: %zu comes twice", shape, number);
        seen[number] = true;
        cr_assert_eq(compare(&entry[number], &wanted[i]), 0, "shape %zu, place %zu of %zu", shape, i, n);
    }
    strata_key_arena_release(&arena);
    free(entry);
    free(wanted);
    free(ticket);
    free(spare);
    free(seen);
}

Test(partition_sort, agrees_with_qsort)
{
    static const size_t sizes[] = {0, 1, 2, 63, 64, 65, 128, 1000, MAX_CUSTOMERS};
    struct random_source source = {.seed = 77};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; ++s)
        for (size_t shape = 0; shape <= N_SHAPES; ++shape)
            check(&source, sizes[s], shape);
}
