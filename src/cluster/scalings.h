/* Scalings: what makes columns comparable after the transform.
 *
 *   none      shift 0, divisor 1
 *   standard  mean and population standard deviation
 *   robust    median and distance of the quartiles (type 7 of Hyndman, Fan); a distance of 0 counts as 1
 *   whiten    standard, then the principal components of the standardised columns, each over the square root of its
 *             sample variance (n - 1), by falling variance. The entry of largest absolute value of a component, the
 *             first of equals, is positive. A component with less than 1e-10 of the largest variance becomes 0.
 */
#ifndef STRATA_CLUSTER_SCALINGS_H
#define STRATA_CLUSTER_SCALINGS_H

#include "moments.h"
#include "placing.h"

enum { STRATA_MAX_WHITENED = 512 };

struct strata_scaling_source {
    const struct strata_placing *placing;
    const struct strata_row_chunks *chunks;
    const int16_t *label;                 /* n_rows: 0 for the rows that count; there is at least one */
    const struct strata_moments *moments; /* d: of the transformed values */
    int threads;
};

/* Settle shift, divisor and whitening; one row per scaling. NULL: nothing to settle. */
typedef enum strata_status strata_scaling_fit(const struct strata_scaling_source *source,
                                              struct strata_preparation *preparation, struct strata_error *err);
extern strata_scaling_fit *const strata_scalings[STRATA_N_SCALINGS];

/* scaling_whiten.c: of columns that are standardised. STRATA_USAGE beyond STRATA_MAX_WHITENED columns. */
enum strata_status strata_whitening_fit(const struct strata_scaling_source *source,
                                        struct strata_preparation *preparation,
                                        struct strata_error *err) STRATA_MUST_USE;

#endif
