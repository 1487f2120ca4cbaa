#include "kernel.h"

static enum strata_instructions best_instructions(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return STRATA_INSTRUCTIONS_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return STRATA_INSTRUCTIONS_AVX2;
    return STRATA_INSTRUCTIONS_BASELINE;
#elif defined(__aarch64__)
    return STRATA_INSTRUCTIONS_NEON;
#else
    return STRATA_INSTRUCTIONS_BASELINE;
#endif
}

static const struct strata_kernels *select(enum strata_instructions wanted, bool wide)
{
    const enum strata_instructions best = best_instructions();
    /* Those of one processor are in an order in which each has all that the one before it has. */
    if (wanted > best)
        return NULL;
    switch (wanted == STRATA_INSTRUCTIONS_BEST ? best : wanted) {
    case STRATA_INSTRUCTIONS_BASELINE: return wide ? &strata_kernels_baseline_wide : &strata_kernels_baseline;
#if defined(__x86_64__)
    case STRATA_INSTRUCTIONS_AVX2: return wide ? &strata_kernels_avx2_wide : &strata_kernels_avx2;
    case STRATA_INSTRUCTIONS_AVX512: return wide ? &strata_kernels_avx512_wide : &strata_kernels_avx512;
#elif defined(__aarch64__)
    case STRATA_INSTRUCTIONS_NEON: return wide ? &strata_kernels_neon_wide : &strata_kernels_neon;
#endif
    default: return NULL;
    }
}

const struct strata_kernels *strata_kernels_select(enum strata_instructions wanted) { return select(wanted, false); }

const struct strata_kernels *strata_kernels_for(const struct strata_points *points, enum strata_instructions wanted)
{
    return select(wanted, points->wide != NULL);
}
