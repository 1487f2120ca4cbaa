/* Lloyd's iteration: assign every point to its nearest centroid, move every centroid to the mean of its points.
 *
 * Only rows that change their cluster touch the sums, and in later iterations only rows near a border between clusters
 * are looked at, where that is measured to pay; neither changes the outcome. Everything is in the units of the tiles
 * (points.h).
 */
#ifndef STRATA_CLUSTER_LLOYD_H
#define STRATA_CLUSTER_LLOYD_H

#include "bounds.h"

/* Working memory of one run at a time; sized once for up to `capacity` clusters. Outputs after strata_lloyd_run:
 * k, centroid, label, total, iterations, converged. */
struct strata_lloyd {
    const struct strata_points *rows;   /* all */
    const struct strata_points *points; /* what is iterated on: the different rows where they are known, or all */
    const struct strata_kernels *kernels;
    int capacity, threads;
    int k;                                /* clusters, all with a point of weight > 0 */
    double *centroid;                     /* k x d */
    void *place;                          /* the same as the kernels read it */
    uint16_t *label;                      /* of `points`: row_label or distinct_label */
    uint16_t *row_label, *distinct_label; /* 16 n_tiles of `rows` and of its different rows */
    strata_int128 *total;                 /* k x (d + 2), sums.h */
    struct strata_bounds bounds;
    struct strata_change *change; /* threads */
    void *packed;                 /* threads x strata_packed_values(d) */
    struct strata_far_point {
        double score;
        size_t row;
    } * far; /* n_chunks */
    int iterations, converged;
    bool unlabelled;              /* no row is in a cluster yet; labels are not set */
    bool settled, ended;          /* the centroids have all but stopped; the run is over */
    uint64_t n_moved, n_doubtful; /* in the last pass */
};

/* Runs that share their passes at most, and the sum of their k up to which that is done: beyond it they are bound by
 * arithmetic, not by memory. */
enum { STRATA_LLOYD_TOGETHER = 4, STRATA_LLOYD_CLUSTERS_TOGETHER = 50 };

/* bounded: with limits for the rows, which take 4 bytes each; without, a pass looks at every row. */
enum strata_status strata_lloyd_init(struct strata_lloyd *lloyd, const struct strata_points *points,
                                     const struct strata_kernels *kernels, int capacity, int threads, bool bounded,
                                     struct strata_error *err) STRATA_MUST_USE;

/* Iterate from `start` (k x d, k <= capacity; a row of INFINITY is a cluster without a place yet) until labels repeat,
 * the summed squared shift of the centroids is at most tolerance x mean_variance, or max_iterations ran out. An empty
 * cluster is refilled with the row of the largest weight x squared distance, the first one on ties; clusters that
 * cannot be refilled, since every row already lies on its centroid, are dropped. A refill takes one row of several that
 * may be the same, so from there on all rows are iterated on. Cannot fail; no allocation. */
void strata_lloyd_run(struct strata_lloyd *lloyd, const double *start, int k, int max_iterations, double tolerance);

/* Several runs on the same points and with as many threads, n <= STRATA_LLOYD_TOGETHER, each from its own start and
 * with the outcome that it has alone: one pass over the points serves all runs that go on. */
void strata_lloyd_run_together(struct strata_lloyd *lloyd, int n, const double *const *start, const int *k,
                               int max_iterations, double tolerance);

/* Go on from the labels and sums of a run of as many clusters, whose centroids may have been changed since: only
 * rows that change their cluster cost more than a look. */
void strata_lloyd_resume(struct strata_lloyd *lloyd, int max_iterations, double tolerance);

/* Take over the outputs of another run on the same points, of a capacity at most as large. */
void strata_lloyd_copy(struct strata_lloyd *lloyd, const struct strata_lloyd *from);

/* The sum of w |x - mean|^2 over the points of weight > 0, from the sums alone: squares less what the means explain,
 * rounded to about 1e-15 of squares. */
double strata_lloyd_inertia(const struct strata_lloyd *lloyd);

/* From labels of different rows to those of all rows. */
void strata_lloyd_label_rows(struct strata_lloyd *lloyd);

/* Rows in cluster j. */
uint64_t strata_lloyd_size(const struct strata_lloyd *lloyd, int j);

void strata_lloyd_release(struct strata_lloyd *lloyd);

#endif
