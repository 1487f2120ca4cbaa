/* HDF5 files: a group of one-dimensional datasets, or a dataset with named members (pandas and PyTables write those).
 */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "file_digest.h"
#include "hdf5_error.h"
#include "hdf5_find.h"
#include "hdf5_read.h"
#include "hdf5_rows.h"
#include "memory.h"
#include "source_kinds.h"

/* Rows that a reader hands out at a time, and that it takes for itself at least. */
enum { BLOCK_ROWS = 8192, SPAN_ROWS = 65536 };

/* One reader: a window on each dataset, values for each role, and the rows that are its own. */
struct reader {
    struct strata_hdf5_window window[STRATA_N_ROLES];
    struct strata_hdf5_values values[STRATA_N_ROLES];
    uint64_t next, end;
};

struct state {
    const char *path; /* borrowed from the request */
    struct strata_hdf5_session session;
    pthread_mutex_t lock;
    struct strata_file_digest digest;
    hid_t file;
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
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    (void)request;
    return n_magic >= sizeof signature - 1 && memcmp(magic, signature, sizeof signature - 1) == 0;
}

static void close_source(struct strata_column_source *source)
{
    struct state *state = source->state;
    if (!state)
        return;
    for (int r = 0; state->reader && r < state->n_readers; ++r)
        for (int i = 0; i < STRATA_N_ROLES; ++i) {
            if (i < state->n_datasets)
                strata_hdf5_window_release(&state->rows[i], &state->reader[r].window[i]);
            strata_hdf5_values_release(&state->reader[r].values[i]);
        }
    for (int i = 0; i < state->n_datasets; ++i)
        strata_hdf5_rows_close(&state->rows[i]);
    strata_hdf5_table_release(&state->table);
    if (state->file > 0)
        (void)H5Fclose(state->file);
    strata_hdf5_session_end(&state->session);
    if (state->digest.state)
        strata_file_digest_close(&state->digest);
    (void)pthread_mutex_destroy(&state->lock);
    free(state->reader);
    free(state);
    free(source->column);
    free(source->place);
    *source = (struct strata_column_source){0};
}

static enum strata_status open_file(struct state *state, struct strata_error *err)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access >= 0 && strata_hdf5_disable_locks(access) >= 0)
        state->file = H5Fopen(state->path, H5F_ACC_RDONLY, access);
    enum strata_status status = STRATA_OK;
    if (state->file <= 0)
        status = strata_hdf5_fail_input(err, state->path, "opening it (is it whole?)");
    if (access >= 0)
        (void)H5Pclose(access);
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
    strata_hdf5_session_begin(&state->session);
    if (request->query)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "%s is an HDF5 file, for which --query means nothing; name a group with "
                       "--table",
                       request->path);
    STRATA_TRY(strata_file_digest_open(&state->digest, request->path, err));
    STRATA_TRY(open_file(state, err));
    STRATA_TRY(strata_hdf5_table_find(&state->table, state->file, request->table, request->path, err));
    STRATA_TRY(fill_columns(source, state, err));
done:
    if (status != STRATA_OK)
        close_source(source);
    return status;
}

/* Of a dataset with members: as it is stored if all that are wanted are so, else HDF5 picks and converts them. */
static hid_t compound_memory(const struct state *state, hid_t stored, size_t offset[STRATA_N_ROLES], bool *is_plain)
{
    size_t n_bytes = 0;
    *is_plain = true;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        const struct strata_hdf5_column *column = state->column[role];
        if (!column)
            continue;
        *is_plain = *is_plain && column->is_plain;
        offset[role] = n_bytes;
        n_bytes += (column->size + 7) / 8 * 8;
    }
    if (*is_plain) {
        for (int role = 0; role < STRATA_N_ROLES; ++role)
            if (state->column[role])
                offset[role] = H5Tget_member_offset(stored, (unsigned)state->column[role]->member);
        return H5Tcopy(stored);
    }
    hid_t memory = H5Tcreate(H5T_COMPOUND, n_bytes);
    for (int role = 0; memory >= 0 && role < STRATA_N_ROLES; ++role) {
        const struct strata_hdf5_column *column = state->column[role];
        bool is_again = false;
        for (int earlier = 0; earlier < role; ++earlier)
            if (column && state->column[earlier] == column) {
                offset[role] = offset[earlier];
                is_again = true;
            }
        if (column && !is_again)
            (void)H5Tinsert(memory, column->name, offset[role], column->memory);
    }
    return memory;
}

static enum strata_status open_compound(struct state *state, struct strata_error *err)
{
    size_t offset[STRATA_N_ROLES] = {0};
    bool is_plain = false;
    const char *name = state->table.path;
    hid_t dataset = H5Dopen2(state->file, name, H5P_DEFAULT), stored = dataset < 0 ? -1 : H5Dget_type(dataset);
    hid_t memory = stored < 0 ? -1 : compound_memory(state, stored, offset, &is_plain);
    if (stored >= 0)
        (void)H5Tclose(stored);
    if (memory < 0) {
        enum strata_status status = strata_hdf5_fail_input(err, state->path, "the dataset %s", name);
        if (dataset >= 0)
            (void)H5Dclose(dataset);
        return status;
    }
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        if (state->column[role])
            state->table.column[state->column[role] - state->table.column].offset = offset[role];
    enum strata_status status =
        strata_hdf5_rows_open(&state->rows[0], dataset, memory, is_plain, name, state->path, &state->lock, err);
    state->n_datasets = status == STRATA_OK;
    return status;
}

static enum strata_status open_dataset(struct state *state, int role, struct strata_error *err)
{
    const struct strata_hdf5_column *column = state->column[role];
    hid_t group = H5Gopen2(state->file, state->table.path, H5P_DEFAULT);
    hid_t dataset = group < 0 ? -1 : H5Dopen2(group, column->name, H5P_DEFAULT);
    if (dataset < 0) {
        enum strata_status status = strata_hdf5_fail_input(err, state->path, "the dataset %s", column->name);
        if (group >= 0)
            (void)H5Gclose(group);
        return status;
    }
    (void)H5Gclose(group);
    struct strata_hdf5_rows *rows = &state->rows[state->n_datasets];
    enum strata_status status = strata_hdf5_rows_open(rows, dataset, H5Tcopy(column->memory), column->is_plain,
                                                      column->name, state->path, &state->lock, err);
    if (status != STRATA_OK)
        return status;
    state->dataset[role] = state->n_datasets++;
    if (state->dataset[role] > 0 && rows->n_rows != state->rows[0].n_rows)
        return strata_fail(err, STRATA_REJECTED, "%s: column %s has %llu rows where %s has %llu", state->path,
                           rows->name, (unsigned long long)rows->n_rows, state->rows[0].name,
                           (unsigned long long)state->rows[0].n_rows);
    return STRATA_OK;
}

static enum strata_status open_datasets(struct state *state, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        if (!state->column[role])
            continue;
        int same = 0;
        while (same < role && state->column[same] != state->column[role])
            ++same;
        if (same < role)
            state->dataset[role] = state->dataset[same];
        else
            STRATA_TRY(open_dataset(state, role, err));
    }
done:
    return status;
}

/* As many readers as there is memory for; the others find nothing left. */
static enum strata_status make_readers(struct state *state, struct strata_error *err)
{
    uint64_t needed = 0;
    state->span_rows = SPAN_ROWS;
    for (int i = 0; i < state->n_datasets; ++i) {
        needed += strata_hdf5_window_bytes(&state->rows[i], BLOCK_ROWS);
        if (state->rows[i].chunk_rows > state->span_rows)
            state->span_rows = state->rows[i].chunk_rows;
    }
    state->n_readers = state->threads;
    while (state->memory_bytes && state->n_readers > 1 && needed * (uint64_t)state->n_readers > state->memory_bytes)
        --state->n_readers;
    if (state->memory_bytes && needed > state->memory_bytes)
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
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        state->column[role] = column[role] < 0 ? NULL : &state->table.column[column[role]];
    STRATA_TRY(state->table.is_compound ? open_compound(state, err) : open_datasets(state, err));
    source->n_rows = state->n_rows = state->rows[0].n_rows;
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
        STRATA_TRY(strata_hdf5_rows_read(&state->rows[i], &reader->window[i], first, n, &rows[i], err));
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        const struct strata_hdf5_column *column = state->column[role];
        if (!column)
            continue;
        if (!reader->values[role].value)
            STRATA_TRY(strata_hdf5_values_init(&reader->values[role], BLOCK_ROWS, err));
        int d = state->dataset[role];
        block->column[role] =
            strata_hdf5_column_values(column, &reader->values[role], rows[d], state->rows[d].row_bytes, n);
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
    .open = open_source,
    .select = select_columns,
    .next = next_block,
    .finish = finish,
    .close = close_source,
};
