/* What sets each cluster apart from the rest. */
#ifndef STRATA_CLUSTER_PROFILE_H
#define STRATA_CLUSTER_PROFILE_H

#include "order.h"
#include "prepare.h"
#include "results.h"
#include "search.h"

/* Fill all of `profile` (results.h) but the shares of revenue and the features. place (k): where the fit's clusters go;
 * label (n_rows of the table): place + 1, or INT16_MIN. Differences are of the columns, also where whitening mixed
 * them, standardised (difference.h). The same bits for any number of threads. On failure what is there is for
 * strata_clustering_release. STRATA_MEMORY. */
enum strata_status strata_profile_measure(const struct strata_table *table, const struct strata_prepared *prepared,
                                          const struct strata_fit *fit, const struct strata_cluster_place *place,
                                          const int16_t *label, int threads, struct strata_cluster_profile *profile,
                                          struct strata_error *err) STRATA_MUST_USE;

#endif
