/* Rows to look at before any is read: a COPY that is left before its end takes its transaction along, and with it the
 * snapshot; a cursor does not. */
#ifndef STRATA_INGEST_POSTGRESQL_SAMPLE_H
#define STRATA_INGEST_POSTGRESQL_SAMPLE_H

#include "postgresql_columns.h"

/* Of the n columns of a query whose numbers are in `chosen`; one at a time on a connection, in its transaction. */
enum strata_status strata_postgresql_sample_begin(const struct strata_postgresql_connection *connection,
                                                  const struct strata_postgresql_columns *columns, int n,
                                                  const int chosen[], const char *query,
                                                  struct strata_error *err) STRATA_MUST_USE;

/* The next rows as COPY would send them: (*rows)[0..*n_bytes), malloc'ed; none are left: 0 bytes. */
enum strata_status strata_postgresql_sample_next(const struct strata_postgresql_connection *connection, char **rows,
                                                 size_t *n_bytes, struct strata_error *err) STRATA_MUST_USE;

/* Of one that has begun and has not failed. */
enum strata_status strata_postgresql_sample_end(const struct strata_postgresql_connection *connection,
                                                struct strata_error *err) STRATA_MUST_USE;

#endif
