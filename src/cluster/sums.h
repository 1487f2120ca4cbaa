/* Cluster sums in 128-bit integers: exact, so independent of the order of rows, threads and instruction sets, and what
 * one row added can be taken away again.
 *
 * Per cluster d + 2 numbers: the sum of weight x value for each column, the sum of weights, the number of rows. Values
 * in [-1, 1] count in steps of 2^-50; weights in steps of 2^-60 of their sum, or 1 each without weights.
 */
#ifndef STRATA_CLUSTER_SUMS_H
#define STRATA_CLUSTER_SUMS_H

#include "kernel.h"

#define STRATA_SUMS_PER_VALUE 0x1p50

static inline size_t strata_sums_width(const struct strata_points *points) { return (size_t)points->d + 2; }
static inline size_t strata_sums_mass(const struct strata_points *points) { return (size_t)points->d; }
static inline size_t strata_sums_rows(const struct strata_points *points) { return (size_t)points->d + 1; }

/* A row's integer weight. */
int64_t strata_sums_weight(const struct strata_points *points, size_t row);

/* Count a row out of one cluster's numbers (NULL: it was in none) and into another's. */
void strata_sums_move(const struct strata_points *points, size_t row, strata_int128 *from, strata_int128 *to);

/* Move the rows of a tile whose label differs from `now`, and label them. Returns how many rows moved. */
uint64_t strata_sums_move_tile(const struct strata_assignment *job, size_t tile, const uint16_t now[STRATA_TILE_ROWS]);

#endif
