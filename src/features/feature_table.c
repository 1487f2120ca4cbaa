#include "feature_table.h"

#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "check.h"
#include "column_arena.h"
#include "memory.h"

/* More columns than any family has. */
enum { FAMILY_COLUMNS = 16 };

/* An active column and what is needed to store it. */
struct strata_feature_column {
    const struct strata_column *about;
    size_t size; /* bytes of a value */
};

/* The customers of one partition: their keys and one array per active column, in the arenas. */
struct strata_features_piece {
    size_t n_customers;
    struct strata_key *customer;
    void **column;
};

static bool is_active(const struct strata_features *features, const struct strata_family *family)
{
    return (family->needs & ~features->window.fields) == 0;
}

static void list_columns(struct strata_features *features)
{
    for (size_t f = 0; f < strata_n_families; ++f) {
        const struct strata_family *family = strata_families[f];
        for (int c = 0; is_active(features, family) && c < family->n_columns; ++c)
            features->column[features->n_columns++] =
                (struct strata_feature_column){&family->columns[c], strata_type_size(family->columns[c].type)};
    }
}

enum strata_status strata_features_init(struct strata_features *features, const struct strata_window *window,
                                        size_t n_partitions, struct strata_error *err)
{
    size_t most = strata_feature_count();
    *features = (struct strata_features){.window = *window, .n_partitions = n_partitions};
    features->piece = strata_calloc_array(n_partitions, sizeof *features->piece);
    features->column = strata_calloc_array(most, sizeof *features->column);
    features->arena = strata_calloc_array(most + 1, sizeof *features->arena);
    if (!features->piece || !features->column || !features->arena)
        return strata_fail_memory(err, "features", n_partitions, sizeof *features->piece);
    list_columns(features);
    return STRATA_OK;
}

void strata_features_release(struct strata_features *features)
{
    for (size_t p = 0; features->piece && p < features->n_partitions; ++p)
        free(features->piece[p].column);
    for (size_t c = 0; features->arena && c <= features->n_columns; ++c)
        strata_column_arena_release(&features->arena[c]);
    free(features->piece);
    free(features->column);
    free(features->arena);
    *features = (struct strata_features){0};
}

static bool take_arrays(struct strata_features *features, struct strata_features_piece *piece, size_t n_customers)
{
    bool is_complete = true;
#pragma omp critical(strata_features_take)
    {
        piece->customer =
            strata_column_arena_take(&features->arena[features->n_columns], n_customers * sizeof *piece->customer);
        is_complete = piece->customer != NULL;
        for (size_t c = 0; is_complete && c < features->n_columns; ++c) {
            piece->column[c] = strata_column_arena_take(&features->arena[c], n_customers * features->column[c].size);
            is_complete = piece->column[c] != NULL;
        }
    }
    return is_complete;
}

enum strata_status strata_features_begin(struct strata_features *features, size_t partition, size_t n_customers,
                                         const struct strata_key *customer, struct strata_error *err)
{
    struct strata_features_piece *piece = &features->piece[partition];
    piece->column = strata_calloc_array(features->n_columns, sizeof *piece->column);
    if (!piece->column || !take_arrays(features, piece, n_customers))
        return strata_fail_memory(err, "features", n_customers, sizeof(double));
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
static void gather(const struct strata_features *features, const size_t *offset, int threads, size_t c, char *whole)
{
    const size_t size = features->column[c].size;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (size_t p = 0; p < features->n_partitions; ++p) {
        const struct strata_features_piece *piece = &features->piece[p];
        if (piece->n_customers)
            memcpy(whole + offset[p] * size, piece->column[c], piece->n_customers * size);
    }
}

static enum strata_status finish_column(struct strata_features *features, size_t c, const size_t *offset, int threads,
                                        struct strata_table *table, struct strata_error *err)
{
    const struct strata_feature_column *column = &features->column[c];
    void *whole = strata_malloc_array(table->n_rows, column->size);
    if (!whole)
        return strata_fail_memory(err, column->about->name, table->n_rows, column->size);
    enum strata_status status = strata_table_add_column(table, column->about, NULL, whole, err);
    if (status != STRATA_OK) {
        free(whole);
        return status;
    }
    gather(features, offset, threads, c, whole);
    strata_column_arena_release(&features->arena[c]);
    return STRATA_OK;
}

static enum strata_status finish_keys(struct strata_features *features, const size_t *offset,
                                      struct strata_table *table, struct strata_error *err)
{
    table->customer = strata_malloc_array(table->n_rows, sizeof *table->customer);
    if (!table->customer)
        return strata_fail_memory(err, "customer ids", table->n_rows, sizeof *table->customer);
    for (size_t p = 0; p < features->n_partitions; ++p)
        if (features->piece[p].n_customers)
            memcpy(table->customer + offset[p], features->piece[p].customer,
                   features->piece[p].n_customers * sizeof *table->customer);
    strata_column_arena_release(&features->arena[features->n_columns]);
    return STRATA_OK;
}

enum strata_status strata_features_finish(struct strata_features *features, int threads, struct strata_table *table,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t *offset = strata_malloc_array(features->n_partitions, sizeof *offset);
    if (!offset)
        return strata_fail_memory(err, "features", features->n_partitions, sizeof *offset);
    table->n_rows = 0;
    for (size_t p = 0; p < features->n_partitions; ++p) {
        offset[p] = table->n_rows;
        table->n_rows += features->piece[p].n_customers;
    }
    STRATA_TRY(finish_keys(features, offset, table, err));
    for (size_t c = 0; c < features->n_columns; ++c)
        STRATA_TRY(finish_column(features, c, offset, threads, table, err));
done:
    free(offset);
    return status;
}
