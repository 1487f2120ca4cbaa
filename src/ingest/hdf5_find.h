/* Inside the HDF5 source: which of a file's groups and datasets holds the transactions. */
#ifndef STRATA_INGEST_HDF5_FIND_H
#define STRATA_INGEST_HDF5_FIND_H

#include "hdf5_table.h"

/* Find it: at `place`, or with NULL the only one that looks like a log. `path` of the file, for messages. Only hard
 * links are followed. */
enum strata_status strata_hdf5_table_find(struct strata_hdf5_table *table, hid_t file, const char *place,
                                          const char *path, struct strata_error *err) STRATA_MUST_USE;

#endif
