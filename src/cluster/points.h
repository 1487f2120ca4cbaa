/* The points of a clustering: float32 or float64 in tiles, centred, scaled into [-1, 1] by one power of two.
 *
 * A tile holds 16 points, column by column: value (row, column) is tile[(row / 16 * d + column) * 16 + row % 16], and
 * stands for shift[column] + unit * value in the caller's units. The last tile is padded with zeros. Work is split
 * into chunks of whole tiles that depend on n alone, never on threads.
 */
#ifndef STRATA_CLUSTER_POINTS_H
#define STRATA_CLUSTER_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

__extension__ typedef __int128 strata_int128;

enum { STRATA_TILE_ROWS = 16 };

struct strata_points {
    size_t n;
    size_t n_rows; /* n, or the sum of count */
    int d;
    size_t n_tiles;
    float *tile;          /* 64-byte aligned; NULL where `wide` is not */
    double *wide;         /* the same in float64 */
    double *weight;       /* n, scaled by weight_unit so that they sum to at most 1; NULL: all 1 */
    double weight_unit;   /* a power of two; 1 without weights */
    double *shift;        /* d */
    double unit;          /* a power of two */
    double squares;       /* the weighted sum of |x|^2 */
    double mean_variance; /* mean over the columns of the weighted population variance, in units of `unit` squared */
    size_t chunk_tiles, n_chunks;
    uint32_t *count;                /* n: rows that each point stands for; NULL: one each */
    struct strata_points *distinct; /* the different points (collapse.h); NULL: not known. It has counts, no weights. */
    uint32_t *distinct_of;          /* n: which of them each point is; NULL where distinct is */
};

static inline size_t strata_points_index(const struct strata_points *points, size_t row, int column)
{
    return (row / STRATA_TILE_ROWS * (size_t)points->d + (size_t)column) * STRATA_TILE_ROWS + row % STRATA_TILE_ROWS;
}

static inline double strata_points_value(const struct strata_points *points, size_t row, int column)
{
    size_t i = strata_points_index(points, row, column);
    return points->wide ? points->wide[i] : (double)points->tile[i];
}

/* Rounded to the precision of the points. */
static inline void strata_points_set(struct strata_points *points, size_t row, int column, double value)
{
    size_t i = strata_points_index(points, row, column);
    if (points->wide)
        points->wide[i] = value;
    else
        points->tile[i] = (float)value;
}

/* A column of a tile. */
static inline void strata_points_column(const struct strata_points *points, size_t tile, int column, double *value)
{
    size_t first = strata_points_index(points, tile * STRATA_TILE_ROWS, column);
    if (points->wide)
        for (size_t lane = 0; lane < STRATA_TILE_ROWS; ++lane)
            value[lane] = points->wide[first + lane];
    else
        for (size_t lane = 0; lane < STRATA_TILE_ROWS; ++lane)
            value[lane] = (double)points->tile[first + lane];
}

/* Where a tile begins. */
static inline const void *strata_points_tile(const struct strata_points *points, size_t tile)
{
    size_t i = tile * (size_t)points->d * STRATA_TILE_ROWS;
    return points->wide ? (const void *)(points->wide + i) : points->tile + i;
}

/* Numbers in the precision of the points, such as centroids for the kernels. */
static inline size_t strata_points_real_size(const struct strata_points *points)
{
    return points->wide ? sizeof(double) : sizeof(float);
}

static inline void strata_points_set_real(const struct strata_points *points, void *real, size_t i, double value)
{
    if (points->wide)
        ((double *)real)[i] = value;
    else
        ((float *)real)[i] = (float)value;
}

static inline double strata_points_real(const struct strata_points *points, const void *real, size_t i)
{
    return points->wide ? ((const double *)real)[i] : (double)((const float *)real)[i];
}

static inline double strata_points_weight(const struct strata_points *points, size_t row)
{
    return points->weight ? points->weight[row] : 1.0;
}

static inline int64_t strata_points_count(const struct strata_points *points, size_t row)
{
    return points->count ? (int64_t)points->count[row] : 1;
}

/* The rows of a chunk: first..end. */
static inline size_t strata_points_chunk_start(const struct strata_points *points, size_t chunk)
{
    size_t row = chunk * points->chunk_tiles * STRATA_TILE_ROWS;
    return row < points->n ? row : points->n;
}

/* Room for n >= 1 points of d >= 1 columns, in float64 if `wide`; shift 0, unit 1; the tiles are not filled, padding
 * aside. The caller fills tiles, shift and unit, weights where there are any (and scales them), then calls
 * strata_points_finish. */
enum strata_status strata_points_init(struct strata_points *points, size_t n, int d, bool weighted, bool wide,
                                      struct strata_error *err) STRATA_MUST_USE;

/* Between these, sums of weights, times squares, neither overflow nor lose digits. */
#define STRATA_WEIGHT_LEAST 1e-100
#define STRATA_WEIGHT_MOST  1e100

static inline bool strata_points_may_weigh(double weight)
{
    return weight == 0 || (weight >= STRATA_WEIGHT_LEAST && weight <= STRATA_WEIGHT_MOST);
}

/* Divide the weights by a power of two so that they sum to at most 1: no overflow, a known range for integer sums. */
void strata_points_scale_weights(struct strata_points *points);

/* Measure squares and variance, once all values and weights are in place. */
enum strata_status strata_points_finish(struct strata_points *points, int threads,
                                        struct strata_error *err) STRATA_MUST_USE;

/* Rows row[0..n) of `points` with the weights given (n, not all zero, in any unit): a finished point set of its own, in
 * the same units. */
enum strata_status strata_points_pick(struct strata_points *picked, const struct strata_points *points,
                                      const size_t *row, const double *weight, size_t n, int threads,
                                      struct strata_error *err) STRATA_MUST_USE;

/* The smallest power of two above `range`; 1 for 0. */
double strata_points_unit(double range);

/* A share of the size of doubles that leaves room for another order of their sum. */
#define STRATA_FINEST_MEAN 0x1p-44

/* To what the mean of a column from `low` to `high` is rounded before values less the mean become floats: the step of
 * floats of the column's size, or of its range if that is smaller. Subtracting it then rounds no value that a float
 * holds. No finer than what a sum of doubles of that size settles in any order. */
double strata_points_mean_step(double low, double high);

void strata_points_release(struct strata_points *points);

#endif
