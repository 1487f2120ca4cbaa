/* The parts of a snapshot, one file each. */
#ifndef STRATA_STORE_SNAPSHOT_PARTS_H
#define STRATA_STORE_SNAPSHOT_PARTS_H

#include "hdf5_file.h"
#include "snapshot_write.h"

/* /customers and /keys */
enum strata_status strata_snapshot_write_customers(struct strata_hdf5_file *file,
                                                   const struct strata_snapshot_contents *contents,
                                                   struct strata_error *err) STRATA_MUST_USE;

/* The attributes of one column: long_name, description, units, _FillValue and, of labels, flag_*. */
enum strata_status strata_snapshot_describe_column(struct strata_hdf5_file *file, const char *path,
                                                   const struct strata_table_column *column,
                                                   struct strata_error *err) STRATA_MUST_USE;

/* /scores, /clusters and /segments */
enum strata_status strata_snapshot_write_thresholds(struct strata_hdf5_file *file,
                                                    const struct strata_thresholds *thresholds,
                                                    struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_snapshot_write_clustering(struct strata_hdf5_file *file,
                                                    const struct strata_clustering *clustering,
                                                    struct strata_error *err) STRATA_MUST_USE;
/* What it takes to place another customer: the preparation of the columns, and /clusters/fit. */
enum strata_status strata_snapshot_write_preparation(struct strata_hdf5_file *file,
                                                     const struct strata_clustering *clustering,
                                                     struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_snapshot_write_segmentation(struct strata_hdf5_file *file,
                                                      const struct strata_segmentation *segmentation,
                                                      struct strata_error *err) STRATA_MUST_USE;

/* /clusters/profile, if there is one; /clusters/previous, if there are earlier clusters. */
enum strata_status strata_snapshot_write_profile(struct strata_hdf5_file *file,
                                                 const struct strata_clustering *clustering,
                                                 struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_snapshot_write_continuity(struct strata_hdf5_file *file,
                                                    const struct strata_clustering *clustering,
                                                    struct strata_error *err) STRATA_MUST_USE;

#endif
