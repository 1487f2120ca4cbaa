#if defined(__x86_64__)
#include <immintrin.h>

#define KERNEL(name)        name##_avx512
#define KERNEL_TARGET       __attribute__((target("avx512f")))
#define KERNEL_VECTOR_BYTES 64
#define KERNEL_TILES        2
#define KERNEL_ADD_SQUARE(difference, sum)                                                                             \
    ((sum) = (KERNEL(floats))_mm512_fmadd_ps((__m512)(difference), (__m512)(difference), (__m512)(sum)))
#define KERNEL_KEEP_NEARER(distance, cluster, best, index)                                                             \
    do {                                                                                                               \
        __mmask16 nearer = _mm512_cmp_ps_mask((__m512)(distance), (__m512)(best), _CMP_LT_OQ);                         \
        (best) = (KERNEL(floats))_mm512_min_ps((__m512)(distance), (__m512)(best));                                    \
        (index) = (KERNEL(ints))_mm512_mask_mov_epi32((__m512i)(index), nearer, _mm512_set1_epi32(cluster));           \
    } while (0)
#include "kernel_body.h"
#else
typedef int strata_no_avx512;
#endif
