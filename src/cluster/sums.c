#include "sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

/* A row adds at most 2^50 steps to a number. */
enum { PART_ROWS = (1 << 13) - 1 };

static int64_t steps_of(float value) { return (int64_t)llrint((double)value * 0x1p50); }

/* The same in vectors, which have no instruction for it everywhere: the last bits of a double of 2^52 are whole. */
static int64_t rounded_steps_of(float value)
{
    const double whole = 0x1.8p52;
    double shifted = (double)value * 0x1p50 + whole;
    int64_t bits, whole_bits;
    memcpy(&bits, &shifted, sizeof bits);
    memcpy(&whole_bits, &whole, sizeof whole_bits);
    return bits - whole_bits;
}

void strata_sums_move(const struct strata_points *points, size_t row, strata_int128 *from, strata_int128 *to)
{
    int64_t weight = strata_sums_weight(points, row), rows = strata_points_count(points, row);
    const size_t first = strata_points_index(points, row, 0);
    const float *value = points->tile;
    const double *wide = points->wide, per_value = strata_sums_per_value(points);
    for (int c = 0; c < points->d; ++c) {
        size_t i = first + (size_t)c * STRATA_TILE_ROWS;
        strata_int128 term = (strata_int128)llrint((wide ? wide[i] : (double)value[i]) * per_value) * weight;
        to[c] += term;
        if (from)
            from[c] -= term;
    }
    to[strata_sums_mass(points)] += weight;
    to[strata_sums_rows(points)] += rows;
    if (from) {
        from[strata_sums_mass(points)] -= weight;
        from[strata_sums_rows(points)] -= rows;
    }
}

enum strata_status strata_change_init(struct strata_change *change, const struct strata_points *points, int k,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_clusters = (size_t)k, width = strata_sums_width(points);
    *change = (struct strata_change){.k = k};
    change->sum = strata_calloc_array(n_clusters, width * sizeof *change->sum);
    change->part = strata_calloc_array(n_clusters, (width - 1) * sizeof *change->part);
    if (!change->sum || !change->part)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the sums of %d clusters in %d columns", k, points->d);
done:
    if (status != STRATA_OK)
        strata_change_release(change);
    return status;
}

void strata_change_release(struct strata_change *change)
{
    free(change->part);
    free(change->sum);
    *change = (struct strata_change){0};
}

static void spill(struct strata_change *change, const struct strata_points *points, int k)
{
    size_t d = (size_t)points->d, width = strata_sums_width(points);
    for (size_t j = 0; change->n_part > 0 && j < (size_t)k; ++j) {
        int64_t *part = change->part + j * (d + 1);
        strata_int128 *sum = change->sum + j * width;
        for (size_t c = 0; c < d; ++c)
            sum[c] += part[c];
        sum[d] += part[d];
        sum[d + 1] += part[d];
        memset(part, 0, (d + 1) * sizeof *part);
    }
    change->n_part = 0;
}

/* Whole numbers of steps, without a multiplication. */
static void move_part(const float *value, size_t d, int64_t *from, int64_t *to)
{
    for (size_t c = 0; c < d; ++c) {
        int64_t steps = steps_of(value[c * STRATA_TILE_ROWS]);
        to[c] += steps;
        from[c] -= steps;
    }
    to[d] += 1;
    from[d] -= 1;
}

/* n rows of a tile, that were in no cluster: their steps a column at a time. */
static void enter_tile(const float *tile, size_t d, size_t n, const uint16_t *now, int64_t *part)
{
    for (size_t c = 0; c < d; ++c) {
        int64_t steps[STRATA_TILE_ROWS];
        for (size_t lane = 0; lane < STRATA_TILE_ROWS; ++lane)
            steps[lane] = rounded_steps_of(tile[c * STRATA_TILE_ROWS + lane]);
        for (size_t lane = 0; lane < n; ++lane)
            part[now[lane] * (d + 1) + c] += steps[lane];
    }
    for (size_t lane = 0; lane < n; ++lane)
        part[now[lane] * (d + 1) + d] += 1;
}

static bool in_parts(const struct strata_points *points) { return !points->weight && !points->count && !points->wide; }

/* Room in the parts for n rows more. */
static void make_room(struct strata_change *change, const struct strata_points *points, size_t n)
{
    if (change->n_part + n > PART_ROWS)
        spill(change, points, change->k);
    change->n_part += n;
}

void strata_change_enter(struct strata_change *change, const struct strata_points *points, size_t first, size_t n,
                         const uint16_t *now)
{
    size_t d = (size_t)points->d, width = strata_sums_width(points);
    if (!in_parts(points)) {
        for (size_t i = 0; i < n; ++i)
            strata_sums_move(points, first + i, NULL, change->sum + now[i] * width);
        return;
    }
    make_room(change, points, n);
    for (size_t i = 0; i < n; i += STRATA_TILE_ROWS)
        enter_tile(points->tile + strata_points_index(points, first + i, 0), d,
                   n - i < STRATA_TILE_ROWS ? n - i : STRATA_TILE_ROWS, now + i, change->part);
}

void strata_change_move(struct strata_change *change, const struct strata_points *points, size_t first,
                        const uint16_t *row, size_t n, const uint16_t *label, const uint16_t *now)
{
    size_t d = (size_t)points->d, width = strata_sums_width(points);
    const bool in_part = in_parts(points);
    if (in_part)
        make_room(change, points, n);
    for (size_t i = 0; i < n; ++i) {
        size_t place = first + row[i], from = label[place], to = now[i];
        if (in_part)
            move_part(points->tile + strata_points_index(points, place, 0), d, change->part + from * (d + 1),
                      change->part + to * (d + 1));
        else
            strata_sums_move(points, place, change->sum + from * width, change->sum + to * width);
    }
}

void strata_change_add(struct strata_change *change, const struct strata_points *points, int k, strata_int128 *total)
{
    size_t n = (size_t)k * strata_sums_width(points);
    spill(change, points, k);
    for (size_t i = 0; i < n; ++i)
        total[i] += change->sum[i];
    memset(change->sum, 0, n * sizeof *change->sum);
}
