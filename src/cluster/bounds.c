#include "bounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

enum strata_status strata_bounds_init(struct strata_bounds *bounds, const struct strata_points *points, int k,
                                      bool limited, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_clusters = (size_t)k;
    *bounds = (struct strata_bounds){.mode = STRATA_ASSIGN_PLAIN};
    bounds->limit = limited ? strata_malloc_array(points->n_tiles, STRATA_TILE_ROWS * sizeof *bounds->limit) : NULL;
    bounds->reach = strata_malloc_array(n_clusters, sizeof *bounds->reach);
    bounds->reached = strata_malloc_array(n_clusters, sizeof *bounds->reached);
    bounds->shift = strata_malloc_array(n_clusters, sizeof *bounds->shift);
    bounds->before = strata_malloc_array(n_clusters, (size_t)points->d * sizeof *bounds->before);
    if ((limited && !bounds->limit) || !bounds->reach || !bounds->reached || !bounds->shift || !bounds->before)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the bounds of %zu points", points->n);
done:
    if (status != STRATA_OK)
        strata_bounds_release(bounds);
    return status;
}

void strata_bounds_release(struct strata_bounds *bounds)
{
    free(bounds->limit);
    free(bounds->reach);
    free(bounds->reached);
    free(bounds->shift);
    free(bounds->before);
    *bounds = (struct strata_bounds){0};
}

void strata_bounds_forget(struct strata_bounds *bounds)
{
    bounds->known = false;
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

void strata_bounds_advance(struct strata_bounds *bounds, const struct strata_points *points, const void *centroid,
                           int k)
{
    if (bounds->known && bounds->mode == STRATA_ASSIGN_BOUNDED) {
        double farthest = 0, next = 0; /* the two largest shifts */
        int mover = 0;
        for (int j = 0; j < k; ++j) {
            double shift = bounds->shift[j] = shift_of(points, bounds->before, centroid, j);
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
        for (int j = 0; j < k; ++j) {
            bounds->reached[j] += (bounds->shift[j] + (j == mover ? next : farthest)) * share;
            bounds->reach[j] = round_up(bounds->reached[j]);
        }
    } else {
        memset(bounds->reached, 0, (size_t)k * sizeof *bounds->reached);
        memset(bounds->reach, 0, (size_t)k * sizeof *bounds->reach);
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

void strata_bounds_choose(struct strata_bounds *bounds, uint64_t n, uint64_t n_doubtful, uint64_t n_moved, int k, int d)
{
    double rows = (double)n, moved = (double)n_moved;
    if (!bounds->limit)
        return;
    bounds->known = bounds->mode != STRATA_ASSIGN_PLAIN;
    if (bounds->mode == STRATA_ASSIGN_PLAIN) {
        bool calm = moved * doubtful_per_moved <= rows * doubtful_share(k, d, 1) && moved <= bounds->calm;
        bounds->mode = calm ? STRATA_ASSIGN_RENEW : STRATA_ASSIGN_PLAIN;
    } else if (bounds->mode == STRATA_ASSIGN_RENEW || (double)n_doubtful <= rows * doubtful_share(k, d, 1.3)) {
        bounds->mode = STRATA_ASSIGN_BOUNDED;
    } else {
        /* Too early: again when half as many rows move. */
        bounds->mode = STRATA_ASSIGN_PLAIN;
        bounds->calm = moved / 2;
    }
}
