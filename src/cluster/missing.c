#include "missing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "transforms.h"

/* Label the rows of a chunk, and count what is missing in each column. Returns the complete rows. */
static size_t scan_chunk(const struct strata_table_column *const *source, int n_columns,
                         const struct strata_preparation *rule, size_t first, size_t end, int16_t *label,
                         uint64_t *n_missing)
{
    double value[STRATA_BLOCK_ROWS];
    size_t n_complete = 0;
    for (size_t block = first; block < end; block += STRATA_BLOCK_ROWS) {
        size_t n = end - block < STRATA_BLOCK_ROWS ? end - block : STRATA_BLOCK_ROWS;
        memset(label + block, 0, n * sizeof *label);
        for (int c = 0; c < n_columns; ++c) {
            strata_rows_read(source[c], block, n, value);
            for (size_t i = 0; i < n; ++i)
                if (!strata_preparation_takes(rule, value[i])) {
                    label[block + i] = INT16_MIN;
                    ++n_missing[c];
                }
        }
        for (size_t i = 0; i < n; ++i)
            n_complete += label[block + i] == 0;
    }
    return n_complete;
}

void strata_missing_scan_release(struct strata_missing_scan *scan)
{
    free(scan->start);
    free(scan->n_missing);
    *scan = (struct strata_missing_scan){0};
}

enum strata_status strata_missing_scan(struct strata_missing_scan *scan,
                                       const struct strata_table_column *const *source, int n_columns,
                                       enum strata_cluster_transform transform, const struct strata_row_chunks *chunks,
                                       int threads, int16_t *label, struct strata_error *err)
{
    const struct strata_preparation rule = {.transform = transform};
    size_t width = (size_t)n_columns;
    uint64_t *counts = strata_calloc_array(chunks->n_chunks, width * sizeof *counts);
    *scan = (struct strata_missing_scan){.start = strata_calloc_array(chunks->n_chunks + 1, sizeof *scan->start),
                                         .n_missing = strata_calloc_array(width, sizeof *scan->n_missing)};
    if (!counts || !scan->start || !scan->n_missing) {
        free(counts);
        return strata_fail(err, STRATA_MEMORY, "out of memory: %d columns to cluster", n_columns);
    }
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks->n_chunks; ++chunk)
        scan->start[chunk + 1] = scan_chunk(source, n_columns, &rule, strata_row_chunk_start(chunks, chunk),
                                            strata_row_chunk_start(chunks, chunk + 1), label, counts + chunk * width);
    for (size_t chunk = 0; chunk < chunks->n_chunks; ++chunk) {
        scan->start[chunk + 1] += scan->start[chunk];
        for (size_t c = 0; c < width; ++c)
            scan->n_missing[c] += counts[chunk * width + c];
    }
    free(counts);
    return STRATA_OK;
}

enum strata_status strata_missing_settle(struct strata_missing_scan *scan, enum strata_cluster_missing policy,
                                         const struct strata_table_column *const *source, int n_columns,
                                         const struct strata_row_chunks *chunks, int16_t *label, size_t *n_without,
                                         struct strata_error *err)
{
    bool any_missing = false, any_value = false;
    *n_without = chunks->n_rows - scan->start[chunks->n_chunks];
    for (int c = 0; c < n_columns; ++c) {
        any_missing = any_missing || scan->n_missing[c] > 0;
        any_value = any_value || scan->n_missing[c] < chunks->n_rows;
        if (policy == STRATA_MISSING_REFUSE && scan->n_missing[c] > 0)
            return strata_fail(err, STRATA_REJECTED,
                               "clusters: column %s has no usable value in %llu of %zu rows, and missing values are "
                               "refused\nchoose other columns, or another policy for missing values",
                               source[c]->about.name, (unsigned long long)scan->n_missing[c], chunks->n_rows);
    }
    if (policy == STRATA_MISSING_DROP || !any_missing || (policy == STRATA_MISSING_MEDIAN && !any_value))
        return STRATA_OK;
    memset(label, 0, chunks->n_rows * sizeof *label);
    for (size_t chunk = 0; chunk <= chunks->n_chunks; ++chunk)
        scan->start[chunk] = strata_row_chunk_start(chunks, chunk);
    *n_without = 0;
    return STRATA_OK;
}

/* A copy of the column as doubles, what is missing NaN. */
static enum strata_status copy_column(struct strata_table_column *copy, const struct strata_table_column *source,
                                      const struct strata_preparation *preparation, size_t n_rows, int threads,
                                      struct strata_error *err)
{
    double *values = strata_malloc_array(n_rows, sizeof *values);
    if (!values)
        return strata_fail_memory(err, source->about.name, n_rows, sizeof *values);
    *copy = *source;
    copy->about.type = STRATA_F64;
    copy->values = values;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t first = 0; first < n_rows; first += STRATA_BLOCK_ROWS) {
        size_t n = n_rows - first < STRATA_BLOCK_ROWS ? n_rows - first : STRATA_BLOCK_ROWS;
        strata_rows_read(source, first, n, values + first);
        for (size_t i = first; i < first + n; ++i)
            if (!strata_preparation_takes(preparation, values[i]))
                values[i] = (double)NAN;
    }
    return STRATA_OK;
}

static enum strata_status find_median(const struct strata_table_column *column, size_t n_rows, int threads,
                                      double *median, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_order order = {0};
    const struct strata_order_source source = {.column = column, .n_rows = n_rows, .n_groups = 1, .threads = threads};
    STRATA_TRY(strata_order_init(&order, &source, err));
    *median = 1;
    if (order.count[0] > 0)
        STRATA_TRY(strata_type7_quantiles(&order, &(uint64_t){1}, 1, 2, median, err));
done:
    strata_order_release(&order);
    return status;
}

enum strata_status strata_impute(struct strata_imputed_columns *imputed, struct strata_preparation *preparation,
                                 const struct strata_table_column *const *source, size_t n_rows, int threads,
                                 struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_columns = (size_t)preparation->d;
    *imputed = (struct strata_imputed_columns){
        .column = strata_malloc_array(n_columns, sizeof(const struct strata_table_column *)),
        .n_columns = preparation->d,
        .copy = strata_calloc_array(n_columns, sizeof *imputed->copy),
    };
    if (!imputed->column || !imputed->copy)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu columns to cluster", n_columns);
    for (size_t c = 0; c < n_columns; ++c) {
        imputed->column[c] = source[c];
        if (preparation->missing == STRATA_MISSING_ZERO)
            preparation->imputed[c] = 0;
        if (preparation->missing != STRATA_MISSING_MEDIAN && preparation->missing != STRATA_MISSING_ZERO)
            continue;
        struct strata_table_column *copy = &imputed->copy[c];
        if (preparation->missing_values[c] > 0) {
            STRATA_TRY(copy_column(copy, source[c], preparation, n_rows, threads, err));
            imputed->column[c] = copy;
        }
        if (preparation->missing == STRATA_MISSING_MEDIAN)
            STRATA_TRY(find_median(imputed->column[c], n_rows, threads, &preparation->imputed[c], err));
        for (size_t i = 0; copy->values && i < n_rows; ++i)
            if (isnan(((double *)copy->values)[i]))
                ((double *)copy->values)[i] = preparation->imputed[c];
    }
done:
    return status;
}

void strata_imputed_columns_release(struct strata_imputed_columns *imputed)
{
    for (int c = 0; imputed->copy && c < imputed->n_columns; ++c)
        free(imputed->copy[c].values);
    free(imputed->copy);
    free(imputed->column);
    *imputed = (struct strata_imputed_columns){0};
}
