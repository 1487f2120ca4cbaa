#include "plain_columns_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "amount.h"

#define AVX2 __attribute__((target("avx2,bmi,bmi2")))

/* 16 bytes from &edge[16 - n] on: n times -1, then zeros; from &edge[n] on: the last n are zeros. */
static const int8_t edge[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

AVX2 uint64_t strata_plain_keys_avx2(const struct strata_plain_column *column, size_t n, struct strata_key *key)
{
    const __m128i quote = column->is_quoted ? _mm_set1_epi8('"') : _mm_setzero_si128();
    /* The bytes of both words backwards. */
    const __m128i backwards = _mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        size_t length = column->n[i] < sizeof *key ? column->n[i] : 0;
        __m128i is_text = _mm_loadu_si128((const void *)(edge + 16 - length));
        __m128i text = _mm_and_si128(_mm_loadu_si128((const void *)(column->text + column->from[i])), is_text);
        __m128i is_bad = _mm_cmpeq_epi8(text, quote);
        is_bad = _mm_and_si128(_mm_or_si128(is_bad, _mm_cmpeq_epi8(_mm_setzero_si128(), text)), is_text);
        is_bad = _mm_or_si128(is_bad, text);
        __m128i words = _mm_or_si128(_mm_shuffle_epi8(text, backwards), _mm_set_epi64x((int64_t)length, 0));
        _mm_storeu_si128((void *)&key[i], words);
        bool is_good = (length != 0) & (_mm_movemask_epi8(is_bad) == 0);
        good |= (uint64_t)is_good << i;
    }
    return good;
}

/* Like strata_decimal_from_word for 16 characters. */
AVX2 uint64_t strata_plain_amounts_of_avx2(const struct strata_plain_column *column, uint64_t rows, int decimals,
                                           int64_t *amount)
{
    const __m128i places = _mm_set_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m128i zeros = _mm_set1_epi8('0'), nines = _mm_set1_epi8(9), points = _mm_set1_epi8('.');
    const __m128i tens = _mm_set1_epi16(1 << 8 | 10), hundreds = _mm_set1_epi32(1 << 16 | 100);
    const __m128i myriads = _mm_set1_epi32(1 << 16 | 10000);
    int64_t scale[17] = {0}; /* by digits behind the point; [16] if there is none */
    for (int fraction = 0; fraction <= decimals; ++fraction)
        scale[fraction] = strata_amount_scale(decimals - fraction);
    scale[16] = scale[0];
    uint64_t good = 0;
    for (; rows; rows &= rows - 1) {
        size_t i = (size_t)__builtin_ctzll(rows);
        const char *end = column->text + column->from[i] + column->n[i];
        bool is_negative = column->text[column->from[i]] == '-';
        uint32_t length = column->n[i] - is_negative;
        if (__builtin_expect(length - 1 >= 16, 0))
            continue;
        __m128i text = _mm_loadu_si128((const void *)(end - 16));
        uint32_t is_point = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text, points));
        uint32_t fraction = (uint32_t)__builtin_clz(is_point << 16 | 1 << 15);
        fraction = fraction < length ? fraction : 16;
        uint32_t n_digits = length - (fraction < 16);
        /* The bytes before the point move over it; what is before the number becomes zeros. */
        __m128i move = _mm_add_epi8(places, _mm_loadu_si128((const void *)(edge + fraction)));
        __m128i digits = _mm_shuffle_epi8(_mm_sub_epi8(text, zeros), move);
        digits = _mm_andnot_si128(_mm_loadu_si128((const void *)(edge + n_digits)), digits);
        __m128i excess = _mm_subs_epu8(digits, nines);
        __m128i fours = _mm_madd_epi16(_mm_maddubs_epi16(digits, tens), hundreds);
        __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), myriads);
        uint64_t halves = (uint64_t)_mm_cvtsi128_si64(eights);
        int64_t value = (int64_t)((halves & UINT32_MAX) * 100000000 + (halves >> 32));
        bool is_large = __builtin_mul_overflow(value, scale[fraction], &value);
        bool is_good =
            (scale[fraction] != 0) & (n_digits > 0) & (_mm_testz_si128(excess, excess) != 0) & (is_large == 0);
        amount[i] = is_negative ? -value : value;
        good |= (uint64_t)is_good << i;
    }
    return good;
}

uint64_t strata_plain_amounts_avx2(const struct strata_plain_column *column, size_t n, int decimals, int64_t *amount)
{
    return strata_plain_amounts_of_avx2(column, UINT64_MAX >> (STRATA_PLAIN_ROWS - n), decimals, amount);
}

#endif
