/* Readable names of clusters from the ranks of their centroids. */
#ifndef STRATA_CLUSTER_NAMES_H
#define STRATA_CLUSTER_NAMES_H

#include <stdbool.h>
#include <strata/status.h>

#include "labels.h"

/* Give the labels that have none yet owned (malloc) names, English and Chinese, one word per column: the third
 * of the clusters in which the centroid ranks, such as "recent, frequent, high value". A name that another label has
 * gets a number. Values are left alone. centroid: k x d in raw units; column: d names; of_rows: an only
 * cluster is "all rows", not "all customers". On failure some names may be
 * set: free them all. */
enum strata_status strata_cluster_names(const double *centroid, int k, int d, const char *const *column, bool of_rows,
                                        struct strata_label *label, struct strata_error *err) STRATA_MUST_USE;

#endif
