#include "kernel.h"

#if defined(__x86_64__)
const struct strata_kernels *strata_kernels_select(enum strata_instructions wanted)
{
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool avx512 =
        __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    switch (wanted) {
    case STRATA_INSTRUCTIONS_BEST:
        return avx512 ? &strata_kernels_avx512 : avx2 ? &strata_kernels_avx2 : &strata_kernels_baseline;
    case STRATA_INSTRUCTIONS_BASELINE: return &strata_kernels_baseline;
    case STRATA_INSTRUCTIONS_AVX2: return avx2 ? &strata_kernels_avx2 : NULL;
    case STRATA_INSTRUCTIONS_AVX512: return avx512 ? &strata_kernels_avx512 : NULL;
    case STRATA_INSTRUCTIONS_NEON: return NULL;
    }
    return NULL;
}
#elif defined(__aarch64__)
const struct strata_kernels *strata_kernels_select(enum strata_instructions wanted)
{
    if (wanted == STRATA_INSTRUCTIONS_BASELINE)
        return &strata_kernels_baseline;
    return wanted == STRATA_INSTRUCTIONS_BEST || wanted == STRATA_INSTRUCTIONS_NEON ? &strata_kernels_neon : NULL;
}
#else
const struct strata_kernels *strata_kernels_select(enum strata_instructions wanted)
{
    return wanted == STRATA_INSTRUCTIONS_BEST || wanted == STRATA_INSTRUCTIONS_BASELINE ? &strata_kernels_baseline
                                                                                        : NULL;
}
#endif
