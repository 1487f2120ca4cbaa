/* Random numbers that are the same on every run. */
#ifndef STRATA_TEST_RANDOM_SOURCE_H
#define STRATA_TEST_RANDOM_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "random.h"

struct random_source {
    uint64_t seed, count;
};

static inline uint64_t random_bits(struct random_source *source)
{
    uint32_t out[4];
    strata_philox(source->seed, (uint64_t[2]){source->count++, 0}, out);
    return (uint64_t)out[0] << 32 | out[1];
}

/* 0..n-1 */
static inline uint64_t random_below(struct random_source *source, uint64_t n) { return random_bits(source) % n; }

/* True once in n. */
static inline bool random_once_in(struct random_source *source, uint64_t n) { return random_below(source, n) == 0; }

#endif
