#include "hdf5_table.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_error.h"
#include "memory.h"

void strata_hdf5_table_release(struct strata_hdf5_table *table)
{
    for (size_t i = 0; i < table->n_columns; ++i)
        strata_hdf5_column_release(&table->column[i]);
    free(table->column);
    free(table->path);
    *table = (struct strata_hdf5_table){0};
}

static enum strata_status append_column(struct strata_hdf5_table *table, const struct strata_hdf5_column *column,
                                        struct strata_error *err)
{
    void *array = table->column;
    enum strata_status status =
        strata_grow_array(&array, &table->capacity, table->n_columns + 1, sizeof *table->column, err);
    table->column = array;
    if (status == STRATA_OK)
        table->column[table->n_columns++] = *column;
    return status;
}

static enum strata_status add_column(struct strata_hdf5_table *table, const struct strata_hdf5_column *column,
                                     uint64_t n_rows, struct strata_error *err)
{
    table->n_rows = table->n_columns && table->n_rows != n_rows ? UINT64_MAX : n_rows;
    return append_column(table, column, err);
}

enum strata_status strata_hdf5_table_refuse(struct strata_hdf5_table *refused, enum strata_hdf5_form form,
                                            const char *name, int member, struct strata_error *err)
{
    struct strata_hdf5_column column;
    enum strata_status status = strata_hdf5_column_refuse(&column, form, name, member, err);
    if (status == STRATA_OK)
        status = append_column(refused, &column, err);
    if (status != STRATA_OK)
        strata_hdf5_column_release(&column);
    return status;
}

enum strata_status strata_hdf5_table_take_refused(struct strata_hdf5_table *table, struct strata_hdf5_table *refused,
                                                  struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (size_t i = 0; i < refused->n_columns; ++i) {
        STRATA_TRY(append_column(table, &refused->column[i], err));
        refused->column[i] = (struct strata_hdf5_column){0};
    }
done:
    return status;
}

/* A column that was described, with what its attributes say, or nothing of it on failure. */
static enum strata_status take_column(struct strata_hdf5_table *table, struct strata_hdf5_column *column, hid_t dataset,
                                      uint64_t n_rows, const char *path, struct strata_error *err)
{
    enum strata_status status = strata_hdf5_column_annotate(column, dataset, path, err);
    if (status == STRATA_OK)
        status = add_column(table, column, n_rows, err);
    if (status != STRATA_OK)
        strata_hdf5_column_release(column);
    return status;
}

enum strata_status strata_hdf5_table_add_members(struct strata_hdf5_table *table, struct strata_hdf5_table *refused,
                                                 hid_t dataset, hid_t type, uint64_t n_rows, const char *path,
                                                 struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int i = 0, n = H5Tget_nmembers(type); i < n && status == STRATA_OK; ++i) {
        struct strata_hdf5_column column = {0};
        bool is_one = false;
        hid_t member = H5Tget_member_type(type, (unsigned)i);
        char *name = H5Tget_member_name(type, (unsigned)i);
        if (member < 0 || !name)
            status = strata_hdf5_fail_input(err, path, "the members of a dataset");
        else
            status = strata_hdf5_column_describe(&column, member, name, &is_one, err);
        if (status == STRATA_OK && !is_one)
            status = strata_hdf5_table_refuse(refused, STRATA_HDF5_UNREAD_TYPE, name, i, err);
        if (member >= 0)
            (void)H5Tclose(member);
        if (name)
            (void)H5free_memory(name);
        column.member = i;
        if (is_one)
            status = take_column(table, &column, dataset, n_rows, path, err);
    }
    return status;
}

enum strata_status strata_hdf5_table_add_dataset(struct strata_hdf5_table *table, struct strata_hdf5_table *refused,
                                                 hid_t dataset, hid_t type, const char *name, uint64_t n_rows,
                                                 const char *path, struct strata_error *err)
{
    struct strata_hdf5_column column;
    bool is_one;
    enum strata_status status = strata_hdf5_column_describe(&column, type, name, &is_one, err);
    if (status != STRATA_OK)
        return status;
    if (!is_one)
        return strata_hdf5_table_refuse(refused, STRATA_HDF5_UNREAD_TYPE, name, -1, err);
    return take_column(table, &column, dataset, n_rows, path, err);
}
