/* Restarts: from seeding through Lloyd's iteration and swaps to an inertia, each one on one thread. */
#ifndef STRATA_CLUSTER_RESTARTS_H
#define STRATA_CLUSTER_RESTARTS_H

#include "outcomes.h"
#include "search.h"

/* outcome: options->restarts of them, their centroids and numbers filled in. On return they are in order. Which thread
 * ran a restart makes no difference. STRATA_MEMORY. */
enum strata_status strata_restarts_run(const struct strata_points *points, const struct strata_kernels *kernels,
                                       const struct strata_search_options *options, struct strata_outcome *outcome,
                                       struct strata_error *err) STRATA_MUST_USE;

#endif
