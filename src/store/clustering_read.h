/* Reading /clusters back: what it takes to place customers and to name their clusters. */
#ifndef STRATA_STORE_CLUSTERING_READ_H
#define STRATA_STORE_CLUSTERING_READ_H

#include "hdf5_read.h"
#include "results.h"

/* Everything but the trials, the criterion and the choice, the profile and what it has of earlier clusters. Whatever
 * the file holds, numbers are finite where they must be, clusters have rising numbers from 1, and arrays have their
 * sizes; STRATA_REJECTED otherwise. Empty on failure. */
enum strata_status strata_clustering_read(hid_t file, const char *path, struct strata_clustering *clustering,
                                          struct strata_error *err) STRATA_MUST_USE;

#endif
