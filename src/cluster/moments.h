/* Mean, variance and range of a column, over chunks that are merged in order. */
#ifndef STRATA_CLUSTER_MOMENTS_H
#define STRATA_CLUSTER_MOMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "placing.h"

struct strata_moments {
    double n, mean, squares; /* squares: sum of (t - mean)^2 */
    double min, max;
};

/* Of column c, transformed, over the rows with label 0. scratch: chunks->n_chunks. */
struct strata_moments strata_moments_measure(const struct strata_placing *placing, int c,
                                             const struct strata_row_chunks *chunks, const int16_t *label,
                                             struct strata_moments *scratch, int threads);

static inline bool strata_moments_vary(const struct strata_moments *moments)
{
    return moments->squares > 0 && moments->min < moments->max;
}

#endif
