/* Columns of a table as points to cluster: missing values settled, transformed, scaled.
 *
 * What that means for each column is in data/preparation.h, transforms.h and scalings.h. With a policy for missing
 * values that imputes, transform and scaling are fitted to the columns with the values imputed. They are fitted to
 * every row once, whatever its weight: quantiles know no half rows. A row that has no point lacks a value and nothing
 * is imputed.
 */
#ifndef STRATA_CLUSTER_PREPARE_H
#define STRATA_CLUSTER_PREPARE_H

#include "points.h"
#include "preparation.h"
#include "table.h"

struct strata_prepare_options {
    const char *const *columns; /* n_columns distinct names of numeric columns */
    int n_columns;
    const char *weights; /* the column of the points' weights; NULL: none */
    enum strata_cluster_transform transform;
    enum strata_cluster_scaling scaling;
    enum strata_cluster_missing missing;
    enum strata_cluster_precision precision;
    double winsor_lower, winsor_upper; /* shares 0 <= lower < upper <= 1 */
    int threads;
};

/* Owned by the caller; `{0}` is valid. */
struct strata_prepared {
    struct strata_preparation preparation;     /* of the columns that vary, or of all if none does */
    const struct strata_table_column **source; /* preparation.d columns of the table */
    size_t n_missing;                          /* rows without a point */
    struct strata_points points; /* the other rows, in order; points.n is 0 and nothing is there if there are none */
    bool constant;               /* no column varies */
};

/* label: n_rows, set to 0 for rows with a point and INT16_MIN for the others. STRATA_USAGE: a column that is not there
 * or is named twice, too many to whiten. STRATA_REJECTED: a value is missing, and the policy is to refuse that; weights
 * that are none (weights.h). */
enum strata_status strata_prepare(const struct strata_table *table, const struct strata_prepare_options *options,
                                  int16_t *label, struct strata_prepared *prepared,
                                  struct strata_error *err) STRATA_MUST_USE;

void strata_prepared_release(struct strata_prepared *prepared);

#endif
