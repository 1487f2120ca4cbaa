/* What is said of a table and of its columns, over the wire. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "hdf5_service.h"
#include "memory.h"

enum { COLUMNS_MAX = 65536, NAME_MAX_BYTES = 65536, NAMES_MAX = 65536, SIZE_MAX_BYTES = 1 << 20 };

static void pass_names(struct strata_wire *wire, struct strata_hdf5_names *names)
{
    void *value = names->value;
    size_t n = names->n;
    strata_wire_pass_size(wire, &n, NAMES_MAX);
    strata_wire_pass_array(wire, &value, n, sizeof *names->value);
    strata_wire_pass_texts(wire, &names->name, n, NAME_MAX_BYTES);
    names->value = value;
    names->n = names->name ? n : 0;
    strata_wire_refuse_if(wire, n > 0 && (!value || !names->name));
    for (size_t i = 1; value && i < names->n; ++i)
        strata_wire_refuse_if(wire, names->value[i] < names->value[i - 1]);
}

/* Elements of a width that values are made of. */
static bool has_size(const struct strata_hdf5_column *column)
{
    const size_t size = column->size;
    switch (column->form) {
    case STRATA_HDF5_FLOAT: return size == sizeof(float) || size == sizeof(double);
    case STRATA_HDF5_FIXED_TEXT: return size > 0 && size <= SIZE_MAX_BYTES;
    case STRATA_HDF5_VARIABLE_TEXT: return size > 0;
    default: return size == 1 || size == 2 || size == 4 || size == 8;
    }
}

static bool has_unit(const struct strata_hdf5_column *column)
{
    return !column->is_time ||
           (isfinite(column->unit) && column->unit_whole >= 0 && (column->unit_whole > 0 || column->unit_parts > 0));
}

static void pass_column(struct strata_wire *wire, struct strata_hdf5_column *column)
{
    int form = (int)column->form, padding = (int)column->padding;
    strata_wire_pass_text(wire, &column->name, NAME_MAX_BYTES);
    strata_wire_pass_int(wire, &form, 0, STRATA_HDF5_N_FORMS - 1);
    strata_wire_pass_bool(wire, &column->is_signed);
    strata_wire_pass_bool(wire, &column->is_plain);
    strata_wire_pass_size(wire, &column->size, SIZE_MAX_BYTES);
    strata_wire_pass_int(wire, &padding, INT_MIN, INT_MAX);
    strata_wire_pass_int(wire, &column->member, -1, INT_MAX);
    strata_wire_pass_bool(wire, &column->has_missing);
    for (int i = 0; i < 2; ++i) {
        strata_wire_pass_i64(wire, &column->missing[i]);
        strata_wire_pass_double(wire, &column->missing_real[i]);
    }
    strata_wire_pass_bool(wire, &column->is_time);
    strata_wire_pass_bool(wire, &column->is_instant);
    strata_wire_pass_double(wire, &column->unit);
    strata_wire_pass_i64(wire, &column->unit_whole);
    strata_wire_pass_i64(wire, &column->unit_parts);
    strata_wire_pass_i64(wire, &column->base);
    column->form = (enum strata_hdf5_form)form;
    column->padding = (H5T_str_t)padding;
    strata_wire_refuse_if(wire, !column->name || !has_size(column) || !has_unit(column));
    pass_names(wire, &column->names);
}

void strata_hdf5_table_pass(struct strata_wire *wire, struct strata_hdf5_table *table)
{
    size_t n = table->n_columns;
    strata_wire_pass_text(wire, &table->path, NAME_MAX_BYTES);
    strata_wire_pass_bool(wire, &table->is_compound);
    strata_wire_pass_u64(wire, &table->n_rows);
    strata_wire_pass_size(wire, &n, COLUMNS_MAX);
    strata_wire_refuse_if(wire, !table->path);
    if (!wire->is_sending) {
        table->column = strata_calloc_array(n, sizeof *table->column);
        if (!table->column)
            wire->status = STRATA_MEMORY;
        table->n_columns = table->capacity = table->column ? n : 0;
    }
    for (size_t i = 0; i < table->n_columns && wire->status == STRATA_OK; ++i)
        pass_column(wire, &table->column[i]);
}

void strata_hdf5_columns_pass(struct strata_wire *wire, int column[STRATA_N_ROLES], size_t n_columns)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        strata_wire_pass_int(wire, &column[role], -1, (int)n_columns - 1);
}

void strata_hdf5_selection_pass(struct strata_wire *wire, struct strata_hdf5_selection *selection)
{
    strata_wire_pass_int(wire, &selection->n_datasets, 1, STRATA_N_ROLES);
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        strata_wire_pass_int(wire, &selection->dataset[role], 0, selection->n_datasets - 1);
        strata_wire_pass_size(wire, &selection->offset[role], STRATA_HDF5_CHUNK_MAX);
    }
}
