#include "checksum.h"

#include <stdlib.h>

#include "checksum_variants.h"

struct strata_checksum {
    const struct strata_checksum_variant *variant;
    void *state;
};

static const struct strata_checksum_variant *const variants[] = {
#if defined(__x86_64__)
    &strata_checksum_avx512,
    &strata_checksum_avx2,
#endif
    &strata_checksum_baseline,
};

size_t strata_checksum_variants(const struct strata_checksum_variant *const **first)
{
    size_t n = sizeof variants / sizeof variants[0], skipped = 0;
#if defined(__x86_64__)
    skipped = __builtin_cpu_supports("avx512f") ? 0 : __builtin_cpu_supports("avx2") ? 1 : 2;
#endif
    *first = variants + skipped;
    return n - skipped;
}

struct strata_checksum *strata_checksum_create(void)
{
    const struct strata_checksum_variant *const *variant;
    (void)strata_checksum_variants(&variant);
    struct strata_checksum *checksum = malloc(sizeof *checksum);
    if (!checksum)
        return NULL;
    *checksum = (struct strata_checksum){.variant = *variant, .state = (*variant)->create()};
    if (!checksum->state) {
        free(checksum);
        return NULL;
    }
    return checksum;
}

void strata_checksum_free(struct strata_checksum *checksum)
{
    if (checksum)
        checksum->variant->free(checksum->state);
    free(checksum);
}

void strata_checksum_reset(struct strata_checksum *checksum) { checksum->variant->reset(checksum->state); }

void strata_checksum_update(struct strata_checksum *checksum, const void *bytes, size_t n)
{
    checksum->variant->update(checksum->state, bytes, n);
}

void strata_checksum_digest(const struct strata_checksum *checksum, uint64_t *high, uint64_t *low)
{
    checksum->variant->digest(checksum->state, high, low);
}
