/* Random streams that depend on keys, never on threads.
 *
 * Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011): a counter-based
 * generator. The stream of (seed, purpose, index) is the same whoever draws it and in whatever order.
 */
#ifndef STRATA_BASE_RANDOM_H
#define STRATA_BASE_RANDOM_H

#include <gsl/gsl_rng.h>
#include <stdint.h>

/* 128 random bits for a 64-bit key and a 128-bit counter. */
void strata_philox(uint64_t key, const uint64_t counter[2], uint32_t out[4]);

/* A uniform double in (0, 1) from 52 of the bits: a pure function of the four keys. */
double strata_uniform_at(uint64_t seed, uint64_t stream, uint64_t index);

/* The same generator as a GSL type, for gsl_ran_*: allocate with strata_rng_alloc, free with gsl_rng_free. */
extern const gsl_rng_type *const strata_rng_philox;

/* NULL if there is no memory. */
gsl_rng *strata_rng_alloc(uint64_t seed, uint64_t stream);

/* Restart `rng` (of type strata_rng_philox) at the beginning of another stream, without allocation. */
void strata_rng_rekey(gsl_rng *rng, uint64_t seed, uint64_t stream);

#endif
