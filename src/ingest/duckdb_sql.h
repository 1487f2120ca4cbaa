/* Names and paths as SQL. What is returned is for free(); NULL if there is no memory. */
#ifndef STRATA_INGEST_DUCKDB_SQL_H
#define STRATA_INGEST_DUCKDB_SQL_H

/* A text, 'it''s', or with the other quote a name: "a ""name""". */
char *strata_duckdb_quote(const char *text, char quote);

/* A path as a pattern that means this path alone. */
char *strata_duckdb_pattern(const char *path);

/* "FROM ..." of a table, or of schema.table. */
char *strata_duckdb_from_table(const char *table);

/* "FROM ..." of the Parquet files that match. */
char *strata_duckdb_from_parquet(const char *pattern);

#endif
