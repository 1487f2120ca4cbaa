/* Greedy k-means++: each next centroid is the best of 2 + floor(ln k) points drawn with probability proportional to
 * weight x squared distance to the nearest centroid so far (Arthur, Vassilvitskii, SODA 2007).
 *
 * Draws depend on (seed, restart, round, candidate) alone. One thread.
 */
#ifndef STRATA_CLUSTER_SEEDING_H
#define STRATA_CLUSTER_SEEDING_H

#include "kernel.h"

/* Working memory for one seeding at a time. */
struct strata_seeding {
    const struct strata_points *points;
    const struct strata_kernels *kernels;
    float *nearest;  /* 16 n_tiles: squared distance to the nearest centroid */
    void *candidate; /* STRATA_MAX_CANDIDATES x d, as the kernels read it */
    double *mass;    /* n_chunks: sum of weight x nearest */
};

enum strata_status strata_seeding_init(struct strata_seeding *seeding, const struct strata_points *points,
                                       const struct strata_kernels *kernels, struct strata_error *err) STRATA_MUST_USE;

/* Choose up to k centroids (k x d) among the points. Returns how many: fewer than k if every point lies on one. */
int strata_seeding_run(struct strata_seeding *seeding, int k, uint64_t seed, int restart, double *centroid);

/* Before swaps among k centroids (k x d). Returns 0 if every point lies on one of them: no swap can gain. */
int strata_seeding_survey(struct strata_seeding *seeding, const double *centroid, int k);

/* Replace one of the centroids surveyed, chosen at random, by a point drawn with probability proportional to weight x
 * squared distance to the nearest of them (a random swap: Franti, J. Big Data 5:13, 2018). */
void strata_seeding_swap(struct strata_seeding *seeding, double *centroid, int k, uint64_t seed, int restart,
                         int round);

void strata_seeding_release(struct strata_seeding *seeding);

#endif
