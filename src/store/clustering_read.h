/* Reading /clusters back: what it takes to place customers and to name their clusters. */
#ifndef STRATA_STORE_CLUSTERING_READ_H
#define STRATA_STORE_CLUSTERING_READ_H

#include "hdf5_read.h"
#include "results.h"
#include "wire.h"

enum { STRATA_CLUSTERS_MAX = INT16_MAX };

/* Everything but the trials, the criterion and the choice, the profile and what it has of earlier clusters. Whatever
 * the file holds, numbers are finite where they must be, clusters have rising numbers from 1, and arrays have their
 * sizes; STRATA_REJECTED otherwise. Empty on failure. */
enum strata_status strata_clustering_read(hid_t file, const char *path, struct strata_clustering *clustering,
                                          struct strata_error *err) STRATA_MUST_USE;

/* The same over a wire, from a process that read it; what is received has its sizes, and is to be checked. */
void strata_clustering_pass(struct strata_wire *wire, struct strata_clustering *clustering);

/* Are the numbers such as strata writes? STRATA_REJECTED otherwise; `path` for the message. */
enum strata_status strata_clustering_check(const struct strata_clustering *clustering, const char *path,
                                           struct strata_error *err) STRATA_MUST_USE;

#endif
