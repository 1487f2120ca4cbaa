#include "random_log.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 24000 };

static uint64_t below(struct random_log *log, uint64_t n) { return random_below(&log->source, n); }

static bool once_in(struct random_log *log, uint64_t n) { return random_once_in(&log->source, n); }

static void put(struct random_log *log, const char *bytes, size_t n)
{
    if (log->n + n > log->capacity) {
        log->capacity = 2 * (log->n + n);
        log->text = realloc(log->text, log->capacity);
        cr_assert(log->text);
    }
    memcpy(log->text + log->n, bytes, n);
    log->n += n;
}

static void put_text(struct random_log *log, const char *text) { put(log, text, strlen(text)); }

/* A field, quoted where it must be and sometimes where it need not. */
static void put_value(struct random_log *log, const char *value, size_t n)
{
    bool is_quoted = once_in(log, 5) || (n == 0 && log->dialect.merges);
    for (size_t i = 0; i < n; ++i)
        is_quoted =
            is_quoted || value[i] == log->dialect.delimiter || value[i] == '"' || value[i] == '\n' || value[i] == '\r';
    if (!is_quoted) {
        put(log, value, n);
        return;
    }
    put_text(log, "\"");
    for (size_t i = 0; i < n; ++i) {
        if (value[i] == '"')
            put_text(log, "\"");
        put(log, value + i, 1);
    }
    put_text(log, "\"");
}

static size_t make_customer(struct random_log *log, char out[VALUE_MAX])
{
    unsigned number = (unsigned)below(log, 40);
    uint64_t form = below(log, 60);
    switch (log->is_tame && (form == 1 || form == 2) ? 5 : form) {
    case 0: return 0;
    case 1: memcpy(out, "A\0B", 3); return 3;
    case 2: memcpy(out, "C\xff\xfe", 3); return 3;
    case 3: memset(out, 'x', 5000); return 4095 + number % 3;
    case 4: return (size_t)sprintf(out, "Say \"%u\", please,\nand;again|%u", number, number);
    case 5: return (size_t)sprintf(out, "客户%u", number);
    case 6: return (size_t)sprintf(out, "123e4567-e89b-12d3-a456-4266141740%02u", number);
    case 7: return (size_t)sprintf(out, "a-very-long-customer-id-of-somebody-%02u", number);
    case 8: return (size_t)sprintf(out, "a\r\nb%u\r", number);
    default: return (size_t)sprintf(out, "C%04u", number);
    }
}

static size_t make_time(struct random_log *log, char out[VALUE_MAX])
{
    static const char *const bad[] = {"", "yesterday", "2024-02-30", "2024-13-01", "2024-1", "  "};
    if (once_in(log, 40))
        return (size_t)sprintf(out, "%s", bad[below(log, 6)]);
    return (size_t)sprintf(out, log->time_form, (int)(1990 + below(log, 50)), (int)(1 + below(log, 12)),
                           (int)(1 + below(log, 28)), (int)below(log, 24), (int)below(log, 60), (int)below(log, 60));
}

static size_t make_amount(struct random_log *log, char out[VALUE_MAX])
{
    static const char *const odd[] = {"",
                                      "12x",
                                      "1e5",
                                      "1,5",
                                      "0.00001",
                                      "0.00010",
                                      "922337203685477.5807",
                                      "-",
                                      "99999999999999999999",
                                      "922337203685477.5808",
                                      "+.5",
                                      "-3.",
                                      " 7 ",
                                      "--1"};
    if (once_in(log, 25))
        return (size_t)sprintf(out, "%s", odd[below(log, sizeof odd / sizeof odd[0])]);
    if (once_in(log, 20))
        return (size_t)sprintf(out, "0.0");
    return (size_t)sprintf(out, "%s%u.%02u", once_in(log, 10) ? "-" : "", (unsigned)below(log, 1000),
                           (unsigned)below(log, 100));
}

static size_t make_junk(struct random_log *log, char out[VALUE_MAX])
{
    static const char alphabet[] = "abc,;|\t \"\n\r'é";
    const size_t n_letters = sizeof alphabet - 1 - (log->is_tame ? strlen("é") : 0);
    size_t n = once_in(log, 60) ? 4000 + below(log, VALUE_MAX - 4000) : below(log, 12);
    bool is_plain = once_in(log, 2);
    for (size_t i = 0; i < n; ++i)
        out[i] = is_plain ? 'x' : alphabet[below(log, n_letters)];
    return n;
}

static size_t make_value(struct random_log *log, int column, char out[VALUE_MAX])
{
    if (column == log->column[STRATA_ROLE_CUSTOMER])
        return make_customer(log, out);
    if (column == log->column[STRATA_ROLE_TIME])
        return make_time(log, out);
    if (column == log->column[STRATA_ROLE_AMOUNT])
        return make_amount(log, out);
    if (column == log->column[STRATA_ROLE_ORDER])
        return once_in(log, 40) ? 0
                                : (size_t)sprintf(out, "%s%u", once_in(log, 12) ? "C" : "", (unsigned)below(log, 99));
    return make_junk(log, out);
}

static void put_delimiter(struct random_log *log)
{
    do
        put(log, &log->dialect.delimiter, 1);
    while (log->dialect.merges && once_in(log, 4));
}

static void put_line_end(struct random_log *log)
{
    if (log->dialect.merges && once_in(log, 6))
        put_delimiter(log);
    put_text(log, once_in(log, 20) && !log->is_tame ? "\n" : log->line_end);
}

static void put_row(struct random_log *log)
{
    static const char *const broken[] = {"a\"b", "\"a\"b", "\"a\"\rb", "\"a\"\r", " \"a\"", "\"a\"b\"c\""};
    static char value[VALUE_MAX];
    int n_columns = log->n_columns;
    if (once_in(log, 25))
        n_columns += once_in(log, 2) ? 1 : -1 - (int)below(log, 3);
    int broken_column = log->breaks_quotes && once_in(log, 30) ? (int)below(log, (uint64_t)n_columns) : -1;
    if (log->dialect.merges && once_in(log, 6))
        put_delimiter(log);
    for (int c = 0; c < n_columns; ++c) {
        if (c)
            put_delimiter(log);
        if (c == broken_column)
            put_text(log, broken[below(log, 6)]);
        else
            put_value(log, value, make_value(log, c, value));
    }
}

static void put_header(struct random_log *log)
{
    static const char *const names[STRATA_N_ROLES] = {
        [STRATA_ROLE_CUSTOMER] = "Customer ID",
        [STRATA_ROLE_TIME] = "order_date",
        [STRATA_ROLE_AMOUNT] = "amount",
        [STRATA_ROLE_ORDER] = "InvoiceNo",
    };
    for (int c = 0; c < log->n_columns; ++c) {
        char name[32];
        (void)snprintf(name, sizeof name, "note_%d", c);
        for (int role = 0; role < STRATA_N_ROLES; ++role)
            if (names[role] && log->column[role] == c)
                (void)snprintf(name, sizeof name, "%s", names[role]);
        if (c)
            put_delimiter(log);
        put_value(log, name, strlen(name));
    }
    put_text(log, log->line_end);
}

static void place_columns(struct random_log *log)
{
    static const enum strata_role mapped[] = {STRATA_ROLE_CUSTOMER, STRATA_ROLE_TIME, STRATA_ROLE_AMOUNT,
                                              STRATA_ROLE_ORDER};
    bool is_taken[LOG_COLUMNS_MAX] = {false};
    log->n_columns = 4 + (int)below(log, LOG_COLUMNS_MAX - 3);
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        log->column[role] = -1;
    for (int i = 0; i < 4; ++i) {
        int c;
        do
            c = (int)below(log, (uint64_t)log->n_columns);
        while (is_taken[c]);
        is_taken[c] = true;
        log->column[mapped[i]] = c;
    }
}

static void make(struct random_log *log, size_t n_rows)
{
    static const char *const time_forms[] = {"%04d-%02d-%02d", "%04d-%02d-%02d %02d:%02d:%02d",
                                             "%04d-%02d-%02dT%02d:%02d"};
    log->delimiter = (enum strata_delimiter)(1 + below(log, STRATA_N_DELIMITERS - 1));
    if (log->is_tame && log->delimiter == STRATA_DELIMITER_SPACE)
        log->delimiter = STRATA_DELIMITER_COMMA;
    log->dialect =
        (struct strata_dialect){strata_delimiter_byte(log->delimiter), log->delimiter == STRATA_DELIMITER_SPACE};
    log->line_end = once_in(log, 2) ? "\r\n" : "\n";
    log->time_form = time_forms[below(log, 3)];
    log->breaks_quotes = once_in(log, 4) && !log->is_tame;
    log->ends_unclosed = once_in(log, 10) && !log->is_tame;
    place_columns(log);
    if (once_in(log, 4))
        put_text(log, "\xef\xbb\xbf");
    if (once_in(log, 6))
        put_text(log, log->line_end);
    put_header(log);
    for (size_t i = 0; i < n_rows; ++i) {
        if (once_in(log, 15))
            put_line_end(log);
        put_row(log);
        if (i + 1 < n_rows || !once_in(log, 3) || log->ends_unclosed)
            put_line_end(log);
    }
    if (log->ends_unclosed) {
        put_text(log, "\"closed\n\"");
        put_delimiter(log);
        put_text(log, "\"open\nx,y\nz");
    }
}

void random_log_make(struct random_log *log, uint64_t seed, size_t n_rows)
{
    *log = (struct random_log){.source = {.seed = seed}};
    make(log, n_rows);
}

void random_log_make_tame(struct random_log *log, uint64_t seed, size_t n_rows)
{
    *log = (struct random_log){.source = {.seed = seed}, .is_tame = true};
    make(log, n_rows);
}

void random_log_release(struct random_log *log)
{
    free(log->text);
    *log = (struct random_log){0};
}
