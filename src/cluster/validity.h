/* How good a clustering is. Sums run over fixed chunks, merged in order. */
#ifndef STRATA_CLUSTER_VALIDITY_H
#define STRATA_CLUSTER_VALIDITY_H

#include "kernel.h"

/* within[j] = sum over cluster j's points of w |x - centroid_j|^2, in the units of the tiles and of the scaled weights;
 * returns their total. centroid: k x d; label: of every row; scratch: n_chunks x k. */
double strata_within_squares(const struct strata_points *points, const uint16_t *label, const double *centroid, int k,
                             int threads, double *within, double *scratch);

/* The mean silhouette of all points (no weights) for squared Euclidean distance, exact, in one pass: the mean squared
 * distance from x to the points of cluster j is |x - mean_j|^2 + within_j / n_j. A point alone in its cluster has
 * silhouette 0. NaN for k < 2. `centroid` must be the means of the clusters. STRATA_MEMORY. */
enum strata_status strata_silhouette(const struct strata_points *points, const struct strata_kernels *kernels,
                                     const uint16_t *label, const double *centroid, const double *within,
                                     const uint64_t *size, int k, int threads, double *silhouette,
                                     struct strata_error *err) STRATA_MUST_USE;

#endif
