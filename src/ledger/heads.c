#include "heads.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { LANES = 8 };

/* The rows from `from` up to `to` of those from `first` on. */
static void make_some(const struct strata_batch *batch, size_t first, size_t from, size_t to,
                      struct strata_ledger_heads *heads)
{
    for (size_t i = from; i < to; ++i) {
        const struct strata_key key = batch->customer[first + i];
        const int64_t amount = batch->amount[first + i];
        const int32_t day = batch->day[first + i];
        heads->narrow[i] = strata_ledger_narrow_head(key, strata_key_hash(key), amount, day);
        heads->wide |= (uint64_t)!strata_ledger_is_narrow(key, amount, day) << i;
    }
}

static void portable(const struct strata_batch *batch, size_t first, size_t n, struct strata_ledger_heads *heads)
{
    heads->wide = 0;
    make_some(batch, first, 0, n, heads);
}

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,avx512dq")))

AVX512 static inline __m512i shift_xor(__m512i x, unsigned bits)
{
    return _mm512_xor_si512(x, _mm512_srli_epi64(x, bits));
}

/* strata_key_hash of eight keys; long ones count as zeros in `high`. */
AVX512 static inline __m512i hash_eight(__m512i high, __m512i low)
{
    __m512i x = _mm512_xor_si512(high, _mm512_set1_epi64((int64_t)0x9E3779B97F4A7C15u));
    x = _mm512_mullo_epi64(shift_xor(x, 32), _mm512_set1_epi64((int64_t)0xD6E8FEB86659FD93u));
    x = _mm512_add_epi64(shift_xor(x, 29), low);
    x = _mm512_mullo_epi64(x, _mm512_set1_epi64((int64_t)0xA0761D6478BD642Fu));
    x = _mm512_mullo_epi64(shift_xor(x, 32), _mm512_set1_epi64((int64_t)0xE7037ED1A0B428DBu));
    return shift_xor(x, 28);
}

/* strata_ledger_suffix of eight keys, and which of them have one. */
AVX512 static inline __m512i suffix_eight(__m512i low, __mmask8 *has_suffix)
{
    const __m512i ones = _mm512_set1_epi64(1), byte = _mm512_set1_epi64(0xFF);
    const __m512i bytes = _mm512_srli_epi64(low, 48), length = _mm512_and_si512(low, byte);
    const __mmask8 has_ninth = _mm512_test_epi64_mask(bytes, _mm512_set1_epi64(0xFF00));
    const __mmask8 has_tenth = _mm512_test_epi64_mask(bytes, byte);
    const __m512i suffix = _mm512_mask_or_epi64(bytes, (__mmask8)~has_ninth, bytes, length);
    /* strata_ledger_low of the suffix */
    const __m512i nine = _mm512_set1_epi64(9), count = _mm512_mask_add_epi64(nine, has_tenth, nine, ones);
    const __m512i again = _mm512_mask_or_epi64(suffix, has_ninth, _mm512_slli_epi64(bytes, 48), count);
    *has_suffix = (__mmask8)(_mm512_cmpeq_epi64_mask(again, low) &
                             _mm512_cmple_epu64_mask(length, _mm512_set1_epi64(STRATA_SUFFIX_MAX_BYTES)));
    return suffix;
}

/* Eight rows. */
AVX512 static inline void make_eight(const struct strata_batch *batch, size_t i, struct strata_ledger_narrow *narrow,
                                     __mmask8 *wide)
{
    const __m512i evens = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i odds = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
    const __m512i first_half = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
    const __m512i second_half = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
    const __m512i keys = _mm512_loadu_si512(&batch->customer[i]), more = _mm512_loadu_si512(&batch->customer[i + 4]);
    const __m512i low = _mm512_permutex2var_epi64(keys, odds, more);
    const __m512i amount = _mm512_loadu_si512(&batch->amount[i]);
    const __m512i day = _mm512_cvtepi32_epi64(_mm256_loadu_si256((const void *)&batch->day[i]));
    __m512i high = _mm512_permutex2var_epi64(keys, evens, more);
    const __mmask8 is_long =
        _mm512_cmpeq_epi64_mask(_mm512_and_si512(low, _mm512_set1_epi64(0xFF)), _mm512_set1_epi64(STRATA_KEY_LONG_TAG));
    high = _mm512_maskz_mov_epi64((__mmask8)~is_long, high);
    const __m512i hash = hash_eight(high, low);
    __mmask8 has_suffix;
    const __m512i suffix = suffix_eight(low, &has_suffix);
    const __m512i rest =
        _mm512_or_si512(suffix, _mm512_or_si512(_mm512_slli_epi64(day, 16), _mm512_slli_epi64(amount, 32)));
    _mm512_storeu_si512(&narrow[0], _mm512_permutex2var_epi64(hash, first_half, rest));
    _mm512_storeu_si512(&narrow[4], _mm512_permutex2var_epi64(hash, second_half, rest));
    const __m512i short_amount = _mm512_srai_epi64(_mm512_slli_epi64(amount, 32), 32);
    *wide = (__mmask8)(~has_suffix | _mm512_cmpgt_epu64_mask(day, _mm512_set1_epi64(UINT16_MAX)) |
                       _mm512_cmpneq_epi64_mask(amount, short_amount));
}

/* Multiplies eight words at once. Where not all of eight rows have short ids, the portable way. */
AVX512 static void avx512(const struct strata_batch *batch, size_t first, size_t n, struct strata_ledger_heads *heads)
{
    heads->wide = 0;
    for (size_t i = 0; i < n; i += LANES) {
        __mmask8 wide = 1;
        if (i + LANES <= n)
            make_eight(batch, first + i, &heads->narrow[i], &wide);
        if (wide)
            make_some(batch, first, i, i + LANES <= n ? i + LANES : n, heads);
    }
}
#endif

static const struct strata_ledger_heads_variant variants[] = {
#if defined(__x86_64__)
    {"avx512", avx512},
#endif
    {"portable", portable},
};

size_t strata_ledger_heads_variants(const struct strata_ledger_heads_variant **first)
{
    size_t n = sizeof variants / sizeof variants[0], skipped = 0;
#if defined(__x86_64__)
    skipped = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") ? 0 : 1;
#endif
    *first = variants + skipped;
    return n - skipped;
}
