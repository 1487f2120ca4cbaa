/* The clusters of an earlier clustering of a table, by which other rows are placed or numbered. */
#ifndef STRATA_STORE_CLUSTERS_SOURCE_H
#define STRATA_STORE_CLUSTERS_SOURCE_H

#include <stdbool.h>

#include "results.h"

/* `{0}` is empty. */
struct strata_clusters_source {
    char *run_id;                        /* owned; NULL: it has none */
    struct strata_clustering clustering; /* as clustering_read.h; k 0: a snapshot without clusters */
};

/* From a file of clusters_write.h or a snapshot, which somebody else may have made: as careful as
 * strata_snapshot_source_read. STRATA_IO, STRATA_REJECTED, STRATA_MEMORY; the source is empty then. */
enum strata_status strata_clusters_source_read(const char *path, struct strata_clusters_source *source,
                                               struct strata_error *err) STRATA_MUST_USE;
/* Does the file say that it holds the clusters of a table? false for what cannot be read. */
bool strata_clusters_source_is_table(const char *path);

void strata_clusters_source_release(struct strata_clusters_source *source);

#endif
