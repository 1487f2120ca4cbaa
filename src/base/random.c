#include "random.h"

#include <string.h>

enum { ROUNDS = 10 };

struct philox_state {
    uint64_t key;
    uint64_t counter[2];
    uint32_t buffer[4];
    uint32_t used;
};

static void multiply(uint32_t a, uint32_t b, uint32_t *high, uint32_t *low)
{
    uint64_t product = (uint64_t)a * b;
    *high = (uint32_t)(product >> 32);
    *low = (uint32_t)product;
}

void strata_philox(uint64_t key, const uint64_t counter[2], uint32_t out[4])
{
    uint32_t x[4] = {(uint32_t)counter[0], (uint32_t)(counter[0] >> 32), (uint32_t)counter[1],
                     (uint32_t)(counter[1] >> 32)};
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < ROUNDS; ++round) {
        uint32_t high0, low0, high1, low1;
        multiply(0xD2511F53u, x[0], &high0, &low0);
        multiply(0xCD9E8D57u, x[2], &high1, &low1);
        uint32_t next[4] = {high1 ^ x[1] ^ k0, low1, high0 ^ x[3] ^ k1, low0};
        memcpy(x, next, sizeof x);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    memcpy(out, x, sizeof x);
}

double strata_uniform_at(uint64_t seed, uint64_t stream, uint64_t index)
{
    uint32_t bits[4];
    strata_philox(seed, (const uint64_t[2]){index, stream}, bits);
    uint64_t mantissa = ((uint64_t)bits[0] << 20) | (bits[1] >> 12);
    return ((double)mantissa + 0.5) * 0x1p-52;
}

static void philox_set(void *state, unsigned long seed)
{
    struct philox_state *philox = state;
    memset(philox, 0, sizeof *philox);
    philox->key = seed;
    philox->used = 4;
}

static unsigned long philox_get(void *state)
{
    struct philox_state *philox = state;
    if (philox->used == 4) {
        strata_philox(philox->key, philox->counter, philox->buffer);
        ++philox->counter[0];
        philox->used = 0;
    }
    return philox->buffer[philox->used++];
}

/* Open interval, so that logarithms of a draw are finite; 52 bits, as two words. */
static double philox_get_double(void *state)
{
    uint64_t high = philox_get(state), low = philox_get(state);
    return ((double)((high << 20) | (low >> 12)) + 0.5) * 0x1p-52;
}

static const gsl_rng_type philox_type = {
    .name = "philox4x32-10",
    .max = 0xFFFFFFFFul,
    .min = 0,
    .size = sizeof(struct philox_state),
    .set = philox_set,
    .get = philox_get,
    .get_double = philox_get_double,
};
const gsl_rng_type *const strata_rng_philox = &philox_type;

gsl_rng *strata_rng_alloc(uint64_t seed, uint64_t stream)
{
    gsl_rng *rng = gsl_rng_alloc(strata_rng_philox);
    if (rng)
        strata_rng_rekey(rng, seed, stream);
    return rng;
}

void strata_rng_rekey(gsl_rng *rng, uint64_t seed, uint64_t stream)
{
    struct philox_state *philox = rng->state;
    philox_set(philox, seed);
    philox->counter[1] = stream;
}
