#include <stdlib.h>

#include "check.h"
#include "memory.h"
#include "method.h"

enum { CHUNK_ROWS = 1024 };

/* A sum and the rounding errors made on its way (Neumaier: Rundungsfehleranalyse einiger Verfahren zur Summation
 * endlicher Summen. ZAMM 54, 1974). */
struct sum {
    double total, error;
    double lowest, highest;
};

static struct sum sum_add(struct sum sum, double value)
{
    double total = sum.total + value;
    sum.error += fabs(sum.total) >= fabs(value) ? (sum.total - total) + value : (value - total) + sum.total;
    sum.total = total;
    return sum;
}

static struct sum sum_chunk(const struct strata_table_column *column, size_t first, size_t n)
{
    double value[CHUNK_ROWS];
    strata_table_read(column, first, n, value);
    struct sum sum = {.lowest = INFINITY, .highest = -INFINITY};
    for (size_t i = 0; i < n; ++i)
        if (!isnan(value[i])) {
            sum = sum_add(sum, value[i]);
            sum.lowest = fmin(sum.lowest, value[i]);
            sum.highest = fmax(sum.highest, value[i]);
        }
    return sum;
}

/* Sums of fixed chunks, merged in order: the same mean for any number of threads. */
static enum strata_status find_edges(const struct strata_scoring *scoring, const struct strata_order *order,
                                     struct strata_score_edges *edges, struct strata_error *err)
{
    size_t n_rows = scoring->table->n_rows, n_chunks = (n_rows + CHUNK_ROWS - 1) / CHUNK_ROWS;
    struct sum *chunk = strata_malloc_array(n_chunks, sizeof *chunk);
    if (!chunk)
        return strata_fail_memory(err, "sums of chunks", n_chunks, sizeof *chunk);
#pragma omp parallel for schedule(static) num_threads(scoring->options->threads)
    for (size_t c = 0; c < n_chunks; ++c) {
        size_t first = c * CHUNK_ROWS;
        chunk[c] = sum_chunk(scoring->column, first, n_rows - first < CHUNK_ROWS ? n_rows - first : CHUNK_ROWS);
    }

    struct sum sum = {.lowest = INFINITY, .highest = -INFINITY};
    for (size_t c = 0; c < n_chunks; ++c) {
        sum = sum_add(sum, chunk[c].total);
        sum.error += chunk[c].error;
        sum.lowest = fmin(sum.lowest, chunk[c].lowest);
        sum.highest = fmax(sum.highest, chunk[c].highest);
    }
    free(chunk);
    /* Infinite values leave no finite error; rounding must not lift the mean above customers who are all alike. */
    double total = isfinite(sum.error) ? sum.total + sum.error : sum.total;
    edges->value[0] = fmin(fmax(total / (double)order->count[0], sum.lowest), sum.highest);
    return STRATA_OK;
}

const struct strata_scorer strata_scorer_mean = {
    .lowest = 0,
    .higher = {true, "score = 1 at or above the threshold (the mean), else 0"},
    .lower = {true, "score = 1 at or below the threshold (the mean), else 0"},
    .find_edges = find_edges,
};
