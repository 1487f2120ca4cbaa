#include "duckdb_fixture.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "duckdb_api.h"

void duckdb_need(void)
{
    const char *path = getenv("STRATA_DUCKDB_LIBRARY");
    if (!path || access(path, R_OK) != 0)
        cr_skip("skipped: libduckdb not found");
}

void duckdb_run(const char *database, const char *sql)
{
    struct strata_duckdb_api api;
    struct strata_error err;
    strata_duckdb_handle config, handle, connection;
    struct strata_duckdb_result result;
    char *message;
    cr_assert_eq(strata_duckdb_load(&api, &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(api.create_config(&config), 0);
    cr_assert_eq(api.set_config(config, "threads", "2"), 0);
    cr_assert_eq(api.open_ext(database, &handle, config, &message), 0);
    api.destroy_config(&config);
    cr_assert_eq(api.connect(handle, &connection), 0);
    cr_assert_eq(api.query(connection, sql, &result), 0, "%s", api.result_error(&result));
    api.destroy_result(&result);
    api.disconnect(&connection);
    api.close(&handle);
    strata_duckdb_unload(&api);
}

void print_int128(FILE *out, __int128 value)
{
    char digits[48];
    size_t n = 0;
    unsigned __int128 left = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    do
        digits[n++] = (char)('0' + (int)(left % 10));
    while (left /= 10);
    if (value < 0)
        (void)fputc('-', out);
    while (n)
        (void)fputc(digits[--n], out);
}

/* Decimals as "123e-2". */
static void print_value(FILE *out, const struct strata_source_column *about, const struct strata_value_column *column,
                        size_t i)
{
    const void *values = column->values;
    const struct strata_field *field = values;
    const unsigned char *bytes = values;
    if (column->valid && !(column->valid[i / 64] >> (i % 64) & 1)) {
        (void)fputs("NULL", out);
        return;
    }
    switch (about->type) {
    case STRATA_VALUE_TEXT: (void)fwrite(field[i].text, 1, field[i].n, out); break;
    case STRATA_VALUE_UINT64: (void)fprintf(out, "%" PRIu64, ((const uint64_t *)values)[i]); break;
    case STRATA_VALUE_FLOAT32: (void)fprintf(out, "%.9g", (double)((const float *)values)[i]); break;
    case STRATA_VALUE_FLOAT64: (void)fprintf(out, "%.17g", ((const double *)values)[i]); break;
    case STRATA_VALUE_DECIMAL128: print_int128(out, ((const __int128 *)values)[i]); break;
    case STRATA_VALUE_DATE: (void)fprintf(out, "%d", ((const int32_t *)values)[i]); break;
    case STRATA_VALUE_UUID:
        for (int b = 0; b < 16; ++b)
            (void)fprintf(out, "%02x", bytes[16 * i + (size_t)b]);
        break;
    default: (void)fprintf(out, "%" PRId64, ((const int64_t *)values)[i]); break;
    }
    if (about->type == STRATA_VALUE_DECIMAL64 || about->type == STRATA_VALUE_DECIMAL128)
        (void)fprintf(out, "e-%d", about->decimals);
}

static char *print_row(const struct strata_column_source *source, const int column[STRATA_N_ROLES],
                       const struct strata_column_block *block, size_t i)
{
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    for (int role = 0; role < STRATA_N_ROLES && column[role] >= 0; ++role) {
        if (role)
            (void)fputc('|', out);
        print_value(out, &source->column[column[role]], &block->column[role], i);
    }
    (void)fclose(out);
    return text;
}

/* Rows of all readers, each to its place. */
static void keep(struct duckdb_rows *rows, const struct strata_column_source *source, const int column[STRATA_N_ROLES],
                 const struct strata_column_block *block)
{
    size_t end = block->first_row - 1 + block->n_rows;
    if (end > rows->n) {
        rows->row = realloc(rows->row, end * sizeof *rows->row);
        memset(rows->row + rows->n, 0, (end - rows->n) * sizeof *rows->row);
        rows->n = end;
    }
    for (size_t i = 0; i < block->n_rows; ++i) {
        char **row = &rows->row[block->first_row - 1 + i];
        cr_assert_null(*row, "two rows have the number %zu", (size_t)block->first_row + i);
        *row = print_row(source, column, block, i);
    }
}

static void find_columns(const struct strata_column_source *source, const char *names, int column[STRATA_N_ROLES])
{
    char *list = strdup(names), *rest = list;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        const char *name = strsep(&rest, " ");
        column[role] = -1;
        for (size_t i = 0; name && i < source->n_columns; ++i)
            if (strcmp(source->column[i].name, name) == 0)
                column[role] = (int)i;
        cr_assert(!name || column[role] >= 0, "there is no column '%s'", name);
    }
    free(list);
}

static void list_columns(struct duckdb_rows *rows, const struct strata_column_source *source)
{
    size_t n;
    FILE *out = open_memstream(&rows->columns, &n);
    for (size_t i = 0; i < source->n_columns; ++i)
        (void)fprintf(out, "%s ", source->column[i].name);
    (void)fclose(out);
    rows->n_columns = source->n_columns;
    rows->n_told = source->n_rows;
}

static void read_all(struct duckdb_rows *rows, struct strata_column_source *source, int threads,
                     const int column[STRATA_N_ROLES])
{
#pragma omp parallel num_threads(threads)
    {
        struct strata_column_block block = {0};
        struct strata_error err = {0};
        enum strata_status status;
        do {
            status = source->kind->next(source, omp_get_thread_num(), &block, &err);
#pragma omp critical
            if (status != STRATA_OK) {
                rows->status = status;
                rows->error = err;
            } else {
                keep(rows, source, column, &block);
            }
        } while (status == STRATA_OK && block.n_rows);
    }
}

void duckdb_read(struct duckdb_rows *rows, const struct strata_source_request *request, const char *names)
{
    enum strata_status status = STRATA_OK;
    struct strata_column_source source = {0};
    int column[STRATA_N_ROLES];
    *rows = (struct duckdb_rows){0};
    STRATA_TRY(strata_source_duckdb.open(&source, request, &rows->error));
    list_columns(rows, &source);
    find_columns(&source, names, column);
    STRATA_TRY(source.kind->select(&source, column, &rows->error));
    read_all(rows, &source, request->threads, column);
    STRATA_TRY(rows->status);
    STRATA_TRY(source.kind->finish(&source, &rows->error));
    rows->n_bytes = source.n_bytes;
    rows->hash_high = source.hash_high;
    rows->hash_low = source.hash_low;
done:
    rows->status = status;
    if (source.kind)
        source.kind->close(&source);
}

void duckdb_rows_release(struct duckdb_rows *rows)
{
    for (size_t i = 0; i < rows->n; ++i)
        free(rows->row[i]);
    free(rows->row);
    free(rows->columns);
    *rows = (struct duckdb_rows){0};
}
