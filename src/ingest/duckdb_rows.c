#include "duckdb_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "duckdb_sql.h"
#include "duckdb_values.h"
#include "memory.h"

enum strata_status strata_duckdb_rows_check(const struct strata_source_request *request, bool has_tables,
                                            struct strata_error *err)
{
    if (request->query && request->table)
        return strata_fail(err, STRATA_USAGE, "--query and --table are given; one of them says which rows are read");
    if (request->from && !request->query)
        return strata_fail(err, STRATA_USAGE, "--source duckdb reads the rows of an SQL query; give it with --query");
    if (request->path && !has_tables && (request->query || request->table))
        return strata_fail(err, STRATA_USAGE,
                           "%s is a Parquet file and has no tables; to query it, write --source duckdb --query "
                           "\"SELECT ... FROM 'FILE'\"",
                           request->path);
    return STRATA_OK;
}

/* One line of text that a query gives, for free(); NULL if it gives none. */
static enum strata_status run_for_text(struct strata_duckdb_session *session, const char *sql, char **text,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_duckdb_api *api = &session->api;
    struct strata_duckdb_result result;
    struct strata_field field = {0};
    struct strata_duckdb_column column;
    *text = NULL;
    status = strata_duckdb_session_run(session, sql, &result, err);
    if (status != STRATA_OK)
        return status;
    strata_duckdb_handle type = api->column_logical_type(&result, 0), chunk = api->fetch_chunk(result);
    strata_duckdb_column_make(&column, api, type);
    api->destroy_logical_type(&type);
    if (chunk) {
        strata_duckdb_handle vector = api->data_chunk_get_vector(chunk, 0);
        column.convert(api->vector_get_data(vector), api->vector_get_validity(vector), 1, &field);
        *text = field.n ? strndup(field.text, field.n) : NULL;
        api->destroy_data_chunk(&chunk);
    }
    api->destroy_result(&result);
    return status;
}

/* The only table of a database file. */
static enum strata_status find_table(struct strata_duckdb_session *session, const char *path, char **table,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *names = NULL;
    *table = NULL;
    STRATA_TRY(run_for_text(session,
                            "SELECT string_agg(name, ', ' ORDER BY name) FROM (SELECT CASE WHEN schema_name = 'main' "
                            "THEN '' ELSE schema_name || '.' END || table_name AS name FROM duckdb_tables() "
                            "WHERE NOT internal)",
                            &names, err));
    if (!names)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s holds no tables", path);
    if (strstr(names, ", "))
        STRATA_GIVE_UP(err, STRATA_USAGE, "%s holds several tables; name one with --table: %s", path, names);
    *table = names;
    names = NULL;
done:
    free(names);
    return status;
}

/* Of a database file, the table that is read; NULL: there is none. Then what is read, for descriptions. */
static enum strata_status settle_table(struct strata_duckdb_session *session,
                                       const struct strata_source_request *request, bool has_tables, char **table,
                                       char **place, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *table = strata_copy_string(request->table);
    if (request->table && !*table)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a query");
    if (has_tables && !request->table && !request->query)
        STRATA_TRY(find_table(session, request->path, table, err));
    if (!*table)
        *place = strata_copy_string(request->query ? "query" : "Parquet");
    else if (asprintf(place, "table %s", *table) < 0)
        *place = NULL;
    if (!*place)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a query");
done:
    return status;
}

/* What the rows are, as SQL that can follow CREATE VIEW ... AS. */
static enum strata_status make_rows_sql(struct strata_duckdb_session *session,
                                        const struct strata_source_request *request, const char *pattern,
                                        const char *table, char **sql, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (request->query)
        STRATA_TRY(strata_duckdb_session_check(session, request->query, err));
    *sql = request->query ? strata_copy_string(request->query)
           : table        ? strata_duckdb_from_table(table)
                          : strata_duckdb_from_parquet(pattern);
    if (!*sql)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a query");
done:
    return status;
}

static enum strata_status make_view(struct strata_duckdb_session *session, const char *rows_sql,
                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_duckdb_result result;
    char *sql = NULL;
    if (asprintf(&sql, "CREATE TEMP VIEW " STRATA_DUCKDB_ROWS " AS %s", rows_sql) < 0) {
        sql = NULL;
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a query");
    }
    STRATA_TRY(strata_duckdb_session_run(session, sql, &result, err));
    session->api.destroy_result(&result);
done:
    free(sql);
    return status;
}

enum strata_status strata_duckdb_rows_define(struct strata_duckdb_session *session,
                                             const struct strata_source_request *request, bool has_tables,
                                             const char *pattern, char **place, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *table = NULL, *sql = NULL;
    STRATA_TRY(settle_table(session, request, has_tables, &table, place, err));
    STRATA_TRY(make_rows_sql(session, request, pattern, table, &sql, err));
    STRATA_TRY(make_view(session, sql, err));
done:
    free(table);
    free(sql);
    return status;
}

enum strata_status strata_duckdb_rows_count(struct strata_duckdb_session *session, uint64_t *n_rows,
                                            struct strata_error *err)
{
    char *count = NULL;
    enum strata_status status =
        run_for_text(session, "SELECT CAST(count(*) AS VARCHAR) FROM " STRATA_DUCKDB_ROWS, &count, err);
    if (count)
        *n_rows = strtoull(count, NULL, 10);
    free(count);
    return status;
}
