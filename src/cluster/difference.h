/* The standardised difference of a group of rows from the rest (Austin, Communications in Statistics - Simulation and
 * Computation 38(6), 2009): (mean of the group - mean of the rest) / sqrt of the mean of both variances. */
#ifndef STRATA_CLUSTER_DIFFERENCE_H
#define STRATA_CLUSTER_DIFFERENCE_H

/* Of one column: rows, their mean, and the sum of (value - mean)^2. */
struct strata_group_moments {
    double n, mean, squares;
};

/* All rows of n_groups groups. */
struct strata_group_moments strata_groups_pool(const struct strata_group_moments *group, int n_groups);

/* `all` includes the group. 0 where both means are the same, infinite where they differ and neither
 * side varies, NaN where one side has no row. */
double strata_group_difference(const struct strata_group_moments *group, const struct strata_group_moments *all);

#endif
