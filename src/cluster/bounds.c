#include "bounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

/* So many operations per row take about as long as reading what limits need. */
enum { CHEAP_ROW = 200 };

/* Is copying the rows near a border better than a limit for each row? */
static bool is_border_better(const struct strata_points *points, int k)
{
    bool copied_whole = !points->weight && !points->count && !points->wide && !points->distinct;
    return copied_whole && k * (points->d + 3) <= CHEAP_ROW;
}

enum strata_status strata_bounds_init(struct strata_bounds *bounds, const struct strata_points *points, int k,
                                      bool bounded, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_clusters = (size_t)k;
    *bounds = (struct strata_bounds){.mode = STRATA_ASSIGN_PLAIN};
    bounds->bordered = bounded && is_border_better(points, k);
    const bool limited = bounded && !bounds->bordered;
    bounds->limit = limited ? strata_malloc_array(points->n_tiles, STRATA_TILE_ROWS * sizeof *bounds->limit) : NULL;
    bounds->reach = strata_malloc_array(n_clusters, sizeof *bounds->reach);
    bounds->reached = strata_malloc_array(n_clusters, sizeof *bounds->reached);
    bounds->growth = strata_malloc_array(n_clusters, sizeof *bounds->growth);
    bounds->before = strata_malloc_array(n_clusters, (size_t)points->d * sizeof *bounds->before);
    if ((limited && !bounds->limit) || !bounds->reach || !bounds->reached || !bounds->growth || !bounds->before)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the bounds of %zu points", points->n);
    if (bounds->bordered)
        STRATA_TRY(strata_border_init(&bounds->border, points, err));
done:
    if (status != STRATA_OK)
        strata_bounds_release(bounds);
    return status;
}

void strata_bounds_release(struct strata_bounds *bounds)
{
    free(bounds->limit);
    strata_border_release(&bounds->border);
    free(bounds->reach);
    free(bounds->reached);
    free(bounds->growth);
    free(bounds->before);
    *bounds = (struct strata_bounds){0};
}

void strata_bounds_forget(struct strata_bounds *bounds)
{
    bounds->mode = STRATA_ASSIGN_PLAIN;
    bounds->calm = INFINITY;
}

/* Equal coordinates have not moved, infinite ones included: a cluster without a place stays without. */
static double shift_of(const struct strata_points *points, const double *before, const void *centroid, int cluster)
{
    const size_t first = (size_t)cluster * (size_t)points->d;
    double sum = 0;
    for (size_t i = first; i < first + (size_t)points->d; ++i) {
        double now = strata_points_real(points, centroid, i), difference = before[i] == now ? 0 : now - before[i];
        sum += difference * difference;
    }
    return sqrt(sum);
}

static float round_up(double value)
{
    float rounded = (float)value;
    return (double)rounded < value ? nextafterf(rounded, INFINITY) : rounded;
}

/* By how much the shift of the centroids lets the reach of each cluster grow. */
static void measure_growth(struct strata_bounds *bounds, const struct strata_points *points, const void *centroid,
                           int k)
{
    double farthest = 0, next = 0; /* the two largest shifts */
    int mover = 0;
    for (int j = 0; j < k; ++j) {
        double shift = bounds->growth[j] = shift_of(points, bounds->before, centroid, j);
        if (shift > farthest) {
            next = farthest;
            farthest = shift;
            mover = j;
        } else if (shift > next) {
            next = shift;
        }
    }
    /* A share for the distances' rounding after the shift, and for rounding here. */
    double share = 1 + (points->d + 64) * 0x1p-24;
    for (int j = 0; j < k; ++j)
        bounds->growth[j] = (bounds->growth[j] + (j == mover ? next : farthest)) * share;
}

/* Have rows outside the border become doubtful? Takes back what rounding may have added to what they allow for. */
static bool is_border_passed(const struct strata_bounds *bounds, int k)
{
    for (int j = 0; j < k; ++j)
        if (bounds->reached[j] > (double)bounds->reach[j] * (1 - 0x1p-20))
            return true;
    return false;
}

/* The next border allows for so many passes in which the reach grows as it did last. */
static void settle_border(struct strata_bounds *bounds, int k)
{
    for (int j = 0; j < k; ++j) {
        bounds->reached[j] = 0;
        bounds->reach[j] = round_up(bounds->growth[j] * bounds->passes);
    }
}

/* A border is gathered for at least so many passes. */
static const double least_passes = 4;

void strata_bounds_advance(struct strata_bounds *bounds, const struct strata_points *points, const void *centroid,
                           int k)
{
    if (bounds->mode == STRATA_ASSIGN_PLAIN || bounds->mode == STRATA_ASSIGN_RENEW) {
        memset(bounds->reached, 0, (size_t)k * sizeof *bounds->reached);
        memset(bounds->reach, 0, (size_t)k * sizeof *bounds->reach);
    } else {
        measure_growth(bounds, points, centroid, k);
        for (int j = 0; j < k; ++j)
            bounds->reached[j] += bounds->growth[j];
        if (bounds->mode == STRATA_ASSIGN_BOUNDED)
            for (int j = 0; j < k; ++j)
                bounds->reach[j] = round_up(bounds->reached[j]);
        if (bounds->mode == STRATA_ASSIGN_BORDER && is_border_passed(bounds, k))
            bounds->mode = bounds->passes < least_passes ? STRATA_ASSIGN_PLAIN : STRATA_ASSIGN_GATHER;
        if (bounds->mode == STRATA_ASSIGN_GATHER)
            settle_border(bounds, k);
    }
    for (size_t i = 0; i < (size_t)k * (size_t)points->d; ++i)
        bounds->before[i] = strata_points_real(points, centroid, i);
}

/* The share of doubtful rows at which bounds cost `ratio` times a pass without, from the cycles that a row takes:
 * looked at in its tile, from arithmetic or from memory; or its limit compared and, if it is doubtful, packed and
 * looked at. */
static double doubtful_share(int k, int d, double ratio)
{
    double look = fmax(k * (d + 3) / 16.0, (4 * d + 2) / 5.0), compare = 1.2, pack = 20 + 1.5 * d;
    return fmax(ratio * look - compare, 0) / (1.1 * look + pack);
}

/* About so many rows are doubtful for each one that moved, or will soon be. */
static const double doubtful_per_moved = 8;

/* The rows that come near enough in one pass more, for each one that moved; what gathering costs, in passes that look
 * at every row; and the passes that a border is to hold at most, since shifts do not stay as they are. */
static const double near_per_moved = 6, gathering_cost = 2.2, most_passes = 32;

/* A border for p passes has near x p rows, so that with gathering it a pass costs (gathering_cost + near p^2) / (p +
 * 1), which is least for this p. */
static double border_passes(const struct strata_points *points, double moved)
{
    double near = near_per_moved * fmax(moved, 1) / (double)points->n, room = 0.8 * strata_border_share(points);
    return fmin(fmin(sqrt(1 + gathering_cost / near) - 1, room / near), most_passes);
}

static void choose_border(struct strata_bounds *bounds, const struct strata_points *points, double moved)
{
    bounds->passes = border_passes(points, moved);
    if (bounds->mode == STRATA_ASSIGN_PLAIN) {
        bool calm = bounds->passes >= least_passes && moved <= bounds->calm;
        bounds->mode = calm ? STRATA_ASSIGN_GATHER : STRATA_ASSIGN_PLAIN;
    } else if (strata_border_is_whole(&bounds->border, points)) {
        bounds->mode = STRATA_ASSIGN_BORDER;
    } else {
        /* Too early: again when half as many rows move. */
        bounds->mode = STRATA_ASSIGN_PLAIN;
        bounds->calm = moved / 2;
    }
}

static void choose_limits(struct strata_bounds *bounds, double rows, double doubtful, double moved, int k, int d)
{
    if (bounds->mode == STRATA_ASSIGN_PLAIN) {
        bool calm = moved * doubtful_per_moved <= rows * doubtful_share(k, d, 1) && moved <= bounds->calm;
        bounds->mode = calm ? STRATA_ASSIGN_RENEW : STRATA_ASSIGN_PLAIN;
    } else if (bounds->mode == STRATA_ASSIGN_RENEW || doubtful <= rows * doubtful_share(k, d, 1.3)) {
        bounds->mode = STRATA_ASSIGN_BOUNDED;
    } else {
        /* Too early: again when half as many rows move. */
        bounds->mode = STRATA_ASSIGN_PLAIN;
        bounds->calm = moved / 2;
    }
}

void strata_bounds_choose(struct strata_bounds *bounds, const struct strata_points *points, uint64_t n_doubtful,
                          uint64_t n_moved, int k)
{
    if (bounds->bordered)
        choose_border(bounds, points, (double)n_moved);
    else if (bounds->limit)
        choose_limits(bounds, (double)points->n, (double)n_doubtful, (double)n_moved, k, points->d);
}
