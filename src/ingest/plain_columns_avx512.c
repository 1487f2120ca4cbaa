#include "plain_columns_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "amount.h"
#include "time_quick.h"

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512cd,bmi,bmi2")))

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE uint64_t all_of(size_t n) { return UINT64_MAX >> (STRATA_PLAIN_ROWS - n); }

/* Eight bytes of each of two texts. */
AVX512 ALWAYS_INLINE __m128i load_two(const char *text, const uint32_t *at)
{
    return _mm_insert_epi64(_mm_loadl_epi64((const void *)(text + at[0])), (int64_t)strata_load_8(text + at[1]), 1);
}

/* And of eight: quicker than the instruction for it, and than by way of the memory. */
AVX512 ALWAYS_INLINE __m512i load_eight(const char *text, const uint32_t *at)
{
    __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(load_two(text, at)), load_two(text, at + 2), 1);
    __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(load_two(text, at + 4)), load_two(text, at + 6), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/* The bits of 64 bytes: one for each 16 of them that are not all zero. */
static unsigned bits_of_quarters(uint64_t bytes)
{
    unsigned bits = 0;
    for (unsigned quarter = 0; quarter < 4; ++quarter)
        bits |= (bytes >> 16 * quarter & 0xffff ? 1u : 0) << quarter;
    return bits;
}

/* Four ids at a time. */
AVX512 uint64_t strata_plain_keys_avx512(const struct strata_plain_column *column, size_t n, struct strata_key *key)
{
    const __m512i places = _mm512_broadcast_i32x4(_mm_set_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    /* The bytes of both words backwards. */
    const __m512i backwards =
        _mm512_broadcast_i32x4(_mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    const __m512i to_lanes =
        _mm512_set_epi32(0x0c0c0c0c, 0x0c0c0c0c, 0x0c0c0c0c, 0x0c0c0c0c, 0x08080808, 0x08080808, 0x08080808, 0x08080808,
                         0x04040404, 0x04040404, 0x04040404, 0x04040404, 0, 0, 0, 0);
    const __m512i quotes = _mm512_set1_epi8('"'), ones = _mm512_set1_epi8(1);
    const __mmask64 last_of_lane = UINT64_C(0x8000800080008000);
    uint64_t bad = 0;
    for (size_t i = 0; i < n; i += 4) {
        const uint32_t *from = column->from + i;
        __m128i lengths = _mm_loadu_si128((const void *)(column->n + i));
        __m512i text = _mm512_castsi128_si512(_mm_loadu_si128((const void *)(column->text + from[0])));
        text = _mm512_inserti32x4(text, _mm_loadu_si128((const void *)(column->text + from[1])), 1);
        text = _mm512_inserti32x4(text, _mm_loadu_si128((const void *)(column->text + from[2])), 2);
        text = _mm512_inserti32x4(text, _mm_loadu_si128((const void *)(column->text + from[3])), 3);
        __m512i length = _mm512_shuffle_epi8(_mm512_broadcast_i32x4(lengths), to_lanes);
        __mmask64 is_text = _mm512_cmplt_epu8_mask(places, length);
        __m512i id = _mm512_maskz_mov_epi8(is_text, text);
        __m512i words = _mm512_shuffle_epi8(_mm512_mask_mov_epi8(id, last_of_lane, length), backwards);
        _mm512_storeu_si512(key + i, words);
        /* A byte of the text that is NUL or not ASCII has its high bit set, or gets it when 1 is taken from it. */
        id = _mm512_or_si512(id, _mm512_mask_sub_epi8(id, is_text, id, ones));
        __mmask64 is_bad = _mm512_movepi8_mask(id);
        if (column->is_quoted)
            is_bad |= _mm512_mask_cmpeq_epi8_mask(is_text, text, quotes);
        if (__builtin_expect(is_bad != 0, 0))
            bad |= (uint64_t)bits_of_quarters(is_bad) << i;
    }
    for (size_t i = 0; i < n; i += 16) {
        __m512i length = _mm512_sub_epi32(_mm512_loadu_si512(column->n + i), _mm512_set1_epi32(1));
        bad |= (uint64_t)_mm512_cmpge_epu32_mask(length, _mm512_set1_epi32(sizeof *key - 1)) << i;
    }
    return ~bad & all_of(n);
}

/* Eight at a time like strata_decimal_from_word, with a sign among the eight characters. What is longer, zero or no
 * such number goes the way of single rows. */
AVX512 uint64_t strata_plain_amounts_avx512(const struct strata_plain_column *column, size_t n, int decimals,
                                            int64_t *amount)
{
    /* By digits behind the point, from &factors[9 - decimals] on; without a point as without digits behind it. With too
     * many digits, the high half is not zero. */
#define BAD (INT64_C(1) << 32)
    static const int64_t factors[] = {1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10,
                                      1,          BAD,       BAD,      BAD,     BAD,    BAD,   BAD,  BAD};
#undef BAD
    const __m512i factor_of = _mm512_loadu_si512(factors + STRATA_AMOUNT_DECIMALS_MAX - decimals);
    const __m512i zeros = _mm512_set1_epi8('0'), nines = _mm512_set1_epi8(9), points = _mm512_set1_epi8('.' ^ '0');
    const __m512i minus = _mm512_set1_epi64('-' ^ '0'), byte = _mm512_set1_epi64(0xff), all = _mm512_set1_epi64(-1);
    const __m512i tens = _mm512_set1_epi16(1 << 8 | 10), hundreds = _mm512_set1_epi32(1 << 16 | 100);
    const __m512i myriads = _mm512_set1_epi64(10000), high_half = _mm512_set1_epi64(~INT64_C(0xffffffff));
    uint32_t at[STRATA_PLAIN_ROWS];
    uint64_t good = 0;
    for (size_t i = 0; i < n; i += 16) {
        __m512i length = _mm512_loadu_si512(column->n + i), from = _mm512_loadu_si512(column->from + i);
        _mm512_storeu_si512(at + i, _mm512_add_epi32(from, length));
    }
    const char *text = column->text - sizeof(uint64_t);
    for (size_t i = 0; i < n; i += 8) {
        __m256i length = _mm256_min_epu32(_mm256_loadu_si256((const void *)(column->n + i)), _mm256_set1_epi32(9));
        __m512i blank = _mm512_cvtepu32_epi64(_mm256_sub_epi32(_mm256_set1_epi32(64), _mm256_slli_epi32(length, 3)));
        __m512i word = _mm512_xor_si512(load_eight(text, at + i), zeros);
        word = _mm512_srlv_epi64(word, blank);
        __mmask8 is_negative = _mm512_cmpeq_epi64_mask(_mm512_and_si512(word, byte), minus);
        word = _mm512_sllv_epi64(_mm512_mask_xor_epi64(word, is_negative, word, minus), blank);
        __m512i n_behind = _mm512_lzcnt_epi64(_mm512_movm_epi8(_mm512_cmpeq_epi8_mask(word, points))); /* 8 for each */
        __m512i not_behind = _mm512_srlv_epi64(all, n_behind);
        /* not_behind ? word << 8 : word */
        __m512i digits = _mm512_ternarylogic_epi64(not_behind, _mm512_slli_epi64(word, 8), word, 0xca);
        __m512i excess = _mm512_subs_epu8(digits, nines);
        __m512i fours = _mm512_madd_epi16(_mm512_maddubs_epi16(digits, tens), hundreds);
        __m512i value = _mm512_add_epi64(_mm512_mul_epu32(fours, myriads), _mm512_srli_epi64(fours, 32));
        __m512i factor = _mm512_permutexvar_epi64(_mm512_srli_epi64(n_behind, 3), factor_of);
        value = _mm512_mul_epu32(value, factor);
        value = _mm512_mask_sub_epi64(value, is_negative, _mm512_setzero_si512(), value);
        _mm512_storeu_si512(amount + i, value);
        __m512i wrong = _mm512_ternarylogic_epi64(excess, factor, high_half, 0xf8); /* excess | factor & high_half */
        __mmask8 is_good = _mm512_mask_testn_epi64_mask(_mm512_test_epi64_mask(digits, digits), wrong, wrong);
        good |= (uint64_t)is_good << i;
    }
    good &= all_of(n);
    if (good != all_of(n))
        good |= strata_plain_amounts_of_avx2(column, all_of(n) & ~good, decimals, amount);
    return good;
}

/* Where all rows have the date and the layout of the first one, only their clocks are left to be judged. */
AVX512 uint64_t strata_plain_days_avx512(const struct strata_plain_column *column, size_t n,
                                         const struct strata_time_format *format, struct strata_time_memo *memo,
                                         int32_t *day)
{
    enum { DATE = 10, DATE_AND_CLOCK = 19 };
    const char *text = column->text;
    const __m128i first = _mm_loadu_si128((const void *)(text + column->from[0]));
    const size_t length = column->n[0];
    const bool has_clock = length == DATE_AND_CLOCK;
    __m128i date_differs = _mm_setzero_si128();
    __m512i length_differs = _mm512_setzero_si512(), wrong = _mm512_setzero_si512();
    struct strata_clock clock;
    int32_t first_day;
    if (strata_load_8(text + column->from[n - 1]) != strata_load_8(text + column->from[0]) ||
        !strata_time_quick_clock(format, text + column->from[0], length, &clock) ||
        !strata_time_quick_date(format, memo, text + column->from[0], &first_day))
        return strata_plain_days_portable(column, n, format, memo, day);
    for (size_t i = 0; i < n; ++i) {
        __m128i date = _mm_loadu_si128((const void *)(text + column->from[i]));
        date_differs = _mm_ternarylogic_epi64(date_differs, date, first, 0xf6); /* date_differs | date ^ first */
    }
    for (size_t i = 0; i < n; i += 16) {
        __m512i lengths = _mm512_loadu_si512(column->n + i), usual = _mm512_set1_epi32((int)length);
        length_differs = _mm512_ternarylogic_epi32(length_differs, lengths, usual, 0xf6);
        _mm512_storeu_si512(day + i, _mm512_set1_epi32(first_day));
    }
    for (size_t i = 0; has_clock && i < n; i += 8) {
        /* As in strata_clock_from_word; and the hour, to be below 24, in the 16 bits of its digits. */
        __m512i word =
            _mm512_xor_si512(load_eight(text + DATE + 1, column->from + i), _mm512_set1_epi64(0x30303a30303a3030));
        __m512i high = _mm512_add_epi64(word, _mm512_set1_epi64(0x767a7f767a7f767d));
        __m512i hour = _mm512_maddubs_epi16(word, _mm512_set1_epi64(1 << 8 | 10));
        hour = _mm512_add_epi16(hour, _mm512_set1_epi64(0x80 - 24));
        wrong = _mm512_ternarylogic_epi64(wrong, word, high, 0xfe);
        wrong = _mm512_or_si512(wrong, hour);
    }
    uint64_t is_wrong = _mm512_movepi8_mask(wrong) | _mm512_test_epi32_mask(length_differs, length_differs);
    uint32_t is_other = (uint32_t)_mm_test_epi8_mask(date_differs, date_differs);
    if (is_wrong || is_other & ((1u << (has_clock ? DATE + 1 : DATE)) - 1))
        return strata_plain_days_portable(column, n, format, memo, day);
    return all_of(n);
}

#endif
