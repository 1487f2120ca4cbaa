/* How good a clustering is. Sums are of whole numbers: in whatever order they are added up, and the same for identical
 * rows one by one and together (collapse.h). */
#ifndef STRATA_CLUSTER_VALIDITY_H
#define STRATA_CLUSTER_VALIDITY_H

#include "kernel.h"

/* within[j] = sum over cluster j's points of w |x - centroid_j|^2, in the units of the tiles and of the scaled weights;
 * returns their total. centroid: k x d; label: of every point; scratch: threads x k. */
double strata_within_squares(const struct strata_points *points, const uint16_t *label, const double *centroid, int k,
                             int threads, double *within, strata_int128 *scratch);

/* NaN for k < 2, BIC aside. */
struct strata_validity {
    double silhouette;            /* mean over the points, squared Euclidean, exact: see below */
    double simplified_silhouette; /* with distances to the centroids in place of means over the points (Hruschka, de
                                   * Castro, Campello, ICDM 2004) */
    double calinski_harabasz;     /* (B / (k - 1)) / (W / (n - k)), B and W the sums of squares between and within the
                                   * clusters (Communications in Statistics 3(1), 1974); infinite if W is 0 */
    double davies_bouldin; /* the mean over the clusters of the largest (S_i + S_j) / |mean_i - mean_j|, S the mean
                            * distance to the centroid (IEEE PAMI 1(2), 1979); lower is better */
    double bic;            /* -2 ln L + p ln n of normal clouds with one variance in all directions, points counted
                            * in their cluster alone, p = k (d + 1) (Pelleg, Moore, ICML 2000); lower is better;
                            * -infinite if W is 0 */
};

/* All of them in one pass over the points, or over the different ones where these are known, a row of weight w counting
 * as w points; what knows a number of points is NaN where the weights sum to no more than k. The silhouette is exact
 * since the mean squared distance from x to the points of cluster j is |x - mean_j|^2 + within_j / n_j. A point alone
 * in its cluster has silhouette 0. `centroid` must be the means of the clusters, k x d, `within` their sums of squares.
 * STRATA_MEMORY. */
enum strata_status strata_validity_measure(const struct strata_points *points, const struct strata_kernels *kernels,
                                           const uint16_t *label, const double *centroid, const double *within,
                                           const uint64_t *size, int k, int threads, struct strata_validity *validity,
                                           struct strata_error *err) STRATA_MUST_USE;

#endif
