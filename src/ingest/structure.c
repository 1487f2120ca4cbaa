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
typedef uint32_t *write_function(uint32_t *out, uint32_t at, uint64_t bits, uint64_t newlines);
typedef bool plain_function(const char *word, char delimiter, uint32_t at, uint32_t **out);

/* What an instruction set does in its own way. */
struct steps {
    classify_function *classify;
    match_function *match;
    prefix_xor_function *prefix_xor; /* every bit becomes the parity of the bits up to it */
    write_function *write; /* the places of the bits, of which the first is `at`, and at most SLACK more numbers */
    plain_function *plain; /* all of that for a word outside of quotes; false if it has some, and *out is the same */
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

ALWAYS_INLINE bool is_plain(const struct strata_structure *state, struct strata_dialect dialect)
{
    return !(state->inside | state->after_close | state->after_return) && !dialect.merges;
}

ALWAYS_INLINE size_t index_plain_words(plain_function *plain, const char *data, size_t from, size_t to,
                                       struct strata_dialect dialect, struct strata_structure *state,
                                       uint32_t *position, size_t *n_positions)
{
    uint32_t *out = position + *n_positions;
    size_t at = from;
    if (!is_plain(state, dialect))
        return from;
    while (to - at >= STRATA_STRUCTURE_WORD && plain(data + at, dialect.delimiter, (uint32_t)at, &out))
        at += STRATA_STRUCTURE_WORD;
    *n_positions = (size_t)(out - position);
    if (at > from)
        state->after_break = *n_positions > 0 && strata_structure_offset(out[-1]) == at - 1;
    return at;
}

/* Any word. Returns whether it has quotes. */
ALWAYS_INLINE bool index_word(struct steps steps, const char *data, size_t at, size_t to, struct strata_dialect dialect,
                              struct strata_structure *state, uint32_t **out)
{
    uint64_t valid = to - at >= STRATA_STRUCTURE_WORD ? ~(uint64_t)0 : ((uint64_t)1 << (to - at)) - 1;
    struct masks masks = steps.classify(data + at, dialect.delimiter);
    masks.quote &= valid;
    if (masks.quote | state->inside | state->after_close | state->after_return) {
        uint64_t inside = follow_quotes(steps.prefix_xor, masks, steps.match(data + at, '\r'), state, valid);
        masks.delimiter &= ~inside;
        masks.newline &= ~inside;
        state->has_quotes = state->has_quotes || masks.quote;
    } else {
        state->after_break = ((masks.delimiter | masks.newline) & valid) >> 63;
    }
    if (dialect.merges)
        masks.delimiter = first_of_runs(masks, state, valid);
    *out = steps.write(*out, (uint32_t)at, (masks.delimiter | masks.newline) & valid, masks.newline);
    return masks.quote != 0;
}

ALWAYS_INLINE void index_words(struct steps steps, const char *data, size_t from, size_t to,
                               struct strata_dialect dialect, struct strata_structure *state, uint32_t *position,
                               size_t *n_positions)
{
    struct strata_structure now = *state; /* in registers: the positions could be anywhere */
    uint32_t *out = position + *n_positions;
    bool had_quotes = false; /* where there were some, there are more */
    for (size_t at = from; at < to; at += STRATA_STRUCTURE_WORD) {
        if (!had_quotes) {
            size_t n_before = (size_t)(out - position);
            at = index_plain_words(steps.plain, data, at, to, dialect, &now, position, &n_before);
            out = position + n_before;
        }
        if (at < to)
            had_quotes = index_word(steps, data, at, to, dialect, &now, &out);
    }
    *n_positions = (size_t)(out - position);
    *state = now;
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

ALWAYS_INLINE uint32_t position_of(uint32_t at, uint64_t place, uint64_t newlines)
{
    return (at + (uint32_t)place) << 1 | (uint32_t)(newlines >> (place & 63) & 1);
}

ALWAYS_INLINE uint32_t *write_portable(uint32_t *out, uint32_t at, uint64_t bits, uint64_t newlines)
{
    for (; bits; bits &= bits - 1)
        *out++ = position_of(at, (uint64_t)__builtin_ctzll(bits), newlines);
    return out;
}

ALWAYS_INLINE bool plain_of(classify_function *classify, write_function *write, const char *word, char delimiter,
                            uint32_t at, uint32_t **out)
{
    struct masks masks = classify(word, delimiter);
    if (masks.quote)
        return false;
    *out = write(*out, at, masks.delimiter | masks.newline, masks.newline);
    return true;
}

ALWAYS_INLINE bool plain_portable(const char *word, char delimiter, uint32_t at, uint32_t **out)
{
    return plain_of(classify_portable, write_portable, word, delimiter, at, out);
}

#define VARIANT(name, attributes)                                                                                      \
    attributes static void index_##name(const char *data, size_t from, size_t to, struct strata_dialect dialect,       \
                                        struct strata_structure *state, uint32_t *position, size_t *n_positions)       \
    {                                                                                                                  \
        const struct steps steps = {classify_##name, match_##name, prefix_xor_##name, write_##name, plain_##name};     \
        index_words(steps, data, from, to, dialect, state, position, n_positions);                                     \
    }                                                                                                                  \
    attributes static size_t index_plain_##name(const char *data, size_t from, size_t to,                              \
                                                struct strata_dialect dialect, struct strata_structure *state,         \
                                                uint32_t *position, size_t *n_positions)                               \
    {                                                                                                                  \
        return index_plain_words(plain_##name, data, from, to, dialect, state, position, n_positions);                 \
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
AVX2 ALWAYS_INLINE uint32_t *write_avx2(uint32_t *out, uint32_t at, uint64_t bits, uint64_t newlines)
{
    uint32_t *end = out + __builtin_popcountll(bits);
    for (; bits; out += 8)
        for (int i = 0; i < 8; ++i, bits = _blsr_u64(bits))
            out[i] = position_of(at, _tzcnt_u64(bits), newlines);
    return end;
}

AVX2 ALWAYS_INLINE bool plain_avx2(const char *word, char delimiter, uint32_t at, uint32_t **out)
{
    return plain_of(classify_avx2, write_avx2, word, delimiter, at, out);
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

/* Twice the places of the word, one more at a newline, packed where there is a bit; sixteen of them at a time. */
AVX512 ALWAYS_INLINE uint32_t *write_avx512(uint32_t *out, uint32_t at, uint64_t bits, uint64_t newlines)
{
    const __m512i places =
        _mm512_set_epi8(126, 124, 122, 120, 118, 116, 114, 112, 110, 108, 106, 104, 102, 100, 98, 96, 94, 92, 90, 88,
                        86, 84, 82, 80, 78, 76, 74, 72, 70, 68, 66, 64, 62, 60, 58, 56, 54, 52, 50, 48, 46, 44, 42, 40,
                        38, 36, 34, 32, 30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i base = _mm512_set1_epi32((int)(2 * at));
    __m512i packed = _mm512_mask_add_epi8(places, newlines, places, _mm512_set1_epi8(1));
    packed = _mm512_maskz_compress_epi8(bits, packed);
    uint32_t *end = out + __builtin_popcountll(bits);
    _mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
    for (out += 16; __builtin_expect(out < end, 0); out += 16) {
        packed = _mm512_alignr_epi64(packed, packed, 2);
        _mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
    }
    return end;
}

/* Masks that stay in their own registers: moves out of them are slow. */
AVX512 ALWAYS_INLINE bool plain_avx512(const char *word, char delimiter, uint32_t at, uint32_t **out)
{
    __m512i text = _mm512_loadu_si512(word);
    __mmask64 quotes = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('"'));
    __mmask64 newlines = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('\n'));
    if (!_kortestz_mask64_u8(quotes, quotes))
        return false;
    __mmask64 delimiters = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(delimiter));
    *out = write_avx512(*out, at, _kor_mask64(delimiters, newlines), newlines);
    return true;
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

ALWAYS_INLINE uint32_t *write_neon(uint32_t *out, uint32_t at, uint64_t bits, uint64_t newlines)
{
    return write_portable(out, at, bits, newlines);
}

ALWAYS_INLINE bool plain_neon(const char *word, char delimiter, uint32_t at, uint32_t **out)
{
    return plain_of(classify_neon, write_neon, word, delimiter, at, out);
}

VARIANT(neon, )
#endif

static const struct strata_structure_variant variants[] = {
#if defined(__x86_64__)
    {"avx512", index_avx512, index_plain_avx512, count_avx512},
    {"avx2", index_avx2, index_plain_avx2, count_avx2},
#elif defined(HAS_NEON)
    {"neon", index_neon, index_plain_neon, count_neon},
#endif
    {"portable", index_portable, index_plain_portable, count_portable},
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
