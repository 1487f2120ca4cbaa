/* DuckDB in tests: it makes the files that strata reads, and says what a source should give. */
#ifndef STRATA_TEST_DUCKDB_FIXTURE_H
#define STRATA_TEST_DUCKDB_FIXTURE_H

#include <stdio.h>

#include "source_kinds.h"

/* Skips the test where the library is not. */
void duckdb_need(void);

/* Run SQL statements; `database` is a file or NULL. */
void duckdb_run(const char *database, const char *sql);

/* What an input gives for the columns of these names (roles 0, 1, ...), or why not. */
struct duckdb_rows {
    enum strata_status status;
    struct strata_error error;
    size_t n_columns; /* of the input */
    char *columns;    /* their names, each followed by a blank */
    uint64_t n_told;  /* rows that opening told of */
    size_t n;
    char **row; /* in the order of the rows: "abc|NULL|17" */
    uint64_t n_bytes, hash_high, hash_low;
};

/* Everything of a request, by that many threads. Names are separated by blanks. */
void duckdb_read(struct duckdb_rows *rows, const struct strata_source_request *request, const char *names);
void duckdb_rows_release(struct duckdb_rows *rows);

void print_int128(FILE *out, __int128 value);

#endif
