/* The inner loops of kernel.h, compiled once per instruction set. Before inclusion define
 *
 *   KERNEL(name)         the name with the instruction set's suffix
 *   KERNEL_TARGET        the target attribute, or nothing
 *   KERNEL_VECTOR_BYTES  the natural vector width: 16, 32 or 64
 *   KERNEL_KEEP_NEARER(distance, cluster, best, index)
 *                        where distance < best: best = distance, index = cluster
 *
 * There is no include guard: each including file is one instruction set. Vectors are passed by address alone, since
 * passing them by value depends on the instruction set. */
#include <math.h>
#include <string.h>

#include "kernel.h"
#include "sums.h"

enum {
    KERNEL(LANES) = KERNEL_VECTOR_BYTES / (int)sizeof(float),
    KERNEL(PARTS) = STRATA_TILE_ROWS / KERNEL(LANES),
    KERNEL(FIXED_COLUMNS) = 8, /* column counts with loops of their own */
};
#define KERNEL_INLINE static inline __attribute__((always_inline)) KERNEL_TARGET

typedef float KERNEL(floats) __attribute__((vector_size(KERNEL_VECTOR_BYTES), may_alias));
typedef int32_t KERNEL(ints) __attribute__((vector_size(KERNEL_VECTOR_BYTES), may_alias));

/* The squared distances of one vector of points to one centroid. */
KERNEL_INLINE void KERNEL(distance)(const float *value, const float *centroid, int d, KERNEL(floats) * distance)
{
    KERNEL(floats) difference = *(const KERNEL(floats) *)value - centroid[0];
    KERNEL(floats) sum = difference * difference;
    for (int c = 1; c < d; ++c) {
        difference = *(const KERNEL(floats) *)(value + c * STRATA_TILE_ROWS) - centroid[c];
        sum += difference * difference;
    }
    *distance = sum;
}

KERNEL_INLINE uint64_t KERNEL(assign_body)(const struct strata_assignment *job, size_t first, size_t end, const int d)
{
    const float *centroid = job->centroid;
    const int k = job->k;
    uint64_t n_moved = 0;
    for (size_t t = first; t < end; ++t) {
        const float *tile = job->points->tile + t * (size_t)d * STRATA_TILE_ROWS;
        _Alignas(64) int32_t nearest[STRATA_TILE_ROWS];
        for (int part = 0; part < KERNEL(PARTS); ++part) {
            KERNEL(floats) best = (KERNEL(floats)){0} + INFINITY;
            KERNEL(ints) index = {0};
            for (int j = 0; j < k; ++j) {
                KERNEL(floats) distance;
                KERNEL(distance)(tile + part * KERNEL(LANES), centroid + j * d, d, &distance);
                KERNEL_KEEP_NEARER(distance, j, best, index);
            }
            *(KERNEL(ints) *)(nearest + part * KERNEL(LANES)) = index;
        }
        _Alignas(32) uint16_t now[STRATA_TILE_ROWS];
        for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane)
            now[lane] = (uint16_t)nearest[lane];
        if (memcmp(now, job->label + t * STRATA_TILE_ROWS, sizeof now) != 0)
            n_moved += strata_sums_move_tile(job, t, now);
    }
    return n_moved;
}

/* A constant number of columns keeps the points of a tile in registers. */
#define KERNEL_ASSIGN(columns)                                                                                         \
    static KERNEL_TARGET uint64_t KERNEL(assign_##columns)(const struct strata_assignment *job, size_t first,          \
                                                           size_t end)                                                 \
    {                                                                                                                  \
        return KERNEL(assign_body)(job, first, end, columns);                                                          \
    }
KERNEL_ASSIGN(1)
KERNEL_ASSIGN(2)
KERNEL_ASSIGN(3)
KERNEL_ASSIGN(4)
KERNEL_ASSIGN(5)
KERNEL_ASSIGN(6)
KERNEL_ASSIGN(7)
KERNEL_ASSIGN(8)

static KERNEL_TARGET uint64_t KERNEL(assign_any)(const struct strata_assignment *job, size_t first, size_t end)
{
    return KERNEL(assign_body)(job, first, end, job->points->d);
}

static KERNEL_TARGET uint64_t KERNEL(assign)(const struct strata_assignment *job, size_t first, size_t end)
{
    static uint64_t (*const by_columns[])(const struct strata_assignment *, size_t, size_t) = {
        [1] = KERNEL(assign_1), [2] = KERNEL(assign_2), [3] = KERNEL(assign_3), [4] = KERNEL(assign_4),
        [5] = KERNEL(assign_5), [6] = KERNEL(assign_6), [7] = KERNEL(assign_7), [8] = KERNEL(assign_8),
    };
    int d = job->points->d;
    return (d <= KERNEL(FIXED_COLUMNS) ? by_columns[d] : KERNEL(assign_any))(job, first, end);
}

/* All 16 distances of a tile. */
KERNEL_INLINE void KERNEL(tile_distance)(const float *tile, const float *centroid, int d, float *distance)
{
    for (int part = 0; part < KERNEL(PARTS); ++part)
        KERNEL(distance)(tile + part * KERNEL(LANES), centroid, d, (KERNEL(floats) *)(distance + part * KERNEL(LANES)));
}

/* The weights of a tile, 0 in the padding. */
KERNEL_INLINE void KERNEL(tile_weight)(const struct strata_points *points, size_t tile, double *weight)
{
    size_t first = tile * STRATA_TILE_ROWS;
    for (size_t lane = 0; lane < STRATA_TILE_ROWS; ++lane)
        weight[lane] = first + lane < points->n ? points->weight[first + lane] : 0;
}

static inline size_t KERNEL(chunk_end)(const struct strata_points *points, size_t chunk)
{
    size_t end = (chunk + 1) * points->chunk_tiles;
    return end < points->n_tiles ? end : points->n_tiles;
}

/* 16 sums, one per lane, so that every instruction set adds in the same order. */
KERNEL_INLINE double KERNEL(total)(const double *lane_sum)
{
    double sum = 0;
    for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane)
        sum += lane_sum[lane];
    return sum;
}

KERNEL_INLINE void KERNEL(add_weighted)(const struct strata_points *points, size_t tile, const float *value,
                                        double *lane_sum)
{
    if (points->weight) {
        double weight[STRATA_TILE_ROWS];
        KERNEL(tile_weight)(points, tile, weight);
        for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane)
            lane_sum[lane] += weight[lane] * (double)value[lane];
    } else {
        for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane)
            lane_sum[lane] += (double)value[lane];
    }
}

static KERNEL_TARGET void KERNEL(potentials)(const struct strata_points *points, size_t chunk, const float *candidate,
                                             int n_candidates, const float *nearest, double *potential)
{
    int d = points->d;
    double lane_sum[STRATA_MAX_CANDIDATES][STRATA_TILE_ROWS] = {{0}};
    for (size_t t = chunk * points->chunk_tiles; t < KERNEL(chunk_end)(points, chunk); ++t) {
        const float *tile = points->tile + t * (size_t)d * STRATA_TILE_ROWS;
        const float *before = nearest + t * STRATA_TILE_ROWS;
        for (int j = 0; j < n_candidates; ++j) {
            _Alignas(64) float distance[STRATA_TILE_ROWS];
            KERNEL(tile_distance)(tile, candidate + j * d, d, distance);
            for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane)
                distance[lane] = distance[lane] < before[lane] ? distance[lane] : before[lane];
            KERNEL(add_weighted)(points, t, distance, lane_sum[j]);
        }
    }
    for (int j = 0; j < n_candidates; ++j)
        potential[j] = KERNEL(total)(lane_sum[j]);
}

static KERNEL_TARGET double KERNEL(approach)(const struct strata_points *points, size_t chunk, const float *centroid,
                                             float *nearest)
{
    int d = points->d;
    double lane_sum[STRATA_TILE_ROWS] = {0};
    for (size_t t = chunk * points->chunk_tiles; t < KERNEL(chunk_end)(points, chunk); ++t) {
        _Alignas(64) float distance[STRATA_TILE_ROWS];
        float *before = nearest + t * STRATA_TILE_ROWS;
        KERNEL(tile_distance)(points->tile + t * (size_t)d * STRATA_TILE_ROWS, centroid, d, distance);
        for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane)
            before[lane] = distance[lane] < before[lane] ? distance[lane] : before[lane];
        KERNEL(add_weighted)(points, t, before, lane_sum);
    }
    return KERNEL(total)(lane_sum);
}

/* The mean squared distances of a tile's points to their own and to the next best cluster, themselves included. */
KERNEL_INLINE void KERNEL(own_and_other)(const struct strata_silhouette_job *job, size_t t, float *own, float *other)
{
    int d = job->points->d;
    for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane) {
        own[lane] = 0;
        other[lane] = INFINITY;
    }
    for (int j = 0; j < job->k; ++j) {
        _Alignas(64) float mean[STRATA_TILE_ROWS];
        const uint16_t *label = job->label + t * STRATA_TILE_ROWS;
        KERNEL(tile_distance)(job->points->tile + t * (size_t)d * STRATA_TILE_ROWS, job->centroid + j * d, d, mean);
        for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane) {
            float value = mean[lane] + job->spread[j];
            int is_own = label[lane] == j;
            own[lane] = is_own ? value : own[lane];
            float candidate = is_own ? INFINITY : value;
            other[lane] = candidate < other[lane] ? candidate : other[lane];
        }
    }
}

static KERNEL_TARGET double KERNEL(silhouette)(const struct strata_silhouette_job *job, size_t chunk)
{
    double sum = 0;
    for (size_t t = chunk * job->points->chunk_tiles; t < KERNEL(chunk_end)(job->points, chunk); ++t) {
        _Alignas(64) float own[STRATA_TILE_ROWS], other[STRATA_TILE_ROWS];
        KERNEL(own_and_other)(job, t, own, other);
        size_t first = t * STRATA_TILE_ROWS;
        for (size_t lane = 0; lane < STRATA_TILE_ROWS && first + lane < job->points->n; ++lane) {
            double factor = job->factor[job->label[first + lane]];
            double inside = factor * (double)own[lane], outside = (double)other[lane];
            double larger = inside > outside ? inside : outside;
            sum += factor > 0 && larger > 0 ? (outside - inside) / larger : 0;
        }
    }
    return sum;
}

const struct strata_kernels KERNEL(strata_kernels) = {
    .assign = KERNEL(assign),
    .potentials = KERNEL(potentials),
    .approach = KERNEL(approach),
    .silhouette = KERNEL(silhouette),
};
