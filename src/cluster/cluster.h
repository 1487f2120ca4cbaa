/* The clustering stage: columns of a table -> a cluster for each customer. */
#ifndef STRATA_CLUSTER_CLUSTER_H
#define STRATA_CLUSTER_CLUSTER_H

#include "cluster_options.h"
#include "results.h"
#include "table.h"

/* Cluster the rows that have a value in all columns, or get one by options->missing. label (n_rows): the number of the
 * row's cluster, INT16_MIN for the other rows. In a first run clusters are numbered from 1, from the highest centroid
 * in `monetary` down, or in the first column if monetary is not among the columns; the other columns decide ties. Later
 * clusters keep the number and the name of the earlier one that they carry on; new ones get new numbers, in that order.
 * Columns that do not vary are left out with a warning; if none varies there is one cluster. Fewer different rows than
 * k: as many clusters as there are, with a warning. No complete row: no cluster (k 0), with a warning. Every k tried is
 * in out->trial: the one k for fixed k. out: strata_clustering_release. STRATA_USAGE: no such column, options out of
 * range. STRATA_REJECTED: missing values that are refused, weights that are none or
 * too small to choose k by (weights.h). */
enum strata_status strata_cluster_table(const struct strata_table *table, const struct strata_cluster_options *options,
                                        struct strata_clustering *out, int16_t *label,
                                        struct strata_error *err) STRATA_MUST_USE;

#endif
