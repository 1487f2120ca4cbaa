/* The gap statistic (Tibshirani, Walther, Hastie, J. Royal Statistical Society B 63(2), 2001): how much more a number
 * of clusters explains of the points than of points without any.
 *
 * Gap(k) = the mean over the references of ln W_k, less ln W_k of a sample of the points; W_k is the inertia of the
 * best of a few fits, the same for both. A reference is uniform in the box around the sample along its principal axes.
 */
#ifndef STRATA_CLUSTER_GAP_H
#define STRATA_CLUSTER_GAP_H

#include "search.h"

/* The sample has so many points or all. */
enum {
    STRATA_GAP_ROWS = 1024,
    STRATA_GAP_REFERENCES = 10,
    STRATA_GAP_MOST_CLUSTERS = 100,
    STRATA_GAP_MOST_COLUMNS = 128
};

struct strata_gap {
    double value; /* infinite if W_k is 0 */
    double error; /* the references' standard deviation of ln W_k x sqrt(1 + 1 / references) */
};

/* gap[k - 1] for k = 1 to n, which is max_k, or less where the sample has fewer different points or no more than k; 0
 * for points of more columns or clusters than above. One point in each of equally long stretches of the rows, a row of
 * weight w being w of them. The draws depend on the seed alone. STRATA_MEMORY. */
enum strata_status strata_gap_measure(const struct strata_points *points, int max_k, uint64_t seed,
                                      enum strata_instructions instructions, int threads, struct strata_gap *gap,
                                      int *n, struct strata_error *err) STRATA_MUST_USE;

/* The smallest k with Gap(k) >= Gap(k + 1) - error(k + 1), n if there is none; n >= 1. */
int strata_gap_choose(const struct strata_gap *gap, int n);

#endif
