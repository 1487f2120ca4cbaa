/* Random transaction logs, and what a plain single pass with the careful parser makes of one. */
#ifndef RANDOM_LOG_H
#define RANDOM_LOG_H

#include "ingest_fixture.h"
#include "random_source.h"

enum { LOG_COLUMNS_MAX = 9 };

struct random_log {
    struct random_source source;
    char *text;
    size_t n, capacity;
    enum strata_delimiter delimiter;
    struct strata_dialect dialect;
    const char *line_end;
    const char *time_form; /* of snprintf: year, month, day, hour, minute, second */
    int n_columns;
    int column[STRATA_N_ROLES]; /* from 0; customer, time, amount and order are there */
    bool breaks_quotes;         /* a few rows break the rule of quotes */
    bool ends_unclosed;         /* the last row is never closed */
    bool is_tame;               /* other readers take it too */
};

/* `n_rows` rows with a header; a BOM, CRLF, blank lines, ragged rows, bad values and a missing last newline as the seed
 * has it. */
void random_log_make(struct random_log *log, uint64_t seed, size_t n_rows);
/* One that other readers of delimited text take the same way: quotes that obey the rule, one kind of line end, text
 * without NUL in UTF-8, no runs of delimiters. */
void random_log_make_tame(struct random_log *log, uint64_t seed, size_t n_rows);
void random_log_release(struct random_log *log);

/* What must come out, the rows sorted as those that are collected. */
struct expected {
    struct collected_row *row;
    size_t n_rows;
    struct strata_reject *reject; /* line, byte, column and reason */
    size_t n_rejects;
    struct strata_ingest_account account;
    bool has_broken_quotes;
    uint64_t unclosed_line; /* 0: none */
};

/* With the exclusions of the options. */
void expected_make(struct expected *expected, const struct random_log *log,
                   const struct strata_ingest_options *options);
void expected_release(struct expected *expected);

#endif
