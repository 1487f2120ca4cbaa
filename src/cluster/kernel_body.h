/* The inner loops of kernel.h, compiled twice per instruction set: on floats, and on doubles (kernel_wide.h). Before
 * inclusion define
 *
 *   KERNEL(name)         the name with the instruction set's suffix
 *   KERNEL_TARGET        the target attribute, or nothing
 *   KERNEL_VECTOR_BYTES  the natural vector width: 16, 32 or 64
 *   KERNEL_TILES         tiles worked on at once, so that a centroid is loaded once for all of them
 *   KERNEL_ADD_SQUARE(difference, sum)
 *                        sum = difference * difference + sum, rounded once
 *   KERNEL_KEEP_NEARER(distance, cluster, best, index)
 *                        where distance < best: best = distance, index = cluster (a vector)
 *   KERNEL_KEEP_SECOND(distance, best, second)
 *                        second = min(second, max(best, distance))
 *   KERNEL_OWN_LISTS     if the including file has KERNEL(doubtful) and KERNEL(different)
 *   KERNEL_WIDE          for doubles; KERNEL_LIST(name) is then the name of a list's function for floats
 *
 * There is no include guard: each inclusion is one instruction set and one precision. Vectors are passed by address
 * alone, since passing them by value depends on the instruction set. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernel.h"
#include "sums.h"

#if defined(KERNEL_WIDE)
typedef double KERNEL(real);
typedef int64_t KERNEL(integer);
#define KERNEL_VALUES     wide
#define KERNEL_SQRT(real) sqrt(real)
#else
typedef float KERNEL(real);
typedef int32_t KERNEL(integer);
#define KERNEL_VALUES     tile
#define KERNEL_SQRT(real) sqrtf(real)
#define KERNEL_LIST(name) KERNEL(name)
#endif

enum {
    KERNEL(LANES) = KERNEL_VECTOR_BYTES / (int)sizeof(KERNEL(real)),
    KERNEL(PARTS) = STRATA_TILE_ROWS / KERNEL(LANES),
    KERNEL(VECTORS) = KERNEL_TILES * KERNEL(PARTS),
    KERNEL(BLOCK) = 4,         /* centroids worked on at once */
    KERNEL(FIXED_COLUMNS) = 8, /* column counts with loops of their own */
};
#define KERNEL_INLINE static inline __attribute__((always_inline)) KERNEL_TARGET
#define KERNEL_UNROLL _Pragma("GCC unroll 16")

typedef KERNEL(real) KERNEL(reals) __attribute__((vector_size(KERNEL_VECTOR_BYTES), may_alias));
typedef KERNEL(integer) KERNEL(ints) __attribute__((vector_size(KERNEL_VECTOR_BYTES), may_alias));

/* The squared distances of one vector of points to one centroid. */
KERNEL_INLINE void KERNEL(distance)(const KERNEL(real) * value, const KERNEL(real) * centroid, int d,
                                    KERNEL(reals) * distance)
{
    KERNEL(reals) difference = *(const KERNEL(reals) *)value - centroid[0];
    KERNEL(reals) sum = difference * difference;
    for (int c = 1; c < d; ++c) {
        difference = *(const KERNEL(reals) *)(value + c * STRATA_TILE_ROWS) - centroid[c];
        KERNEL_ADD_SQUARE(difference, sum);
    }
    *distance = sum;
}

/* The nearest so far of the points of some tiles, and the distance of the next nearest. */
struct KERNEL(near) {
    KERNEL(reals) best[KERNEL(VECTORS)];
    KERNEL(reals) second[KERNEL(VECTORS)];
    KERNEL(ints) index[KERNEL(VECTORS)];
    KERNEL(ints) number; /* of the next centroid, in every lane */
};

/* Centroids j..j + block against the points of n_vectors / PARTS tiles. */
KERNEL_INLINE void KERNEL(approach_block)(const KERNEL(real) * tile, const KERNEL(real) * centroid, int d, int j,
                                          const int block, const int n_vectors, const bool with_second,
                                          struct KERNEL(near) * near)
{
    KERNEL(reals) sum[KERNEL(BLOCK)][KERNEL(VECTORS)];
    KERNEL_UNROLL
    for (int b = 0; b < block; ++b)
        KERNEL_UNROLL
    for (int v = 0; v < n_vectors; ++v)
        sum[b][v] = (KERNEL(reals)){0};
    for (int c = 0; c < d; ++c) {
        KERNEL(reals) value[KERNEL(VECTORS)];
        KERNEL_UNROLL
        for (int v = 0; v < n_vectors; ++v)
            value[v] = *(const KERNEL(reals) *)(tile + (v / KERNEL(PARTS) * d + c) * STRATA_TILE_ROWS +
                                                v % KERNEL(PARTS) * KERNEL(LANES));
        KERNEL_UNROLL
        for (int b = 0; b < block; ++b) {
            KERNEL(real) place = centroid[(j + b) * d + c];
            KERNEL_UNROLL
            for (int v = 0; v < n_vectors; ++v) {
                KERNEL(reals) difference = value[v] - place;
                KERNEL_ADD_SQUARE(difference, sum[b][v]);
            }
        }
    }
    KERNEL_UNROLL
    for (int b = 0; b < block; ++b) {
        KERNEL_UNROLL
        for (int v = 0; v < n_vectors; ++v) {
            if (with_second)
                KERNEL_KEEP_SECOND(sum[b][v], near->best[v], near->second[v]);
            KERNEL_KEEP_NEARER(sum[b][v], near->number, near->best[v], near->index[v]);
        }
        near->number += 1;
    }
}

/* A computed squared distance is within (d + 3) 2^-24 of the true one, relatively, and within 2^-130 where that
 * underflows. Twice for the distance, now and after the shift; the rest is for the roundings here. In doubles it is far
 * less, but margins are floats. */
KERNEL_INLINE void KERNEL(margins)(const struct KERNEL(near) * near, const int n_vectors, int d, float *margin)
{
    _Alignas(64) KERNEL(real) best[KERNEL_TILES * STRATA_TILE_ROWS], second[KERNEL_TILES * STRATA_TILE_ROWS];
    KERNEL(real) doubt = (KERNEL(real))(d + 16) * 0x1p-24f;
    KERNEL_UNROLL
    for (int v = 0; v < n_vectors; ++v) {
        *(KERNEL(reals) *)(best + v * KERNEL(LANES)) = near->best[v];
        *(KERNEL(reals) *)(second + v * KERNEL(LANES)) = near->second[v];
    }
    for (int i = 0; i < n_vectors * KERNEL(LANES); ++i)
        margin[i] = (float)(KERNEL_SQRT(second[i]) * (1 - doubt) - KERNEL_SQRT(best[i]) * (1 + doubt) - 0x1p-60f);
}

/* The nearest centroids of the points of n_tiles <= KERNEL_TILES tiles; with margins if there is room for them. */
KERNEL_INLINE void KERNEL(nearest_tiles)(const struct strata_places *places, const KERNEL(real) * tile,
                                         const int n_tiles, const int d, const bool with_margin, uint16_t *now,
                                         float *margin)
{
    const int k = places->k, n_vectors = n_tiles * KERNEL(PARTS);
    const KERNEL(real) *centroid = places->centroid;
    struct KERNEL(near) near;
    KERNEL_UNROLL
    for (int v = 0; v < n_vectors; ++v) {
        near.best[v] = near.second[v] = (KERNEL(reals)){0} + INFINITY;
        near.index[v] = (KERNEL(ints)){0};
    }
    near.number = (KERNEL(ints)){0};
    int j = 0;
    for (; j + KERNEL(BLOCK) <= k; j += KERNEL(BLOCK))
        KERNEL(approach_block)(tile, centroid, d, j, KERNEL(BLOCK), n_vectors, with_margin, &near);
    for (; j < k; ++j)
        KERNEL(approach_block)(tile, centroid, d, j, 1, n_vectors, with_margin, &near);
    _Alignas(64) KERNEL(integer) index[KERNEL_TILES * STRATA_TILE_ROWS];
    KERNEL_UNROLL
    for (int v = 0; v < n_vectors; ++v)
        *(KERNEL(ints) *)(index + v * KERNEL(LANES)) = near.index[v];
    for (int i = 0; i < n_tiles * STRATA_TILE_ROWS; ++i)
        now[i] = (uint16_t)index[i];
    if (with_margin)
        KERNEL(margins)(&near, n_vectors, d, margin);
}

KERNEL_INLINE void KERNEL(nearest_body)(const struct strata_places *places, const KERNEL(real) * tile, size_t n_tiles,
                                        const int d, const bool with_margin, uint16_t *now, float *margin)
{
    size_t t = 0, tile_values = (size_t)d * STRATA_TILE_ROWS;
    for (; t + KERNEL_TILES <= n_tiles; t += KERNEL_TILES) {
        /* The next tiles are on their way while these are worked on, where that does not take long. */
        for (size_t i = KERNEL_TILES * tile_values; d <= KERNEL(FIXED_COLUMNS) && i < 2 * KERNEL_TILES * tile_values;
             i += 64 / sizeof *tile)
            __builtin_prefetch(tile + t * tile_values + i);
        KERNEL(nearest_tiles)
        (places, tile + t * tile_values, KERNEL_TILES, d, with_margin, now + t * STRATA_TILE_ROWS,
         with_margin ? margin + t * STRATA_TILE_ROWS : NULL);
    }
    for (; t < n_tiles; ++t) {
        KERNEL(nearest_tiles)
        (places, tile + t * tile_values, 1, d, with_margin, now + t * STRATA_TILE_ROWS,
         with_margin ? margin + t * STRATA_TILE_ROWS : NULL);
    }
}

/* A constant number of columns keeps the points of a tile in registers. */
#define KERNEL_NEAREST(name, columns)                                                                                  \
    static KERNEL_TARGET void KERNEL(nearest_##name)(const struct strata_places *places, const void *tile,             \
                                                     size_t n_tiles, uint16_t *now, float *margin)                     \
    {                                                                                                                  \
        if (margin)                                                                                                    \
            KERNEL(nearest_body)(places, tile, n_tiles, columns, true, now, margin);                                   \
        else                                                                                                           \
            KERNEL(nearest_body)(places, tile, n_tiles, columns, false, now, NULL);                                    \
    }
#if defined(KERNEL_WIDE)
KERNEL_NEAREST(of, places->d)
#else
KERNEL_NEAREST(1, 1)
KERNEL_NEAREST(2, 2)
KERNEL_NEAREST(3, 3)
KERNEL_NEAREST(4, 4)
KERNEL_NEAREST(5, 5)
KERNEL_NEAREST(6, 6)
KERNEL_NEAREST(7, 7)
KERNEL_NEAREST(8, 8)
KERNEL_NEAREST(any, places->d)

static KERNEL_TARGET void KERNEL(nearest_of)(const struct strata_places *places, const void *tile, size_t n_tiles,
                                             uint16_t *now, float *margin)
{
    static void (*const by_columns[])(const struct strata_places *, const void *, size_t, uint16_t *, float *) = {
        [1] = KERNEL(nearest_1), [2] = KERNEL(nearest_2), [3] = KERNEL(nearest_3), [4] = KERNEL(nearest_4),
        [5] = KERNEL(nearest_5), [6] = KERNEL(nearest_6), [7] = KERNEL(nearest_7), [8] = KERNEL(nearest_8),
    };
    (places->d <= KERNEL(FIXED_COLUMNS) ? by_columns[places->d] : KERNEL(nearest_any))(places, tile, n_tiles, now,
                                                                                       margin);
}
#endif

#if !defined(KERNEL_OWN_LISTS) && !defined(KERNEL_WIDE)
/* Without a branch that nobody can predict. */
static KERNEL_TARGET size_t KERNEL(doubtful)(const uint16_t *label, const float *limit, const float *reach, int k,
                                             size_t n, uint16_t *row)
{
    size_t n_found = 0;
    (void)k;
    for (size_t i = 0; i < n; ++i) {
        row[n_found] = (uint16_t)i;
        n_found += !(limit[i] > reach[label[i]]);
    }
    return n_found;
}

static KERNEL_TARGET size_t KERNEL(different)(const uint16_t *label, const uint16_t *now, size_t n, uint16_t *row)
{
    size_t n_found = 0;
    for (size_t i = 0; i < n; ++i) {
        row[n_found] = (uint16_t)i;
        n_found += label[i] != now[i];
    }
    return n_found;
}
#endif

/* All 16 distances of a tile. */
KERNEL_INLINE void KERNEL(tile_distance)(const KERNEL(real) * tile, const KERNEL(real) * centroid, int d,
                                         KERNEL(real) * distance)
{
    for (int part = 0; part < KERNEL(PARTS); ++part)
        KERNEL(distance)(tile + part * KERNEL(LANES), centroid, d, (KERNEL(reals) *)(distance + part * KERNEL(LANES)));
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

static KERNEL_TARGET void KERNEL(potentials)(const struct strata_points *points, size_t chunk, const void *candidate,
                                             int n_candidates, const float *nearest, double *potential)
{
    int d = points->d;
    double lane_sum[STRATA_MAX_CANDIDATES][STRATA_TILE_ROWS] = {{0}};
    for (size_t t = chunk * points->chunk_tiles; t < KERNEL(chunk_end)(points, chunk); ++t) {
        const KERNEL(real) *tile = points->KERNEL_VALUES + t * (size_t)d * STRATA_TILE_ROWS;
        const float *before = nearest + t * STRATA_TILE_ROWS;
        for (int j = 0; j < n_candidates; ++j) {
            _Alignas(64) KERNEL(real) distance[STRATA_TILE_ROWS];
            float nearer[STRATA_TILE_ROWS];
            KERNEL(tile_distance)(tile, (const KERNEL(real) *)candidate + j * d, d, distance);
            for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane)
                nearer[lane] = (float)distance[lane] < before[lane] ? (float)distance[lane] : before[lane];
            KERNEL(add_weighted)(points, t, nearer, lane_sum[j]);
        }
    }
    for (int j = 0; j < n_candidates; ++j)
        potential[j] = KERNEL(total)(lane_sum[j]);
}

static KERNEL_TARGET double KERNEL(approach)(const struct strata_points *points, size_t chunk, const void *centroid,
                                             float *nearest)
{
    int d = points->d;
    double lane_sum[STRATA_TILE_ROWS] = {0};
    for (size_t t = chunk * points->chunk_tiles; t < KERNEL(chunk_end)(points, chunk); ++t) {
        _Alignas(64) KERNEL(real) distance[STRATA_TILE_ROWS];
        float *before = nearest + t * STRATA_TILE_ROWS;
        KERNEL(tile_distance)(points->KERNEL_VALUES + t * (size_t)d * STRATA_TILE_ROWS, centroid, d, distance);
        for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane)
            before[lane] = (float)distance[lane] < before[lane] ? (float)distance[lane] : before[lane];
        KERNEL(add_weighted)(points, t, before, lane_sum);
    }
    return KERNEL(total)(lane_sum);
}

/* What a tile's points are away from their own and from the next best cluster. */
struct KERNEL(neighbours) {
    KERNEL(real) own[STRATA_TILE_ROWS], other[STRATA_TILE_ROWS]; /* mean squared distance, themselves included */
    KERNEL(real) own_place[STRATA_TILE_ROWS], other_place[STRATA_TILE_ROWS]; /* squared distance to the centroid */
};

KERNEL_INLINE void KERNEL(find_neighbours)(const struct strata_validity_job *job, size_t t,
                                           struct KERNEL(neighbours) * near)
{
    int d = job->points->d;
    const KERNEL(real) *tile = job->points->KERNEL_VALUES + t * (size_t)d * STRATA_TILE_ROWS;
    const KERNEL(real) *centroid = job->centroid, *spread = job->spread;
    for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane) {
        near->own[lane] = near->own_place[lane] = 0;
        near->other[lane] = near->other_place[lane] = INFINITY;
    }
    for (int j = 0; j < job->k; ++j) {
        _Alignas(64) KERNEL(real) place[STRATA_TILE_ROWS];
        const uint16_t *label = job->label + t * STRATA_TILE_ROWS;
        KERNEL(tile_distance)(tile, centroid + j * d, d, place);
        for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane) {
            KERNEL(real) mean = place[lane] + spread[j];
            int is_own = label[lane] == j;
            near->own[lane] = is_own ? mean : near->own[lane];
            near->own_place[lane] = is_own ? place[lane] : near->own_place[lane];
            KERNEL(real)
            candidate = is_own ? (KERNEL(real))INFINITY : mean,
            candidate_place = is_own ? (KERNEL(real))INFINITY : place[lane];
            near->other[lane] = candidate < near->other[lane] ? candidate : near->other[lane];
            near->other_place[lane] =
                candidate_place < near->other_place[lane] ? candidate_place : near->other_place[lane];
        }
    }
}

KERNEL_INLINE double KERNEL(silhouette)(double inside, double outside)
{
    double larger = inside > outside ? inside : outside;
    return larger > 0 ? (outside - inside) / larger : 0;
}

/* At most 2 sqrt(d). */
KERNEL_INLINE strata_int128 KERNEL(validity_steps)(double value, int64_t weight)
{
    return (strata_int128)llrint(value * STRATA_VALIDITY_STEPS) * weight;
}

static KERNEL_TARGET void KERNEL(validity)(const struct strata_validity_job *job, size_t chunk, strata_int128 *sum)
{
    for (size_t t = chunk * job->points->chunk_tiles; t < KERNEL(chunk_end)(job->points, chunk); ++t) {
        struct KERNEL(neighbours) near;
        KERNEL(find_neighbours)(job, t, &near);
        size_t first = t * STRATA_TILE_ROWS;
        for (size_t lane = 0; lane < STRATA_TILE_ROWS && first + lane < job->points->n; ++lane) {
            uint16_t own = job->label[first + lane];
            int64_t weight = strata_sums_weight(job->points, first + lane);
            double factor = job->factor[own], distance = sqrt((double)near.own_place[lane]);
            if (factor > 0) {
                double mean = KERNEL(silhouette)(factor * (double)near.own[lane], (double)near.other[lane]);
                double simplified = KERNEL(silhouette)(distance, sqrt((double)near.other_place[lane]));
                sum[0] += KERNEL(validity_steps)(mean, weight);
                sum[1] += KERNEL(validity_steps)(simplified, weight);
            }
            sum[2 + own] += KERNEL(validity_steps)(distance, weight);
        }
    }
}

const struct strata_kernels KERNEL(strata_kernels) = {
    .nearest = KERNEL(nearest_of),
    .doubtful = KERNEL_LIST(doubtful),
    .different = KERNEL_LIST(different),
    .potentials = KERNEL(potentials),
    .approach = KERNEL(approach),
    .validity = KERNEL(validity),
};
