#include "structure.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HAS_NEON
#include <arm_neon.h>
#endif

/* The bytes of one word of 64, as bit masks. */
struct masks {
    uint64_t quote, newline, delimiter;
};

typedef struct masks classify_function(const char *word, char delimiter);
typedef uint64_t match_function(const char *word, char byte);
typedef uint64_t prefix_xor_function(uint64_t bits);
typedef uint32_t *write_function(uint32_t *out, uint32_t at, uint64_t bits);

/* What an instruction set does in its own way. */
struct steps {
    classify_function *classify;
    match_function *match;
    prefix_xor_function *prefix_xor; /* every bit becomes the parity of the bits up to it */
    write_function *write; /* the places of the bits, of which the first is `at`, and at most SLACK more numbers */
};

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE uint64_t first_of_runs(struct masks masks, struct strata_structure *state, uint64_t valid)
{
    uint64_t gap = (masks.delimiter | masks.newline) & valid;
    uint64_t first = masks.delimiter & ~(gap << 1 | state->after_gap);
    state->after_gap = gap >> 63;
    return first;
}

/* Text with quotes: find the state of every byte, and quotes that break the rule. Returns the mask of bytes inside. */
ALWAYS_INLINE uint64_t follow_quotes(prefix_xor_function *prefix_xor, struct masks masks, uint64_t carriage_return,
                                     struct strata_structure *state, uint64_t valid)
{
    uint64_t inside = prefix_xor(masks.quote) ^ state->inside;
    uint64_t open = masks.quote & inside, close = masks.quote & ~inside;
    uint64_t separator = (masks.delimiter | masks.newline) & ~inside & valid;
    uint64_t may_open = separator << 1 | state->after_break | close << 1 | state->after_close;
    uint64_t may_follow_close = masks.delimiter | masks.newline | carriage_return | masks.quote | ~valid;
    uint64_t follows_close = close << 1 | state->after_close;
    uint64_t returns = follows_close & carriage_return & valid;
    uint64_t must_end = returns << 1 | state->after_return;
    if ((open & ~may_open) | (follows_close & ~may_follow_close) | (must_end & ~masks.newline & valid))
        state->is_broken = true;
    state->inside = (uint64_t)((int64_t)inside >> 63);
    state->after_break = separator >> 63;
    state->after_close = close >> 63;
    state->after_return = returns >> 63;
    return inside;
}

ALWAYS_INLINE void index_words(struct steps steps, const char *data, size_t from, size_t to,
                               struct strata_dialect dialect, struct strata_structure *state, uint32_t *position,
                               size_t *n_positions)
{
    uint32_t *out = position + *n_positions;
    for (size_t at = from; at < to; at += STRATA_STRUCTURE_WORD) {
        uint64_t valid = to - at >= STRATA_STRUCTURE_WORD ? ~(uint64_t)0 : ((uint64_t)1 << (to - at)) - 1;
        struct masks masks = steps.classify(data + at, dialect.delimiter);
        masks.quote &= valid;
        if (masks.quote | state->inside | state->after_close | state->after_return) {
            uint64_t inside = follow_quotes(steps.prefix_xor, masks, steps.match(data + at, '\r'), state, valid);
            masks.delimiter &= ~inside;
            masks.newline &= ~inside;
        } else {
            state->after_break = ((masks.delimiter | masks.newline) & valid) >> 63;
        }
        if (dialect.merges)
            masks.delimiter = first_of_runs(masks, state, valid);
        out = steps.write(out, (uint32_t)at, (masks.delimiter | masks.newline) & valid);
    }
    *n_positions = (size_t)(out - position);
}

ALWAYS_INLINE void count_words(match_function *match, const char *data, size_t n, uint64_t *newlines, uint64_t *quotes)
{
    uint64_t lines = 0, marks = 0;
    size_t at = 0;
    for (; at + STRATA_STRUCTURE_WORD <= n; at += STRATA_STRUCTURE_WORD) {
        lines += (uint64_t)__builtin_popcountll(match(data + at, '\n'));
        marks += (uint64_t)__builtin_popcountll(match(data + at, '"'));
    }
    for (; at < n; ++at) {
        lines += data[at] == '\n';
        marks += data[at] == '"';
    }
    *newlines = lines;
    *quotes = marks;
}

/* The reference: no instruction set assumed. */
ALWAYS_INLINE uint64_t match_portable(const char *word, char byte)
{
    uint64_t bits = 0;
    for (int i = 0; i < STRATA_STRUCTURE_WORD; ++i)
        bits |= (uint64_t)(word[i] == byte) << i;
    return bits;
}

ALWAYS_INLINE struct masks classify_portable(const char *word, char delimiter)
{
    return (struct masks){match_portable(word, '"'), match_portable(word, '\n'), match_portable(word, delimiter)};
}

ALWAYS_INLINE uint64_t prefix_xor_portable(uint64_t bits)
{
    for (int shift = 1; shift < STRATA_STRUCTURE_WORD; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

ALWAYS_INLINE uint32_t *write_portable(uint32_t *out, uint32_t at, uint64_t bits)
{
    for (; bits; bits &= bits - 1)
        *out++ = at + (uint32_t)__builtin_ctzll(bits);
    return out;
}

#define VARIANT(name, attributes)                                                                                      \
    attributes static void index_##name(const char *data, size_t from, size_t to, struct strata_dialect dialect,       \
                                        struct strata_structure *state, uint32_t *position, size_t *n_positions)       \
    {                                                                                                                  \
        const struct steps steps = {classify_##name, match_##name, prefix_xor_##name, write_##name};                   \
        index_words(steps, data, from, to, dialect, state, position, n_positions);                                     \
    }                                                                                                                  \
    attributes static void count_##name(const char *data, size_t n, uint64_t *newlines, uint64_t *quotes)              \
    {                                                                                                                  \
        count_words(match_##name, data, n, newlines, quotes);                                                          \
    }

VARIANT(portable, )

#if defined(__x86_64__)
#define AVX2   __attribute__((target("avx2,bmi,popcnt,pclmul")))
#define AVX512 __attribute__((target("avx512bw,avx512vl,avx512vbmi2,bmi,popcnt,pclmul")))

AVX2 ALWAYS_INLINE uint64_t match_avx2(const char *word, char byte)
{
    __m256i needle = _mm256_set1_epi8(byte);
    __m256i low = _mm256_loadu_si256((const void *)word), high = _mm256_loadu_si256((const void *)(word + 32));
    uint32_t low_bits = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, needle));
    uint32_t high_bits = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, needle));
    return (uint64_t)high_bits << 32 | low_bits;
}

AVX2 ALWAYS_INLINE struct masks classify_avx2(const char *word, char delimiter)
{
    return (struct masks){match_avx2(word, '"'), match_avx2(word, '\n'), match_avx2(word, delimiter)};
}

AVX2 ALWAYS_INLINE uint64_t prefix_xor_avx2(uint64_t bits)
{
    __m128i all = _mm_set1_epi8(-1);
    return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), all, 0));
}

/* Eight at a time, however many there are: that number of rounds is foreseen. */
AVX2 ALWAYS_INLINE uint32_t *write_avx2(uint32_t *out, uint32_t at, uint64_t bits)
{
    uint32_t *end = out + __builtin_popcountll(bits);
    for (; bits; out += 8)
        for (int i = 0; i < 8; ++i, bits = _blsr_u64(bits))
            out[i] = at + (uint32_t)_tzcnt_u64(bits);
    return end;
}

AVX512 ALWAYS_INLINE uint64_t match_avx512(const char *word, char byte)
{
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(word), _mm512_set1_epi8(byte));
}

AVX512 ALWAYS_INLINE struct masks classify_avx512(const char *word, char delimiter)
{
    return (struct masks){match_avx512(word, '"'), match_avx512(word, '\n'), match_avx512(word, delimiter)};
}

AVX512 ALWAYS_INLINE uint64_t prefix_xor_avx512(uint64_t bits) { return prefix_xor_avx2(bits); }

/* The places of the word packed where there is a bit; sixteen of them at a time. */
AVX512 ALWAYS_INLINE uint32_t *write_avx512(uint32_t *out, uint32_t at, uint64_t bits)
{
    const __m512i places =
        _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40,
                        39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,
                        15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i base = _mm512_set1_epi32((int)at);
    __m512i packed = _mm512_maskz_compress_epi8(bits, places);
    uint32_t *end = out + __builtin_popcountll(bits);
    _mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
    for (out += 16; __builtin_expect(out < end, 0); out += 16) {
        packed = _mm512_alignr_epi64(packed, packed, 2);
        _mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
    }
    return end;
}

VARIANT(avx2, AVX2)
VARIANT(avx512, AVX512)
#endif

#if defined(HAS_NEON)
/* A bit of its own in each byte that matches; three rounds of pairwise sums bring eight of them into one. */
ALWAYS_INLINE uint64_t match_neon(const char *word, char byte)
{
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8_t *bytes = (const uint8_t *)word;
    const uint8x16_t bit = vld1q_u8(bits), needle = vdupq_n_u8((uint8_t)byte);
    uint8x16_t part[4];
    for (int i = 0; i < 4; ++i)
        part[i] = vandq_u8(vceqq_u8(vld1q_u8(bytes + 16 * i), needle), bit);
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(part[0], part[1]), vpaddq_u8(part[2], part[3]));
    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
}

ALWAYS_INLINE struct masks classify_neon(const char *word, char delimiter)
{
    return (struct masks){match_neon(word, '"'), match_neon(word, '\n'), match_neon(word, delimiter)};
}

ALWAYS_INLINE uint64_t prefix_xor_neon(uint64_t bits) { return prefix_xor_portable(bits); }

ALWAYS_INLINE uint32_t *write_neon(uint32_t *out, uint32_t at, uint64_t bits) { return write_portable(out, at, bits); }

VARIANT(neon, )
#endif

static const struct strata_structure_variant variants[] = {
#if defined(__x86_64__)
    {"avx512", index_avx512, count_avx512},
    {"avx2", index_avx2, count_avx2},
#elif defined(HAS_NEON)
    {"neon", index_neon, count_neon},
#endif
    {"portable", index_portable, count_portable},
};

struct strata_structure strata_structure_begin(void)
{
    return (struct strata_structure){.after_break = 1, .after_gap = 1};
}

size_t strata_structure_variants(const struct strata_structure_variant **first)
{
    size_t n = sizeof variants / sizeof variants[0], skipped = 0;
#if defined(__x86_64__)
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("pclmul");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512vbmi2");
    skipped = avx512 ? 0 : avx2 ? 1 : 2;
#endif
    *first = variants + skipped;
    return n - skipped;
}
