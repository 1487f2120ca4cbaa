#include "structure.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* The bytes of one word of 64, as bit masks. */
struct masks {
    uint64_t quote, newline, delimiter;
};

typedef struct masks classify_function(const char *word, char delimiter);
typedef uint64_t match_function(const char *word, char byte);

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Every bit becomes the parity of the bits up to it. */
ALWAYS_INLINE uint64_t prefix_xor(uint64_t bits)
{
    for (int shift = 1; shift < STRATA_STRUCTURE_WORD; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

ALWAYS_INLINE uint64_t first_of_runs(struct masks masks, struct strata_structure *state, uint64_t valid)
{
    uint64_t gap = (masks.delimiter | masks.newline) & valid;
    uint64_t first = masks.delimiter & ~(gap << 1 | state->after_gap);
    state->after_gap = gap >> 63;
    return first;
}

/* Text with quotes: find the state of every byte, and quotes that break the rule. Returns the mask of bytes inside. */
ALWAYS_INLINE uint64_t follow_quotes(struct masks masks, uint64_t carriage_return, struct strata_structure *state,
                                     uint64_t valid)
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

ALWAYS_INLINE void index_words(classify_function *classify, match_function *match, const char *data, size_t from,
                               size_t to, struct strata_dialect dialect, struct strata_structure *state,
                               uint32_t *position, size_t *n_positions)
{
    uint32_t *out = position + *n_positions;
    for (size_t at = from; at < to; at += STRATA_STRUCTURE_WORD) {
        uint64_t valid = to - at >= STRATA_STRUCTURE_WORD ? ~(uint64_t)0 : ((uint64_t)1 << (to - at)) - 1;
        struct masks masks = classify(data + at, dialect.delimiter);
        masks.quote &= valid;
        uint64_t structural;
        if (masks.quote | state->inside | state->after_close | state->after_return) {
            uint64_t inside = follow_quotes(masks, match(data + at, '\r'), state, valid);
            masks.delimiter &= ~inside;
            masks.newline &= ~inside;
        } else {
            state->after_break = ((masks.delimiter | masks.newline) & valid) >> 63;
        }
        if (dialect.merges)
            masks.delimiter = first_of_runs(masks, state, valid);
        structural = (masks.delimiter | masks.newline) & valid;
        while (structural) {
            *out++ = (uint32_t)at + (uint32_t)__builtin_ctzll(structural);
            structural &= structural - 1;
        }
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

#define VARIANT(name, attributes)                                                                                      \
    attributes static void index_##name(const char *data, size_t from, size_t to, struct strata_dialect dialect,       \
                                        struct strata_structure *state, uint32_t *position, size_t *n_positions)       \
    {                                                                                                                  \
        index_words(classify_##name, match_##name, data, from, to, dialect, state, position, n_positions);             \
    }                                                                                                                  \
    attributes static void count_##name(const char *data, size_t n, uint64_t *newlines, uint64_t *quotes)              \
    {                                                                                                                  \
        count_words(match_##name, data, n, newlines, quotes);                                                          \
    }

VARIANT(portable, )

#if defined(__x86_64__)
#define AVX2   __attribute__((target("avx2,bmi,popcnt")))
#define AVX512 __attribute__((target("avx512bw,avx512vl,bmi,popcnt")))

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

AVX512 ALWAYS_INLINE uint64_t match_avx512(const char *word, char byte)
{
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(word), _mm512_set1_epi8(byte));
}

AVX512 ALWAYS_INLINE struct masks classify_avx512(const char *word, char delimiter)
{
    return (struct masks){match_avx512(word, '"'), match_avx512(word, '\n'), match_avx512(word, delimiter)};
}

VARIANT(avx2, AVX2)
VARIANT(avx512, AVX512)
#endif

static const struct strata_structure_variant variants[] = {
#if defined(__x86_64__)
    {"avx512", index_avx512, count_avx512},
    {"avx2", index_avx2, count_avx2},
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
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    skipped = avx512 ? 0 : avx2 ? 1 : 2;
#endif
    *first = variants + skipped;
    return n - skipped;
}
