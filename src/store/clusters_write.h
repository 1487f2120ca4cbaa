/* Writing the clusters of a table as an HDF5 file.
 *
 *   /             text attributes schema, tool_version, table; int32 attribute schema_version
 *   /labels       int16, one for each row of the table in its order: 1..k as in /clusters/values, _FillValue for rows
 *                 without a cluster; attributes as of the columns of a snapshot,
 *                 flag_* only up to 1000 clusters, and xxh3 (digest.h)
 *   /clusters/... as in a snapshot (snapshot_write.h)
 *
 * The same contents make the same bytes, for any number of threads.
 */
#ifndef STRATA_STORE_CLUSTERS_WRITE_H
#define STRATA_STORE_CLUSTERS_WRITE_H

#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

#include "publication.h"
#include "results.h"

#define STRATA_CLUSTERS_SCHEMA         "strata-clusters"
#define STRATA_CLUSTERS_SCHEMA_VERSION 1

/* Everything is borrowed. */
struct strata_clusters_contents {
    const char *tool_version, *table; /* table: what was clustered */
    size_t n_rows;                    /* >= 1 */
    const int16_t *label;             /* n_rows */
    const struct strata_clustering *clustering;
    int threads;
};

/* Write and close the temporary file of a publication that has begun, and read it back, as strata_snapshot_write does.
 */
enum strata_status strata_clusters_write(const struct strata_publication *publication,
                                         const struct strata_clusters_contents *contents,
                                         struct strata_error *err) STRATA_MUST_USE;

#endif
