/* Other transactions seen with the eyes of an earlier run: its configuration, its scores' thresholds, its clusters. */
#ifndef STRATA_ASSIGN_H
#define STRATA_ASSIGN_H

#include <strata/config.h>
#include <strata/export.h>
#include <strata/observer.h>
#include <strata/run.h>
#include <strata/status.h>

/* Lay the configuration of a snapshot over `config` (initialised): how transactions are read, which rows count, what
 * the segments are. Transactions, output and what concerns running alone get their defaults: they are not those of the
 * earlier run. STRATA_IO, STRATA_REJECTED if the file is no snapshot that this strata reads, STRATA_MEMORY; the
 * configuration is then only fit for release. No other call of HDF5 may run in the process meanwhile. */
STRATA_API enum strata_status strata_assign_config(struct strata_config *config, const char *snapshot,
                                                   struct strata_error *err) STRATA_MUST_USE;

/* As strata_run, but the scores come from the snapshot's thresholds, and the clusters from its clusters: columns
 * prepared as they were then, every customer in the nearest cluster. The log of the snapshot itself gets the labels it
 * had, save the scores (and segments) of customers at a threshold of the method ntile, which stay together at the lower
 * level. `config`: validated, from strata_assign_config, with transactions and output.
 *
 * The output is a snapshot whose manifest names the source. Its /clusters tell of the earlier fit, but sizes and
 * missing values are counted anew; the indices of the numbers of clusters that were tried are not repeated. It can be
 * assigned by in turn. STRATA_USAGE also if the output is the snapshot, or a column is not mapped that the clusters
 * need; STRATA_REJECTED also if the snapshot is damaged. */
STRATA_API enum strata_status strata_assign(const char *snapshot, const struct strata_config *config,
                                            const struct strata_observer *observer, struct strata_run_result *result,
                                            struct strata_error *err) STRATA_MUST_USE;

#endif
