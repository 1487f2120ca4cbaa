#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_log.h"
#include "record.h"

enum { VALUE_MAX = 24000 };

static struct strata_field trimmed(struct strata_field field)
{
    while (field.n && strchr(" \t", field.text[0]))
        ++field.text, --field.n;
    while (field.n && strchr(" \t", field.text[field.n - 1]))
        --field.n;
    return field;
}

/* Digit by digit; what is wrong with it, or -1. */
static int read_number(struct strata_field field, int64_t *out)
{
    field = trimmed(field);
    size_t at = 0, n_digits = 0;
    int n_decimals = -1;
    bool too_many = false, too_large = false;
    __int128 value = 0;
    if (field.n == 0)
        return STRATA_REJECT_NUMBER_EMPTY;
    bool is_negative = field.text[0] == '-';
    at += field.text[0] == '-' || field.text[0] == '+';
    for (; at < field.n; ++at) {
        char byte = field.text[at];
        if (byte == '.' && n_decimals < 0) {
            n_decimals = 0;
            continue;
        }
        if (byte < '0' || byte > '9')
            return STRATA_REJECT_NUMBER_MALFORMED;
        ++n_digits;
        if (n_decimals >= 0 && ++n_decimals > 4)
            too_many = too_many || byte != '0';
        else if (!too_large)
            value = 10 * value + byte - '0';
        too_large = too_large || value > INT64_MAX;
    }
    if (n_digits == 0)
        return STRATA_REJECT_NUMBER_MALFORMED;
    for (int i = n_decimals < 0 ? 0 : n_decimals; i < 4; ++i)
        value *= 10;
    if (too_many)
        return STRATA_REJECT_NUMBER_DECIMALS;
    if (too_large || value > INT64_MAX)
        return STRATA_REJECT_NUMBER_RANGE;
    *out = (int64_t)(is_negative ? -value : value);
    return -1;
}

static int read_time(struct strata_field field, int32_t *day)
{
    char text[64];
    struct strata_date date;
    int hour, minute, n = 0;
    field = trimmed(field);
    if (field.n == 0)
        return STRATA_REJECT_TIME_EMPTY;
    if (field.n >= sizeof text)
        return STRATA_REJECT_TIME_MALFORMED;
    memcpy(text, field.text, field.n);
    text[field.n] = '\0';
    if (sscanf(text, "%4d-%2d-%2d%n", &date.year, &date.month, &date.day, &n) != 3 || n != 10)
        return STRATA_REJECT_TIME_MALFORMED;
    if (text[n] && sscanf(text + n + 1, "%2d:%2d", &hour, &minute) != 2)
        return STRATA_REJECT_TIME_MALFORMED;
    if (!strata_date_is_valid(date))
        return STRATA_REJECT_TIME_IMPOSSIBLE;
    *day = strata_day_from_date(date);
    return -1;
}

static bool is_utf8(const char *text, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        if ((unsigned char)text[i] >= 0xFE) /* the only bad bytes that the logs have */
            return false;
    return true;
}

static int read_customer(struct strata_field id)
{
    if (id.n == 0)
        return STRATA_REJECT_CUSTOMER_EMPTY;
    if (memchr(id.text, 0, id.n))
        return STRATA_REJECT_CUSTOMER_NUL;
    return is_utf8(id.text, id.n) ? -1 : STRATA_REJECT_CUSTOMER_UTF8;
}

static void expect_reject(struct expected *expected, struct strata_reject place, int reason, int column)
{
    place.reason = (uint8_t)reason;
    place.column = (uint16_t)column;
    expected->reject = realloc(expected->reject, (expected->n_rejects + 1) * sizeof *expected->reject);
    expected->reject[expected->n_rejects++] = place;
    ++expected->account.rejected;
}

static void expect_row(struct expected *expected, struct strata_field id, int32_t day, int64_t amount)
{
    expected->row = realloc(expected->row, (expected->n_rows + 1) * sizeof *expected->row);
    char *customer = malloc(id.n + 1);
    memcpy(customer, id.text, id.n);
    customer[id.n] = '\0';
    expected->row[expected->n_rows++] = (struct collected_row){customer, id.n, day, amount};
    ++expected->account.used;
    expected->account.amount_used += amount;
}

/* A row of the right number of fields. */
static void convert(struct expected *expected, const struct random_log *log,
                    const struct strata_ingest_options *options, const struct strata_field *field,
                    struct strata_reject place)
{
    static char scratch[STRATA_N_ROLES][VALUE_MAX];
    struct strata_field value[STRATA_N_ROLES];
    int64_t amount = 0;
    int32_t day = 0;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        if (log->column[role] < 0)
            continue;
        value[role] = strata_field_value(field[log->column[role]], scratch[role]);
        if (value[role].n > STRATA_KEY_MAX_BYTES) {
            expect_reject(expected, place, STRATA_REJECT_FIELD_TOO_LONG, log->column[role] + 1);
            return;
        }
    }
    int bad_amount = read_number(value[STRATA_ROLE_AMOUNT], &amount);
    struct strata_ingest_account *account = &expected->account;
    account->amount_read += amount;
    const char *prefix = options->exclude_order_prefix;
    struct strata_field order = value[STRATA_ROLE_ORDER];
    if ((prefix && order.n >= strlen(prefix) && memcmp(order.text, prefix, strlen(prefix)) == 0) ||
        (bad_amount < 0 && amount < 0 && options->exclude_returns) ||
        (bad_amount < 0 && amount == 0 && options->exclude_zero_amounts)) {
        ++account->excluded;
        account->amount_excluded += amount;
        return;
    }
    const struct {
        enum strata_role role;
        int reason;
    } faults[] = {
        {STRATA_ROLE_AMOUNT, bad_amount},
        {STRATA_ROLE_CUSTOMER, read_customer(value[STRATA_ROLE_CUSTOMER])},
        {STRATA_ROLE_TIME, read_time(value[STRATA_ROLE_TIME], &day)},
        {STRATA_ROLE_ORDER, order.n ? -1 : STRATA_REJECT_ORDER_EMPTY},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; ++i)
        if (faults[i].reason >= 0) {
            account->amount_rejected += amount;
            expect_reject(expected, place, faults[i].reason, log->column[faults[i].role] + 1);
            return;
        }
    expect_row(expected, value[STRATA_ROLE_CUSTOMER], day, amount);
}

static int compare_rows(const void *a, const void *b)
{
    const struct collected_row *x = a, *y = b;
    int order = strcmp(x->customer, y->customer);
    if (order)
        return order;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->amount > y->amount) - (x->amount < y->amount);
}

void expected_make(struct expected *expected, const struct random_log *log, const struct strata_ingest_options *options)
{
    struct strata_field field[2 * LOG_COLUMNS_MAX];
    bool is_header = true;
    *expected = (struct expected){0};
    size_t at = log->n >= 3 && memcmp(log->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    uint64_t line = 1;
    while (at < log->n) {
        struct strata_record record = {.field = field, .capacity = 2 * LOG_COLUMNS_MAX};
        enum strata_record_result result =
            strata_record_parse(log->text + at, log->n - at, true, log->dialect, &record);
        struct strata_reject place = {.line = line, .byte = at};
        if (result == STRATA_RECORD_UNCLOSED) {
            for (size_t i = 0; i < record.bad_at; ++i)
                line += log->text[at + i] == '\n';
            expected->unclosed_line = line;
            break;
        }
        for (size_t i = 0; i < record.n_bytes; ++i)
            line += log->text[at + i] == '\n';
        at += record.n_bytes;
        if (record.is_blank)
            continue;
        if (is_header) {
            is_header = false;
            continue;
        }
        ++expected->account.read;
        if (result == STRATA_RECORD_BAD) {
            expected->has_broken_quotes = true;
            expect_reject(expected, place, (int)record.reason, (int)record.bad_field + 1);
        } else if (record.n_fields != (size_t)log->n_columns) {
            expect_reject(expected, place, STRATA_REJECT_FIELD_COUNT, 0);
        } else {
            convert(expected, log, options, field, place);
        }
    }
    if (expected->n_rows)
        qsort(expected->row, expected->n_rows, sizeof *expected->row, compare_rows);
}

void expected_release(struct expected *expected)
{
    for (size_t i = 0; i < expected->n_rows; ++i)
        free(expected->row[i].customer);
    free(expected->row);
    free(expected->reject);
    *expected = (struct expected){0};
}
