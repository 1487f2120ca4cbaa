/* How far centroids have shifted since the limits of the rows were set or the rows near a border gathered (assign.h),
 * and whether that pays. */
#ifndef STRATA_CLUSTER_BOUNDS_H
#define STRATA_CLUSTER_BOUNDS_H

#include "assign.h"

struct strata_bounds {
    float *limit;  /* 16 n_tiles; NULL: there are none */
    bool bordered; /* there is a border instead; with neither, every pass is plain */
    struct strata_border border;
    double passes;                /* for how many the next border is to hold */
    float *reach;                 /* k: rounded up; with a border, the reach that it was gathered for */
    double *reached;              /* k: the reach */
    double *growth;               /* k: of the reach since the last pass */
    double *before;               /* k x d: the centroids of the last pass */
    enum strata_assign_mode mode; /* of the next pass */
    double calm;                  /* rows that move at most for bounds to be tried */
};

/* bounded: with limits, or with a border where that is better. */
enum strata_status strata_bounds_init(struct strata_bounds *bounds, const struct strata_points *points, int k,
                                      bool bounded, struct strata_error *err) STRATA_MUST_USE;

/* Labels or centroids were changed in other ways than by a pass and by moving to the means. */
void strata_bounds_forget(struct strata_bounds *bounds);

/* Before a pass with k centroids (k x d, as the kernels read them): what the reach of each cluster is. */
void strata_bounds_advance(struct strata_bounds *bounds, const struct strata_points *points, const void *centroid,
                           int k);

/* After a pass over the points that looked at n_doubtful rows and moved n_moved: settle how the next one is made.
 * Labels are the same for each choice. */
void strata_bounds_choose(struct strata_bounds *bounds, const struct strata_points *points, uint64_t n_doubtful,
                          uint64_t n_moved, int k);

void strata_bounds_release(struct strata_bounds *bounds);

#endif
