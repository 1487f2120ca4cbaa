#include "points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

enum { MIN_CHUNK_TILES = 256, MAX_CHUNKS = 1024 };

enum strata_status strata_points_init(struct strata_points *points, size_t n, int d, bool weighted, bool wide,
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
    if (wide)
        points->wide = strata_malloc_array(n_tiles, tile_values * sizeof *points->wide);
    else
        points->tile = strata_malloc_array(n_tiles, tile_values * sizeof *points->tile);
    points->weight = weighted ? strata_malloc_array(n, sizeof *points->weight) : NULL;
    if (!points->shift || (!points->tile && !points->wide) || (weighted && !points->weight))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu points of %d columns", n, d);
    for (size_t row = (n_tiles - 1) * STRATA_TILE_ROWS; row < n_tiles * STRATA_TILE_ROWS; ++row)
        for (int c = 0; c < d; ++c)
            strata_points_set(points, row, c, 0);
done:
    if (status != STRATA_OK)
        strata_points_release(points);
    return status;
}

void strata_points_release(struct strata_points *points)
{
    free(points->tile);
    free(points->wide);
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

double strata_points_mean_step(double low, double high)
{
    double size = strata_points_unit(fmax(fabs(low), fabs(high))), range = strata_points_unit(high - low);
    return fmax(fmin(size, range) * 0x1p-24, size * STRATA_FINEST_MEAN);
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
        double weight[STRATA_TILE_ROWS], mass = 0;
        for (size_t lane = 0; lane < STRATA_TILE_ROWS; ++lane) {
            weight[lane] = first + lane < end ? strata_points_weight(points, first + lane) : 0;
            mass += weight[lane];
        }
        for (size_t c = 0; c < d; ++c) {
            double value[STRATA_TILE_ROWS], sum = 0, squares = 0;
            strata_points_column(points, first / STRATA_TILE_ROWS, (int)c, value);
            for (size_t lane = 0; lane < STRATA_TILE_ROWS; ++lane) {
                double term = weight[lane] * value[lane];
                sum += term;
                squares += term * value[lane];
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

enum strata_status strata_points_pick(struct strata_points *picked, const struct strata_points *points,
                                      const size_t *row, const double *weight, size_t n, int threads,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(strata_points_init(picked, n, points->d, true, points->wide != NULL, err));
    picked->unit = points->unit;
    memcpy(picked->shift, points->shift, (size_t)points->d * sizeof *picked->shift);
    memcpy(picked->weight, weight, n * sizeof *weight);
    for (size_t i = 0; i < n; ++i)
        for (int c = 0; c < points->d; ++c)
            strata_points_set(picked, i, c, strata_points_value(points, row[i], c));
    strata_points_scale_weights(picked);
    STRATA_TRY(strata_points_finish(picked, threads, err));
done:
    if (status != STRATA_OK)
        strata_points_release(picked);
    return status;
}
