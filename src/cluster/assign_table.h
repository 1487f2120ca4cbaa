/* Rows of a table to the clusters of an earlier clustering.
 *
 * A row's place is computed as when the clusters were made (data/preparation.h). It gets the cluster of the nearest
 * fit_centroid, the first one on ties: distances are sums over the columns, in their order, of the squares of float32
 * differences, each rounded once with the sum, which is how the kernels of the fit compute them. So the rows that the
 * clusters were made of get the labels they had. A row that lies outside the range of those rows, so that one of its
 * float32 values is beyond +-1, is compared in double precision.
 */
#ifndef STRATA_CLUSTER_ASSIGN_TABLE_H
#define STRATA_CLUSTER_ASSIGN_TABLE_H

#include "results.h"
#include "table.h"

/* label (n_rows): the numbers of clusters, INT16_MIN for rows without a cluster. Sizes, the missing values and the rows
 * without a cluster are counted anew in `clustering`; all else there stays. STRATA_USAGE: the table lacks a column.
 * STRATA_REJECTED: missing values that are refused. STRATA_MEMORY. */
enum strata_status strata_cluster_assign(const struct strata_table *table, struct strata_clustering *clustering,
                                         int threads, int16_t *label, struct strata_error *err) STRATA_MUST_USE;

#endif
