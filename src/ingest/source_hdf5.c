/* HDF5 files: a group of one-dimensional datasets, or a dataset with named members (pandas and PyTables write those).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "file_digest.h"
#include "hdf5_rows.h"
#include "hdf5_service.h"
#include "hdf5_signature.h"
#include "memory.h"
#include "source_kinds.h"

/* Rows that a reader hands out at a time, and that it takes for itself at least. */
enum { BLOCK_ROWS = 8192, SPAN_ROWS = 65536 };

/* What HDF5 needs for the tables of a file and for small chunks. */
enum { LEAST_PROCESS_BYTES = 16 << 20, MOST_CACHE_BYTES = 512 << 20 };

/* One reader: a window on each dataset, values for each role, and the rows that are its own. */
struct reader {
    struct strata_hdf5_window window[STRATA_N_ROLES];
    struct strata_hdf5_values values[STRATA_N_ROLES];
    uint64_t next, end;
};

struct state {
    const char *path; /* borrowed from the request */
    pthread_mutex_t lock;
    struct strata_file_digest digest;
    struct strata_contained contained; /* where HDF5 runs */
    struct strata_hdf5_source source;
    struct strata_hdf5_table table;

    const struct strata_hdf5_column *column[STRATA_N_ROLES]; /* that are selected; NULL: not */
    int dataset[STRATA_N_ROLES];                             /* which of `rows` each is in */
    int n_datasets;
    struct strata_hdf5_rows rows[STRATA_N_ROLES];
    uint64_t n_rows, span_rows;
    uint64_t next; /* row that nobody has taken; atomic */
    int threads, n_readers;
    uint64_t memory_bytes;
    struct reader *reader;
};

static bool takes(const struct strata_source_request *request, const char *magic, size_t n_magic)
{
    (void)request;
    return strata_hdf5_signature_is(magic, n_magic);
}

/* Behind a block of the user's. */
static enum strata_status takes_file(const struct strata_input_file *file, bool *takes, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char found[STRATA_HDF5_SIGNATURE_BYTES];
    *takes = false;
    for (uint64_t at = strata_hdf5_signature_next(0); !*takes && at + sizeof found <= file->n_bytes;
         at = strata_hdf5_signature_next(at)) {
        STRATA_TRY(strata_input_file_read(file, at, found, sizeof found, err));
        *takes = strata_hdf5_signature_is(found, sizeof found);
    }
done:
    return status;
}

static void close_source(struct strata_column_source *source)
{
    struct state *state = source->state;
    if (!state)
        return;
    for (int r = 0; state->reader && r < state->n_readers; ++r)
        for (int i = 0; i < STRATA_N_ROLES; ++i) {
            if (i < state->n_datasets)
                strata_hdf5_window_release(&state->reader[r].window[i]);
            strata_hdf5_values_release(&state->reader[r].values[i]);
        }
    strata_hdf5_table_release(&state->table);
    strata_contained_stop(&state->contained);
    if (state->digest.state)
        strata_file_digest_close(&state->digest);
    (void)pthread_mutex_destroy(&state->lock);
    free(state->reader);
    free(state);
    free(source->column);
    free(source->place);
    *source = (struct strata_column_source){0};
}

/* Rows are read by HDF5 or by the readers: of the memory that the source may take, three quarters are for those that
 * do, and the rest for the others. Which it is, is known only when HDF5's process is there. */
static uint64_t larger_share(const struct state *state) { return state->memory_bytes / 4 * 3; }

static uint64_t process_bytes(const struct state *state)
{
    const uint64_t share = larger_share(state);
    return state->memory_bytes && share < LEAST_PROCESS_BYTES ? LEAST_PROCESS_BYTES : share;
}

static bool is_read_by_hdf5(const struct state *state)
{
    bool is_any = false;
    for (int i = 0; i < state->n_datasets; ++i)
        is_any = is_any || state->rows[i].layout.storage == STRATA_HDF5_BY_LIBRARY;
    return is_any;
}

static uint64_t windows_bytes(const struct state *state)
{
    return is_read_by_hdf5(state) ? state->memory_bytes - larger_share(state) : larger_share(state);
}

/* Memory that ran out, of what the limit leaves. */
static enum strata_status explain(const struct state *state, enum strata_status status, struct strata_error *err)
{
    struct strata_error cause;
    if (status != STRATA_MEMORY || !state->memory_bytes || !err)
        return status;
    cause = *err;
    return strata_fail(
        err, STRATA_MEMORY,
        "%s\nreading %s may take %llu MiB of the memory limit; raise --memory-limit, or write the file in "
        "smaller chunks",
        cause.message, state->path, (unsigned long long)(process_bytes(state) >> 20));
}

static enum strata_status find_table(struct state *state, const char *table, struct strata_error *err)
{
    enum strata_status status = STRATA_OK, outcome = STRATA_OK;
    struct strata_wire *wire = &state->contained.wire;
    const uint64_t process = process_bytes(state);
    struct strata_hdf5_order order = {
        .path = state->path,
        .table = table,
        .descriptor = state->digest.file.descriptor,
        .cache_bytes = (size_t)(process ? process / 4 : MOST_CACHE_BYTES),
    };
    STRATA_TRY(strata_contained_start(&state->contained, strata_hdf5_serve, &order, order.descriptor, state->path,
                                      process, err));
    strata_wire_pass_outcome(wire, &outcome, err);
    if (outcome == STRATA_OK)
        strata_hdf5_table_pass(wire, &state->table);
    STRATA_TRY(strata_contained_check(&state->contained, err));
    status = explain(state, outcome, err);
done:
    return status;
}

static enum strata_status fill_columns(struct strata_column_source *source, struct state *state,
                                       struct strata_error *err)
{
    const struct strata_hdf5_table *table = &state->table;
    source->column = strata_calloc_array(table->n_columns, sizeof *source->column);
    if (!source->column ||
        asprintf(&source->place, "%s %s", table->is_compound ? "dataset" : "group", table->path) < 0) {
        source->place = NULL;
        return strata_fail(err, STRATA_MEMORY, "out of memory for the columns of %s", state->path);
    }
    for (size_t i = 0; i < table->n_columns; ++i)
        source->column[i] = (struct strata_source_column){
            .name = table->column[i].name,
            .type = strata_hdf5_column_type(&table->column[i]),
        };
    source->n_columns = table->n_columns;
    source->n_rows = table->n_rows;
    source->n_bytes = state->digest.file.n_bytes;
    return STRATA_OK;
}

static enum strata_status open_source(struct strata_column_source *source, const struct strata_source_request *request,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct state *state = strata_calloc_array(1, sizeof *state);
    *source = (struct strata_column_source){.kind = &strata_source_hdf5, .state = state};
    if (!state)
        return strata_fail(err, STRATA_MEMORY, "out of memory to read %s", request->path);
    state->path = request->path;
    state->threads = request->threads;
    state->memory_bytes = request->memory_bytes;
    (void)pthread_mutex_init(&state->lock, NULL);
    if (request->query)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "%s is an HDF5 file, for which --query means nothing; name a group with "
                       "--table",
                       request->path);
    STRATA_TRY(strata_file_digest_open(&state->digest, request->path, err));
    state->source =
        (struct strata_hdf5_source){state->path, state->digest.file.descriptor, &state->contained, &state->lock};
    STRATA_TRY(find_table(state, request->table, err));
    STRATA_TRY(fill_columns(source, state, err));
done:
    if (status != STRATA_OK)
        close_source(source);
    return status;
}

/* Do the rows that the other process speaks of hold the columns, have datasets one length, and can the file hold so
 * many (hdf5_read.h)? */
static enum strata_status check_datasets(const struct state *state, struct strata_error *err)
{
    static const uint64_t most_expansion = 1100, free_rows = 1 << 20;
    const uint64_t n_rows = state->rows[0].layout.n_rows;
    bool is_sound = n_rows <= free_rows || (n_rows - free_rows) / most_expansion <= state->digest.file.n_bytes;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        const struct strata_hdf5_column *column = state->column[role];
        const struct strata_hdf5_layout *layout = &state->rows[state->dataset[role]].layout;
        bool is_linked = !column || column->form != STRATA_HDF5_VARIABLE_TEXT;
        for (int i = 0; column && i < layout->n_variable; ++i)
            is_linked = is_linked || layout->variable[i] == column->offset;
        is_sound =
            is_sound && is_linked && layout->n_rows == n_rows &&
            (!column || (column->size <= layout->row_bytes && column->offset <= layout->row_bytes - column->size));
    }
    return is_sound ? STRATA_OK
                    : strata_fail(err, STRATA_REJECTED, "%s is damaged or hostile: its rows do not hold its columns",
                                  state->path);
}

/* Ask for these columns: their datasets, and where in their rows they are. */
static enum strata_status select_datasets(struct state *state, int column[STRATA_N_ROLES], struct strata_error *err)
{
    enum strata_status status = STRATA_OK, outcome = STRATA_OK;
    struct strata_wire *wire = &state->contained.wire;
    struct strata_hdf5_selection selection = {0};
    int request = STRATA_HDF5_SELECT;
    strata_wire_send(wire);
    strata_wire_pass_int(wire, &request, 0, STRATA_HDF5_N_REQUESTS - 1);
    strata_hdf5_columns_pass(wire, column, state->table.n_columns);
    strata_wire_receive(wire);
    strata_wire_pass_outcome(wire, &outcome, err);
    if (outcome == STRATA_OK) {
        strata_hdf5_selection_pass(wire, &selection);
        for (int i = 0; i < selection.n_datasets; ++i)
            strata_hdf5_layout_pass(wire, &state->rows[i].layout);
    }
    STRATA_TRY(strata_contained_check(&state->contained, err));
    STRATA_TRY(outcome);
    state->n_datasets = selection.n_datasets;
    memcpy(state->dataset, selection.dataset, sizeof state->dataset);
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        struct strata_hdf5_rows *rows = &state->rows[selection.dataset[role]];
        if (!state->column[role])
            continue;
        rows->source = &state->source;
        rows->number = (size_t)selection.dataset[role];
        rows->name = state->table.is_compound ? state->table.path : state->column[role]->name;
        state->table.column[column[role]].offset = selection.offset[role];
    }
    STRATA_TRY(check_datasets(state, err));
done:
    return status;
}

/* How many rows a reader takes for itself: whole chunks, so that nobody else decodes them too. Where datasets differ,
 * those of the largest, which those of the others mostly divide. */
static uint64_t choose_span(const struct state *state)
{
    uint64_t largest = 1;
    if (is_read_by_hdf5(state)) /* which keeps one chunk of a dataset: readers stay together */
        return BLOCK_ROWS;
    for (int i = 0; i < state->n_datasets; ++i)
        if (state->rows[i].layout.chunk_rows > largest)
            largest = state->rows[i].layout.chunk_rows;
    return (SPAN_ROWS - 1) / largest * largest + largest;
}

/* As many readers as there is memory for; the others find nothing left. */
static enum strata_status make_readers(struct state *state, struct strata_error *err)
{
    const uint64_t most = windows_bytes(state);
    uint64_t needed = 0;
    for (int i = 0; i < state->n_datasets; ++i)
        needed += strata_hdf5_window_bytes(&state->rows[i], BLOCK_ROWS);
    state->span_rows = choose_span(state);
    state->n_readers = state->threads;
    while (most && state->n_readers > 1 && needed * (uint64_t)state->n_readers > most)
        --state->n_readers;
    if (most && needed > most)
        return strata_fail(err, STRATA_MEMORY,
                           "%s: its chunks take %llu MiB of memory when they are read; raise --memory-limit",
                           state->path, (unsigned long long)(needed >> 20));
    state->reader = strata_calloc_array((size_t)state->n_readers, sizeof *state->reader);
    return state->reader ? STRATA_OK : strata_fail(err, STRATA_MEMORY, "out of memory to read %s", state->path);
}

static enum strata_status select_columns(struct strata_column_source *source, const int column[STRATA_N_ROLES],
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct state *state = source->state;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        state->column[role] = column[role] < 0 ? NULL : &state->table.column[column[role]];
        const char *refusal = state->column[role] ? strata_hdf5_column_refusal(state->column[role]) : NULL;
        if (refusal)
            STRATA_GIVE_UP(err, STRATA_REJECTED,
                           "%s: '%s' in the %s, for --%s, is %s; make it a column of texts or numbers, or name another "
                           "one",
                           state->path, state->column[role]->name, source->place,
                           strata_role_option((enum strata_role)role), refusal);
    }
    int wanted[STRATA_N_ROLES];
    memcpy(wanted, column, sizeof wanted);
    STRATA_TRY(select_datasets(state, wanted, err));
    source->n_rows = state->n_rows = state->rows[0].layout.n_rows;
    STRATA_TRY(make_readers(state, err));
done:
    return status;
}

/* The checksum keeps step with the rows; one reader sees to it. */
static enum strata_status take_digest(struct state *state, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const uint64_t rows_done = __atomic_load_n(&state->next, __ATOMIC_RELAXED);
    double share = state->n_rows ? (double)rows_done / (double)state->n_rows : 1;
    double wanted = share * (double)state->digest.file.n_bytes;
    while (state->digest.n_done < state->digest.file.n_bytes && (double)state->digest.n_done < wanted)
        STRATA_TRY(strata_file_digest_step(&state->digest, err));
done:
    return status;
}

/* The next rows that are the reader's own; false if there are none. */
static bool take_span(struct state *state, struct reader *reader)
{
    if (reader->next < reader->end)
        return true;
    uint64_t first = __atomic_fetch_add(&state->next, state->span_rows, __ATOMIC_RELAXED);
    if (first >= state->n_rows)
        return false;
    reader->next = first;
    reader->end = state->n_rows - first < state->span_rows ? state->n_rows : first + state->span_rows;
    return true;
}

static enum strata_status next_block(struct strata_column_source *source, int number, struct strata_column_block *block,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct state *state = source->state;
    const unsigned char *rows[STRATA_N_ROLES];
    block->n_rows = 0;
    if (number >= state->n_readers)
        return STRATA_OK;
    struct reader *reader = &state->reader[number];
    if (!take_span(state, reader))
        return STRATA_OK;
    uint64_t first = reader->next, left = reader->end - first;
    size_t n = left < BLOCK_ROWS ? (size_t)left : BLOCK_ROWS;
    for (int i = 0; i < state->n_datasets; ++i)
        STRATA_TRY(
            explain(state, strata_hdf5_rows_read(&state->rows[i], &reader->window[i], first, n, &rows[i], err), err));
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        const struct strata_hdf5_column *column = state->column[role];
        if (!column)
            continue;
        if (!reader->values[role].value)
            STRATA_TRY(strata_hdf5_values_init(&reader->values[role], BLOCK_ROWS, err));
        int d = state->dataset[role];
        block->column[role] =
            strata_hdf5_column_values(column, &reader->values[role], rows[d], state->rows[d].layout.row_bytes, n);
    }
    if (number == 0)
        STRATA_TRY(take_digest(state, err));
    reader->next += n;
    block->first_row = first + 1;
    block->n_rows = n;
done:
    return status;
}

static enum strata_status finish(struct strata_column_source *source, struct strata_error *err)
{
    struct state *state = source->state;
    return strata_file_digest_finish(&state->digest, &source->hash_high, &source->hash_low, err);
}

const struct strata_column_source_kind strata_source_hdf5 = {
    .name = "hdf5",
    .takes = takes,
    .takes_file = takes_file,
    .open = open_source,
    .select = select_columns,
    .next = next_block,
    .finish = finish,
    .close = close_source,
};
