#include "difference.h"

#include <math.h>

struct strata_group_moments strata_groups_pool(const struct strata_group_moments *group, int n_groups)
{
    struct strata_group_moments all = {0};
    for (int j = 0; j < n_groups; ++j)
        all.n += group[j].n;
    for (int j = 0; j < n_groups; ++j)
        all.mean += group[j].n > 0 ? group[j].n / all.n * group[j].mean : 0;
    for (int j = 0; j < n_groups; ++j) {
        double shift = group[j].mean - all.mean;
        all.squares += group[j].n > 0 ? group[j].squares + group[j].n * shift * shift : 0;
    }
    return all;
}

double strata_group_difference(const struct strata_group_moments *group, const struct strata_group_moments *all)
{
    double n_rest = all->n - group->n, shift = group->mean - all->mean;
    if (!(n_rest > 0) || !(group->n > 0))
        return (double)NAN;
    double mean_rest = all->mean - shift * group->n / n_rest, shift_rest = mean_rest - all->mean;
    double squares_rest = all->squares - group->squares - group->n * shift * shift - n_rest * shift_rest * shift_rest;
    double difference = group->mean - mean_rest;
    double variance = (group->squares / group->n + fmax(squares_rest, 0) / n_rest) / 2;
    return difference == 0 ? 0 : difference / sqrt(variance);
}
