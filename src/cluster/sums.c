#include "sums.h"

#include <math.h>
#include <string.h>

int64_t strata_sums_weight(const struct strata_points *points, size_t row)
{
    return points->weight ? (int64_t)llrint(points->weight[row] * 0x1p60) : 1;
}

void strata_sums_move(const struct strata_points *points, size_t row, strata_int128 *from, strata_int128 *to)
{
    int64_t weight = strata_sums_weight(points, row);
    const float *value = points->tile + strata_points_index(points, row, 0);
    for (int c = 0; c < points->d; ++c) {
        int64_t steps = (int64_t)llrint((double)value[c * STRATA_TILE_ROWS] * STRATA_SUMS_PER_VALUE);
        strata_int128 term = (strata_int128)steps * weight;
        to[c] += term;
        if (from)
            from[c] -= term;
    }
    to[strata_sums_mass(points)] += weight;
    to[strata_sums_rows(points)] += 1;
    if (from) {
        from[strata_sums_mass(points)] -= weight;
        from[strata_sums_rows(points)] -= 1;
    }
}

/* The same without weights, where sums of whole numbers of steps take no multiplication. */
static void move_unweighted(const float *value, int d, strata_int128 *from, strata_int128 *to)
{
    for (int c = 0; c < d; ++c) {
        int64_t steps = (int64_t)llrint((double)value[c * STRATA_TILE_ROWS] * STRATA_SUMS_PER_VALUE);
        to[c] += steps;
        if (from)
            from[c] -= steps;
    }
    for (int c = d; c < d + 2; ++c) {
        to[c] += 1;
        if (from)
            from[c] -= 1;
    }
}

uint64_t strata_sums_move_tile(const struct strata_assignment *job, size_t tile, const uint16_t now[STRATA_TILE_ROWS])
{
    const struct strata_points *points = job->points;
    size_t first = tile * STRATA_TILE_ROWS, width = strata_sums_width(points);
    size_t n_rows = points->n - first < STRATA_TILE_ROWS ? points->n - first : STRATA_TILE_ROWS;
    uint16_t *label = job->label + first;
    size_t moved[STRATA_TILE_ROWS], n_moved = 0;
    /* Without a branch that nobody can predict. */
    for (size_t lane = 0; lane < n_rows; ++lane) {
        moved[n_moved] = lane;
        n_moved += label[lane] != now[lane];
    }
    for (size_t i = 0; i < n_moved; ++i) {
        size_t lane = moved[i];
        strata_int128 *from = label[lane] == STRATA_NO_CLUSTER ? NULL : job->change + label[lane] * width;
        strata_int128 *to = job->change + now[lane] * width;
        if (points->weight)
            strata_sums_move(points, first + lane, from, to);
        else
            move_unweighted(points->tile + strata_points_index(points, first + lane, 0), points->d, from, to);
    }
    memcpy(label, now, STRATA_TILE_ROWS * sizeof *label);
    return n_moved;
}
