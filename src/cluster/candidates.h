/* The candidates of k-means|| (Bahmani, Moseley, Vattani, Kumar, Vassilvitskii: Scalable K-Means++, VLDB 2012, arXiv
 * 1203.6402): after one row drawn by weight, each of five rounds takes every row on its own with probability
 * 2 k x weight x squared distance to the nearest candidate so far / the sum of these, or 1 if that is less. A candidate
 * weighs what the rows weigh that are nearest to it, the first one on ties.
 */
#ifndef STRATA_CLUSTER_CANDIDATES_H
#define STRATA_CLUSTER_CANDIDATES_H

#include "kernel.h"

/* About 10 k different rows of `points`, in fewer than STRATA_NO_CLUSTER, as a finished point set of its own, weighted,
 * in the same units; fewer where fewer differ. Whether a row is taken depends on the seed, the round, the row and the
 * candidates of earlier rounds. */
enum strata_status strata_candidates_draw(struct strata_points *candidates, const struct strata_points *points,
                                          const struct strata_kernels *kernels, int k, uint64_t seed, int threads,
                                          struct strata_error *err) STRATA_MUST_USE;

#endif
