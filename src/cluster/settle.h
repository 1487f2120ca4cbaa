/* From a fit to a clustering: numbers and names, labels of the rows, profiles. */
#ifndef STRATA_CLUSTER_SETTLE_H
#define STRATA_CLUSTER_SETTLE_H

#include "cluster_options.h"
#include "prepare.h"

/* Fill all of `out` but the preparation, the trials with the choice among them, fit_seconds and how the earlier
 * clusters took part in the fit (continuity.h), which are there already. label (n_rows): 0 for the rows that have a
 * point, in their order, which become the number of its cluster. A fit of 0 clusters is none. On failure what is there
 * is for strata_clustering_release. STRATA_MEMORY. */
enum strata_status strata_cluster_settle(const struct strata_table *table, const struct strata_prepared *prepared,
                                         const struct strata_cluster_options *options, int threads,
                                         const struct strata_fit *fit, struct strata_clustering *out, int16_t *label,
                                         struct strata_error *err) STRATA_MUST_USE;

#endif
