/* Cluster sums in whole numbers: exact, so independent of the order of rows, threads and instruction sets, and what one
 * row added can be taken away again.
 *
 * Per cluster d + 2 numbers of 128 bits: the sum of weight x value for each column, the sum of weights, the number of
 * rows. Values in [-1, 1] count in steps of 2^-50, of 2^-62 if they are float64; weights in steps of 2^-60 of their
 * sum, or 1 for each row without weights.
 */
#ifndef STRATA_CLUSTER_SUMS_H
#define STRATA_CLUSTER_SUMS_H

#include <math.h>

#include "kernel.h"

/* Steps in a value of 1. */
static inline double strata_sums_per_value(const struct strata_points *points)
{
    return points->wide ? 0x1p62 : 0x1p50;
}

static inline size_t strata_sums_width(const struct strata_points *points) { return (size_t)points->d + 2; }
static inline size_t strata_sums_mass(const struct strata_points *points) { return (size_t)points->d; }
static inline size_t strata_sums_rows(const struct strata_points *points) { return (size_t)points->d + 1; }

/* The integer weight of a weight of 1. */
static inline double strata_sums_per_mass(const struct strata_points *points) { return points->weight ? 0x1p60 : 1; }

/* A row's integer weight; that of all its rows if it stands for several. */
static inline int64_t strata_sums_weight(const struct strata_points *points, size_t row)
{
    return points->weight ? (int64_t)llrint(points->weight[row] * strata_sums_per_mass(points))
                          : strata_points_count(points, row);
}

/* Count a point out of one cluster's numbers (NULL: it was in none) and into another's. */
void strata_sums_move(const struct strata_points *points, size_t row, strata_int128 *from, strata_int128 *to);

/* What the moves of rows add to the sums of k clusters. Without weights they gather in 64 bits first, as long as those
 * hold them for certain: of float32, and where none stands for several. */
struct strata_change {
    int k;
    size_t n_part;      /* rows in part */
    int64_t *part;      /* k x (d + 1): values, rows */
    strata_int128 *sum; /* k x (d + 2) */
};

/* Nothing has moved. */
enum strata_status strata_change_init(struct strata_change *change, const struct strata_points *points, int k,
                                      struct strata_error *err) STRATA_MUST_USE;

/* Put n <= STRATA_LIST_ROWS rows from `first` on, which begins a tile, into now[i]; they were in no cluster. */
void strata_change_enter(struct strata_change *change, const struct strata_points *points, size_t first, size_t n,
                         const uint16_t *now);

/* Move n <= STRATA_LIST_ROWS rows first + row[i] from their label to now[i]. */
void strata_change_move(struct strata_change *change, const struct strata_points *points, size_t first,
                        const uint16_t *row, size_t n, const uint16_t *label, const uint16_t *now);

/* Add what moved among the first k clusters to their sums (k x (d + 2)), and forget it. */
void strata_change_add(struct strata_change *change, const struct strata_points *points, int k, strata_int128 *total);

void strata_change_release(struct strata_change *change);

#endif
