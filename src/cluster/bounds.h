/* How far centroids have shifted since the limits of the rows were set (assign.h), and whether limits pay. */
#ifndef STRATA_CLUSTER_BOUNDS_H
#define STRATA_CLUSTER_BOUNDS_H

#include "assign.h"

struct strata_bounds {
    float *limit;                 /* 16 n_tiles; NULL: there are none, every pass is plain */
    float *reach;                 /* k: rounded up */
    double *reached;              /* k */
    double *shift;                /* k */
    double *before;               /* k x d: the centroids of the last pass */
    bool known;                   /* the limits are those of the rows' labels */
    enum strata_assign_mode mode; /* of the next pass */
    double calm;                  /* rows that move at most for bounds to be tried */
};

enum strata_status strata_bounds_init(struct strata_bounds *bounds, const struct strata_points *points, int k,
                                      bool limited, struct strata_error *err) STRATA_MUST_USE;

/* Labels or centroids were changed in other ways than by a pass and by moving to the means. */
void strata_bounds_forget(struct strata_bounds *bounds);

/* Before a pass with k centroids (k x d, as the kernels read them): what the reach of each cluster is. */
void strata_bounds_advance(struct strata_bounds *bounds, const struct strata_points *points, const void *centroid,
                           int k);

/* After a pass over n rows that looked at n_doubtful and moved n_moved: settle how the next one is made. Labels are the
 * same for each choice. */
void strata_bounds_choose(struct strata_bounds *bounds, uint64_t n, uint64_t n_doubtful, uint64_t n_moved, int k,
                          int d);

void strata_bounds_release(struct strata_bounds *bounds);

#endif
