#if defined(__x86_64__)
#include <immintrin.h>

#define KERNEL(name)        name##_avx2
#define KERNEL_TARGET       __attribute__((target("avx2,fma")))
#define KERNEL_VECTOR_BYTES 32
#define KERNEL_TILES        1
#define KERNEL_ADD_SQUARE(difference, sum)                                                                             \
    ((sum) = (KERNEL(reals))_mm256_fmadd_ps((__m256)(difference), (__m256)(difference), (__m256)(sum)))
#define KERNEL_KEEP_NEARER(distance, cluster, best, index)                                                             \
    do {                                                                                                               \
        __m256 nearer = _mm256_cmp_ps((__m256)(distance), (__m256)(best), _CMP_LT_OQ);                                 \
        (best) = (KERNEL(reals))_mm256_min_ps((__m256)(distance), (__m256)(best));                                     \
        (index) = (KERNEL(ints))_mm256_blendv_ps((__m256)(index), (__m256)(cluster), nearer);                          \
    } while (0)
#define KERNEL_KEEP_SECOND(distance, best, second)                                                                     \
    ((second) = (KERNEL(reals))_mm256_min_ps((__m256)(second), _mm256_max_ps((__m256)(best), (__m256)(distance))))
#include "kernel_body.h"

#undef KERNEL
#undef KERNEL_LIST
#define KERNEL(name)      name##_avx2_wide
#define KERNEL_LIST(name) name##_avx2
#include "kernel_wide.h"
#else
typedef int strata_no_avx2;
#endif
