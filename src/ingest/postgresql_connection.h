/* A connection to a PostgreSQL server, through libpq: read only, text in UTF-8, never a word on standard error, and
 * errors that name the server, the SQLSTATE and no password.
 *
 * STRATA_IO where the server cannot be reached, breaks off or is short of something; STRATA_REJECTED where it refuses a
 * statement; STRATA_USAGE for an address that is none.
 */
#ifndef STRATA_INGEST_POSTGRESQL_CONNECTION_H
#define STRATA_INGEST_POSTGRESQL_CONNECTION_H

#include <libpq-fe.h>
#include <strata/status.h>

#include "binary_copy.h"

struct strata_postgresql_connection {
    PGconn *server;
    char *name; /* "PostgreSQL database shop at db.example:5432" */
    struct strata_copy_stream copy;
};

/* Connect to postgresql://...; what the address leaves open comes from the service file, the environment and the
 * password file, as libpq finds them. Unless the address, PGCONNECT_TIMEOUT or a service says otherwise, connecting
 * takes 10 seconds at most, and a server that has gone is noticed after two minutes. */
enum strata_status strata_postgresql_connect(struct strata_postgresql_connection *connection, const char *address,
                                             struct strata_error *err) STRATA_MUST_USE;

/* One more connection to the very same server. */
enum strata_status strata_postgresql_connect_again(struct strata_postgresql_connection *connection,
                                                   const struct strata_postgresql_connection *first,
                                                   struct strata_error *err) STRATA_MUST_USE;

/* Closing a zeroed one is a no-op. */
void strata_postgresql_disconnect(struct strata_postgresql_connection *connection);

/* One statement with n parameters as text ($1, ...). The result is the caller's, to PQclear; `result` may be NULL. */
enum strata_status strata_postgresql_query(const struct strata_postgresql_connection *connection, const char *statement,
                                           int n, const char *const parameter[], PGresult **result,
                                           struct strata_error *err) STRATA_MUST_USE;

/* The same for a statement that gives rows: their values are in binary form. */
enum strata_status strata_postgresql_query_binary(const struct strata_postgresql_connection *connection,
                                                  const char *statement, PGresult **result,
                                                  struct strata_error *err) STRATA_MUST_USE;

/* A transaction that sees one state of the database, and changes nothing. */
enum strata_status strata_postgresql_begin(const struct strata_postgresql_connection *connection,
                                           struct strata_error *err) STRATA_MUST_USE;

/* The columns that a query would give, without running it. */
enum strata_status strata_postgresql_describe(const struct strata_postgresql_connection *connection, const char *query,
                                              PGresult **result, struct strata_error *err) STRATA_MUST_USE;

/* Begin COPY ... TO STDOUT (FORMAT binary), and take its rows: the row is (*message)[*row_at .. *n), where *message is
 * the caller's, to PQfreemem; NULL behind the last one, when the server's count of rows has been checked. */
enum strata_status strata_postgresql_copy(struct strata_postgresql_connection *connection, const char *statement,
                                          struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_postgresql_copy_next(struct strata_postgresql_connection *connection, char **message,
                                               size_t *row_at, size_t *n, struct strata_error *err) STRATA_MUST_USE;

#endif
