#include "given.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

/* STRATA_KMEANS_MAX_CLUSTERS centroids of so many columns are still counted in int. */
enum { MAX_COLUMNS = 65535, BLOCK_ROWS = 256, LANES = STRATA_TILE_ROWS };

enum strata_status strata_given_settle(const struct strata_kmeans_data *data, struct strata_kmeans_data *settled,
                                       struct strata_error *err)
{
    *settled = *data;
    if (data->n_rows == 0 || data->n_columns == 0 || data->n_columns > MAX_COLUMNS)
        return strata_fail(err, STRATA_USAGE,
                           "k-means: %zu rows of %zu columns; both are at least 1, columns at most %d", data->n_rows,
                           data->n_columns, MAX_COLUMNS);
    if (!data->values == !data->columns)
        return strata_fail(err, STRATA_USAGE, "k-means: give the rows either by values or by columns");
    for (size_t c = 0; data->columns && c < data->n_columns; ++c)
        if (!data->columns[c])
            return strata_fail(err, STRATA_USAGE, "k-means: column %zu (from 0) is NULL; give each column its values",
                               c);
    if (data->type != STRATA_KMEANS_FLOAT && data->type != STRATA_KMEANS_DOUBLE)
        return strata_fail(err, STRATA_USAGE, "k-means: there is no type of numbers %d", (int)data->type);
    if (settled->row_stride == 0)
        settled->row_stride = data->values ? (ptrdiff_t)data->n_columns : 1;
    if (settled->column_stride == 0)
        settled->column_stride = 1;
    return STRATA_OK;
}

static const void *place_of(const struct strata_kmeans_data *data, size_t row, size_t column)
{
    size_t width = data->type == STRATA_KMEANS_DOUBLE ? sizeof(double) : sizeof(float);
    const char *base = data->columns ? data->columns[column] : data->values;
    ptrdiff_t number = (ptrdiff_t)row * data->row_stride;
    if (!data->columns)
        number += (ptrdiff_t)column * data->column_stride;
    return base + number * (ptrdiff_t)width;
}

static void read_floats(const float *from, ptrdiff_t stride, size_t n, double *value)
{
    for (size_t i = 0; i < n; ++i)
        value[i] = (double)from[(ptrdiff_t)i * stride];
}

static void read_doubles(const double *from, ptrdiff_t stride, size_t n, double *value)
{
    for (size_t i = 0; i < n; ++i)
        value[i] = from[(ptrdiff_t)i * stride];
}

void strata_given_column(const struct strata_kmeans_data *data, size_t first, size_t n, size_t column, double *value)
{
    const void *from = place_of(data, first, column);
    if (data->type == STRATA_KMEANS_DOUBLE)
        read_doubles(from, data->row_stride, n, value);
    else
        read_floats(from, data->row_stride, n, value);
}

void strata_given_row(const struct strata_kmeans_data *data, size_t row, double *value)
{
    if (data->columns) {
        for (size_t c = 0; c < data->n_columns; ++c)
            strata_given_column(data, row, 1, c, &value[c]);
        return;
    }
    const void *from = place_of(data, row, 0);
    if (data->type == STRATA_KMEANS_DOUBLE)
        read_doubles(from, data->column_stride, data->n_columns, value);
    else
        read_floats(from, data->column_stride, data->n_columns, value);
}

size_t strata_given_find_bad(const double *value, size_t d)
{
    size_t c = 0;
    while (c < d && fabs(value[c]) <= STRATA_GIVEN_MOST)
        ++c;
    return c;
}

enum strata_status strata_given_refuse(size_t row, size_t column, double value, struct strata_error *err)
{
    return strata_fail(err, STRATA_USAGE,
                       "k-means: row %zu, column %zu (from 0) is %g; remove or replace values that are not finite or "
                       "beyond %g",
                       row, column, value, STRATA_GIVEN_MOST);
}

static enum strata_status check_weights(const double *weights, size_t n, struct strata_error *err)
{
    bool any = false;
    for (size_t row = 0; row < n; ++row) {
        if (!strata_points_may_weigh(weights[row]))
            return strata_fail(err, STRATA_USAGE,
                               "k-means: the weight of row %zu (from 0) is %g; weights are 0, or %g to %g", row,
                               weights[row], STRATA_WEIGHT_LEAST, STRATA_WEIGHT_MOST);
        any |= weights[row] > 0;
    }
    if (!any)
        return strata_fail(err, STRATA_USAGE, "k-means: all weights are 0; give at least one row a weight");
    return STRATA_OK;
}

/* What a chunk of rows says about a column. */
struct column_range {
    double sum, min, max; /* sum of w x */
};

/* Borrowed; what the threads share. */
struct placing {
    const struct strata_kmeans_data *data;
    struct strata_points *points;
    struct column_range *range; /* n_chunks x d */
    bool *bad;                  /* n_chunks: a number there is not to be worked on */
};

/* n <= BLOCK_ROWS rows; behind the end, the first of them without weight up to a whole number of lanes. */
static void read_block(const struct placing *placing, size_t first, size_t n, size_t c, double *value, double *weight)
{
    const double *weights = placing->points->weight;
    strata_given_column(placing->data, first, n, c, value);
    for (size_t i = 0; i < n; ++i)
        weight[i] = weights ? weights[first + i] : 1;
    for (size_t i = n; i % LANES != 0; ++i) {
        value[i] = value[0];
        weight[i] = 0;
    }
}

/* Are all numbers fit to be worked on? The sums of lanes are a function of the rows alone, and leave the compiler its
 * vectors. */
static bool scan_block(const struct placing *placing, size_t first, size_t n, size_t c, struct column_range *range)
{
    double value[BLOCK_ROWS], weight[BLOCK_ROWS], sum[LANES] = {0}, min[LANES], max[LANES];
    struct column_range block = {0, INFINITY, -INFINITY};
    read_block(placing, first, n, c, value, weight);
    memcpy(min, value, sizeof min);
    memcpy(max, value, sizeof max);
    for (size_t i = 0; i < n; i += LANES)
        for (size_t lane = 0; lane < LANES; ++lane) {
            double x = value[i + lane];
            sum[lane] += weight[i + lane] * x;
            min[lane] = x < min[lane] ? x : min[lane];
            max[lane] = x > max[lane] ? x : max[lane];
        }
    for (int lane = 0; lane < LANES; ++lane) {
        block.sum += sum[lane];
        block.min = min[lane] < block.min ? min[lane] : block.min;
        block.max = max[lane] > block.max ? max[lane] : block.max;
    }
    range->sum += block.sum;
    range->min = block.min < range->min ? block.min : range->min;
    range->max = block.max > range->max ? block.max : range->max;
    /* NaN shows in the sum. */
    return isfinite(block.sum) && block.min >= -STRATA_GIVEN_MOST && block.max <= STRATA_GIVEN_MOST;
}

/* Rows from `row` to the end, but no more than a block. */
static size_t block_rows(size_t row, size_t end) { return end - row < BLOCK_ROWS ? end - row : BLOCK_ROWS; }

static void scan_chunk(const struct placing *placing, size_t chunk)
{
    const struct strata_points *points = placing->points;
    size_t d = (size_t)points->d, end = strata_points_chunk_start(points, chunk + 1);
    struct column_range *range = placing->range + chunk * d;
    placing->bad[chunk] = false;
    for (size_t c = 0; c < d; ++c)
        range[c] = (struct column_range){0, INFINITY, -INFINITY};
    for (size_t row = strata_points_chunk_start(points, chunk); row < end; row += BLOCK_ROWS)
        for (size_t c = 0; c < d; ++c)
            if (!scan_block(placing, row, block_rows(row, end), c, &range[c]))
                placing->bad[chunk] = true;
}

/* Name the first number of a chunk that is not to be worked on. */
static enum strata_status refuse_chunk(const struct placing *placing, size_t chunk, struct strata_error *err)
{
    const struct strata_points *points = placing->points;
    size_t end = strata_points_chunk_start(points, chunk + 1);
    for (size_t row = strata_points_chunk_start(points, chunk); row < end; ++row)
        for (size_t c = 0; c < (size_t)points->d; ++c) {
            double value;
            strata_given_column(placing->data, row, 1, c, &value);
            if (strata_given_find_bad(&value, 1) == 0)
                return strata_given_refuse(row, c, value, err);
        }
    return STRATA_OK;
}

/* Merge the chunks in order, and set shift and unit. */
static enum strata_status settle_range(const struct placing *placing, struct strata_error *err)
{
    struct strata_points *points = placing->points;
    struct column_range *range = placing->range;
    size_t d = (size_t)points->d;
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk) {
        if (placing->bad[chunk])
            return refuse_chunk(placing, chunk, err);
        for (size_t c = 0; chunk > 0 && c < d; ++c) {
            const struct column_range *other = range + chunk * d + c;
            range[c].sum += other->sum;
            range[c].min = fmin(range[c].min, other->min);
            range[c].max = fmax(range[c].max, other->max);
        }
    }
    double total = points->weight ? 0 : (double)points->n, widest = 0;
    for (size_t row = 0; points->weight && row < points->n; ++row)
        total += points->weight[row];
    for (size_t c = 0; c < d; ++c) {
        /* Rounded, so that subtracting it is exact and moves no centroid, and another order of the rows or copies for
         * weights give the same shift. */
        double step = points->wide
                          ? strata_points_unit(fmax(fabs(range[c].min), fabs(range[c].max))) * STRATA_FINEST_MEAN
                          : strata_points_mean_step(range[c].min, range[c].max);
        double mean = rint(range[c].sum / total / step) * step;
        points->shift[c] = mean;
        widest = fmax(widest, fmax(range[c].max - mean, mean - range[c].min));
    }
    points->unit = strata_points_unit(widest);
    return STRATA_OK;
}

static void fill_block(const struct placing *placing, size_t first, size_t n, int c)
{
    const struct strata_points *points = placing->points;
    double value[BLOCK_ROWS], shift = points->shift[c], per_unit = 1 / points->unit;
    strata_given_column(placing->data, first, n, (size_t)c, value);
    for (size_t i = n; i % LANES != 0; ++i)
        value[i] = shift;
    for (size_t i = 0; i < n; i += LANES) {
        size_t place = strata_points_index(points, first + i, c);
        for (size_t lane = 0; lane < LANES; ++lane)
            value[i + lane] = (value[i + lane] - shift) * per_unit;
        if (points->wide)
            memcpy(points->wide + place, value + i, LANES * sizeof *value);
        else
            for (size_t lane = 0; lane < LANES; ++lane)
                points->tile[place + lane] = (float)value[i + lane];
    }
}

static void fill_chunk(const struct placing *placing, size_t chunk)
{
    const struct strata_points *points = placing->points;
    size_t end = strata_points_chunk_start(points, chunk + 1);
    for (size_t row = strata_points_chunk_start(points, chunk); row < end; row += BLOCK_ROWS)
        for (int c = 0; c < points->d; ++c)
            fill_block(placing, row, block_rows(row, end), c);
}

enum strata_status strata_given_place(const struct strata_kmeans_data *data, bool wide, int threads,
                                      struct strata_points *points, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct placing placing = {.data = data, .points = points};
    *points = (struct strata_points){0};
    if (data->weights)
        STRATA_TRY(check_weights(data->weights, data->n_rows, err));
    STRATA_TRY(strata_points_init(points, data->n_rows, (int)data->n_columns, data->weights != NULL, wide, err));
    if (data->weights) {
        memcpy(points->weight, data->weights, data->n_rows * sizeof *data->weights);
        strata_points_scale_weights(points);
    }
    placing.range = strata_malloc_array(points->n_chunks, data->n_columns * sizeof *placing.range);
    placing.bad = strata_malloc_array(points->n_chunks, sizeof *placing.bad);
    if (!placing.range || !placing.bad)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the ranges of %zu columns", data->n_columns);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        scan_chunk(&placing, chunk);
    STRATA_TRY(settle_range(&placing, err));
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        fill_chunk(&placing, chunk);
    STRATA_TRY(strata_points_finish(points, threads, err));
done:
    free(placing.range);
    free(placing.bad);
    if (status != STRATA_OK)
        strata_points_release(points);
    return status;
}
