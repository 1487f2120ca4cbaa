#include "feature_table.h"

#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "check.h"
#include "memory.h"

/* More columns than any family has. */
enum { FAMILY_COLUMNS = 16 };

/* The customers of one partition: their keys and one array per active column. */
struct strata_features_piece {
    size_t n_customers;
    struct strata_key *customer;
    void **column;
};

static bool is_active(const struct strata_features *features, const struct strata_family *family)
{
    return (family->needs & ~features->window.fields) == 0;
}

static size_t count_active_columns(const struct strata_features *features)
{
    size_t count = 0;
    for (size_t f = 0; f < strata_n_families; ++f)
        if (is_active(features, strata_families[f]))
            count += (size_t)strata_families[f]->n_columns;
    return count;
}

enum strata_status strata_features_init(struct strata_features *features, const struct strata_window *window,
                                        size_t n_partitions, struct strata_error *err)
{
    *features = (struct strata_features){.window = *window, .n_partitions = n_partitions};
    features->piece = strata_calloc_array(n_partitions, sizeof *features->piece);
    if (!features->piece)
        return strata_fail_memory(err, "features", n_partitions, sizeof *features->piece);
    return STRATA_OK;
}

static void release_piece(struct strata_features_piece *piece, size_t n_columns)
{
    for (size_t c = 0; piece->column && c < n_columns; ++c)
        free(piece->column[c]);
    free(piece->column);
    free(piece->customer);
    *piece = (struct strata_features_piece){0};
}

void strata_features_release(struct strata_features *features)
{
    size_t n_columns = count_active_columns(features);
    for (size_t p = 0; features->piece && p < features->n_partitions; ++p)
        release_piece(&features->piece[p], n_columns);
    free(features->piece);
    *features = (struct strata_features){0};
}

enum strata_status strata_features_begin(struct strata_features *features, size_t partition, size_t n_customers,
                                         const struct strata_key *customer, struct strata_error *err)
{
    struct strata_features_piece *piece = &features->piece[partition];
    size_t n_columns = count_active_columns(features), c = 0;
    piece->column = strata_calloc_array(n_columns, sizeof *piece->column);
    piece->customer = strata_malloc_array(n_customers, sizeof *piece->customer);
    if (!piece->column || !piece->customer)
        return strata_fail_memory(err, "features", n_customers, sizeof *piece->customer);
    for (size_t f = 0; f < strata_n_families; ++f) {
        if (!is_active(features, strata_families[f]))
            continue;
        for (int i = 0; i < strata_families[f]->n_columns; ++i) {
            size_t size = strata_type_size(strata_families[f]->columns[i].type);
            piece->column[c] = strata_malloc_array(n_customers, size);
            if (!piece->column[c++])
                return strata_fail_memory(err, "features", n_customers, size);
        }
    }
    memcpy(piece->customer, customer, n_customers * sizeof *customer);
    piece->n_customers = n_customers;
    return STRATA_OK;
}

static int32_t to_i32(double value)
{
    if (isnan(value))
        return STRATA_MISSING_I32;
    return value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

/* Features are int32 counts and days, float32 reals and float64 money. */
static void store(void *column, enum strata_type type, size_t index, double value)
{
    switch (type) {
    case STRATA_I32: ((int32_t *)column)[index] = to_i32(value); break;
    case STRATA_F32: ((float *)column)[index] = (float)value; break;
    default: ((double *)column)[index] = value; break;
    }
}

void strata_features_customer(struct strata_features *features, size_t partition, size_t index,
                              const struct strata_history *history)
{
    void **column = features->piece[partition].column;
    for (size_t f = 0; f < strata_n_families; ++f) {
        const struct strata_family *family = strata_families[f];
        if (!is_active(features, family))
            continue;
        double value[FAMILY_COLUMNS];
        family->compute(history, &features->window, value);
        for (int c = 0; c < family->n_columns; ++c)
            store(*column++, family->columns[c].type, index, value[c]);
    }
}

/* Copy one array of every piece to its place; `offset[p]` is where partition p begins. */
static void gather(const struct strata_features *features, const size_t *offset, int threads, size_t size, size_t c,
                   char *whole)
{
#pragma omp parallel for schedule(static) num_threads(threads)
    for (size_t p = 0; p < features->n_partitions; ++p) {
        struct strata_features_piece *piece = &features->piece[p];
        if (piece->n_customers == 0)
            continue;
        memcpy(whole + offset[p] * size, piece->column[c], piece->n_customers * size);
        free(piece->column[c]);
        piece->column[c] = NULL;
    }
}

static enum strata_status finish_column(struct strata_features *features, const struct strata_column *about, size_t c,
                                        const size_t *offset, int threads, struct strata_table *table,
                                        struct strata_error *err)
{
    size_t size = strata_type_size(about->type);
    void *whole = strata_malloc_array(table->n_rows, size);
    if (!whole)
        return strata_fail_memory(err, about->name, table->n_rows, size);
    enum strata_status status = strata_table_add_column(table, about, NULL, whole, err);
    if (status == STRATA_OK)
        gather(features, offset, threads, size, c, whole);
    else
        free(whole);
    return status;
}

enum strata_status strata_features_finish(struct strata_features *features, int threads, struct strata_table *table,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t *offset = strata_malloc_array(features->n_partitions, sizeof *offset);
    if (!offset)
        return strata_fail_memory(err, "features", features->n_partitions, sizeof *offset);
    size_t n_rows = 0;
    for (size_t p = 0; p < features->n_partitions; ++p) {
        offset[p] = n_rows;
        n_rows += features->piece[p].n_customers;
    }
    table->n_rows = n_rows;
    table->customer = strata_malloc_array(n_rows, sizeof *table->customer);
    if (!table->customer)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu customer ids", n_rows);
    for (size_t p = 0; p < features->n_partitions; ++p)
        if (features->piece[p].n_customers)
            memcpy(table->customer + offset[p], features->piece[p].customer,
                   features->piece[p].n_customers * sizeof *table->customer);
    size_t column = 0;
    for (size_t f = 0; f < strata_n_families; ++f)
        for (int c = 0; is_active(features, strata_families[f]) && c < strata_families[f]->n_columns; ++c)
            STRATA_TRY(finish_column(features, &strata_families[f]->columns[c], column++, offset, threads, table, err));
done:
    free(offset);
    return status;
}
