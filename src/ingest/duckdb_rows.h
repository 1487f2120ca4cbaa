/* Which rows a request means, as a view of an open DuckDB. */
#ifndef STRATA_INGEST_DUCKDB_ROWS_H
#define STRATA_INGEST_DUCKDB_ROWS_H

#include "column_source.h"
#include "duckdb_session.h"

/* Name of the view, in SQL. */
#define STRATA_DUCKDB_ROWS "strata_input"

/* Do the parts of the request go together? STRATA_USAGE if not. has_tables: the file is a database. */
enum strata_status strata_duckdb_rows_check(const struct strata_source_request *request, bool has_tables,
                                            struct strata_error *err) STRATA_MUST_USE;

/* Make the view: the query's rows, those of the table or of the only one, or those of the Parquet file that `pattern`
 * means. *place: what is read, for descriptions and free(). STRATA_USAGE for a query that does more than read, or if
 * the table has to be named. */
enum strata_status strata_duckdb_rows_define(struct strata_duckdb_session *session,
                                             const struct strata_source_request *request, bool has_tables,
                                             const char *pattern, char **place,
                                             struct strata_error *err) STRATA_MUST_USE;

/* How many rows there are: cheap where Parquet files say so. */
enum strata_status strata_duckdb_rows_count(struct strata_duckdb_session *session, uint64_t *n_rows,
                                            struct strata_error *err) STRATA_MUST_USE;

#endif
