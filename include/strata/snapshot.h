/* Reading a snapshot: what it says about itself, its columns and its segments. No customer's values are read. */
#ifndef STRATA_SNAPSHOT_H
#define STRATA_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>
#include <strata/column.h>
#include <strata/segmentation.h>
#include <strata/status.h>

/* Owns all that its pointers point to. `{0}` is empty. Texts are NULL where the file has none. */
struct strata_snapshot {
    uint64_t customers;
    int schema_version;
    char *tool_version, *run_id, *created_utc, *as_of, *time_zone, *currency;
    char *config;   /* YAML */
    char *manifest; /* JSON */
    size_t n_columns;
    struct strata_column *columns; /* in the order of the file, without the row number */
    size_t n_segmentations;
    struct strata_segmentation *segmentations;
    struct strata_cluster_differences clusters;
};

/* STRATA_IO if the file cannot be read, STRATA_REJECTED if it is not a snapshot of strata or not one that this version
 * understands; the snapshot is empty then. Follows no link inside the file, loads no plug-in, reads no other file and
 * refuses sizes beyond reason. The HDF5 library is not proof against crafted files: it runs in a child process (fork)
 * that can read files and nothing else, is waited for, and whose end by a signal is STRATA_REJECTED. No other call of
 * HDF5 may run in the process meanwhile. */
STRATA_API enum strata_status strata_snapshot_read(const char *path, struct strata_snapshot *snapshot,
                                                   struct strata_error *err) STRATA_MUST_USE;
STRATA_API void strata_snapshot_release(struct strata_snapshot *snapshot);

#endif
