/* Plain values of a column, many at a time: each instruction set has its way, the portable one is the reference. */
#ifndef STRATA_INGEST_PLAIN_COLUMNS_H
#define STRATA_INGEST_PLAIN_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "key.h"
#include "time_format.h"

enum {
    STRATA_PLAIN_ROWS = 64,    /* at most so many rows at once: a bit each */
    STRATA_PLAIN_GROUP = 16,   /* kernels take rows in groups of so many */
    STRATA_PLAIN_PADDING = 32, /* bytes that can be read before and behind a field */
};

/* One column of some rows: fields without quotes around them, text[from[i] .. from[i] + n[i]). Rows that the last group
 * lacks are like the last row. */
struct strata_plain_column {
    const char *text;
    uint32_t from[STRATA_PLAIN_ROWS], n[STRATA_PLAIN_ROWS];
    bool is_quoted; /* some of them were in quotes, so there may be doubled quotes inside */
};

/* How many of the n rows from the first on have n_fields fields: `position` is that of the first one's first end. */
typedef size_t strata_plain_column_count_function(const uint32_t *position, size_t n_fields, size_t n);

/* Which fields of n such rows (1 to STRATA_PLAIN_ROWS), the first of which begins at `start`, become columns. */
struct strata_plain_split {
    const uint32_t *position;
    size_t n_fields, start, n;
    size_t n_columns;
    const int *field; /* of each column */
};

/* Sets from and n of the columns' n rows. */
typedef void strata_plain_column_split_function(const struct strata_plain_split *split,
                                                struct strata_plain_column *column);

/* All of these return the bits of the rows whose value they wrote, of 1 to STRATA_PLAIN_ROWS. What they write for the
 * others means nothing; there must be room for whole groups. */

/* Ids of 1 to 15 ASCII characters but NUL and, where is_quoted, quotes. */
typedef uint64_t strata_plain_column_keys_function(const struct strata_plain_column *column, size_t n,
                                                   struct strata_key *key);

/* [-] digits [. digits] of at least 8 characters or more, as strata_decimal_parse reads them. */
typedef uint64_t strata_plain_column_amounts_function(const struct strata_plain_column *column, size_t n, int decimals,
                                                      int64_t *amount);

/* Days of times that are written the quick way of the format, as strata_time_parse reads them. */
typedef uint64_t strata_plain_column_days_function(const struct strata_plain_column *column, size_t n,
                                                   const struct strata_time_format *format,
                                                   struct strata_time_memo *memo, int32_t *day);

struct strata_plain_column_variant {
    const char *name; /* "avx512", "avx2", "portable" */
    strata_plain_column_count_function *count;
    strata_plain_column_split_function *split;
    strata_plain_column_keys_function *keys;
    strata_plain_column_amounts_function *amounts;
    strata_plain_column_days_function *days;
};

/* The variants that this machine can run, the best first; the last is always "portable". */
size_t strata_plain_column_variants(const struct strata_plain_column_variant **variants);

#endif
