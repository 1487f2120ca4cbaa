#include "plain_columns.h"

#include "decimal_word.h"
#include "time_quick.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static bool key_has_quote(struct strata_key key)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), quotes = '"' * ones;
    uint64_t high = key.high ^ quotes, low = key.low ^ quotes;
    return ((((high - ones) & ~high) | ((low - ones) & ~low)) & (ones << 7)) != 0;
}

static uint64_t keys_portable(const struct strata_plain_column *column, size_t n, struct strata_key *key)
{
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        size_t length = column->n[i];
        bool is_good = length - 1 < sizeof *key - 1;
        key[i] = strata_key_from_padded(column->text + column->from[i], is_good ? length : 0);
        is_good = is_good && strata_key_is_plain(key[i]) && !(column->is_quoted && key_has_quote(key[i]));
        good |= (uint64_t)is_good << i;
    }
    return good;
}

static uint64_t amounts_portable(const struct strata_plain_column *column, size_t n, int decimals, int64_t *amount)
{
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        size_t from = column->from[i], end = from + column->n[i];
        bool is_negative = column->text[from] == '-', is_good = false;
        size_t length = column->n[i] - is_negative;
        if (length - 1 < 8 && end >= 8) {
            unsigned blank = (unsigned)(64 - 8 * length);
            uint64_t zeros = STRATA_ASCII_ZEROS & ((UINT64_C(1) << blank) - 1);
            uint64_t word = strata_load_8(column->text + end - 8) >> blank << blank | zeros;
            is_good = strata_decimal_from_word(word, length, decimals, &amount[i]);
            amount[i] = is_negative ? -amount[i] : amount[i];
        }
        good |= (uint64_t)is_good << i;
    }
    return good;
}

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE uint64_t days(const struct strata_plain_column *column, size_t n, const struct strata_time_format *format,
                            struct strata_time_memo *memo, int32_t *day)
{
    uint64_t good = 0, last = 0; /* the date of the row before: logs are often in order of time */
    uint32_t last_digits = 0;
    int32_t last_day = 0;
    for (size_t i = 0; i < n; ++i) {
        const char *text = column->text + column->from[i];
        struct strata_clock clock;
        bool is_good = strata_time_quick_clock(format, text, column->n[i], &clock);
        if (strata_load_8(text) != last || strata_load_2(text + 8) != last_digits) {
            if (!is_good || !strata_time_quick_date(format, memo, text, &last_day)) {
                last = 0;
                continue;
            }
            last = strata_load_8(text);
            last_digits = strata_load_2(text + 8);
        }
        day[i] = last_day;
        good |= (uint64_t)is_good << i;
    }
    return good;
}

static uint64_t days_portable(const struct strata_plain_column *column, size_t n,
                              const struct strata_time_format *format, struct strata_time_memo *memo, int32_t *day)
{
    return days(column, n, format, memo, day);
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,bmi,bmi2")))

/* 16 bytes from &edge[16 - n] on: n times -1, then zeros; from &edge[n] on: the last n are zeros. */
static const int8_t edge[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

AVX2 static uint64_t keys_avx2(const struct strata_plain_column *column, size_t n, struct strata_key *key)
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
AVX2 static uint64_t amounts_avx2(const struct strata_plain_column *column, size_t n, int decimals, int64_t *amount)
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
    for (size_t i = 0; i < n; ++i) {
        size_t from = column->from[i], end = from + column->n[i];
        bool is_negative = column->text[from] == '-';
        uint32_t length = column->n[i] - is_negative;
        if (__builtin_expect(length - 1 >= 16 || end < 16, 0))
            continue;
        __m128i text = _mm_loadu_si128((const void *)(column->text + end - 16));
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

AVX2 static uint64_t days_avx2(const struct strata_plain_column *column, size_t n,
                               const struct strata_time_format *format, struct strata_time_memo *memo, int32_t *day)
{
    return days(column, n, format, memo, day);
}
#endif

static const struct strata_plain_column_variant variants[] = {
#if defined(__x86_64__)
    {"avx2", keys_avx2, amounts_avx2, days_avx2},
#endif
    {"portable", keys_portable, amounts_portable, days_portable},
};

size_t strata_plain_column_variants(const struct strata_plain_column_variant **first)
{
    size_t n = sizeof variants / sizeof variants[0], skipped = 0;
#if defined(__x86_64__)
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    skipped = avx2 ? 0 : 1;
#endif
    *first = variants + skipped;
    return n - skipped;
}
