/* Columns of a table as points to cluster: transformed, scaled, complete rows alone.
 *
 * z = (transform(x) - shift) / divisor. A row has no point if in any of the columns its value is missing, infinite or
 * beyond +-1e100.
 */
#ifndef STRATA_CLUSTER_PREPARE_H
#define STRATA_CLUSTER_PREPARE_H

#include "points.h"
#include "table.h"

enum strata_cluster_transform {
    STRATA_TRANSFORM_NONE,
    STRATA_TRANSFORM_LOG1P,  /* sign(x) log(1 + |x|): defined for negative values, and its own inverse's mirror */
    STRATA_TRANSFORM_WINSOR, /* values beyond two order statistics are set to them */
};

enum strata_cluster_scaling {
    STRATA_SCALING_NONE,     /* shift 0, divisor 1 */
    STRATA_SCALING_STANDARD, /* mean and population standard deviation of the complete rows, after the transform */
};

struct strata_prepare_options {
    const char *const *columns; /* n_columns distinct names of numeric columns */
    int n_columns;
    enum strata_cluster_transform transform;
    enum strata_cluster_scaling scaling;
    double winsor_lower, winsor_upper; /* shares 0 <= lower < upper <= 1: the limits are the order statistics of rank
                                        * floor(lower (n - 1)) and ceil(upper (n - 1)), from 0 */
    int threads;
};

struct strata_prepared_column {
    const struct strata_table_column *source;
    double shift, divisor;
    double lower, upper; /* winsor limits in raw units, +-INFINITY without */
};

/* Owned by the caller; `{0}` is valid. */
struct strata_prepared {
    enum strata_cluster_transform transform;
    size_t n_missing;            /* rows without a point */
    struct strata_points points; /* the other rows, in order; points.n is 0 and nothing is there if there are none */
    int d;
    struct strata_prepared_column *column; /* d: those that vary, or all if none does */
    bool constant;                         /* no column varies */
    int n_dropped;
    const char **dropped; /* names of columns that do not vary while others do; the strings are the table's */
};

/* label: n_rows, set to 0 for rows with a point and INT16_MIN for the others. STRATA_USAGE: a column that is not there
 * or is named twice. */
enum strata_status strata_prepare(const struct strata_table *table, const struct strata_prepare_options *options,
                                  int16_t *label, struct strata_prepared *prepared,
                                  struct strata_error *err) STRATA_MUST_USE;

/* One value of kept column c: raw -> z, and back. Back from log1p, a mean of z is a kind of geometric mean. */
double strata_prepared_scaled(const struct strata_prepared *prepared, int c, double raw);
double strata_prepared_raw(const struct strata_prepared *prepared, int c, double scaled);

void strata_prepared_release(struct strata_prepared *prepared);

#endif
