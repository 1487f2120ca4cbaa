/* The values of whole columns: every instruction set against the ways of single values. */
#include "plain_columns.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "random_source.h"
#include "structure.h"

/* Bytes before and behind the values, which must not matter. */
enum { VALUE_MAX = 40, STRIDE = VALUE_MAX + STRATA_PLAIN_PADDING, ROUNDS = 4000 };

/* Values side by side, as the kernels take them. */
struct values {
    char text[STRATA_PLAIN_PADDING + STRATA_PLAIN_ROWS * STRIDE];
    struct strata_plain_column column;
    size_t n;
};

typedef size_t write_function(struct random_source *source, char text[VALUE_MAX]);

static void fill(struct values *values, struct random_source *source, write_function *write)
{
    for (size_t i = 0; i < sizeof values->text; ++i)
        values->text[i] = "0123456789.-,\n\" aZ\xff"[random_below(source, 19)];
    values->column.text = values->text;
    values->column.is_quoted = random_once_in(source, 2);
    values->n = random_once_in(source, 2) ? STRATA_PLAIN_ROWS : 1 + random_below(source, STRATA_PLAIN_ROWS);
    size_t group = STRATA_PLAIN_GROUP, n_written = (values->n + group - 1) / group * group;
    for (size_t i = 0; i < n_written; ++i) {
        char text[VALUE_MAX];
        size_t n = write(source, text), from = STRATA_PLAIN_PADDING + i * STRIDE + random_below(source, 20);
        memcpy(values->text + from, text, n);
        values->column.from[i] = i < values->n ? (uint32_t)from : values->column.from[i - 1];
        values->column.n[i] = i < values->n ? (uint32_t)n : values->column.n[i - 1];
    }
}

static size_t spoil(struct random_source *source, char text[VALUE_MAX], size_t n)
{
    if (n && random_once_in(source, 4))
        text[random_below(source, n)] = "0123456789.-+ \"/:a\0\x80"[random_below(source, 20)];
    return n;
}

static size_t write_amount(struct random_source *source, char text[VALUE_MAX])
{
    size_t n = 0, n_digits = random_below(source, random_once_in(source, 3) ? 20 : 9);
    if (random_once_in(source, 4))
        text[n++] = '-';
    for (size_t i = 0; i < n_digits; ++i)
        text[n++] = (char)('0' + random_below(source, random_once_in(source, 3) ? 1 : 10));
    if (n && !random_once_in(source, 4))
        text[n - 1 - random_below(source, n < 6 ? n : 6)] = '.';
    return spoil(source, text, n);
}

static size_t write_time(struct random_source *source, char text[VALUE_MAX])
{
    int n = snprintf(text, VALUE_MAX, "%04u-%02u-%02u%c%02u:%02u:%02u", (unsigned)random_below(source, 3) + 2023,
                     (unsigned)random_below(source, 14), (unsigned)random_below(source, 33),
                     "T  x"[random_below(source, 4)], (unsigned)random_below(source, 25),
                     (unsigned)random_below(source, 61), (unsigned)random_below(source, 61));
    return spoil(source, text, random_once_in(source, 4) ? 10 : random_once_in(source, 9) ? 16 : (size_t)n);
}

/* As most logs are: of one day and in one layout, but for a slip now and then. */
static size_t write_time_of_day(struct random_source *source, char text[VALUE_MAX])
{
    int n = snprintf(text, VALUE_MAX, "2024-02-29%c%02u:%02u:%02u", random_once_in(source, 300) ? 'T' : ' ',
                     (unsigned)random_below(source, 24), (unsigned)random_below(source, 60),
                     (unsigned)random_below(source, 60));
    if (random_once_in(source, 300))
        return write_time(source, text);
    return random_once_in(source, 60) ? spoil(source, text, (size_t)n) : (size_t)n;
}

static size_t write_date(struct random_source *source, char text[VALUE_MAX])
{
    (void)write_time_of_day(source, text);
    return random_once_in(source, 300) ? 19 : 10;
}

static size_t write_id(struct random_source *source, char text[VALUE_MAX])
{
    size_t n = random_below(source, 18);
    for (size_t i = 0; i < n; ++i)
        text[i] = (char)(' ' + 1 + random_below(source, 94));
    return spoil(source, text, n);
}

/* Every instruction set's kernels on column after column. */
typedef size_t check_function(const struct strata_plain_column_variant *variant, const struct values *values,
                              int round);

/* Returns how many values were good. */
static size_t check_variants(uint64_t seed, write_function *write, check_function *check)
{
    static struct values values;
    struct random_source source = {.seed = seed};
    const struct strata_plain_column_variant *variant;
    size_t n_variants = strata_plain_column_variants(&variant), n_good = 0;
    cr_assert_str_eq(variant[n_variants - 1].name, "portable");
    for (int round = 0; round < ROUNDS; ++round) {
        fill(&values, &source, write);
        for (size_t v = 0; v < n_variants; ++v)
            n_good += check(&variant[v], &values, round);
    }
    return n_good;
}

static size_t decimals_of(const char *text, size_t n)
{
    const char *point = memchr(text, '.', n);
    return point ? (size_t)(text + n - point) - 1 : 0;
}

/* What is good is what the single value is; eight characters with decimals to spare always are. */
static size_t check_amounts(const struct strata_plain_column_variant *variant, const struct values *values, int round)
{
    int decimals = round % (STRATA_AMOUNT_DECIMALS_MAX + 1);
    int64_t amount[STRATA_PLAIN_ROWS], expected;
    uint64_t good = variant->amounts(&values->column, values->n, decimals, amount);
    for (size_t i = 0; i < values->n; ++i) {
        const char *text = values->text + values->column.from[i];
        size_t n = values->column.n[i];
        bool is_number = strata_decimal_parse(text, n, decimals, &expected) == STRATA_DECIMAL_OK;
        if (good >> i & 1)
            cr_assert(is_number && amount[i] == expected, "%s: '%.*s'", variant->name, (int)n, text);
        else
            cr_assert(!is_number || n > 8 || text[0] == '+' || decimals_of(text, n) > (size_t)decimals, "%s: '%.*s'",
                      variant->name, (int)n, text);
    }
    return (size_t)__builtin_popcountll(good);
}

Test(columns, amounts) { cr_assert_gt(check_variants(1, write_amount, check_amounts), 50000); }

static size_t check_days(const struct strata_plain_column_variant *variant, const struct values *values, int round)
{
    static const char *const declared[] = {"iso", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y/%m/%d"};
    struct strata_time_format format;
    struct strata_time_memo memo = {0};
    struct strata_error err;
    int32_t day[STRATA_PLAIN_ROWS];
    cr_assert_eq(strata_time_format_declare(&format, declared[round % 4], NULL, &err), STRATA_OK);
    uint64_t good = variant->days(&values->column, values->n, &format, &memo, day);
    for (size_t i = 0; i < values->n; ++i) {
        const char *text = values->text + values->column.from[i];
        size_t n = values->column.n[i];
        struct strata_time expected;
        struct strata_time_memo fresh = {0};
        bool is_time = strata_time_parse(&format, &fresh, text, n, &expected) == STRATA_TIME_OK;
        /* Other layouts than the strict one have more than one way to write 19 characters. */
        bool is_quick = is_time && format.is_strict && (n == 10 || (n == 19 && text[16] == ':'));
        if (good >> i & 1)
            cr_assert(is_time && day[i] == expected.day, "%s: '%.*s'", variant->name, (int)n, text);
        else
            cr_assert(!is_quick, "%s: '%.*s'", variant->name, (int)n, text);
    }
    return (size_t)__builtin_popcountll(good);
}

Test(columns, days) { cr_assert_gt(check_variants(2, write_time, check_days), 50000); }

Test(columns, times_of_one_day) { cr_assert_gt(check_variants(4, write_time_of_day, check_days), 50000); }

Test(columns, days_of_one_day) { cr_assert_gt(check_variants(5, write_date, check_days), 50000); }

static size_t check_keys(const struct strata_plain_column_variant *variant, const struct values *values, int round)
{
    struct strata_key key[STRATA_PLAIN_ROWS];
    uint64_t good = variant->keys(&values->column, values->n, key);
    for (size_t i = 0; i < values->n; ++i) {
        const char *text = values->text + values->column.from[i];
        size_t n = values->column.n[i];
        bool is_plain = n > 0 && n < 16;
        for (size_t at = 0; at < n; ++at)
            is_plain = is_plain && text[at] > 0 && !(values->column.is_quoted && text[at] == '"');
        cr_assert_eq(good >> i & 1, is_plain, "%s, round %d: '%.*s'", variant->name, round, (int)n, text);
        if (is_plain) {
            struct strata_key expected = strata_key_from_short(text, n);
            cr_assert(key[i].high == expected.high && key[i].low == expected.low, "%s: '%.*s'", variant->name, (int)n,
                      text);
        }
    }
    return (size_t)__builtin_popcountll(good);
}

Test(columns, keys) { cr_assert_gt(check_variants(3, write_id, check_keys), 50000); }

enum { FIELDS_MAX = 20, SPLITS = 3 };

/* The positions of rows of n_fields, some of which lack one or have one more; returns how many rows are right. */
static size_t write_positions(struct random_source *source, size_t n_fields, size_t start, uint32_t *position,
                              size_t n_positions)
{
    const uint64_t rarity = 1 + random_below(source, 200);
    size_t n_right = SIZE_MAX, at = 0, offset = start;
    for (size_t row = 0; at < n_positions; ++row) {
        size_t n = n_fields;
        if (random_once_in(source, rarity)) {
            n = random_once_in(source, 2) ? n_fields + 1 : n_fields - 1;
            n_right = n_right == SIZE_MAX ? row : n_right;
        }
        for (size_t i = 0; i < n && at < n_positions; ++i) {
            offset += random_below(source, 30);
            position[at++] = (uint32_t)(offset << 1) | (i + 1 == n);
            ++offset;
        }
    }
    return n_right < STRATA_PLAIN_ROWS ? n_right : STRATA_PLAIN_ROWS;
}

static void check_split(const struct strata_plain_column_variant *variant, const struct strata_plain_split *split)
{
    static struct strata_plain_column column[SPLITS];
    variant->split(split, column);
    for (size_t c = 0; c < split->n_columns; ++c)
        for (size_t i = 0; i < split->n; ++i) {
            size_t at = i * split->n_fields + (size_t)split->field[c];
            size_t from = at ? strata_structure_offset(split->position[at - 1]) + 1 : split->start;
            cr_assert_eq(column[c].from[i], from, "%s: %zu fields, field %d, row %zu", variant->name, split->n_fields,
                         split->field[c], i);
            cr_assert_eq(column[c].n[i], strata_structure_offset(split->position[at]) - from);
        }
}

/* Rows are as many as have their fields, wherever a wrong one is; their fields are where the positions say. */
Test(columns, rows_and_their_fields)
{
    struct random_source source = {.seed = 6};
    const struct strata_plain_column_variant *variant;
    size_t n_variants = strata_plain_column_variants(&variant);
    for (int round = 0; round < ROUNDS; ++round) {
        uint32_t position[STRATA_PLAIN_ROWS * FIELDS_MAX];
        int field[SPLITS];
        size_t n_fields = 2 + random_below(&source, FIELDS_MAX - 2), n_most = 1 + random_below(&source, 64);
        size_t n_positions = n_most * n_fields, start = random_below(&source, 1000);
        size_t n_right = write_positions(&source, n_fields, start, position, n_positions);
        for (int c = 0; c < SPLITS; ++c)
            field[c] = (int)random_below(&source, n_fields);
        n_right = n_right < n_most ? n_right : n_most;
        for (size_t v = 0; v < n_variants; ++v) {
            cr_assert_eq(variant[v].count(position, n_fields, n_most), n_right, "%s: round %d", variant[v].name, round);
            const struct strata_plain_split split = {.position = position,
                                                     .n_fields = n_fields,
                                                     .start = start,
                                                     .n = n_right,
                                                     .n_columns = SPLITS,
                                                     .field = field};
            if (n_right > 0)
                check_split(&variant[v], &split);
        }
    }
}
