/* Is a file a snapshot that this strata reads? */
#ifndef STRATA_STORE_SNAPSHOT_SCHEMA_H
#define STRATA_STORE_SNAPSHOT_SCHEMA_H

#include "hdf5_read.h"

/* STRATA_REJECTED if it is something else or of another schema version. */
enum strata_status strata_snapshot_check_schema(hid_t file, const char *path, int *version,
                                                struct strata_error *err) STRATA_MUST_USE;

#endif
