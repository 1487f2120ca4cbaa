#include "partition_sort.h"

#include <stdbool.h>
#include <string.h>

enum { INSERTION_LIMIT = 12, RADIX_MINIMUM = 64, DIGITS = 256, KEY_BYTES = 16, BUCKET_BYTES = 2 };

static bool is_before(const struct strata_partition_entry *a, const struct strata_partition_entry *b)
{
    if (a->bucket != b->bucket)
        return a->bucket < b->bucket;
    return strata_key_compare(a->key, b->key) < 0;
}

static void insertion_sort(struct strata_partition_entry *entry, size_t n)
{
    for (size_t i = 1; i < n; ++i) {
        struct strata_partition_entry moving = entry[i];
        size_t at = i;
        for (; at > 0 && is_before(&moving, &entry[at - 1]); --at)
            entry[at] = entry[at - 1];
        entry[at] = moving;
    }
}

static void merge_sort(struct strata_partition_entry *entry, struct strata_partition_entry *spare, size_t n)
{
    if (n <= INSERTION_LIMIT) {
        insertion_sort(entry, n);
        return;
    }
    size_t half = n / 2;
    merge_sort(entry, spare, half);
    merge_sort(entry + half, spare, n - half);
    memcpy(spare, entry, half * sizeof *entry);
    size_t left = 0, right = half, out = 0;
    while (left < half && right < n)
        entry[out++] = is_before(&entry[right], &spare[left]) ? entry[right++] : spare[left++];
    memcpy(entry + out, spare + left, (half - left) * sizeof *entry);
}

/* Digit 0..15: the bytes of the key from the last to the first; then those of the bucket. */
static unsigned digit_of(const struct strata_partition_entry *entry, int digit)
{
    if (digit < 8)
        return (unsigned)(entry->key.low >> (8 * digit)) & 0xFF;
    if (digit < KEY_BYTES)
        return (unsigned)(entry->key.high >> (8 * (digit - 8))) & 0xFF;
    return (entry->bucket >> (8 * (digit - KEY_BYTES))) & 0xFF;
}

/* One stable pass of a least-significant-digit radix sort. */
static void distribute(const struct strata_partition_entry *from, struct strata_partition_entry *to, size_t n,
                       int digit)
{
    size_t next[DIGITS] = {0};
    for (size_t i = 0; i < n; ++i)
        ++next[digit_of(&from[i], digit)];
    for (size_t d = 0, at = 0; d < DIGITS; ++d) {
        size_t count = next[d];
        next[d] = at;
        at += count;
    }
    for (size_t i = 0; i < n; ++i)
        to[next[digit_of(&from[i], digit)]++] = from[i];
}

struct strata_partition_entry *strata_partition_sort(struct strata_partition_entry *entry,
                                                     struct strata_partition_entry *spare, size_t n)
{
    /* Words compare like texts only where all ids are short; ids of one system mostly differ in a few bytes. */
    struct strata_partition_entry differ = {0};
    bool is_short = n >= RADIX_MINIMUM;
    for (size_t i = 0; i < n && is_short; ++i) {
        differ.key.high |= entry[i].key.high ^ entry[0].key.high;
        differ.key.low |= entry[i].key.low ^ entry[0].key.low;
        differ.bucket |= entry[i].bucket ^ entry[0].bucket;
        is_short = strata_key_is_short(entry[i].key);
    }
    if (!is_short) {
        merge_sort(entry, spare, n);
        return entry;
    }
    for (int digit = 0; digit < KEY_BYTES + BUCKET_BYTES; ++digit) {
        if (digit_of(&differ, digit) == 0)
            continue;
        distribute(entry, spare, n, digit);
        struct strata_partition_entry *sorted = spare;
        spare = entry;
        entry = sorted;
    }
    return entry;
}
