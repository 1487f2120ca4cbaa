/* The medians of groups of rows. */
#ifndef STRATA_DATA_MEDIANS_H
#define STRATA_DATA_MEDIANS_H

#include "order_statistics.h"

/* median[group] for n_groups groups: the mean of both middle values where their number is even, NaN where a group has
 * no values. STRATA_MEMORY. */
enum strata_status strata_medians_find(const struct strata_order_source *source, double *median,
                                       struct strata_error *err) STRATA_MUST_USE;

#endif
