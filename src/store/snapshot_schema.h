/* Is a file one that this strata reads? */
#ifndef STRATA_STORE_SNAPSHOT_SCHEMA_H
#define STRATA_STORE_SNAPSHOT_SCHEMA_H

#include <stdbool.h>

#include "hdf5_read.h"

/* A snapshot: STRATA_REJECTED if it is something else or of another schema version. */
enum strata_status strata_snapshot_check_schema(hid_t file, const char *path, int *version,
                                                struct strata_error *err) STRATA_MUST_USE;

/* Does it say that it holds the clusters of a table (clusters_write.h)? */
bool strata_clusters_has_schema(hid_t file, const char *path);

/* The same check for these. */
enum strata_status strata_clusters_check_schema(hid_t file, const char *path, struct strata_error *err) STRATA_MUST_USE;

#endif
