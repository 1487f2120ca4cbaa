#include "candidates.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "random.h"
#include "streams.h"
#include "sums.h"

/* Rounds and draws a round are those of the paper's experiments; more draws than MAX_DRAWS would not fit the labels. */
enum { ROUNDS = 5, DRAWS_PER_CLUSTER = 2, MAX_DRAWS = 12000, MAX_CANDIDATES = STRATA_NO_CLUSTER - 1 };

enum { BLOCK_TILES = 64 };

struct drawing {
    const struct strata_points *points;
    const struct strata_kernels *kernels;
    uint64_t seed;
    int threads;
    float *nearest;  /* 16 n_tiles: squared distance to the nearest candidate */
    uint16_t *taken; /* n_tiles: one bit for each row, of one round */
    double *mass;    /* n_chunks: sum of weight x nearest */
    size_t n, room;  /* candidates */
    size_t *row;     /* room */
    void *place;     /* room x d, as the kernels read it */
    double *weight;  /* room */
    int64_t *count;  /* threads x n: integer weights */
};

static void release(struct drawing *drawing)
{
    free(drawing->nearest);
    free(drawing->taken);
    free(drawing->mass);
    free(drawing->row);
    free(drawing->place);
    free(drawing->weight);
    free(drawing->count);
}

static size_t draws_of(int k)
{
    size_t draws = (size_t)k * DRAWS_PER_CLUSTER;
    return draws < MAX_DRAWS ? draws : MAX_DRAWS;
}

static enum strata_status init(struct drawing *drawing, int k, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_points *points = drawing->points;
    /* Eight rounds' worth leaves room for what chance adds; rows beyond it are not taken. */
    size_t room = 1 + draws_of(k) * 8;
    drawing->room = room < MAX_CANDIDATES ? room : MAX_CANDIDATES;
    drawing->nearest = strata_calloc_array(points->n_tiles, STRATA_TILE_ROWS * sizeof *drawing->nearest);
    drawing->taken = strata_malloc_array(points->n_tiles, sizeof *drawing->taken);
    drawing->mass = strata_malloc_array(points->n_chunks, sizeof *drawing->mass);
    drawing->row = strata_malloc_array(drawing->room, sizeof *drawing->row);
    drawing->place = strata_malloc_array(drawing->room, (size_t)points->d * strata_points_real_size(points));
    drawing->weight = strata_malloc_array(drawing->room, sizeof *drawing->weight);
    if (!drawing->nearest || !drawing->taken || !drawing->mass || !drawing->row || !drawing->place || !drawing->weight)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: seeding among %zu points", points->n);
    for (size_t row = 0; row < points->n; ++row)
        drawing->nearest[row] = INFINITY;
done:
    return status;
}

static void take(struct drawing *drawing, size_t row)
{
    const struct strata_points *points = drawing->points;
    size_t place = drawing->n * (size_t)points->d;
    for (int c = 0; c < points->d; ++c)
        strata_points_set_real(points, drawing->place, place + (size_t)c, strata_points_value(points, row, c));
    drawing->row[drawing->n++] = row;
}

/* Drawn by weight. */
static size_t first_row(const struct drawing *drawing)
{
    const struct strata_points *points = drawing->points;
    double total = 0;
    for (size_t row = 0; row < points->n; ++row)
        total += strata_points_weight(points, row);
    double target = strata_uniform_at(drawing->seed, STRATA_STREAM_CANDIDATES, 0) * total;
    size_t with_weight = 0;
    for (size_t row = 0; row < points->n && target >= 0; ++row) {
        double weight = strata_points_weight(points, row);
        if (weight > 0)
            with_weight = row;
        target -= weight;
    }
    return with_weight;
}

/* Bring nearest and mass up to date with the candidates from `first` on; returns the whole mass. */
static double approach(struct drawing *drawing, size_t first)
{
    const struct strata_points *points = drawing->points;
    const char *place = drawing->place;
    size_t place_bytes = (size_t)points->d * strata_points_real_size(points);
#pragma omp parallel for num_threads(drawing->threads) schedule(static)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        for (size_t i = first; i < drawing->n; ++i)
            drawing->mass[chunk] = drawing->kernels->approach(points, chunk, place + i * place_bytes, drawing->nearest);
    double total = 0;
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        total += drawing->mass[chunk];
    return total;
}

static void draw_round(struct drawing *drawing, int round, double per_mass)
{
    const struct strata_points *points = drawing->points;
    uint64_t stream = STRATA_STREAM_CANDIDATES + (uint64_t)round;
#pragma omp parallel for num_threads(drawing->threads) schedule(static)
    for (size_t tile = 0; tile < points->n_tiles; ++tile) {
        size_t first = tile * STRATA_TILE_ROWS;
        unsigned taken = 0;
        for (size_t lane = 0; lane < STRATA_TILE_ROWS && first + lane < points->n; ++lane) {
            size_t row = first + lane;
            double share = per_mass * strata_points_weight(points, row) * (double)drawing->nearest[row];
            taken |= (unsigned)(share > 0 && strata_uniform_at(drawing->seed, stream, row) < share) << lane;
        }
        drawing->taken[tile] = (uint16_t)taken;
    }
    for (size_t tile = 0; tile < points->n_tiles; ++tile)
        for (unsigned taken = drawing->taken[tile]; taken && drawing->n < drawing->room; taken &= taken - 1)
            take(drawing, tile * STRATA_TILE_ROWS + (size_t)__builtin_ctz(taken));
}

static void count_block(const struct drawing *drawing, size_t tile, size_t n_tiles, int64_t *count)
{
    const struct strata_points *points = drawing->points;
    const struct strata_places places = {(int)drawing->n, points->d, drawing->place};
    uint16_t label[BLOCK_TILES * STRATA_TILE_ROWS];
    size_t first = tile * STRATA_TILE_ROWS, n_rows = n_tiles * STRATA_TILE_ROWS;
    drawing->kernels->nearest(&places, strata_points_tile(points, tile), n_tiles, label, NULL);
    for (size_t i = 0; i < n_rows && first + i < points->n; ++i)
        count[label[i]] += strata_sums_weight(points, first + i);
}

/* The candidates' weights, in whole numbers: in whatever order they are added up. */
static enum strata_status weigh(struct drawing *drawing, struct strata_error *err)
{
    const struct strata_points *points = drawing->points;
    size_t threads = (size_t)drawing->threads;
    drawing->count = strata_calloc_array(threads, drawing->n * sizeof *drawing->count);
    if (!drawing->count)
        return strata_fail_memory(err, "weights of candidates", threads, drawing->n * sizeof *drawing->count);
#pragma omp parallel for num_threads(drawing->threads) schedule(static)
    for (size_t tile = 0; tile < points->n_tiles; tile += BLOCK_TILES) {
        size_t left = points->n_tiles - tile;
        count_block(drawing, tile, left < BLOCK_TILES ? left : BLOCK_TILES,
                    drawing->count + (size_t)omp_get_thread_num() * drawing->n);
    }
    size_t n_kept = 0;
    for (size_t i = 0; i < drawing->n; ++i) {
        int64_t count = 0;
        for (size_t thread = 0; thread < threads; ++thread)
            count += drawing->count[thread * drawing->n + i];
        /* One that lies where an earlier one does is nearest to nobody. */
        if (count == 0)
            continue;
        drawing->row[n_kept] = drawing->row[i];
        drawing->weight[n_kept++] = (double)count;
    }
    drawing->n = n_kept;
    return STRATA_OK;
}

enum strata_status strata_candidates_draw(struct strata_points *candidates, const struct strata_points *points,
                                          const struct strata_kernels *kernels, int k, uint64_t seed, int threads,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct drawing drawing = {.points = points, .kernels = kernels, .seed = seed, .threads = threads};
    *candidates = (struct strata_points){0};
    STRATA_TRY(init(&drawing, k, err));
    take(&drawing, first_row(&drawing));
    double mass = approach(&drawing, 0);
    for (int round = 1; round <= ROUNDS && mass > 0 && drawing.n < drawing.room; ++round) {
        size_t first = drawing.n;
        draw_round(&drawing, round, (double)draws_of(k) / mass);
        if (drawing.n > first)
            mass = approach(&drawing, first);
    }
    STRATA_TRY(weigh(&drawing, err));
    STRATA_TRY(strata_points_pick(candidates, points, drawing.row, drawing.weight, drawing.n, threads, err));
done:
    release(&drawing);
    return status;
}
