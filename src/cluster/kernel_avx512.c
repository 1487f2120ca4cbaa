#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define KERNEL(name)        name##_avx512
#define KERNEL_TARGET       __attribute__((target("avx512f,avx512bw,avx512vl")))
#define KERNEL_VECTOR_BYTES 64
#define KERNEL_TILES        4
#define KERNEL_ADD_SQUARE(difference, sum)                                                                             \
    ((sum) = (KERNEL(reals))_mm512_fmadd_ps((__m512)(difference), (__m512)(difference), (__m512)(sum)))
#define KERNEL_KEEP_NEARER(distance, cluster, best, index)                                                             \
    do {                                                                                                               \
        __mmask16 nearer = _mm512_cmp_ps_mask((__m512)(distance), (__m512)(best), _CMP_LT_OQ);                         \
        (best) = (KERNEL(reals))_mm512_min_ps((__m512)(distance), (__m512)(best));                                     \
        (index) = (KERNEL(ints))_mm512_mask_mov_epi32((__m512i)(index), nearer, (__m512i)(cluster));                   \
    } while (0)
#define KERNEL_KEEP_SECOND(distance, best, second)                                                                     \
    ((second) = (KERNEL(reals))_mm512_min_ps((__m512)(second), _mm512_max_ps((__m512)(best), (__m512)(distance))))
#define KERNEL_OWN_LISTS

/* Append the rows first + lane of a mask's lanes. Compressing in a register, since some processors take very long over
 * compressing into memory. */
static inline KERNEL_TARGET size_t list_lanes(__mmask16 lanes, size_t first, uint16_t *row)
{
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i rows = _mm512_add_epi32(_mm512_maskz_compress_epi32(lanes, lane), _mm512_set1_epi32((int)first));
    _mm256_storeu_si256((__m256i *)row, _mm512_cvtepi32_epi16(rows));
    return (size_t)__builtin_popcount(lanes);
}

static inline KERNEL_TARGET __mmask16 lanes_from(size_t first, size_t n)
{
    return (__mmask16)(n - first < 16 ? (1U << (n - first)) - 1 : 0xFFFFU);
}

/* The reach of up to 32 clusters fits into two registers. */
static KERNEL_TARGET size_t doubtful_of_few(const uint16_t *label, const float *limit, const float *reach, int k,
                                            size_t n, uint16_t *row)
{
    size_t n_found = 0;
    __m512 low = _mm512_maskz_loadu_ps(lanes_from(0, (size_t)k), reach);
    __m512 high = k > 16 ? _mm512_maskz_loadu_ps(lanes_from(16, (size_t)k), reach + 16) : low;
    for (size_t i = 0; i < n; i += 16) {
        __mmask16 lanes = lanes_from(i, n);
        __m512i cluster = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(lanes, label + i));
        __m512 reached = _mm512_permutex2var_ps(low, cluster, high);
        lanes = _mm512_mask_cmp_ps_mask(lanes, _mm512_maskz_loadu_ps(lanes, limit + i), reached, _CMP_NGT_UQ);
        n_found += list_lanes(lanes, i, row + n_found);
    }
    return n_found;
}

static KERNEL_TARGET size_t doubtful_avx512(const uint16_t *label, const float *limit, const float *reach, int k,
                                            size_t n, uint16_t *row)
{
    if (k <= 32)
        return doubtful_of_few(label, limit, reach, k, n, row);
    size_t n_found = 0;
    for (size_t i = 0; i < n; i += 16) {
        __mmask16 lanes = lanes_from(i, n);
        __m512i cluster = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(lanes, label + i));
        __m512 reached = _mm512_i32gather_ps(cluster, reach, sizeof *reach);
        lanes = _mm512_mask_cmp_ps_mask(lanes, _mm512_maskz_loadu_ps(lanes, limit + i), reached, _CMP_NGT_UQ);
        n_found += list_lanes(lanes, i, row + n_found);
    }
    return n_found;
}

static KERNEL_TARGET size_t different_avx512(const uint16_t *label, const uint16_t *now, size_t n, uint16_t *row)
{
    size_t n_found = 0;
    for (size_t i = 0; i < n; i += 16) {
        __mmask16 lanes = lanes_from(i, n);
        lanes = _mm256_mask_cmpneq_epi16_mask(lanes, _mm256_maskz_loadu_epi16(lanes, label + i),
                                              _mm256_maskz_loadu_epi16(lanes, now + i));
        n_found += list_lanes(lanes, i, row + n_found);
    }
    return n_found;
}
#include "kernel_body.h"

#undef KERNEL
#undef KERNEL_LIST
#define KERNEL(name)      name##_avx512_wide
#define KERNEL_LIST(name) name##_avx512
#include "kernel_wide.h"
#else
typedef int strata_no_avx512;
#endif
