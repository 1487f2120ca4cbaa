#include "structure.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "random_source.h"
#include "record.h"
#include "span.h"

enum { TEXT_MAX = 700, PADDING = 2 * STRATA_STRUCTURE_WORD };

/* What the index of a whole text is. */
struct index {
    struct strata_structure state;
    size_t n;
    uint32_t position[TEXT_MAX + 1 + STRATA_STRUCTURE_SLACK];
};

static const struct strata_dialect dialects[] = {{',', false}, {';', false}, {'\t', false}, {'|', false}, {' ', true}};

/* Mostly the bytes that matter. */
static size_t random_text(struct random_source *source, struct strata_dialect dialect, char text[TEXT_MAX + PADDING])
{
    const char bytes[] = {dialect.delimiter, dialect.delimiter, '\n', '\r', '"', 'a', 'b'};
    size_t n = random_below(source, TEXT_MAX), n_bytes = random_once_in(source, 4) ? 4 : 7;
    uint64_t quotes = 1 + random_below(source, 40);
    for (size_t i = 0; i < n; ++i) {
        char byte = bytes[random_below(source, n_bytes)];
        text[i] = byte == '"' && !random_once_in(source, quotes) ? 'c' : byte;
        if (byte == '\r' && random_once_in(source, 2) && i + 1 < n)
            text[++i] = '\n';
    }
    memset(text + n, random_once_in(source, 2) ? '"' : dialect.delimiter, PADDING);
    return n;
}

/* Text as a writer of RFC 4180 makes it, seldom with a slip. */
static size_t written_text(struct random_source *source, struct strata_dialect dialect, char text[TEXT_MAX + PADDING])
{
    const char *const fields[] = {"\"\"", "\"a\"", "\"a\"\"b\"", "\"\n\"", "\"\r\n,; |\"",
                                  "a",    "bc",    "\"\"\"\"",   "x\r"};
    const char *const slips[] = {"\"a\"\r", "a\"", "\"a\"b", "\"", "\"a\" ", "\r\"a\""};
    size_t n = 0, target = random_below(source, TEXT_MAX - 16);
    uint64_t rarity = 10 + random_below(source, 400);
    while (n < target) {
        const char *field =
            random_once_in(source, rarity) ? slips[random_below(source, 6)] : fields[random_below(source, 9)];
        memcpy(text + n, field, strlen(field));
        n += strlen(field);
        if (!random_once_in(source, 4))
            text[n++] = dialect.delimiter;
        else if (random_once_in(source, 2))
            text[n++] = '\n';
        else
            memcpy(text + n, "\r\n", 2), n += 2;
    }
    memset(text + n, '"', PADDING);
    return n;
}

static size_t any_text(struct random_source *source, struct strata_dialect dialect, char text[TEXT_MAX + PADDING])
{
    return random_once_in(source, 2) ? random_text(source, dialect, text) : written_text(source, dialect, text);
}

static void index_text(const struct strata_structure_variant *variant, const char *text, size_t n,
                       struct strata_dialect dialect, struct index *index)
{
    index->state = strata_structure_begin();
    index->n = 0;
    variant->index(text, 0, n, dialect, &index->state, index->position, &index->n);
}

/* As far as it is plain, then the rest. */
static void index_plain(const struct strata_structure_variant *variant, const char *text, size_t n,
                        struct strata_dialect dialect, struct index *index)
{
    index->state = strata_structure_begin();
    index->n = 0;
    size_t at = variant->index_plain(text, 0, n, dialect, &index->state, index->position, &index->n);
    cr_assert_eq(memchr(text, '"', at), NULL);
    cr_assert(dialect.merges ? at == 0
                             : n - at < STRATA_STRUCTURE_WORD || memchr(text + at, '"', STRATA_STRUCTURE_WORD));
    variant->index(text, at, n, dialect, &index->state, index->position, &index->n);
}

static void index_parts(const struct strata_structure_variant *variant, const char *text, size_t n,
                        struct strata_dialect dialect, struct random_source *source, struct index *index)
{
    index->state = strata_structure_begin();
    index->n = 0;
    for (size_t from = 0; from < n;) {
        size_t to = from + STRATA_STRUCTURE_WORD * (1 + random_below(source, 3));
        if (to > n)
            to = n;
        variant->index(text, from, to, dialect, &index->state, index->position, &index->n);
        from = to;
    }
}

static void assert_same(const struct index *a, const struct index *b, const char *name, int round)
{
    cr_assert_eq(a->n, b->n, "%s, round %d", name, round);
    cr_assert_eq(memcmp(a->position, b->position, a->n * sizeof *a->position), 0, "%s, round %d", name, round);
    cr_assert_eq(a->state.inside, b->state.inside, "%s, round %d", name, round);
    cr_assert_eq(a->state.after_break, b->state.after_break, "%s, round %d", name, round);
    cr_assert_eq(a->state.after_close, b->state.after_close, "%s, round %d", name, round);
    cr_assert_eq(a->state.after_return, b->state.after_return, "%s, round %d", name, round);
    cr_assert_eq(a->state.after_gap, b->state.after_gap, "%s, round %d", name, round);
    cr_assert_eq(a->state.is_broken, b->state.is_broken, "%s, round %d", name, round);
    cr_assert_eq(a->state.has_quotes, b->state.has_quotes, "%s, round %d", name, round);
}

Test(structure, variants_and_parts_agree)
{
    const struct strata_structure_variant *variant;
    size_t n_variants = strata_structure_variants(&variant);
    const struct strata_structure_variant *portable = &variant[n_variants - 1];
    cr_assert_str_eq(portable->name, "portable");
    struct random_source source = {.seed = 1};
    for (int round = 0; round < 3000; ++round) {
        char text[TEXT_MAX + PADDING];
        struct strata_dialect dialect = dialects[round % 5];
        size_t n = any_text(&source, dialect, text);
        static struct index whole, other;
        index_text(portable, text, n, dialect, &whole);
        for (size_t v = 0; v < n_variants; ++v) {
            index_text(&variant[v], text, n, dialect, &other);
            assert_same(&whole, &other, variant[v].name, round);
            index_plain(&variant[v], text, n, dialect, &other);
            assert_same(&whole, &other, variant[v].name, round);
            index_parts(&variant[v], text, n, dialect, &source, &other);
            assert_same(&whole, &other, variant[v].name, round);
        }
    }
}

Test(structure, counts)
{
    const struct strata_structure_variant *variant;
    size_t n_variants = strata_structure_variants(&variant);
    struct random_source source = {.seed = 2};
    for (int round = 0; round < 1000; ++round) {
        char text[TEXT_MAX + PADDING];
        size_t n = random_text(&source, dialects[0], text);
        uint64_t newlines = 0, quotes = 0;
        for (size_t i = 0; i < n; ++i) {
            newlines += text[i] == '\n';
            quotes += text[i] == '"';
        }
        for (size_t v = 0; v < n_variants; ++v) {
            uint64_t n_newlines, n_quotes;
            variant[v].count(text, n, &n_newlines, &n_quotes);
            cr_assert_eq(n_newlines, newlines);
            cr_assert_eq(n_quotes, quotes);
        }
    }
}

/* Do the careful parser's records and fields follow from the index? Returns whether it finds fault with a quote. */
static bool compare_records(const char *text, size_t n, struct strata_dialect dialect, const struct index *index,
                            int round)
{
    static struct strata_field field[TEXT_MAX + 1];
    const struct strata_indexed_text indexed = {.text = text,
                                                .position = index->position,
                                                .n_positions = index->n,
                                                .dialect = dialect};
    struct strata_span span = {0};
    for (size_t at = 0; at < n;) {
        struct strata_record record = {.field = field, .capacity = TEXT_MAX + 1};
        if (strata_record_parse(text + at, n - at, true, dialect, &record) != STRATA_RECORD_OK)
            return true;
        if (index->state.is_broken) { /* further on; the index is of no use */
            at += record.n_bytes;
            continue;
        }
        cr_assert_eq(span.start, at, "round %d", round);
        cr_assert(strata_span_find_end(&indexed, 1 + (size_t)round % 4, &span), "round %d", round);
        cr_assert_eq(strata_span_is_blank(&indexed, &span), record.is_blank, "round %d", round);
        if (!record.is_blank) {
            cr_assert_eq(strata_span_count_fields(&indexed, &span), record.n_fields, "round %d", round);
            for (size_t f = 0; f < record.n_fields; ++f) {
                struct strata_field fast = strata_span_field(&indexed, &span, f);
                cr_assert_eq(fast.text, field[f].text, "round %d, field %zu", round, f);
                cr_assert_eq(fast.n, field[f].n, "round %d, field %zu", round, f);
            }
        }
        at += record.n_bytes;
        strata_span_step(&indexed, &span);
    }
    return false;
}

/* The index finds fault with a text exactly where the careful parser does: broken, or inside quotes at the end. Where
 * it does not, its records and fields are the careful parser's. */
Test(structure, agrees_with_the_careful_parser)
{
    const struct strata_structure_variant *variant;
    (void)strata_structure_variants(&variant);
    struct random_source source = {.seed = 3};
    int n_broken = 0, n_right = 0;
    for (int round = 0; round < 20000; ++round) {
        char text[TEXT_MAX + PADDING];
        struct strata_dialect dialect = dialects[round % 5];
        size_t n = any_text(&source, dialect, text);
        static struct index index;
        size_t padded = n;
        if (n == 0 || text[n - 1] != '\n') /* a line end for a last row that has none */
            text[padded++] = '\n';
        index_text(variant, text, padded, dialect, &index);
        bool is_broken = index.state.is_broken || index.state.inside;
        cr_assert_eq(compare_records(text, n, dialect, &index, round), is_broken, "round %d", round);
        n_broken += is_broken;
        n_right += !is_broken;
    }
    cr_assert_gt(n_broken, 2000);
    cr_assert_gt(n_right, 2000);
}

Test(structure, carriage_return_behind_a_closing_quote)
{
    const struct {
        const char *text;
        bool is_broken;
    } cases[] = {
        {"\"a\"\r\n", false},  {"\"a\"\r,b\n", true},  {"\"a\"\rb\n", true},
        {"\"a\"\r\r\n", true}, {"\"a\r\"\r\n", false},
    };
    const struct strata_structure_variant *variant;
    (void)strata_structure_variants(&variant);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i)
        for (size_t before = 0; before < 2 * STRATA_STRUCTURE_WORD; ++before) {
            char text[TEXT_MAX + PADDING];
            static struct index index;
            memset(text, '\n', sizeof text);
            memcpy(text + before, cases[i].text, strlen(cases[i].text));
            index_text(variant, text, before + strlen(cases[i].text), dialects[0], &index);
            cr_assert_eq(index.state.is_broken, cases[i].is_broken, "case %zu behind %zu bytes", i, before);
        }
}
