/* An open DuckDB and one query whose rows are taken from it as they come. */
#ifndef STRATA_INGEST_DUCKDB_SESSION_H
#define STRATA_INGEST_DUCKDB_SESSION_H

#include "duckdb_api.h"
#include "temporary_folder.h"

/* `{0}` is empty. */
struct strata_duckdb_session {
    struct strata_duckdb_api api;
    const char *input; /* the file, for messages; borrowed; NULL: none */
    strata_duckdb_handle database, connection;
    strata_duckdb_handle prepared, pending; /* of the query */
    struct strata_duckdb_result result;     /* its rows */
    struct strata_temporary_folder folder;  /* for what a query cannot hold in memory */
};

struct strata_duckdb_limits {
    const char *database; /* a file, opened for reading; NULL: none, in memory */
    const char *only;     /* the only file that may be looked at; NULL: any. Nothing is ever fetched from a network. */
    const char *alias;    /* how a query writes that file; NULL with `only` */
    const char *temp_dir; /* for what a query cannot hold in memory; NULL: none */
    int threads;
    uint64_t memory_bytes; /* 0: as much as the library would take by itself */
};

/* Errors: what the library says, as STRATA_USAGE for a query that is no SQL, STRATA_IO, STRATA_MEMORY or
 * STRATA_REJECTED. On failure there is nothing to close. */
enum strata_status strata_duckdb_session_open(struct strata_duckdb_session *session,
                                              const struct strata_duckdb_limits *limits,
                                              struct strata_error *err) STRATA_MUST_USE;

/* Also in the middle of a query. */
void strata_duckdb_session_close(struct strata_duckdb_session *session);

/* Run statements whose result is small; it is for api.destroy_result. */
enum strata_status strata_duckdb_session_run(struct strata_duckdb_session *session, const char *sql,
                                             struct strata_duckdb_result *result,
                                             struct strata_error *err) STRATA_MUST_USE;

/* Is this one statement that only reads? STRATA_USAGE if it is not. */
enum strata_status strata_duckdb_session_check(struct strata_duckdb_session *session, const char *sql,
                                               struct strata_error *err) STRATA_MUST_USE;

/* Begin a query; its rows are not kept anywhere but in a buffer. Once in a session. */
enum strata_status strata_duckdb_session_begin(struct strata_duckdb_session *session, const char *sql,
                                               struct strata_error *err) STRATA_MUST_USE;

/* The next rows of the query, in its order, for api.destroy_data_chunk; *chunk NULL: there are no more. One thread at a
 * time. */
enum strata_status strata_duckdb_session_fetch(struct strata_duckdb_session *session, strata_duckdb_handle *chunk,
                                               struct strata_error *err) STRATA_MUST_USE;

#endif
