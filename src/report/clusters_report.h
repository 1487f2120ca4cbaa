/* The clusters of a table as text for a terminal. */
#ifndef STRATA_REPORT_CLUSTERS_REPORT_H
#define STRATA_REPORT_CLUSTERS_REPORT_H

#include <strata/status.h>

#include "results.h"

/* A line for each cluster: number, rows, share of the rows that have a cluster, centroid in raw units; a line of
 * totals. Of many columns the first eight, and a line that says how many are left out. `*text` is for free(). */
enum strata_status strata_report_clusters(const struct strata_clustering *clustering, char **text,
                                          struct strata_error *err) STRATA_MUST_USE;

#endif
