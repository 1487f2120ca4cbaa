/* Typed values a column at a time: the same rows, account and rejects as one row at a time, of any types. */
#include "plain_values.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "random_source.h"

enum { ROUNDS = 3000, TEXT_BYTES = 48 };

static const unsigned all_fields = STRATA_HAS_ORDER | STRATA_HAS_CHANNEL | STRATA_HAS_CATEGORY;

/* 64 values of a column: room for any type. */
struct column {
    union {
        struct strata_field text[STRATA_USED_ROWS];
        int64_t integer[STRATA_USED_ROWS];
        int32_t date[STRATA_USED_ROWS];
        float single[STRATA_USED_ROWS];
        double real[STRATA_USED_ROWS];
    } values;
    char text[STRATA_USED_ROWS][TEXT_BYTES];
    uint64_t valid;
};

struct log {
    struct strata_column_plan plan;
    struct strata_ingest_options options;
    struct strata_amount_format amount;
    struct column column[STRATA_N_ROLES];
    struct strata_column_block block;
};

/* What became of a log. */
struct outcome {
    struct strata_batch_builder builder;
    struct strata_key_arena arena;
    struct strata_value_converter *values;
    uint64_t rejected; /* the rows */
    uint64_t reasons;  /* a digest of theirs */
};

static size_t write_id(struct random_source *source, char text[TEXT_BYTES])
{
    static const char *const letters[] = {"0123456789", "aZ09-_ ", "\xc3\xa9\xe4\xbd\xa0", "a\0b\xff"};
    static const size_t n_letters[] = {10, 7, 5, 4};
    size_t kind = random_once_in(source, 6) ? random_below(source, 4) : 0;
    size_t n = random_below(source, random_once_in(source, 4) ? 40 : 17);
    for (size_t i = 0; i < n; ++i)
        text[i] = letters[kind][random_below(source, n_letters[kind])];
    return n;
}

static size_t write_number(struct random_source *source, char text[TEXT_BYTES])
{
    static const char *const forms[] = {"%s%u.%02u",        "%s%u",    " %s%u.%u ",
                                        "%s%u.123456789%u", "%s%u,%u", "%s%u99999999999999.%u"};
    int n = snprintf(text, TEXT_BYTES, forms[random_once_in(source, 3) ? random_below(source, 6) : 0],
                     random_once_in(source, 4) ? "-" : "", (unsigned)random_below(source, 3000),
                     (unsigned)random_below(source, 100));
    return random_once_in(source, 20) ? 0 : (size_t)n;
}

/* As a source hands on its own numbers. */
static size_t write_numeral(struct random_source *source, char text[TEXT_BYTES])
{
    static const char *const forms[] = {"%s%u.%02u", "%s%u", "%s%u.123456789%u", "%s%u99999999999999.%u"};
    return (size_t)snprintf(text, TEXT_BYTES, forms[random_below(source, 4)], random_once_in(source, 4) ? "-" : "",
                            (unsigned)random_below(source, 3000), (unsigned)random_below(source, 100));
}

static size_t write_time(struct random_source *source, char text[TEXT_BYTES])
{
    int n = snprintf(text, TEXT_BYTES, random_once_in(source, 8) ? " %u-%02u-%02u" : "%u-%02u-%02u %02u:30:00",
                     (unsigned)random_below(source, 30) + 2000, (unsigned)random_below(source, 13),
                     (unsigned)random_below(source, 32), (unsigned)random_below(source, 25));
    return random_once_in(source, 20) ? 0 : (size_t)n;
}

/* Of any size, with the limits of 64 bits among them. */
static int64_t any_integer(struct random_source *source)
{
    static const int64_t limits[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, 0, INT64_MAX / 10000, INT64_MIN / 10000};
    if (random_once_in(source, 20))
        return limits[random_below(source, sizeof limits / sizeof limits[0])];
    int64_t value = (int64_t)(random_bits(source) >> (1 + random_below(source, 63)));
    return random_once_in(source, 3) ? -value : value;
}

static double any_real(struct random_source *source)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, 1e300, 1e-300, -0.0, 0.1 + 0.2};
    if (random_once_in(source, 16))
        return odd[random_below(source, sizeof odd / sizeof odd[0])];
    double whole = (double)random_below(source, 2000000) - 1000000;
    return random_once_in(source, 8) ? whole / 3 : whole / 100;
}

typedef size_t write_function(struct random_source *source, char text[TEXT_BYTES]);

static void fill_texts(struct column *column, struct random_source *source, write_function *write)
{
    for (size_t i = 0; i < STRATA_USED_ROWS; ++i) {
        char text[TEXT_BYTES];
        size_t n = write(source, text);
        /* At the end of its memory, so that a sanitizer sees who reads on. */
        memcpy(column->text[i] + TEXT_BYTES - n, text, n);
        column->values.text[i] = (struct strata_field){column->text[i] + TEXT_BYTES - n, n};
    }
}

static void fill(struct log *log, enum strata_role role, enum strata_value_type type, struct random_source *source,
                 write_function *write)
{
    struct column *column = &log->column[role];
    const int64_t day = INT64_C(86400000000);
    log->plan.field[role] = role;
    log->plan.type[role] = type;
    column->valid = random_once_in(source, 2) ? random_bits(source) | random_bits(source) : UINT64_MAX;
    log->block.column[role] =
        (struct strata_value_column){&column->values,
                                     column->valid == UINT64_MAX && random_once_in(source, 2) ? NULL : &column->valid};
    for (size_t i = 0; i < STRATA_USED_ROWS; ++i)
        switch (type) {
        case STRATA_VALUE_DATE: column->values.date[i] = (int32_t)any_integer(source) % 4000000; break;
        case STRATA_VALUE_LOCAL_TIME:
        case STRATA_VALUE_INSTANT:
            column->values.integer[i] =
                random_once_in(source, 8) ? any_integer(source) : any_integer(source) % (day * 30000);
            break;
        case STRATA_VALUE_FLOAT32: column->values.single[i] = (float)any_real(source); break;
        case STRATA_VALUE_FLOAT64: column->values.real[i] = any_real(source); break;
        case STRATA_VALUE_TEXT:
        case STRATA_VALUE_NUMERAL: break;
        default: column->values.integer[i] = any_integer(source);
        }
    if (strata_value_is_field(type))
        fill_texts(column, source, type == STRATA_VALUE_NUMERAL ? write_numeral : write);
}

static enum strata_value_type one_of(struct random_source *source, const enum strata_value_type *types, size_t n)
{
    return types[random_below(source, n)];
}

static void make_log(struct log *log, struct random_source *source)
{
    static const enum strata_value_type ids[] = {STRATA_VALUE_TEXT, STRATA_VALUE_INT64};
    static const enum strata_value_type amounts[] = {STRATA_VALUE_INT64,   STRATA_VALUE_DECIMAL64,
                                                     STRATA_VALUE_FLOAT32, STRATA_VALUE_FLOAT64,
                                                     STRATA_VALUE_TEXT,    STRATA_VALUE_NUMERAL};
    static const enum strata_value_type times[] = {STRATA_VALUE_DATE, STRATA_VALUE_LOCAL_TIME, STRATA_VALUE_INSTANT,
                                                   STRATA_VALUE_TEXT};
    struct strata_error error;
    *log = (struct log){.block = {.n_rows = STRATA_USED_ROWS, .first_row = 1}};
    log->amount = (struct strata_amount_format){
        .decimals = (int)random_below(source, STRATA_AMOUNT_DECIMALS_MAX + 1),
        .rounds_half_even = random_once_in(source, 2),
        .style = random_once_in(source, 4) ? STRATA_AMOUNT_GROUPED_POINT : STRATA_AMOUNT_PLAIN,
        .has_signs = random_once_in(source, 4),
    };
    log->options.exclude_returns = random_once_in(source, 4);
    log->options.exclude_zero_amounts = random_once_in(source, 4);
    log->options.exclude_order_prefix = random_once_in(source, 2) ? "1" : NULL;
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        log->plan.field[role] = -1;
    cr_assert_eq(strata_time_format_declare(&log->plan.time_format, "%Y-%m-%d %H:%M:%S", NULL, &error), STRATA_OK);
    fill(log, STRATA_ROLE_CUSTOMER, one_of(source, ids, 2), source, write_id);
    fill(log, STRATA_ROLE_AMOUNT, one_of(source, amounts, 6), source, write_number);
    fill(log, STRATA_ROLE_TIME, one_of(source, times, 4), source, write_time);
    if (log->plan.type[STRATA_ROLE_AMOUNT] == STRATA_VALUE_DECIMAL64)
        log->plan.decimals[STRATA_ROLE_AMOUNT] = (int)random_below(source, 12);
    static const enum strata_role texts[] = {STRATA_ROLE_ORDER, STRATA_ROLE_CHANNEL, STRATA_ROLE_CATEGORY};
    for (int i = 0; i < 3; ++i)
        if (random_once_in(source, 2))
            fill(log, texts[i], STRATA_VALUE_TEXT, source, write_id);
}

static void begin(struct outcome *outcome, const struct log *log)
{
    struct strata_error error;
    *outcome = (struct outcome){.values = calloc(1, sizeof *outcome->values)};
    cr_assert(outcome->values);
    cr_assert_eq(strata_batch_builder_init(&outcome->builder, all_fields, &error), STRATA_OK);
    outcome->values->plan = &log->plan;
    outcome->values->converter = (struct strata_converter){
        .field = log->plan.field,
        .time_format = &log->plan.time_format,
        .options = &log->options,
        .amount = &log->amount,
        .arena = &outcome->arena,
        .builder = &outcome->builder,
    };
}

static void end(struct outcome *outcome)
{
    strata_batch_builder_release(&outcome->builder);
    strata_key_arena_release(&outcome->arena);
    free(outcome->values);
}

static void take_rows(struct outcome *outcome, const struct log *log, uint64_t rows)
{
    struct strata_error error;
    for (; rows; rows &= rows - 1) {
        size_t i = strata_used_rows_first(rows);
        enum strata_row_outcome what;
        struct strata_reject reject = {0};
        cr_assert_eq(strata_convert_values(outcome->values, &log->block, i, &what, &reject, &error), STRATA_OK);
        if (what != STRATA_ROW_REJECTED)
            continue;
        outcome->rejected |= UINT64_C(1) << i;
        outcome->reasons = outcome->reasons * 31 + reject.reason;
    }
}

/* The rows of a batch as text, in an order that does not depend on theirs. */
static int compare_lines(const void *a, const void *b) { return strcmp(a, b); }

static void write_batch(const struct outcome *outcome, const struct log *log, char line[STRATA_USED_ROWS][4400])
{
    const struct strata_batch *batch = &outcome->builder.batch;
    static const struct strata_key no_key;
    for (size_t i = 0; i < batch->n_rows; ++i) {
        char id[STRATA_KEY_MAX_BYTES];
        size_t n = strata_key_text(batch->customer[i], id);
        struct strata_key order = log->plan.field[STRATA_ROLE_ORDER] < 0 ? no_key : batch->order[i];
        int at = 0;
        for (size_t c = 0; c < n; ++c)
            at += snprintf(line[i] + at, sizeof line[i] - (size_t)at, "%02x", (unsigned)(unsigned char)id[c]);
        (void)snprintf(line[i] + at, sizeof line[i] - (size_t)at, " %d %lld %llx %llx %llx %llx", batch->day[i],
                       (long long)batch->amount[i], (unsigned long long)order.high, (unsigned long long)order.low,
                       (unsigned long long)(log->plan.field[STRATA_ROLE_CHANNEL] < 0 ? 0 : batch->channel[i]),
                       (unsigned long long)(log->plan.field[STRATA_ROLE_CATEGORY] < 0 ? 0 : batch->category[i]));
    }
    qsort(line, batch->n_rows, sizeof line[0], compare_lines);
}

static void assert_same_batch(const struct outcome *a, const struct outcome *b, const struct log *log)
{
    static char of_a[STRATA_USED_ROWS][4400], of_b[STRATA_USED_ROWS][4400];
    cr_assert_eq(a->builder.batch.n_rows, b->builder.batch.n_rows);
    write_batch(a, log, of_a);
    write_batch(b, log, of_b);
    for (size_t i = 0; i < a->builder.batch.n_rows; ++i)
        cr_assert_str_eq(of_a[i], of_b[i]);
}

static void assert_same_account(const struct outcome *a, const struct outcome *b)
{
    const struct strata_ingest_account *x = &a->values->converter.account, *y = &b->values->converter.account;
    cr_assert_eq(x->read, y->read);
    cr_assert_eq(x->used, y->used);
    cr_assert_eq(x->rejected, y->rejected);
    cr_assert_eq(x->excluded, y->excluded);
    cr_assert(x->amount_read == y->amount_read && x->amount_used == y->amount_used &&
              x->amount_rejected == y->amount_rejected && x->amount_excluded == y->amount_excluded);
}

Test(plain_values, give_what_single_rows_give)
{
    struct random_source source = {.seed = 11};
    size_t n_plain = 0, n_others = 0;
    static struct log log;
    for (int round = 0; round < ROUNDS; ++round) {
        struct outcome quick, careful;
        struct strata_error error;
        uint64_t left;
        make_log(&log, &source);
        log.block.n_rows = 1 + random_below(&source, STRATA_USED_ROWS);
        begin(&quick, &log);
        begin(&careful, &log);
        if (strata_plain_values_are_possible(quick.values)) {
            size_t n = log.block.n_rows;
            cr_assert_eq(strata_plain_values_convert(quick.values, &log.block, 0, n, &left, &error), STRATA_OK);
            n_plain += quick.builder.batch.n_rows;
            n_others += (size_t)__builtin_popcountll(left);
            take_rows(&quick, &log, left);
            take_rows(&careful, &log, strata_used_rows_all(n));
            assert_same_batch(&quick, &careful, &log);
            assert_same_account(&quick, &careful);
            cr_assert_eq(quick.rejected, careful.rejected);
            cr_assert_eq(quick.reasons, careful.reasons);
        }
        end(&quick);
        end(&careful);
    }
    cr_assert_gt(n_plain, ROUNDS);
    cr_assert_gt(n_others, ROUNDS);
}

/* Nothing but rows that are used goes the quick way, and all of these do. */
Test(plain_values, leave_no_plain_row)
{
    struct random_source source = {.seed = 5};
    static struct log log;
    struct outcome outcome;
    struct strata_error error;
    uint64_t left;
    make_log(&log, &source);
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        log.plan.field[role] = -1;
    log.options = (struct strata_ingest_options){0};
    log.amount = strata_amount_format_default;
    fill(&log, STRATA_ROLE_CUSTOMER, STRATA_VALUE_TEXT, &source, write_id);
    fill(&log, STRATA_ROLE_AMOUNT, STRATA_VALUE_DECIMAL64, &source, NULL);
    fill(&log, STRATA_ROLE_TIME, STRATA_VALUE_LOCAL_TIME, &source, NULL);
    log.plan.decimals[STRATA_ROLE_AMOUNT] = 2;
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        log.block.column[role].valid = NULL;
    for (size_t i = 0; i < STRATA_USED_ROWS; ++i) {
        (void)snprintf(log.column[STRATA_ROLE_CUSTOMER].text[i], TEXT_BYTES, "C%07zu", i);
        log.column[STRATA_ROLE_CUSTOMER].values.text[i] =
            (struct strata_field){log.column[STRATA_ROLE_CUSTOMER].text[i], 8};
        log.column[STRATA_ROLE_AMOUNT].values.integer[i] = (int64_t)i - 32;
        log.column[STRATA_ROLE_TIME].values.integer[i] = ((int64_t)i - 32) * INT64_C(43200000000) - 1;
    }
    begin(&outcome, &log);
    cr_assert(strata_plain_values_are_possible(outcome.values));
    cr_assert_eq(strata_plain_values_convert(outcome.values, &log.block, 0, STRATA_USED_ROWS, &left, &error),
                 STRATA_OK);
    cr_assert_eq(left, 0);
    cr_assert_eq(outcome.builder.batch.n_rows, STRATA_USED_ROWS);
    for (size_t i = 0; i < STRATA_USED_ROWS; ++i) {
        cr_assert_eq(outcome.builder.amount[i], ((int64_t)i - 32) * 100);
        /* Half days from 16 days before 1970, each a microsecond early. */
        cr_assert_eq(outcome.builder.day[i], ((int)i - 33) >> 1);
    }
    end(&outcome);
}
