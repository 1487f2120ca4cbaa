#include "duckdb_session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "duckdb_sql.h"

/* A thread's share of the rows that wait to be fetched: with less, those that are not next in order stand still. */
enum { BUFFER_BYTES_PER_THREAD = 8 << 20, LEAST_BUFFER_BYTES = 1 << 20 };

/* How the library's messages begin, and what that means here. */
static const struct {
    const char *prefix;
    enum strata_status status;
} kinds_of_errors[] = {
    {"Parser Error", STRATA_USAGE},         {"Syntax Error", STRATA_USAGE}, {"IO Error", STRATA_IO},
    {"Permission Error", STRATA_IO},        {"HTTP Error", STRATA_IO},      {"Connection Error", STRATA_IO},
    {"Out of Memory Error", STRATA_MEMORY},
};

/* Wrapped around the message that matters where rows fail while others are fetched. */
static const char wrapping[] = "Attempting to execute an unsuccessful or closed pending query result\nError: ";

/* Advice about settings that are not the user's to make. */
static const char not_ours[] = "\n\nPossible solutions";

static enum strata_status fail(const struct strata_duckdb_session *session, const char *message,
                               struct strata_error *err)
{
    const char *inner = message ? strstr(message, wrapping) : NULL;
    const char *text = inner ? inner + sizeof wrapping - 1 : message;
    enum strata_status status = STRATA_REJECTED;
    if (!text)
        text = "no reason given";
    for (size_t i = 0; i < sizeof kinds_of_errors / sizeof kinds_of_errors[0]; ++i)
        if (strncmp(text, kinds_of_errors[i].prefix, strlen(kinds_of_errors[i].prefix)) == 0)
            status = kinds_of_errors[i].status;
    const char *settings = strstr(text, not_ours), *input = session->input ? session->input : "";
    return strata_fail(err, status, "%s%sDuckDB: %.*s%s", input, *input ? ", read by " : "",
                       settings ? (int)(settings - text) : (int)strlen(text), text,
                       status == STRATA_MEMORY ? "\nraise --memory-limit or name a folder with --temp-dir" : "");
}

enum strata_status strata_duckdb_session_run(struct strata_duckdb_session *session, const char *sql,
                                             struct strata_duckdb_result *result, struct strata_error *err)
{
    if (session->api.query(session->connection, sql, result) == 0)
        return STRATA_OK;
    enum strata_status status = fail(session, session->api.result_error(result), err);
    session->api.destroy_result(result);
    return status;
}

/* SQL that gives nothing back, printed into `sql`. */
static enum strata_status run_quietly(struct strata_duckdb_session *session, const char *sql, struct strata_error *err)
{
    struct strata_duckdb_result result;
    enum strata_status status = strata_duckdb_session_run(session, sql, &result, err);
    if (status == STRATA_OK)
        session->api.destroy_result(&result);
    return status;
}

/* SET name = 'value'. */
static enum strata_status set(struct strata_duckdb_session *session, const char *name, const char *value,
                              struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *sql = NULL, *quoted = strata_duckdb_quote(value, '\'');
    if (!quoted || asprintf(&sql, "SET %s = %s", name, quoted) < 0)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory to set up DuckDB");
    STRATA_TRY(run_quietly(session, sql, err));
done:
    free(quoted);
    free(sql);
    return status;
}

static enum strata_status set_bytes(struct strata_duckdb_session *session, const char *name, uint64_t n_bytes,
                                    struct strata_error *err)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRIu64 "B", n_bytes);
    return set(session, name, text, err);
}

/* Without a folder it must do without. */
static enum strata_status set_temp_dir(struct strata_duckdb_session *session, const char *place,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (place)
        STRATA_TRY(strata_temporary_folder_open(&session->folder, place, err));
    STRATA_TRY(set(session, "temp_directory", place ? session->folder.path : "", err));
done:
    return status;
}

/* Only this file from now on, whatever a view in a database file or a column of a Parquet file may name. */
static enum strata_status confine(struct strata_duckdb_session *session, const char *path, const char *alias,
                                  struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *sql = NULL, *one = strata_duckdb_quote(path, '\''), *other = strata_duckdb_quote(alias, '\'');
    if (!one || !other || asprintf(&sql, "SET allowed_paths = [%s, %s]", one, other) < 0)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory to set up DuckDB");
    STRATA_TRY(run_quietly(session, sql, err));
    STRATA_TRY(set(session, "enable_external_access", "false", err));
done:
    free(one);
    free(other);
    free(sql);
    return status;
}

static enum strata_status settle(struct strata_duckdb_session *session, const struct strata_duckdb_limits *limits,
                                 struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    uint64_t buffer = (uint64_t)limits->threads * BUFFER_BYTES_PER_THREAD;
    if (limits->memory_bytes) {
        STRATA_TRY(set_bytes(session, "memory_limit", limits->memory_bytes, err));
        if (buffer > limits->memory_bytes / 4)
            buffer = limits->memory_bytes / 4;
    }
    STRATA_TRY(
        set_bytes(session, "streaming_buffer_size", buffer < LEAST_BUFFER_BYTES ? LEAST_BUFFER_BYTES : buffer, err));
    STRATA_TRY(set_temp_dir(session, limits->temp_dir, err));
    if (limits->only)
        STRATA_TRY(confine(session, limits->only, limits->alias, err));
    STRATA_TRY(set(session, "lock_configuration", "true", err));
done:
    return status;
}

/* Extensions are code from a network: none is fetched, none is loaded by itself. */
static enum strata_status configure(const struct strata_duckdb_api *api, const struct strata_duckdb_limits *limits,
                                    strata_duckdb_handle *config, struct strata_error *err)
{
    char threads[16];
    (void)snprintf(threads, sizeof threads, "%d", limits->threads);
    if (api->create_config(config) != 0 || api->set_config(*config, "threads", threads) != 0 ||
        api->set_config(*config, "access_mode", limits->database ? "READ_ONLY" : "AUTOMATIC") != 0 ||
        api->set_config(*config, "autoinstall_known_extensions", "false") != 0 ||
        api->set_config(*config, "autoload_known_extensions", "false") != 0)
        return strata_fail(err, STRATA_INTERNAL, "DuckDB's library of version %s does not take strata's settings",
                           api->library_version());
    return STRATA_OK;
}

enum strata_status strata_duckdb_session_open(struct strata_duckdb_session *session,
                                              const struct strata_duckdb_limits *limits, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    strata_duckdb_handle config = NULL;
    char *message = NULL;
    *session = (struct strata_duckdb_session){.input = limits->only};
    STRATA_TRY(strata_duckdb_load(&session->api, err));
    const struct strata_duckdb_api *api = &session->api;
    STRATA_TRY(configure(api, limits, &config, err));
    if (api->open_ext(limits->database, &session->database, config, &message) != 0)
        STRATA_TRY(fail(session, message, err));
    if (api->connect(session->database, &session->connection) != 0)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "DuckDB could not be started");
    STRATA_TRY(settle(session, limits, err));
done:
    if (config)
        session->api.destroy_config(&config);
    if (message)
        session->api.free(message);
    if (status != STRATA_OK)
        strata_duckdb_session_close(session);
    return status;
}

void strata_duckdb_session_close(struct strata_duckdb_session *session)
{
    const struct strata_duckdb_api *api = &session->api;
    if (session->connection)
        api->interrupt(session->connection);
    if (session->result.internal)
        api->destroy_result(&session->result);
    if (session->pending)
        api->destroy_pending(&session->pending);
    if (session->prepared)
        api->destroy_prepare(&session->prepared);
    if (session->connection)
        api->disconnect(&session->connection);
    if (session->database)
        api->close(&session->database);
    strata_duckdb_unload(&session->api);
    strata_temporary_folder_close(&session->folder);
    *session = (struct strata_duckdb_session){0};
}

/* Preparing a statement may already do something (EXPORT DATABASE makes its folder), parsing does nothing; and only
 * what reads can be parsed as a view. */
static enum strata_status check_it_reads(struct strata_duckdb_session *session, const char *sql,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    strata_duckdb_handle statements = NULL;
    char *view = NULL;
    if (asprintf(&view, "CREATE VIEW it AS %s", sql) < 0) {
        view = NULL;
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a query");
    }
    if (session->api.extract_statements(session->connection, view, &statements) != 1)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "--query holds an SQL statement that does not only read; it takes a SELECT (or WITH, FROM, "
                       "VALUES)");
done:
    if (statements)
        session->api.destroy_extracted(&statements);
    free(view);
    return status;
}

enum strata_status strata_duckdb_session_check(struct strata_duckdb_session *session, const char *sql,
                                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_duckdb_api *api = &session->api;
    strata_duckdb_handle statements = NULL, prepared = NULL;
    uint64_t n = api->extract_statements(session->connection, sql, &statements);
    const char *message = n ? NULL : api->extract_statements_error(statements);
    if (message)
        STRATA_TRY(fail(session, message, err));
    if (n != 1)
        STRATA_GIVE_UP(err, STRATA_USAGE, "--query holds %llu SQL statements; it takes one SELECT",
                       (unsigned long long)n);
    STRATA_TRY(check_it_reads(session, sql, err));
    if (api->prepare_extracted_statement(session->connection, statements, 0, &prepared) != 0)
        STRATA_TRY(fail(session, api->prepare_error(prepared), err));
    if (api->prepared_statement_type(prepared) != STRATA_DUCKDB_SELECT)
        STRATA_GIVE_UP(err, STRATA_USAGE, "--query holds an SQL statement that does not only read; it takes a SELECT");
    if (api->nparams(prepared) != 0)
        STRATA_GIVE_UP(err, STRATA_USAGE, "--query has parameters (? or $1), for which there are no values");
done:
    if (prepared)
        api->destroy_prepare(&prepared);
    if (statements)
        api->destroy_extracted(&statements);
    return status;
}

enum strata_status strata_duckdb_session_begin(struct strata_duckdb_session *session, const char *sql,
                                               struct strata_error *err)
{
    const struct strata_duckdb_api *api = &session->api;
    if (api->prepare(session->connection, sql, &session->prepared) != 0)
        return fail(session, api->prepare_error(session->prepared), err);
    if (api->pending_prepared_streaming(session->prepared, &session->pending) != 0)
        return fail(session, api->pending_error(session->pending), err);
    if (api->execute_pending(session->pending, &session->result) != 0)
        return fail(session, api->result_error(&session->result), err);
    return STRATA_OK;
}

/* No more rows and rows that failed look the same but for the error. */
enum strata_status strata_duckdb_session_fetch(struct strata_duckdb_session *session, strata_duckdb_handle *chunk,
                                               struct strata_error *err)
{
    *chunk = session->api.fetch_chunk(session->result);
    if (*chunk)
        return STRATA_OK;
    const char *message = session->api.result_error(&session->result);
    return message && *message ? fail(session, message, err) : STRATA_OK;
}
