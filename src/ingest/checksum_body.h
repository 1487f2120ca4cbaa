/* Inside of the checksum: xxHash as it is compiled here, as CHECKSUM_VARIANT. The states of different variants must not
 * be mixed: the library may be another version than the header. */
#include <xxhash.h>

#include "checksum.h"

static void *create(void)
{
    XXH3_state_t *state = XXH3_createState();
    if (state)
        (void)XXH3_128bits_reset(state);
    return state;
}

static void release(void *state) { (void)XXH3_freeState(state); }

static void reset(void *state) { (void)XXH3_128bits_reset(state); }

static void update(void *state, const void *bytes, size_t n) { (void)XXH3_128bits_update(state, bytes, n); }

static void digest(const void *state, uint64_t *high, uint64_t *low)
{
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    *high = hash.high64;
    *low = hash.low64;
}

const struct strata_checksum_variant CHECKSUM_VARIANT = {CHECKSUM_NAME, create, release, reset, update, digest};
