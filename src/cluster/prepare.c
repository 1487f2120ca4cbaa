#include "prepare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "order_statistics.h"
#include "rows.h"

/* Larger values are taken for missing ones: their squares would overflow. */
static const double largest_value = 1e100;

/* What a chunk of rows says about one transformed column. */
struct moments {
    double n, mean, squares; /* squares: sum of (t - mean)^2 */
    double min, max;
};

void strata_prepared_release(struct strata_prepared *prepared)
{
    strata_points_release(&prepared->points);
    free(prepared->column);
    free(prepared->dropped);
    *prepared = (struct strata_prepared){0};
}

static double transformed(enum strata_cluster_transform transform, const struct strata_prepared_column *column,
                          double x)
{
    switch (transform) {
    case STRATA_TRANSFORM_LOG1P: return copysign(log1p(fabs(x)), x);
    case STRATA_TRANSFORM_WINSOR: return x < column->lower ? column->lower : x > column->upper ? column->upper : x;
    case STRATA_TRANSFORM_NONE: return x;
    }
    return x;
}

double strata_prepared_scaled(const struct strata_prepared *prepared, int c, double raw)
{
    const struct strata_prepared_column *column = &prepared->column[c];
    return (transformed(prepared->transform, column, raw) - column->shift) / column->divisor;
}

double strata_prepared_raw(const struct strata_prepared *prepared, int c, double scaled)
{
    const struct strata_prepared_column *column = &prepared->column[c];
    double t = scaled * column->divisor + column->shift;
    return prepared->transform == STRATA_TRANSFORM_LOG1P ? copysign(expm1(fabs(t)), t) : t;
}

static enum strata_status find_columns(const struct strata_table *table, const struct strata_prepare_options *options,
                                       struct strata_prepared_column *column, struct strata_error *err)
{
    for (int c = 0; c < options->n_columns; ++c) {
        const char *name = options->columns[c];
        const struct strata_table_column *source = strata_table_find(table, name);
        if (!source)
            return strata_fail(err, STRATA_USAGE, "clusters: there is no column %s; name features or scores", name);
        for (int other = 0; other < c; ++other)
            if (column[other].source == source)
                return strata_fail(err, STRATA_USAGE, "clusters: column %s is named twice; remove one", name);
        column[c] = (struct strata_prepared_column){
            .source = source, .shift = 0, .divisor = 1, .lower = -INFINITY, .upper = INFINITY};
    }
    return STRATA_OK;
}

/* Label the rows of a chunk: 0 complete, INT16_MIN not. Returns how many are complete. */
static size_t mark_complete(const struct strata_prepared_column *column, int n_columns, size_t first, size_t end,
                            int16_t *label)
{
    double value[STRATA_BLOCK_ROWS];
    size_t n_complete = 0;
    for (size_t block = first; block < end; block += STRATA_BLOCK_ROWS) {
        size_t n = end - block < STRATA_BLOCK_ROWS ? end - block : STRATA_BLOCK_ROWS;
        memset(label + block, 0, n * sizeof *label);
        for (int c = 0; c < n_columns; ++c) {
            strata_rows_read(column[c].source, block, n, value);
            for (size_t i = 0; i < n; ++i)
                if (!(fabs(value[i]) <= largest_value))
                    label[block + i] = INT16_MIN;
        }
        for (size_t i = 0; i < n; ++i)
            n_complete += label[block + i] == 0;
    }
    return n_complete;
}

/* Chan, Golub, LeVeque 1979. */
static void merge_moments(struct moments *into, const struct moments *other)
{
    if (other->n == 0)
        return;
    if (into->n == 0) {
        *into = *other;
        return;
    }
    double n = into->n + other->n, delta = other->mean - into->mean;
    into->squares += other->squares + delta * delta * into->n * other->n / n;
    into->mean += delta * other->n / n;
    into->min = fmin(into->min, other->min);
    into->max = fmax(into->max, other->max);
    into->n = n;
}

static struct moments chunk_moments(const struct strata_prepared *prepared, const struct strata_prepared_column *column,
                                    size_t first, size_t end, const int16_t *label)
{
    struct moments chunk = {.min = INFINITY, .max = -INFINITY};
    double value[STRATA_BLOCK_ROWS];
    for (size_t start = first; start < end; start += STRATA_BLOCK_ROWS) {
        size_t n = end - start < STRATA_BLOCK_ROWS ? end - start : STRATA_BLOCK_ROWS, kept = 0;
        struct moments block = {.min = INFINITY, .max = -INFINITY};
        strata_rows_read(column->source, start, n, value);
        for (size_t i = 0; i < n; ++i)
            if (label[start + i] == 0)
                value[kept++] = transformed(prepared->transform, column, value[i]);
        block.n = (double)kept;
        for (size_t i = 0; i < kept; ++i) {
            block.mean += value[i] / block.n;
            block.min = fmin(block.min, value[i]);
            block.max = fmax(block.max, value[i]);
        }
        for (size_t i = 0; i < kept; ++i)
            block.squares += (value[i] - block.mean) * (value[i] - block.mean);
        merge_moments(&chunk, &block);
    }
    return chunk;
}

/* The winsor limits: two order statistics of the complete rows. */
static enum strata_status set_limits(struct strata_prepared_column *column, size_t n_rows, const int16_t *label,
                                     const struct strata_prepare_options *options, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_order order = {0};
    struct strata_order_source source = {
        .column = column->source, .n_rows = n_rows, .group = label, .n_groups = 1, .threads = options->threads};
    STRATA_TRY(strata_order_init(&order, &source, err));
    double limit[2], last = (double)(order.count[0] - 1);
    struct strata_order_rank rank[2] = {{0, (uint64_t)floor(options->winsor_lower * last)},
                                        {0, (uint64_t)ceil(options->winsor_upper * last)}};
    STRATA_TRY(strata_order_select(&order, rank, 2, limit, err));
    column->lower = limit[0];
    column->upper = limit[1];
done:
    strata_order_release(&order);
    return status;
}

/* Keep the columns that vary, with their shift and divisor; all of them if none does. moments: one per column. */
static void keep_varying(struct strata_prepared *prepared, struct moments *moments,
                         const struct strata_prepare_options *options)
{
    int kept = 0, n_columns = options->n_columns;
    for (int c = 0; c < n_columns; ++c)
        kept += moments[c].squares > 0 && moments[c].min < moments[c].max;
    prepared->constant = kept == 0;
    prepared->d = 0;
    for (int c = 0; c < n_columns; ++c) {
        bool varies = moments[c].squares > 0 && moments[c].min < moments[c].max;
        if (!varies && !prepared->constant) {
            prepared->dropped[prepared->n_dropped++] = prepared->column[c].source->about.name;
            continue;
        }
        struct strata_prepared_column *column = &prepared->column[prepared->d];
        *column = prepared->column[c];
        moments[prepared->d++] = moments[c];
        if (options->scaling == STRATA_SCALING_STANDARD) {
            column->shift = varies ? moments[c].mean : moments[c].min;
            column->divisor = varies ? sqrt(moments[c].squares / moments[c].n) : 1;
        }
    }
}

/* Where the points lie: z less its mean, over the widest distance from it. */
static void place_points(struct strata_prepared *prepared, const struct moments *moments,
                         enum strata_cluster_scaling scaling)
{
    double widest = 0;
    for (int c = 0; c < prepared->d; ++c) {
        const struct strata_prepared_column *column = &prepared->column[c];
        double mean = fmin(fmax(moments[c].mean, moments[c].min), moments[c].max);
        if (scaling == STRATA_SCALING_NONE) {
            /* To the step of floats of the column's size: subtracting it then rounds no value that a float holds, which
             * would move all values of a grid, and so the centroids, the same way. */
            double step = strata_points_unit(fmax(fabs(moments[c].min), fabs(moments[c].max))) * 0x1p-24;
            mean = rint(mean / step) * step;
        }
        double reach = fmax(moments[c].max - mean, mean - moments[c].min) / column->divisor;
        prepared->points.shift[c] = scaling == STRATA_SCALING_NONE ? mean : 0;
        widest = fmax(widest, reach);
    }
    /* A hair more than the range: rounding must not push the farthest value out of [-1, 1]. */
    prepared->points.unit = strata_points_unit(widest * (1 + 0x1p-20));
}

/* Write the complete rows of a chunk as points from `point` on. */
static void fill_points(struct strata_prepared *prepared, size_t first, size_t end, const int16_t *label, size_t point)
{
    struct strata_points *points = &prepared->points;
    double value[STRATA_BLOCK_ROWS];
    for (size_t block = first; block < end; block += STRATA_BLOCK_ROWS) {
        size_t n = end - block < STRATA_BLOCK_ROWS ? end - block : STRATA_BLOCK_ROWS, next = point;
        for (int c = 0; c < prepared->d; ++c) {
            next = point;
            strata_rows_read(prepared->column[c].source, block, n, value);
            for (size_t i = 0; i < n; ++i)
                if (label[block + i] == 0)
                    points->tile[strata_points_index(points, next++, c)] =
                        (float)((strata_prepared_scaled(prepared, c, value[i]) - points->shift[c]) / points->unit);
        }
        point = next;
    }
}

/* start[chunk]: complete rows before the chunk. */
static void mark_rows(const struct strata_prepared *prepared, const struct strata_row_chunks *chunks, int threads,
                      int16_t *label, size_t *start)
{
    start[0] = 0;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks->n_chunks; ++chunk)
        start[chunk + 1] = mark_complete(prepared->column, prepared->d, strata_row_chunk_start(chunks, chunk),
                                         strata_row_chunk_start(chunks, chunk + 1), label);
    for (size_t chunk = 0; chunk < chunks->n_chunks; ++chunk)
        start[chunk + 1] += start[chunk];
}

/* Winsor limits and moments of every column; scratch: n_chunks. */
static enum strata_status measure_columns(struct strata_prepared *prepared, const struct strata_row_chunks *chunks,
                                          const struct strata_prepare_options *options, const int16_t *label,
                                          struct moments *moments, struct moments *scratch, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int c = 0; c < prepared->d; ++c) {
        struct strata_prepared_column *column = &prepared->column[c];
        if (options->transform == STRATA_TRANSFORM_WINSOR)
            STRATA_TRY(set_limits(column, chunks->n_rows, label, options, err));
#pragma omp parallel for num_threads(options->threads) schedule(static)
        for (size_t chunk = 0; chunk < chunks->n_chunks; ++chunk)
            scratch[chunk] = chunk_moments(prepared, column, strata_row_chunk_start(chunks, chunk),
                                           strata_row_chunk_start(chunks, chunk + 1), label);
        moments[c] = (struct moments){.min = INFINITY, .max = -INFINITY};
        for (size_t chunk = 0; chunk < chunks->n_chunks; ++chunk)
            merge_moments(&moments[c], &scratch[chunk]);
    }
done:
    return status;
}

enum strata_status strata_prepare(const struct strata_table *table, const struct strata_prepare_options *options,
                                  int16_t *label, struct strata_prepared *prepared, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_row_chunks chunks = strata_row_chunks_of(table->n_rows);
    size_t n_columns = (size_t)options->n_columns;
    size_t *start = strata_malloc_array(chunks.n_chunks + 1, sizeof *start);
    struct moments *scratch = strata_malloc_array(chunks.n_chunks, sizeof *scratch);
    struct moments *moments = strata_malloc_array(n_columns, sizeof *moments);
    *prepared = (struct strata_prepared){.transform = options->transform, .d = options->n_columns};
    prepared->column = strata_calloc_array(n_columns, sizeof *prepared->column);
    prepared->dropped = strata_calloc_array(n_columns, sizeof *prepared->dropped);
    if (!start || !scratch || !moments || !prepared->column || !prepared->dropped)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu columns to cluster", n_columns);
    STRATA_TRY(find_columns(table, options, prepared->column, err));
    mark_rows(prepared, &chunks, options->threads, label, start);
    size_t n_complete = start[chunks.n_chunks];
    prepared->n_missing = table->n_rows - n_complete;
    if (n_complete == 0)
        goto done;
    STRATA_TRY(measure_columns(prepared, &chunks, options, label, moments, scratch, err));
    keep_varying(prepared, moments, options);
    STRATA_TRY(strata_points_init(&prepared->points, n_complete, prepared->d, false, err));
    place_points(prepared, moments, options->scaling);
#pragma omp parallel for num_threads(options->threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks.n_chunks; ++chunk)
        fill_points(prepared, strata_row_chunk_start(&chunks, chunk), strata_row_chunk_start(&chunks, chunk + 1), label,
                    start[chunk]);
    STRATA_TRY(strata_points_finish(&prepared->points, options->threads, err));
done:
    free(start);
    free(scratch);
    free(moments);
    if (status != STRATA_OK)
        strata_prepared_release(prepared);
    return status;
}
