#include "points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

enum { MIN_CHUNK_TILES = 256, MAX_CHUNKS = 1024 };

enum strata_status strata_points_init(struct strata_points *points, size_t n, int d, bool weighted,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_tiles = n / STRATA_TILE_ROWS + (n % STRATA_TILE_ROWS != 0);
    size_t tile_values = (size_t)d * STRATA_TILE_ROWS;
    *points = (struct strata_points){.n = n, .n_rows = n, .d = d, .n_tiles = n_tiles, .unit = 1, .weight_unit = 1};
    points->chunk_tiles = n_tiles / MAX_CHUNKS + (n_tiles % MAX_CHUNKS != 0);
    if (points->chunk_tiles < MIN_CHUNK_TILES)
        points->chunk_tiles = MIN_CHUNK_TILES;
    points->n_chunks = (n_tiles + points->chunk_tiles - 1) / points->chunk_tiles;
    points->shift = strata_calloc_array((size_t)d, sizeof *points->shift);
    points->tile = strata_malloc_array(n_tiles, tile_values * sizeof *points->tile);
    points->weight = weighted ? strata_malloc_array(n, sizeof *points->weight) : NULL;
    if (!points->shift || !points->tile || (weighted && !points->weight))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu points of %d columns", n, d);
    memset(points->tile + (n_tiles - 1) * tile_values, 0, tile_values * sizeof *points->tile);
done:
    if (status != STRATA_OK)
        strata_points_release(points);
    return status;
}

void strata_points_release(struct strata_points *points)
{
    free(points->tile);
    free(points->weight);
    free(points->shift);
    free(points->count);
    free(points->distinct_of);
    if (points->distinct)
        strata_points_release(points->distinct);
    free(points->distinct);
    *points = (struct strata_points){0};
}

double strata_points_unit(double range)
{
    int exponent = 0;
    if (range > 0)
        frexp(range, &exponent);
    return ldexp(1, exponent);
}

void strata_points_scale_weights(struct strata_points *points)
{
    double largest = 0, sum = 0;
    for (size_t i = 0; i < points->n; ++i)
        largest = fmax(largest, points->weight[i]);
    double first_unit = strata_points_unit(largest);
    for (size_t i = 0; i < points->n; ++i)
        sum += points->weight[i] / first_unit;
    double second_unit = strata_points_unit(sum);
    for (size_t i = 0; i < points->n; ++i)
        points->weight[i] = points->weight[i] / first_unit / second_unit;
    points->weight_unit = first_unit * second_unit;
}

/* moments: per column the sum of w x and of w x^2 over a chunk, then the sum of w. */
static void chunk_moments(const struct strata_points *points, size_t chunk, double *moments)
{
    size_t d = (size_t)points->d;
    memset(moments, 0, (2 * d + 1) * sizeof *moments);
    size_t end = strata_points_chunk_start(points, chunk + 1);
    for (size_t first = strata_points_chunk_start(points, chunk); first < end; first += STRATA_TILE_ROWS) {
        const float *value = points->tile + first * d;
        double weight[STRATA_TILE_ROWS], mass = 0;
        for (size_t lane = 0; lane < STRATA_TILE_ROWS; ++lane) {
            weight[lane] = first + lane < end ? strata_points_weight(points, first + lane) : 0;
            mass += weight[lane];
        }
        for (size_t c = 0; c < d; ++c) {
            double sum = 0, squares = 0;
            for (size_t lane = 0; lane < STRATA_TILE_ROWS; ++lane) {
                double x = (double)value[c * STRATA_TILE_ROWS + lane], term = weight[lane] * x;
                sum += term;
                squares += term * x;
            }
            moments[2 * c] += sum;
            moments[2 * c + 1] += squares;
        }
        moments[2 * d] += mass;
    }
}

enum strata_status strata_points_finish(struct strata_points *points, int threads, struct strata_error *err)
{
    size_t width = 2 * (size_t)points->d + 1;
    double *moments = strata_malloc_array(points->n_chunks, width * sizeof *moments);
    if (!moments)
        return strata_fail_memory(err, "column moments", points->n_chunks, width * sizeof *moments);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        chunk_moments(points, chunk, moments + chunk * width);
    for (size_t chunk = 1; chunk < points->n_chunks; ++chunk)
        for (size_t m = 0; m < width; ++m)
            moments[m] += moments[chunk * width + m];
    double total = moments[width - 1], variance = 0;
    points->squares = 0;
    for (size_t c = 0; c < (size_t)points->d; ++c) {
        double mean = moments[2 * c] / total;
        points->squares += moments[2 * c + 1];
        variance += fmax(moments[2 * c + 1] / total - mean * mean, 0);
    }
    points->mean_variance = variance / points->d;
    free(moments);
    return STRATA_OK;
}

struct column_range {
    double sum, min, max; /* sum of w x */
};

/* What a chunk of rows says about the columns; *bad is the place of its first value that is not finite. */
static void scan_rows(const float *rows, size_t first, size_t end, size_t d, const double *weights,
                      struct column_range *range, size_t *bad)
{
    *bad = SIZE_MAX;
    for (size_t c = 0; c < d; ++c)
        range[c] = (struct column_range){0, INFINITY, -INFINITY};
    for (size_t row = first; row < end; ++row) {
        double w = weights ? weights[row] : 1;
        for (size_t c = 0; c < d; ++c) {
            double x = (double)rows[row * d + c];
            if (!isfinite(x) && *bad == SIZE_MAX)
                *bad = row * d + c;
            range[c].sum += w * x;
            range[c].min = x < range[c].min ? x : range[c].min;
            range[c].max = x > range[c].max ? x : range[c].max;
        }
    }
}

static enum strata_status check_weights(const double *weights, size_t n, struct strata_error *err)
{
    bool any = false;
    for (size_t row = 0; row < n; ++row) {
        if (!isfinite(weights[row]) || weights[row] < 0)
            return strata_fail(err, STRATA_USAGE,
                               "k-means: the weight of row %zu (from 0) is %g; weights are finite and not negative",
                               row, weights[row]);
        any |= weights[row] > 0;
    }
    if (!any)
        return strata_fail(err, STRATA_USAGE, "k-means: all weights are 0; give at least one row a weight");
    return STRATA_OK;
}

/* Merge the chunks in order, and set shift and unit. */
static enum strata_status settle_range(struct strata_points *points, struct column_range *range, const size_t *bad,
                                       const float *rows, struct strata_error *err)
{
    size_t d = (size_t)points->d;
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk) {
        if (bad[chunk] != SIZE_MAX)
            return strata_fail(err, STRATA_USAGE,
                               "k-means: row %zu, column %zu (from 0) is %g; remove or replace values that are not "
                               "finite",
                               bad[chunk] / d, bad[chunk] % d, (double)rows[bad[chunk]]);
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
        /* Rounded to the step of the column's largest values: subtracting it is exact for them, so it moves no
         * centroid, and another order of the rows or copies for weights give the same shift. */
        double step = strata_points_unit(fmax(fabs(range[c].min), fabs(range[c].max))) * 0x1p-24;
        double mean = rint(range[c].sum / total / step) * step;
        points->shift[c] = mean;
        widest = fmax(widest, fmax(range[c].max - mean, mean - range[c].min));
    }
    points->unit = strata_points_unit(widest);
    return STRATA_OK;
}

enum strata_status strata_points_from_rows(struct strata_points *points, const float *rows, size_t n, int d,
                                           const double *weights, int threads, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct column_range *range = NULL;
    size_t *bad = NULL, width = (size_t)d;
    if (weights)
        STRATA_TRY(check_weights(weights, n, err));
    STRATA_TRY(strata_points_init(points, n, d, weights != NULL, err));
    if (weights) {
        memcpy(points->weight, weights, n * sizeof *weights);
        strata_points_scale_weights(points);
    }
    range = strata_malloc_array(points->n_chunks, width * sizeof *range);
    bad = strata_malloc_array(points->n_chunks, sizeof *bad);
    if (!range || !bad)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the ranges of %d columns", d);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        scan_rows(rows, strata_points_chunk_start(points, chunk), strata_points_chunk_start(points, chunk + 1), width,
                  points->weight, range + chunk * width, bad + chunk);
    STRATA_TRY(settle_range(points, range, bad, rows, err));

    double per_unit = 1 / points->unit;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        for (size_t row = strata_points_chunk_start(points, chunk); row < strata_points_chunk_start(points, chunk + 1);
             ++row)
            for (int c = 0; c < d; ++c)
                points->tile[strata_points_index(points, row, c)] =
                    (float)(((double)rows[row * width + (size_t)c] - points->shift[c]) * per_unit);
    STRATA_TRY(strata_points_finish(points, threads, err));
done:
    free(range);
    free(bad);
    if (status != STRATA_OK)
        strata_points_release(points);
    return status;
}

enum strata_status strata_points_pick(struct strata_points *picked, const struct strata_points *points,
                                      const size_t *row, const double *weight, size_t n, int threads,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(strata_points_init(picked, n, points->d, true, err));
    picked->unit = points->unit;
    memcpy(picked->shift, points->shift, (size_t)points->d * sizeof *picked->shift);
    memcpy(picked->weight, weight, n * sizeof *weight);
    for (size_t i = 0; i < n; ++i)
        for (int c = 0; c < points->d; ++c)
            picked->tile[strata_points_index(picked, i, c)] = points->tile[strata_points_index(points, row[i], c)];
    strata_points_scale_weights(picked);
    STRATA_TRY(strata_points_finish(picked, threads, err));
done:
    if (status != STRATA_OK)
        strata_points_release(picked);
    return status;
}
