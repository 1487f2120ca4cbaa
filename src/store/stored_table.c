#include "stored_table.h"

#include <fcntl.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "contained.h"
#include "hdf5_error.h"
#include "hdf5_layout.h"
#include "hdf5_read.h"
#include "hdf5_signature.h"
#include "memory.h"
#include "snapshot_write.h"
#include "stored_rows.h"

bool strata_file_is_hdf5(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is_hdf5 = file >= 0 && strata_hdf5_signature_find(file);
    if (file >= 0)
        (void)close(file);
    return is_hdf5;
}

struct order {
    const char *path, *place;
    const char *const *columns;
    size_t n_columns;
};

/* The default place: /customers of a snapshot, the root of any other file. */
static enum strata_status open_place(const struct order *order, hid_t *file, struct strata_stored_place *place,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const char *name = order->place;
    char *schema = NULL;
    if (!strata_file_is_hdf5(order->path))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s is not an HDF5 file", order->path);
    STRATA_TRY(strata_hdf5_open(order->path, file, err));
    if (!name) {
        STRATA_TRY(strata_hdf5_get_text(*file, "schema", order->path, &schema, err));
        name = schema && strcmp(schema, STRATA_SNAPSHOT_SCHEMA) == 0 ? "/customers" : "/";
    }
    STRATA_TRY(strata_stored_place_open(place, *file, order->path, name, order->n_columns > 0, err));
done:
    free(schema);
    return status;
}

/* What is received: first the columns, then their values, one source after the other in parts of rows. */
struct incoming_column {
    char *name;
    bool is_narrow;
    size_t source;
    char *values; /* in the process that receives */
};

struct incoming {
    size_t n_rows, n_columns, n_sources;
    bool has_names;
    char *place, *left_out; /* as in named_table.h */
    struct incoming_column *column;
};

static void release(struct incoming *incoming)
{
    for (size_t i = 0; incoming->column && i < incoming->n_columns; ++i) {
        free(incoming->column[i].name);
        free(incoming->column[i].values);
    }
    free(incoming->column);
    free(incoming->place);
    free(incoming->left_out);
}

static void pass_column(struct strata_wire *wire, struct incoming_column *column, size_t n_sources)
{
    strata_wire_pass_text(wire, &column->name, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_pass_bool(wire, &column->is_narrow);
    strata_wire_pass_size(wire, &column->source, n_sources - 1);
    strata_wire_refuse_if(wire, !column->name);
}

/* All but the columns; within bounds. */
static void pass_sizes(struct strata_wire *wire, struct incoming *incoming)
{
    strata_wire_pass_size(wire, &incoming->n_rows, STRATA_HDF5_ROWS_MAX);
    strata_wire_pass_size(wire, &incoming->n_columns, STRATA_STORED_COLUMNS_MAX);
    strata_wire_pass_size(wire, &incoming->n_sources, STRATA_STORED_COLUMNS_MAX);
    strata_wire_pass_bool(wire, &incoming->has_names);
    strata_wire_pass_text(wire, &incoming->place, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_pass_text(wire, &incoming->left_out, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_refuse_if(wire, incoming->n_rows == 0 || incoming->n_columns == 0 || incoming->n_sources == 0);
}

/* Are columns of two dimensions, which have no names, among what is read? */
static bool has_numbered(const struct strata_stored_rows *rows)
{
    for (size_t i = 0; i < rows->n_wanted; ++i)
        if (rows->place->dataset[rows->wanted[i].column->dataset].rank > 1)
            return true;
    return false;
}

/* `by_name`: columns were named, and others are not left out. */
static enum strata_status send_columns(const struct strata_stored_rows *rows, bool by_name, struct strata_wire *wire,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_stored_place *place = rows->place;
    struct strata_named_table others = {0};
    for (size_t i = 0; !by_name && status == STRATA_OK && i < place->n_columns; ++i)
        if (place->column[i].use == STRATA_STORED_NO_NUMBER || place->column[i].use == STRATA_STORED_BESIDE)
            status = strata_named_table_leave_out(&others, place->column[i].name, err);
    struct incoming sizes = {.n_rows = rows->n_rows,
                             .n_columns = rows->n_wanted,
                             .n_sources = rows->n_sources,
                             .has_names = place->has_names || !has_numbered(rows),
                             .place = place->has_names || has_numbered(rows) ? place->found : NULL,
                             .left_out = others.left_out};
    strata_wire_pass_outcome(wire, &status, err);
    if (status == STRATA_OK)
        pass_sizes(wire, &sizes);
    for (size_t i = 0; status == STRATA_OK && i < rows->n_wanted; ++i) {
        const struct strata_stored_wanted *wanted = &rows->wanted[i];
        struct incoming_column column = {wanted->column->name, wanted->is_narrow, wanted->source, NULL};
        pass_column(wire, &column, rows->n_sources);
    }
    strata_named_table_release(&others);
    return status;
}

/* The rows of one source, in parts: each with how reading it has ended. */
static enum strata_status send_source(const struct strata_stored_rows *rows, size_t source, struct strata_wire *wire)
{
    const struct strata_stored_source *from = &rows->source[source];
    size_t part_rows = from->part_rows < rows->n_rows ? from->part_rows : rows->n_rows;
    enum strata_status outcome = STRATA_OK;
    struct strata_error error = {0};
    char *part = strata_malloc_array(part_rows, from->row_bytes);
    double *values = strata_malloc_array(part_rows, sizeof *values);
    strata_wire_pass_size(wire, &part_rows, rows->n_rows);
    for (size_t first = 0; first < rows->n_rows && outcome == STRATA_OK && wire->status == STRATA_OK;
         first += part_rows) {
        size_t left = rows->n_rows - first, n = left < part_rows ? left : part_rows;
        strata_contained_allow_time();
        outcome = part && values ? strata_stored_rows_read(rows, source, first, n, part, &error)
                                 : strata_fail_memory(&error, "rows", part_rows, from->row_bytes);
        strata_wire_pass_outcome(wire, &outcome, &error);
        for (size_t i = 0; outcome == STRATA_OK && i < rows->n_wanted; ++i) {
            if (rows->wanted[i].source != source)
                continue;
            strata_stored_rows_pick(rows, i, part, n, values);
            strata_wire_pass_bytes(wire, values, n * (rows->wanted[i].is_narrow ? sizeof(float) : sizeof(double)));
        }
    }
    free(part);
    free(values);
    return outcome;
}

static void read_table(void *context, struct strata_wire *wire)
{
    const struct order *order = context;
    struct strata_stored_place place = {.group = -1};
    struct strata_stored_rows rows = {0};
    struct strata_hdf5_session session;
    struct strata_error error = {0};
    hid_t file = -1;
    strata_hdf5_session_begin(&session);
    enum strata_status outcome = open_place(order, &file, &place, &error);
    if (outcome == STRATA_OK)
        outcome = strata_stored_rows_open(&rows, &place, order->columns, order->n_columns, &error);
    strata_wire_send(wire);
    if (outcome != STRATA_OK)
        strata_wire_pass_outcome(wire, &outcome, &error);
    else
        outcome = send_columns(&rows, order->n_columns > 0, wire, &error);
    for (size_t i = 0; i < rows.n_sources && outcome == STRATA_OK; ++i)
        outcome = send_source(&rows, i, wire);
    strata_stored_rows_close(&rows);
    strata_stored_place_close(&place);
    if (file >= 0)
        (void)H5Fclose(file);
    strata_hdf5_session_end(&session);
}

static enum strata_type type_of(const struct incoming_column *column)
{
    return column->is_narrow ? STRATA_F32 : STRATA_F64;
}

static enum strata_status receive_columns(struct strata_contained *contained, struct incoming *incoming,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK, outcome = STRATA_OK;
    struct strata_wire *wire = &contained->wire;
    strata_wire_pass_outcome(wire, &outcome, err);
    if (outcome == STRATA_OK)
        pass_sizes(wire, incoming);
    STRATA_TRY(strata_contained_check(contained, err));
    STRATA_TRY(outcome);
    incoming->column = strata_calloc_array(incoming->n_columns, sizeof *incoming->column);
    if (!incoming->column)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %zu columns", incoming->n_columns);
    for (size_t i = 0; i < incoming->n_columns; ++i)
        pass_column(wire, &incoming->column[i], incoming->n_sources);
    STRATA_TRY(strata_contained_check(contained, err));
    for (size_t i = 0; i < incoming->n_columns; ++i) {
        struct incoming_column *column = &incoming->column[i];
        column->values = strata_malloc_array(incoming->n_rows, strata_type_size(type_of(column)));
        if (!column->values)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu rows of column %s", incoming->n_rows, column->name);
    }
done:
    return status;
}

static enum strata_status receive_source(struct strata_contained *contained, struct incoming *incoming, size_t source,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK, outcome = STRATA_OK;
    struct strata_wire *wire = &contained->wire;
    size_t part_rows = 0;
    strata_wire_pass_size(wire, &part_rows, incoming->n_rows);
    strata_wire_refuse_if(wire, part_rows == 0);
    STRATA_TRY(strata_contained_check(contained, err));
    for (size_t first = 0; first < incoming->n_rows; first += part_rows) {
        size_t left = incoming->n_rows - first, n = left < part_rows ? left : part_rows;
        strata_wire_pass_outcome(wire, &outcome, err);
        for (size_t i = 0; outcome == STRATA_OK && i < incoming->n_columns; ++i) {
            struct incoming_column *column = &incoming->column[i];
            const size_t size = strata_type_size(type_of(column));
            if (column->source == source)
                strata_wire_pass_bytes(wire, column->values + first * size, n * size);
        }
        STRATA_TRY(strata_contained_check(contained, err));
        STRATA_TRY(outcome);
    }
done:
    return status;
}

static enum strata_status hand_over(struct incoming *incoming, struct strata_named_table *named,
                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    named->has_header = incoming->has_names;
    named->table.n_rows = incoming->n_rows;
    named->place = incoming->place;
    named->left_out = incoming->left_out;
    incoming->place = incoming->left_out = NULL;
    for (size_t i = 0; i < incoming->n_columns; ++i) {
        struct incoming_column *column = &incoming->column[i];
        STRATA_TRY(strata_named_table_add(named, column->name, type_of(column), column->values, err));
        column->values = NULL;
    }
done:
    return status;
}

enum strata_status strata_stored_table_read(const char *path, const char *place, const char *const *columns,
                                            size_t n_columns, struct strata_named_table *named,
                                            struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct order order = {path, place, columns, n_columns};
    struct strata_contained contained;
    struct incoming incoming = {0};
    *named = (struct strata_named_table){0};
    STRATA_TRY(strata_contained_start(&contained, read_table, &order, -1, path, 0, err));
    status = receive_columns(&contained, &incoming, err);
    for (size_t source = 0; status == STRATA_OK && source < incoming.n_sources; ++source)
        status = receive_source(&contained, &incoming, source, err);
    if (status == STRATA_OK)
        status = hand_over(&incoming, named, err);
done:
    strata_contained_stop(&contained);
    release(&incoming);
    if (status != STRATA_OK)
        strata_named_table_release(named);
    return status;
}
