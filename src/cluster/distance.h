/* The squared Euclidean distance of two places in double precision, one column after the other. */
#ifndef STRATA_CLUSTER_DISTANCE_H
#define STRATA_CLUSTER_DISTANCE_H

#include <stddef.h>

static inline double strata_squared_distance(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t c = 0; c < d; ++c)
        sum += (a[c] - b[c]) * (a[c] - b[c]);
    return sum;
}

#endif
