/* Rows come over one connection for a query, over several for a table, all of which see the same snapshot: that of the
 * first, which is opened to find out the columns, and stays. Who needs rows takes a connection, receives some hundred
 * kilobytes of whole rows, lets go of it and decodes them, so that a connection is never idle while there are threads
 * enough. */
#include "postgresql_source.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "postgresql_sample.h"
#include "postgresql_snapshot.h"
#include "postgresql_statement.h"

enum {
    CONNECTIONS_MAX = 8,
    CHUNK_BYTES = 256 << 10,
    ROW_BYTES = 4 << 10, /* rows are shorter, or their chunk grows */
    RANGE_SHIFT = 40,    /* while rows are read, their numbers are the range's and the one inside the range */
};

struct stream {
    struct strata_postgresql_connection connection;
    pthread_mutex_t lock;
    bool is_copying, is_done;
    size_t range;
    uint64_t n_rows; /* of the range so far */
};

struct reader {
    struct strata_copy_decoder decoder;
    char *rows; /* rows[at .. n) are not decoded */
    size_t at, n, capacity;
    uint64_t next_row;
};

struct state {
    char *query; /* NULL: the table */
    struct strata_postgresql_table table;
    struct strata_postgresql_columns columns;
    int n_chosen, chosen[STRATA_N_ROLES];
    int n_streams, n_readers;
    struct stream *stream;
    struct reader *reader;
    size_t next_range; /* atomic */
    bool is_rewound;   /* what is read before are samples */
    bool has_samples;
};

static void release_readers(struct state *state)
{
    for (int i = 0; state->reader && i < state->n_readers; ++i) {
        strata_copy_decoder_release(&state->reader[i].decoder);
        free(state->reader[i].rows);
    }
    free(state->reader);
    state->reader = NULL;
}

void strata_postgresql_close(struct strata_column_source *source)
{
    struct state *state = source->state;
    if (!state)
        return;
    for (int i = 0; i < state->n_streams; ++i) {
        strata_postgresql_disconnect(&state->stream[i].connection);
        (void)pthread_mutex_destroy(&state->stream[i].lock);
    }
    release_readers(state);
    strata_postgresql_columns_release(&state->columns);
    strata_postgresql_table_release(&state->table);
    free(state->query);
    free(state->stream);
    free(state);
    free(source->column);
    free(source->place);
    *source = (struct strata_column_source){0};
}

static enum strata_status name_place(struct strata_column_source *source, const struct strata_source_request *request,
                                     struct strata_error *err)
{
    int n = request->query ? asprintf(&source->place, "query") : asprintf(&source->place, "table %s", request->table);
    if (n >= 0)
        return STRATA_OK;
    source->place = NULL;
    return strata_fail(err, STRATA_MEMORY, "out of memory for a database");
}

/* The names belong to state->columns. */
static enum strata_status name_columns(struct strata_column_source *source, struct strata_error *err)
{
    const struct strata_postgresql_columns *columns = &((struct state *)source->state)->columns;
    source->column = strata_calloc_array((size_t)columns->n, sizeof *source->column);
    if (!source->column)
        return strata_fail(err, STRATA_MEMORY, "out of memory for the columns of a database");
    source->n_columns = (size_t)columns->n;
    for (int i = 0; i < columns->n; ++i)
        source->column[i] = (struct strata_source_column){
            .name = columns->column[i].name,
            .type = strata_copy_value_type(columns->column[i].form),
        };
    return STRATA_OK;
}

/* Begin a transaction, and find out what the columns are. */
static enum strata_status describe(struct state *state, const struct strata_source_request *request,
                                   struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_postgresql_connection *connection = &state->stream[0].connection;
    PGresult *described = NULL;
    const char *query = request->query;
    if (query) {
        STRATA_TRY(strata_postgresql_begin(connection, err));
    } else {
        STRATA_TRY(strata_postgresql_table_open(&state->table, connection, request->table, err));
        query = state->table.select;
    }
    STRATA_TRY(strata_postgresql_describe(connection, query, &described, err));
    if (PQnfields(described) == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: %s gives no rows; it takes a SELECT", connection->name,
                       request->query ? "--query" : "--table");
    STRATA_TRY(strata_postgresql_columns_init(&state->columns, connection, described, err));
done:
    PQclear(described);
    return status;
}

enum strata_status strata_postgresql_open(struct strata_column_source *source,
                                          const struct strata_source_request *request, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (!request->query == !request->table)
        return strata_fail(err, STRATA_USAGE, "--source postgresql://... takes either --query or --table");
    struct state *state = strata_calloc_array(1, sizeof *state);
    *source = (struct strata_column_source){
        .state = state,
        .n_rows = UINT64_MAX,
    };
    if (!state)
        return strata_fail(err, STRATA_MEMORY, "out of memory for a database");
    state->n_readers = request->threads;
    state->stream = strata_calloc_array(CONNECTIONS_MAX, sizeof *state->stream);
    state->reader = strata_calloc_array((size_t)request->threads, sizeof *state->reader);
    state->query = strata_copy_string(request->query);
    if (!state->stream || !state->reader || (request->query && !state->query))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a database");
    const char *address = strcmp(request->from, "postgresql") == 0 ? "postgresql://" : request->from;
    (void)pthread_mutex_init(&state->stream[0].lock, NULL);
    state->n_streams = 1;
    STRATA_TRY(strata_postgresql_connect(&state->stream[0].connection, address, err));
    STRATA_TRY(describe(state, request, err));
    STRATA_TRY(name_columns(source, err));
    STRATA_TRY(name_place(source, request, err));
done:
    if (status != STRATA_OK)
        strata_postgresql_close(source);
    return status;
}

static enum strata_status join(struct state *state, struct stream *stream,
                               const struct strata_postgresql_snapshot *snapshot, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(strata_postgresql_snapshot_join(snapshot, &stream->connection, &state->stream[0].connection, err));
    STRATA_TRY(strata_postgresql_table_keep_order(&stream->connection, err));
done:
    if (status != STRATA_OK)
        strata_postgresql_disconnect(&stream->connection);
    return status;
}

/* More connections where they help; a server that grants fewer is read over those that it grants. */
static enum strata_status add_streams(struct state *state, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_postgresql_snapshot snapshot;
    struct strata_error ignored;
    int wanted = state->n_readers < CONNECTIONS_MAX ? state->n_readers : CONNECTIONS_MAX;
    if (state->query)
        goto done;
    STRATA_TRY(strata_postgresql_table_cut(&state->table, wanted, err));
    if ((size_t)wanted > state->table.n_ranges)
        wanted = (int)state->table.n_ranges;
    if (wanted < 2)
        goto done;
    STRATA_TRY(strata_postgresql_snapshot_export(&snapshot, &state->stream[0].connection, err));
    while (state->n_streams < wanted) {
        struct stream *stream = &state->stream[state->n_streams];
        if (join(state, stream, &snapshot, &ignored) != STRATA_OK)
            break;
        (void)pthread_mutex_init(&stream->lock, NULL);
        ++state->n_streams;
    }
done:
    return status;
}

static enum strata_status refuse_type(const struct state *state, const struct strata_postgresql_column *column,
                                      enum strata_role role, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *identifier = strata_postgresql_identifier(column->name);
    if (!identifier)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the columns of a database");
    STRATA_GIVE_UP(err, STRATA_REJECTED,
                   "%s: column %s, for --%s, has the type %s, which strata does not read; cast it in --query, such as "
                   "%s::text",
                   state->stream[0].connection.name, column->name, strata_role_option(role), column->refused_type,
                   identifier);
done:
    free(identifier);
    return status;
}

static enum strata_status begin_samples(struct state *state, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(strata_postgresql_sample_begin(&state->stream[0].connection, &state->columns, state->n_chosen,
                                              state->chosen, state->query ? state->query : state->table.select, err));
    state->has_samples = true;
done:
    return status;
}

enum strata_status strata_postgresql_rewind(struct strata_column_source *source, int threads, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct state *state = source->state;
    release_readers(state);
    state->n_readers = threads;
    state->n_chosen = 0;
    state->reader = strata_calloc_array((size_t)threads, sizeof *state->reader);
    if (!state->reader)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a database");
    if (state->has_samples)
        STRATA_TRY(strata_postgresql_sample_end(&state->stream[0].connection, err));
    state->has_samples = false;
    state->is_rewound = true;
done:
    return status;
}

enum strata_status strata_postgresql_select(struct strata_column_source *source, const int column[STRATA_N_ROLES],
                                            struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct state *state = source->state;
    enum strata_role role[STRATA_N_ROLES];
    enum strata_copy_form form[STRATA_N_ROLES];
    for (int r = 0; r < STRATA_N_ROLES; ++r) {
        if (column[r] < 0)
            continue;
        const struct strata_postgresql_column *chosen = &state->columns.column[column[r]];
        if (chosen->refused_type)
            return refuse_type(state, chosen, (enum strata_role)r, err);
        role[state->n_chosen] = (enum strata_role)r;
        form[state->n_chosen] = chosen->form;
        state->chosen[state->n_chosen++] = column[r];
    }
    for (int i = 0; i < state->n_readers; ++i) {
        struct reader *reader = &state->reader[i];
        STRATA_TRY(strata_copy_decoder_init(&reader->decoder, state->n_chosen, role, form, err));
        reader->capacity = CHUNK_BYTES + ROW_BYTES;
        reader->rows = malloc(reader->capacity);
        if (!reader->rows)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for rows from a database");
    }
    if (state->is_rewound)
        STRATA_TRY(add_streams(state, err));
    else
        STRATA_TRY(begin_samples(state, err));
done:
    return status;
}

/* The next range over this connection, if there is one. */
static enum strata_status begin_range(struct state *state, struct stream *stream, struct strata_error *err)
{
    const size_t n_ranges = state->query ? 1 : state->table.n_ranges;
    stream->range = __atomic_fetch_add(&state->next_range, 1, __ATOMIC_RELAXED);
    stream->n_rows = 0;
    stream->is_done = stream->range >= n_ranges;
    if (stream->is_done)
        return STRATA_OK;
    char *statement =
        state->query ? strata_postgresql_copy_of_query(&state->columns, state->n_chosen, state->chosen, state->query)
                     : strata_postgresql_copy_of_range(&state->columns, state->n_chosen, state->chosen, &state->table,
                                                       stream->range);
    if (!statement)
        return strata_fail(err, STRATA_MEMORY, "out of memory for a statement");
    enum strata_status status = strata_postgresql_copy(&stream->connection, statement, err);
    stream->is_copying = status == STRATA_OK;
    free(statement);
    return status;
}

static enum strata_status add_row(struct reader *reader, const char *row, size_t n, struct strata_error *err)
{
    if (n > reader->capacity - reader->n) {
        char *grown = realloc(reader->rows, reader->n + n);
        if (!grown)
            return strata_fail_memory(err, "a row from a database", n, 1);
        reader->rows = grown;
        reader->capacity = reader->n + n;
    }
    memcpy(reader->rows + reader->n, row, n);
    reader->n += n;
    return STRATA_OK;
}

/* Rows of one range until a chunk is full or the range ends. */
static enum strata_status receive(struct state *state, struct stream *stream, struct reader *reader,
                                  struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    reader->next_row = ((uint64_t)stream->range << RANGE_SHIFT) + stream->n_rows + 1;
    while (reader->n < CHUNK_BYTES) {
        char *message;
        size_t row_at, n;
        STRATA_TRY(strata_postgresql_copy_next(&stream->connection, &message, &row_at, &n, err));
        stream->is_copying = message != NULL;
        if (!message)
            break;
        status = add_row(reader, message + row_at, n - row_at, err);
        PQfreemem(message);
        STRATA_TRY(status);
        ++stream->n_rows;
    }
    if (!stream->is_copying && !state->query)
        state->table.range[stream->range].n_rows = stream->n_rows;
done:
    return status;
}

/* A stream that failed has nothing more to give: the run is over. */
static enum strata_status fill(struct state *state, struct stream *stream, struct reader *reader,
                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    reader->at = reader->n = 0;
    (void)pthread_mutex_lock(&stream->lock);
    while (reader->n == 0 && !stream->is_done) {
        if (!stream->is_copying)
            STRATA_TRY(begin_range(state, stream, err));
        if (stream->is_copying)
            STRATA_TRY(receive(state, stream, reader, err));
    }
done:
    stream->is_done = stream->is_done || status != STRATA_OK;
    (void)pthread_mutex_unlock(&stream->lock);
    return status;
}

static enum strata_status fill_with_samples(struct state *state, struct reader *reader, struct strata_error *err)
{
    free(reader->rows);
    reader->at = reader->n = 0;
    return strata_postgresql_sample_next(&state->stream[0].connection, &reader->rows, &reader->n, err);
}

enum strata_status strata_postgresql_next(struct strata_column_source *source, int number,
                                          struct strata_column_block *block, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct state *state = source->state;
    struct reader *reader = &state->reader[number];
    size_t n_taken;
    block->n_rows = 0;
    if (reader->at == reader->n)
        STRATA_TRY(state->is_rewound ? fill(state, &state->stream[number % state->n_streams], reader, err)
                                     : fill_with_samples(state, reader, err));
    if (reader->n == 0)
        goto done;
    STRATA_TRY(
        strata_copy_decode(&reader->decoder, reader->rows + reader->at, reader->n - reader->at, &n_taken, block, err));
    reader->at += n_taken;
    block->first_row = reader->next_row;
    reader->next_row += block->n_rows;
done:
    return status;
}

uint64_t strata_postgresql_row_number(const struct strata_column_source *source, uint64_t number)
{
    const struct state *state = source->state;
    uint64_t before = 0;
    for (size_t r = 0; !state->query && r < number >> RANGE_SHIFT; ++r)
        before += state->table.range[r].n_rows;
    return before + (number & ((UINT64_C(1) << RANGE_SHIFT) - 1));
}
