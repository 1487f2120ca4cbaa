/* The Euclidean silhouette (Rousseeuw, J. Comput. Appl. Math. 20, 1987) on a stratified sample of the points, with a
 * bootstrap interval.
 */
#ifndef STRATA_CLUSTER_SILHOUETTE_SAMPLE_H
#define STRATA_CLUSTER_SILHOUETTE_SAMPLE_H

#include "points.h"

/* All points up to so many. Of more, each cluster gives its share of them, rounded down, but at least
 * STRATA_SILHOUETTE_LEAST points where it has them (fewer with more than 32 clusters, 2 at the least). */
enum { STRATA_SILHOUETTE_ROWS = 2048, STRATA_SILHOUETTE_LEAST = 16, STRATA_SILHOUETTE_MOST_CLUSTERS = 1024 };

struct strata_silhouette {
    double value;     /* each cluster's mean over its sampled points, weighted by the cluster's share of all points */
    double low, high; /* 95 % by the percentiles of 199 bootstrap samples within the clusters: of the sampled points'
                       * silhouettes, their distances to the others being taken as given */
};

/* The sampled points' rows, in the order of the clusters (start[j]..start[j + 1]) and of the rows: one at random in
 * each of equally long stretches of a cluster's points. label: of every row, 0..k-1; mass (copies.h): k, all above 0;
 * start: k + 1. A row of weight w counts as w points, and may be there more than once. `*row` (start[k]) is for free().
 * The draws depend on the seed alone. */
enum strata_status strata_silhouette_draw(const struct strata_points *points, const uint16_t *label, const double *mass,
                                          int k, uint64_t seed, size_t *start, size_t **row,
                                          struct strata_error *err) STRATA_MUST_USE;

/* NaN for fewer than 2 or more than STRATA_SILHOUETTE_MOST_CLUSTERS clusters. size: rows, k, all of some weight. A
 * point that is alone in its cluster has silhouette 0. The same bits for any number of threads. STRATA_MEMORY. */
enum strata_status strata_silhouette_measure(const struct strata_points *points, const uint16_t *label,
                                             const uint64_t *size, int k, uint64_t seed, int threads,
                                             struct strata_silhouette *silhouette,
                                             struct strata_error *err) STRATA_MUST_USE;

#endif
