/* What the clusters are like in columns that they were not made from. */
#ifndef STRATA_CLUSTER_PROFILE_FEATURES_H
#define STRATA_CLUSTER_PROFILE_FEATURES_H

#include "results.h"
#include "table.h"

/* Fill the features of clustering->profile (results.h) from those of the n names that are columns of the table; the
 * medians of the clustered columns are there already. label (n_rows): the place of the row's cluster from 1, or below 1
 * for none. The same bits for any number of threads. On failure what is there is for strata_clustering_release.
 * STRATA_MEMORY. */
enum strata_status strata_profile_features(const struct strata_table *table, const char *const *names, int n,
                                           const int16_t *label, int threads, struct strata_clustering *clustering,
                                           struct strata_error *err) STRATA_MUST_USE;

#endif
