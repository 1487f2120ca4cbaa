/* American flag sort (McIlroy, Bostic, McIlroy 1993) by the bytes of a hash, from the highest on: each pass swaps every
 * record into its bucket. What is equal stays together, and a bucket of nothing else is done, so that neither many
 * orders nor few channels take more than a few passes. */
#include "gather.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 16, DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS, FIRST_SHIFT = 64 - DIGIT_BITS };

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* What the two kinds of records differ in; constant wherever it is used. */
struct kind {
    size_t size;
    uint64_t (*hash)(const void *record);
    int (*compare)(const void *a, const void *b);
    void (*gather)(char *record, size_t n, int shift);
};

ALWAYS_INLINE void swap(char *a, char *b, size_t size)
{
    char copy[sizeof(struct strata_history_order)];
    memcpy(copy, a, size);
    memcpy(a, b, size);
    memcpy(b, copy, size);
}

ALWAYS_INLINE void insertion_sort(struct kind kind, char *record, size_t n)
{
    for (size_t i = 1; i < n; ++i)
        for (size_t at = i; at > 0 && kind.compare(record + at * kind.size, record + (at - 1) * kind.size) < 0; --at)
            swap(record + at * kind.size, record + (at - 1) * kind.size, kind.size);
}

ALWAYS_INLINE bool are_equal(struct kind kind, const char *record, size_t n)
{
    size_t i = 1;
    while (i < n && kind.compare(record, record + i * kind.size) == 0)
        ++i;
    return i >= n;
}

ALWAYS_INLINE size_t digit_of(struct kind kind, const char *record, int shift)
{
    return (size_t)(kind.hash(record) >> shift) & (DIGITS - 1);
}

/* Each record into the bucket of its digit; end[d] is where bucket d ends. */
ALWAYS_INLINE void distribute(struct kind kind, char *record, size_t n, int shift, size_t end[DIGITS])
{
    size_t next[DIGITS];
    memset(end, 0, DIGITS * sizeof *end);
    for (size_t i = 0; i < n; ++i)
        ++end[digit_of(kind, record + i * kind.size, shift)];
    for (size_t d = 0, at = 0; d < DIGITS; ++d) {
        next[d] = at;
        at += end[d];
        end[d] = at;
    }
    for (size_t d = 0; d < DIGITS; ++d)
        while (next[d] < end[d]) {
            char *here = record + next[d] * kind.size;
            size_t home = digit_of(kind, here, shift);
            if (home != d)
                swap(here, record + next[home] * kind.size, kind.size);
            ++next[home];
        }
}

ALWAYS_INLINE void gather(struct kind kind, char *record, size_t n, int shift)
{
    if (n <= FEW) {
        insertion_sort(kind, record, n);
    } else if (!are_equal(kind, record, n)) {
        size_t end[DIGITS];
        if (shift < 0) { /* different records with one hash */
            qsort(record, n, kind.size, kind.compare);
            return;
        }
        distribute(kind, record, n, shift, end);
        for (size_t d = 0, from = 0; d < DIGITS; from = end[d++])
            if (end[d] - from > 1)
                kind.gather(record + from * kind.size, end[d] - from, shift - DIGIT_BITS);
    }
}

static uint64_t hash_order(const void *record)
{
    const struct strata_history_order *order = record;
    return strata_key_hash(order->key);
}

static int compare_orders(const void *a, const void *b)
{
    const struct strata_history_order *x = a, *y = b;
    if (x->key.high != y->key.high)
        return x->key.high < y->key.high ? -1 : 1;
    return (x->key.low > y->key.low) - (x->key.low < y->key.low);
}

static void gather_orders(char *record, size_t n, int shift)
{
    const struct kind orders = {sizeof(struct strata_history_order), hash_order, compare_orders, gather_orders};
    gather(orders, record, n, shift);
}

void strata_gather_orders(struct strata_history_order *order, size_t n)
{
    gather_orders((char *)order, n, FIRST_SHIFT);
}

static uint64_t hash_value(const void *record)
{
    uint64_t value;
    memcpy(&value, record, sizeof value);
    return value;
}

static int compare_values(const void *a, const void *b)
{
    const uint64_t x = hash_value(a), y = hash_value(b);
    return (x > y) - (x < y);
}

static void gather_values(char *record, size_t n, int shift)
{
    const struct kind values = {sizeof(uint64_t), hash_value, compare_values, gather_values};
    gather(values, record, n, shift);
}

void strata_gather_values(uint64_t *value, size_t n) { gather_values((char *)value, n, FIRST_SHIFT); }
