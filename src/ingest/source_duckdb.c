/* Parquet files, tables of DuckDB's database files, and queries. DuckDB decodes and computes on all threads, in the
 * order of the rows; whoever reads takes the next 2,048 of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "duckdb_rows.h"
#include "duckdb_sql.h"
#include "duckdb_values.h"
#include "file_digest.h"
#include "memory.h"
#include "source_kinds.h"

enum { DATABASE_MAGIC_AT = 8 };
static const char parquet_magic[] = "PAR1", encrypted_parquet_magic[] = "PARE", database_magic[] = "DUCK";

/* What one thread holds: rows of the library, and those of their columns that had to be converted. */
struct reader {
    strata_duckdb_handle chunk;
    void *converted[STRATA_N_ROLES];
};

struct duckdb_source {
    const char *name; /* of the file, for messages; borrowed from the request */
    struct strata_duckdb_session session;
    bool has_file;
    struct strata_file_digest digest; /* of the file */
    struct strata_duckdb_column *column;
    int place[STRATA_N_ROLES];                      /* in the query's rows; -1: not asked for */
    struct strata_duckdb_column of[STRATA_N_ROLES]; /* the columns asked for */
    int n_readers;
    struct reader *reader;
    pthread_mutex_t lock; /* on what follows */
    uint64_t n_fetched;
    bool is_over; /* or failed */
};

static bool has_magic(const char *bytes, size_t n, size_t at, const char *magic)
{
    return n >= at + 4 && memcmp(bytes + at, magic, 4) == 0;
}

static bool is_database(const char *magic, size_t n) { return has_magic(magic, n, DATABASE_MAGIC_AT, database_magic); }

static bool takes(const struct strata_source_request *request, const char *magic, size_t n_magic)
{
    if (request->from)
        return strcmp(request->from, "duckdb") == 0;
    return has_magic(magic, n_magic, 0, parquet_magic) || has_magic(magic, n_magic, 0, encrypted_parquet_magic) ||
           is_database(magic, n_magic);
}

static const char *name_of(const struct strata_source_request *request)
{
    return request->path ? request->path : "the query";
}

static enum strata_status list_columns(struct strata_column_source *source, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct duckdb_source *duckdb = source->state;
    const struct strata_duckdb_api *api = &duckdb->session.api;
    struct strata_duckdb_result result = {0};
    status = strata_duckdb_session_run(&duckdb->session, "SELECT * FROM " STRATA_DUCKDB_ROWS " LIMIT 0", &result, err);
    if (status != STRATA_OK)
        return status;
    size_t n = (size_t)api->column_count(&result);
    source->column = strata_calloc_array(n, sizeof *source->column);
    duckdb->column = strata_calloc_array(n, sizeof *duckdb->column);
    if (!source->column || !duckdb->column)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %zu columns", n);
    for (size_t i = 0; i < n; ++i) {
        strata_duckdb_handle type = api->column_logical_type(&result, i);
        strata_duckdb_column_make(&duckdb->column[i], api, type);
        api->destroy_logical_type(&type);
        source->column[i] = (struct strata_source_column){
            .name = strata_copy_string(api->column_name(&result, i)),
            .type = duckdb->column[i].type,
            .decimals = duckdb->column[i].decimals,
        };
        ++source->n_columns;
        if (!source->column[i].name)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %zu columns", n);
    }
done:
    api->destroy_result(&result);
    return status;
}

/* The first bytes say what the file is. */
static enum strata_status open_file(struct strata_column_source *source, const struct strata_source_request *request,
                                    bool *has_tables, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct duckdb_source *duckdb = source->state;
    char magic[DATABASE_MAGIC_AT + 4] = "";
    STRATA_TRY(strata_file_digest_open(&duckdb->digest, request->path, err));
    duckdb->has_file = true;
    source->n_bytes = duckdb->digest.file.n_bytes;
    if (source->n_bytes >= sizeof magic)
        STRATA_TRY(strata_input_file_read(&duckdb->digest.file, 0, magic, sizeof magic, err));
    *has_tables = is_database(magic, sizeof magic);
done:
    return status;
}

static void close_source(struct strata_column_source *source)
{
    struct duckdb_source *duckdb = source->state;
    for (int r = 0; duckdb->reader && r < duckdb->n_readers; ++r) {
        struct reader *reader = &duckdb->reader[r];
        if (reader->chunk)
            duckdb->session.api.destroy_data_chunk(&reader->chunk);
        for (int role = 0; role < STRATA_N_ROLES; ++role)
            free(reader->converted[role]);
    }
    free(duckdb->reader);
    free(duckdb->column);
    strata_duckdb_session_close(&duckdb->session);
    if (duckdb->has_file)
        strata_file_digest_close(&duckdb->digest);
    (void)pthread_mutex_destroy(&duckdb->lock);
    free(duckdb);
    for (size_t i = 0; i < source->n_columns; ++i)
        free(source->column[i].name);
    free(source->column);
    free(source->place);
    *source = (struct strata_column_source){0};
}

static enum strata_status open_source(struct strata_column_source *source, const struct strata_source_request *request,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool has_tables = false;
    char *pattern = NULL;
    struct duckdb_source *duckdb = strata_calloc_array(1, sizeof *duckdb);
    if (!duckdb)
        return strata_fail(err, STRATA_MEMORY, "out of memory to read %s", name_of(request));
    (void)pthread_mutex_init(&duckdb->lock, NULL);
    duckdb->name = name_of(request);
    duckdb->n_readers = request->threads;
    *source = (struct strata_column_source){
        .kind = &strata_source_duckdb,
        .state = duckdb,
        .n_rows = UINT64_MAX,
    };
    if (request->path) {
        STRATA_TRY(open_file(source, request, &has_tables, err));
        pattern = strata_duckdb_pattern(request->path);
        if (!pattern)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory to read %s", request->path);
    }
    STRATA_TRY(strata_duckdb_rows_check(request, has_tables, err));
    const struct strata_duckdb_limits limits = {
        .database = has_tables ? request->path : NULL,
        .only = request->path,
        .alias = pattern,
        .temp_dir = request->temp_dir,
        .threads = request->threads,
        .memory_bytes = request->memory_bytes,
    };
    STRATA_TRY(strata_duckdb_session_open(&duckdb->session, &limits, err));
    STRATA_TRY(strata_duckdb_rows_define(&duckdb->session, request, has_tables, pattern, &source->place, err));
    STRATA_TRY(list_columns(source, err));
    if (request->path && !has_tables)
        STRATA_TRY(strata_duckdb_rows_count(&duckdb->session, &source->n_rows, err));
done:
    free(pattern);
    if (status != STRATA_OK)
        close_source(source);
    return status;
}

/* "SELECT column, CAST(column AS type) FROM ...", of the columns that were asked for; NULL if there is no memory. */
static char *make_select(const struct strata_column_source *source, const int column[STRATA_N_ROLES])
{
    const struct duckdb_source *duckdb = source->state;
    char *sql = NULL;
    size_t n;
    FILE *out = open_memstream(&sql, &n);
    bool is_whole = out != NULL;
    for (int role = 0; is_whole && role < STRATA_N_ROLES; ++role) {
        if (column[role] < 0)
            continue;
        char *name = strata_duckdb_quote(source->column[column[role]].name, '"');
        const char *cast = duckdb->column[column[role]].cast, *before = duckdb->place[role] ? ", " : "SELECT ";
        is_whole = name && fprintf(out, *cast ? "%sCAST(%s AS %s)" : "%s%s", before, name, cast) > 0;
        free(name);
    }
    is_whole = is_whole && fputs(" FROM " STRATA_DUCKDB_ROWS, out) >= 0;
    if (out && fclose(out) == 0 && is_whole)
        return sql;
    free(sql);
    return NULL;
}

static enum strata_status make_readers(struct duckdb_source *duckdb, struct strata_error *err)
{
    const size_t capacity = (size_t)duckdb->session.api.vector_size();
    duckdb->reader = strata_calloc_array((size_t)duckdb->n_readers, sizeof *duckdb->reader);
    if (!duckdb->reader)
        return strata_fail(err, STRATA_MEMORY, "out of memory for %d readers", duckdb->n_readers);
    for (int r = 0; r < duckdb->n_readers; ++r)
        for (int role = 0; role < STRATA_N_ROLES; ++role) {
            if (duckdb->place[role] < 0 || !duckdb->of[role].convert)
                continue;
            duckdb->reader[r].converted[role] = strata_malloc_array(capacity, duckdb->of[role].out_size);
            if (!duckdb->reader[r].converted[role])
                return strata_fail_memory(err, "rows of DuckDB", capacity, duckdb->of[role].out_size);
        }
    return STRATA_OK;
}

static enum strata_status select_columns(struct strata_column_source *source, const int column[STRATA_N_ROLES],
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct duckdb_source *duckdb = source->state;
    char *sql = NULL;
    int n = 0;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        duckdb->place[role] = column[role] < 0 ? -1 : n++;
        if (column[role] < 0)
            continue;
        duckdb->of[role] = duckdb->column[column[role]];
        if (duckdb->of[role].refusal)
            STRATA_GIVE_UP(
                err, STRATA_REJECTED,
                "%s: the column '%s' for --%s is %s; name another one, or make it text or a number with --source "
                "duckdb and a --query",
                duckdb->name, source->column[column[role]].name, strata_role_option((enum strata_role)role),
                duckdb->of[role].refusal);
    }
    STRATA_TRY(make_readers(duckdb, err));
    sql = make_select(source, column);
    if (!sql)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a query");
    STRATA_TRY(strata_duckdb_session_begin(&duckdb->session, sql, err));
done:
    free(sql);
    return status;
}

/* The next rows for a reader, and the number of the first of them. */
static enum strata_status fetch(struct duckdb_source *duckdb, struct reader *reader, uint64_t *n_rows,
                                uint64_t *first_row, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *n_rows = 0;
    (void)pthread_mutex_lock(&duckdb->lock);
    if (!duckdb->is_over)
        status = strata_duckdb_session_fetch(&duckdb->session, &reader->chunk, err);
    if (reader->chunk)
        *n_rows = duckdb->session.api.data_chunk_get_size(reader->chunk);
    duckdb->is_over = duckdb->is_over || !reader->chunk;
    *first_row = duckdb->n_fetched + 1;
    duckdb->n_fetched += *n_rows;
    (void)pthread_mutex_unlock(&duckdb->lock);
    return status;
}

static struct strata_value_column read_column(const struct duckdb_source *duckdb, const struct reader *reader, int role,
                                              size_t n_rows)
{
    const struct strata_duckdb_api *api = &duckdb->session.api;
    const struct strata_duckdb_column *of = &duckdb->of[role];
    strata_duckdb_handle vector = api->data_chunk_get_vector(reader->chunk, (uint64_t)duckdb->place[role]);
    struct strata_value_column column = {api->vector_get_data(vector), api->vector_get_validity(vector)};
    if (of->convert) {
        of->convert(column.values, column.valid, n_rows, reader->converted[role]);
        column.values = reader->converted[role];
    }
    return column;
}

static enum strata_status next_block(struct strata_column_source *source, int number, struct strata_column_block *block,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct duckdb_source *duckdb = source->state;
    struct reader *reader = &duckdb->reader[number];
    uint64_t n_rows = 0;
    if (reader->chunk)
        duckdb->session.api.destroy_data_chunk(&reader->chunk);
    reader->chunk = NULL;
    STRATA_TRY(fetch(duckdb, reader, &n_rows, &block->first_row, err));
    block->n_rows = (size_t)n_rows;
    for (int role = 0; n_rows && role < STRATA_N_ROLES; ++role)
        if (duckdb->place[role] >= 0)
            block->column[role] = read_column(duckdb, reader, role, block->n_rows);
    if (duckdb->has_file)
        STRATA_TRY(strata_file_digest_step(&duckdb->digest, err));
done:
    return status;
}

static enum strata_status finish(struct strata_column_source *source, struct strata_error *err)
{
    struct duckdb_source *duckdb = source->state;
    if (!duckdb->has_file)
        return STRATA_OK;
    return strata_file_digest_finish(&duckdb->digest, &source->hash_high, &source->hash_low, err);
}

const struct strata_column_source_kind strata_source_duckdb = {
    .name = "duckdb",
    .source = "duckdb",
    .takes = takes,
    .open = open_source,
    .select = select_columns,
    .next = next_block,
    .finish = finish,
    .close = close_source,
};
