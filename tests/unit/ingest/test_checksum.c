/* The checksum of bytes in pieces, by every instruction set, against xxHash's of all at once. */
#include "checksum.h"

#include <criterion/criterion.h>
#include <xxhash.h>

#include "random_source.h"

enum { BYTES_MAX = 6000, ROUNDS = 400 };

static size_t fill(struct random_source *source, char *bytes)
{
    size_t n = random_below(source, random_once_in(source, 2) ? 300 : BYTES_MAX);
    for (size_t i = 0; i < n; ++i)
        bytes[i] = (char)random_bits(source);
    return n;
}

/* The next piece: often a few bytes, sometimes all that is left. */
static size_t next_piece(struct random_source *source, size_t left)
{
    size_t n = random_below(source, random_once_in(source, 3) ? BYTES_MAX : 100);
    return n < left ? n : left;
}

Test(checksum, variants_are_the_library_s)
{
    static char bytes[BYTES_MAX];
    struct random_source source = {.seed = 1};
    const struct strata_checksum_variant *const *variant;
    size_t n_variants = strata_checksum_variants(&variant);
    cr_assert_str_eq(variant[n_variants - 1]->name, "baseline");
    for (size_t v = 0; v < n_variants; ++v) {
        void *state = variant[v]->create();
        cr_assert(state);
        for (int round = 0; round < ROUNDS; ++round) {
            uint64_t high, low;
            size_t n = fill(&source, bytes);
            for (size_t at = 0, piece; at < n; at += piece) {
                piece = next_piece(&source, n - at);
                variant[v]->update(state, bytes + at, piece);
                XXH128_hash_t so_far = XXH3_128bits(bytes, at + piece);
                variant[v]->digest(state, &high, &low);
                cr_assert(high == so_far.high64 && low == so_far.low64, "%s: %zu bytes", variant[v]->name, at + piece);
            }
            variant[v]->reset(state);
        }
        variant[v]->free(state);
    }
}

Test(checksum, of_no_bytes_and_again)
{
    uint64_t high, low;
    struct strata_checksum *checksum = strata_checksum_create();
    cr_assert(checksum);
    const XXH128_hash_t of_none = XXH3_128bits("", 0), of_some = XXH3_128bits("strata", 6);
    strata_checksum_digest(checksum, &high, &low);
    cr_assert(high == of_none.high64 && low == of_none.low64);
    strata_checksum_update(checksum, "str", 3);
    strata_checksum_update(checksum, "ata", 3);
    strata_checksum_digest(checksum, &high, &low);
    cr_assert(high == of_some.high64 && low == of_some.low64);
    strata_checksum_reset(checksum);
    strata_checksum_digest(checksum, &high, &low);
    cr_assert(high == of_none.high64 && low == of_none.low64);
    strata_checksum_free(checksum);
    strata_checksum_free(NULL);
}
