/* /customers and /keys: everything that has one row per customer. */
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "column_data.h"
#include "digest.h"
#include "hdf5_error.h"
#include "memory.h"
#include "snapshot_parts.h"

#define ROW_NUMBER "customer"

static hid_t hdf5_type(enum strata_type type)
{
    switch (type) {
    case STRATA_I8: return H5T_NATIVE_INT8;
    case STRATA_I16: return H5T_NATIVE_INT16;
    case STRATA_I32: return H5T_NATIVE_INT32;
    case STRATA_I64: return H5T_NATIVE_INT64;
    case STRATA_F32: return H5T_NATIVE_FLOAT;
    case STRATA_F64: return H5T_NATIVE_DOUBLE;
    }
    return -1;
}

static size_t longest_key(const struct strata_table *table, int threads)
{
    size_t longest = 1;
    const struct strata_key *customer = table->customer;
    size_t n = table->n_rows;
#pragma omp parallel for num_threads(threads) reduction(max : longest) schedule(static)
    for (size_t i = 0; i < n; ++i) {
        char text[STRATA_KEY_MAX_BYTES];
        size_t n_bytes =
            strata_key_is_short(customer[i]) ? strata_key_short_bytes(customer[i]) : strata_key_text(customer[i], text);
        longest = n_bytes > longest ? n_bytes : longest;
    }
    return longest;
}

/* Row numbers, the table's columns, the ids: in this order. */
static enum strata_status lay_out(const struct strata_table *table, hid_t key_type, struct strata_column_data *columns,
                                  struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n = table->n_columns + 2;
    for (size_t c = 0; c < n; ++c)
        columns[c] = (struct strata_column_data){.dataset = -1, .n_rows = table->n_rows};
    columns[0].type = H5T_NATIVE_INT64;
    columns[n - 1].type = key_type;
    columns[n - 1].keys = table->customer;
    columns[n - 1].source = &table->customer_file;
    columns[n - 1].path = strata_copy_string("/keys/customer_id");
    for (size_t c = 0; c + 1 < n; ++c) {
        const char *name = ROW_NUMBER;
        if (c > 0) {
            const struct strata_table_column *column = &table->columns[c - 1];
            name = column->about.name;
            columns[c].type = hdf5_type(column->about.type);
            columns[c].values = column->values;
            columns[c].source = &column->file;
            STRATA_TRY(strata_hdf5_check_name(name, err));
            if (strcmp(name, ROW_NUMBER) == 0)
                STRATA_GIVE_UP(err, STRATA_USAGE, "a column cannot be named " ROW_NUMBER ": that is the row number");
        }
        if (asprintf(&columns[c].path, "/customers/%s", name) < 0)
            columns[c].path = NULL;
    }
    for (size_t c = 0; c < n; ++c) {
        columns[c].row_bytes = H5Tget_size(columns[c].type);
        if (!columns[c].path)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    }
done:
    return status;
}

static const struct strata_table_column row_number = {
    .about = {ROW_NUMBER, STRATA_I64, "1", "Row number: row i is the same customer in all columns"}};

/* Of a column of labels: a later run may go on from them. */
static enum strata_status put_digest(struct strata_hdf5_file *file, const struct strata_column_data *column,
                                     struct strata_error *err)
{
    char digest[STRATA_DIGEST_BYTES];
    strata_values_digest(column->values, column->n_rows * column->row_bytes, digest);
    return strata_hdf5_put_text(file, column->path, STRATA_DIGEST_ATTRIBUTE, digest, err);
}

static enum strata_status create_customers(struct strata_hdf5_file *file, const struct strata_table *table,
                                           struct strata_column_data *columns, bool compress, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(strata_hdf5_put_group(file, "/customers", err));
    for (size_t c = 0; c <= table->n_columns; ++c) {
        const struct strata_table_column *about = c == 0 ? &row_number : &table->columns[c - 1];
        STRATA_TRY(strata_column_data_create(&columns[c], file, compress, err));
        STRATA_TRY(strata_snapshot_describe_column(file, columns[c].path, about, err));
        if (about->labels)
            STRATA_TRY(put_digest(file, &columns[c], err));
        herr_t linked = c == 0 ? H5DSset_scale(columns[0].dataset, ROW_NUMBER)
                               : H5DSattach_scale(columns[c].dataset, columns[0].dataset, 0);
        if (linked < 0) {
            status = strata_hdf5_file_fail(file, err, "the dimension of %s", columns[c].path);
            goto done;
        }
    }
done:
    return status;
}

enum strata_status strata_snapshot_write_customers(struct strata_hdf5_file *file,
                                                   const struct strata_snapshot_contents *contents,
                                                   struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_table *table = contents->table;
    int threads = contents->threads > 0 ? contents->threads : 1;
    size_t n = table->n_columns + 2;
    struct strata_column_data *ids, *columns = strata_calloc_array(n, sizeof *columns);
    hid_t key_type = -1;

    if (!columns)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    key_type = strata_hdf5_text_type(longest_key(table, threads));
    strata_table_rest(table);
    if (key_type < 0) {
        status = strata_hdf5_file_fail(file, err, "the type of the ids");
        goto done;
    }
    STRATA_TRY(lay_out(table, key_type, columns, err));
    STRATA_TRY(create_customers(file, table, columns, contents->compress, err));
    ids = &columns[n - 1];
    STRATA_TRY(strata_column_data_create(ids, file, contents->compress, err));
    STRATA_TRY(strata_hdf5_put_text(file, ids->path, "description", "Customer id of each row of /customers", err));
    STRATA_TRY(strata_column_data_write(columns, n, file, contents->compress, threads, err));
    for (size_t c = 0; c < n; ++c) {
        hid_t dataset = columns[c].dataset;
        columns[c].dataset = -1;
        if (H5Dclose(dataset) < 0) {
            status = strata_hdf5_file_fail(file, err, "closing %s", columns[c].path);
            goto done;
        }
    }
done:
    for (size_t c = 0; columns && c < n; ++c)
        strata_column_data_release(&columns[c]);
    free(columns);
    if (key_type >= 0)
        (void)H5Tclose(key_type);
    return status;
}
