#include "coreset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "random.h"
#include "streams.h"

struct draw {
    size_t row;
    double importance; /* not normalised */
};

struct sampler {
    const struct strata_points *points;
    double by_weight, by_distance; /* importance = w (by_weight + by_distance |x|^2) */
    double *start;                 /* n_chunks + 1: cumulative importance before each chunk */
    struct draw *draw;             /* n_draws */
    size_t n_draws;
    uint64_t seed;
};

/* The points are centred: their squared length is their distance from the mean. Of all points of a tile. */
static void squared_lengths(const struct strata_points *points, size_t tile, double *length)
{
    memset(length, 0, STRATA_TILE_ROWS * sizeof *length);
    for (int c = 0; c < points->d; ++c) {
        double value[STRATA_TILE_ROWS];
        strata_points_column(points, tile, c, value);
        for (size_t lane = 0; lane < STRATA_TILE_ROWS; ++lane)
            length[lane] += value[lane] * value[lane];
    }
}

static void sum_chunk(const struct strata_points *points, size_t chunk, double *mass, double *moment)
{
    *mass = 0;
    *moment = 0;
    size_t end = strata_points_chunk_start(points, chunk + 1);
    for (size_t first = strata_points_chunk_start(points, chunk); first < end; first += STRATA_TILE_ROWS) {
        double length[STRATA_TILE_ROWS];
        squared_lengths(points, first / STRATA_TILE_ROWS, length);
        for (size_t row = first; row < end && row < first + STRATA_TILE_ROWS; ++row) {
            double w = strata_points_weight(points, row);
            *mass += w;
            *moment += w * length[row - first];
        }
    }
}

/* One draw in each of n_draws equal strata of the cumulative importance. */
static double position(const struct sampler *sampler, size_t i)
{
    double stratum = sampler->start[sampler->points->n_chunks] / (double)sampler->n_draws;
    return ((double)i + strata_uniform_at(sampler->seed, STRATA_STREAM_CORESET, i)) * stratum;
}

/* The first draw at or after `mass`. Positions rise with i, one in each stratum. */
static size_t first_draw_from(const struct sampler *sampler, double mass)
{
    double stratum = sampler->start[sampler->points->n_chunks] / (double)sampler->n_draws;
    double guess = floor(mass / stratum);
    size_t i = guess > 1 ? (size_t)guess - 1 : 0;
    while (i < sampler->n_draws && position(sampler, i) < mass)
        ++i;
    return i;
}

static void draw_in_chunk(const struct sampler *sampler, size_t chunk)
{
    const struct strata_points *points = sampler->points;
    size_t i = first_draw_from(sampler, sampler->start[chunk]);
    bool is_last = chunk + 1 == points->n_chunks;
    size_t end_draw = is_last ? sampler->n_draws : first_draw_from(sampler, sampler->start[chunk + 1]);
    size_t start = strata_points_chunk_start(points, chunk), end = strata_points_chunk_start(points, chunk + 1);
    double cumulative = sampler->start[chunk], next = i < end_draw ? position(sampler, i) : INFINITY;
    struct draw last = {start, 0};
    for (size_t first = start; first < end && i < end_draw; first += STRATA_TILE_ROWS) {
        double length[STRATA_TILE_ROWS];
        squared_lengths(points, first / STRATA_TILE_ROWS, length);
        for (size_t row = first; row < end && row < first + STRATA_TILE_ROWS; ++row) {
            /* Its importance. */
            double mass =
                strata_points_weight(points, row) * (sampler->by_weight + sampler->by_distance * length[row - first]);
            if (!(mass > 0))
                continue;
            cumulative += mass;
            last = (struct draw){row, mass};
            while (next < cumulative) {
                sampler->draw[i++] = last;
                next = i < end_draw ? position(sampler, i) : INFINITY;
            }
        }
    }
    /* The last row takes what rounding left over. */
    for (; i < end_draw; ++i)
        sampler->draw[i] = last;
}

/* Merge repeated rows and copy them. */
static enum strata_status collect(struct strata_points *coreset, const struct sampler *sampler, int threads,
                                  struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_points *points = sampler->points;
    size_t n_rows = 0;
    size_t *row = strata_malloc_array(sampler->n_draws, sizeof *row);
    double *weight = strata_malloc_array(sampler->n_draws, sizeof *weight);
    if (!row || !weight)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: a sample of %zu rows", sampler->n_draws);
    for (size_t i = 0; i < sampler->n_draws; ++i) {
        const struct draw *draw = &sampler->draw[i];
        double share = strata_points_weight(points, draw->row) / draw->importance;
        if (n_rows > 0 && draw->row == row[n_rows - 1]) {
            weight[n_rows - 1] += share;
            continue;
        }
        row[n_rows] = draw->row;
        weight[n_rows++] = share;
    }
    STRATA_TRY(strata_points_pick(coreset, points, row, weight, n_rows, threads, err));
done:
    free(row);
    free(weight);
    return status;
}

/* Importances, and their cumulative sums by chunk. */
static void prepare(struct sampler *sampler, double *mass, double *moment, int threads)
{
    const struct strata_points *points = sampler->points;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        sum_chunk(points, chunk, &mass[chunk], &moment[chunk]);
    double total_mass = 0, total_moment = 0;
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk) {
        total_mass += mass[chunk];
        total_moment += moment[chunk];
    }
    sampler->by_weight = 0.5 / total_mass;
    sampler->by_distance = total_moment > 0 ? 0.5 / total_moment : 0;
    sampler->start[0] = 0;
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        sampler->start[chunk + 1] =
            sampler->start[chunk] + sampler->by_weight * mass[chunk] + sampler->by_distance * moment[chunk];
}

enum strata_status strata_coreset_draw(struct strata_points *coreset, const struct strata_points *points,
                                       size_t n_draws, uint64_t seed, int threads, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct sampler sampler = {.points = points, .n_draws = n_draws, .seed = seed};
    double *mass = strata_malloc_array(points->n_chunks, 2 * sizeof *mass);
    sampler.start = strata_malloc_array(points->n_chunks + 1, sizeof *sampler.start);
    sampler.draw = strata_malloc_array(n_draws, sizeof *sampler.draw);
    *coreset = (struct strata_points){0};
    if (!mass || !sampler.start || !sampler.draw)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: a sample of %zu rows", n_draws);
    prepare(&sampler, mass, mass + points->n_chunks, threads);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        draw_in_chunk(&sampler, chunk);
    STRATA_TRY(collect(coreset, &sampler, threads, err));
done:
    free(mass);
    free(sampler.start);
    free(sampler.draw);
    return status;
}
