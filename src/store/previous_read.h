/* The clusters of an earlier snapshot, and who was in which. */
#ifndef STRATA_STORE_PREVIOUS_READ_H
#define STRATA_STORE_PREVIOUS_READ_H

#include <stddef.h>
#include <strata/status.h>

#include "key.h"
#include "previous_clusters.h"

/* k is 0 if the snapshot has no clusters. STRATA_IO if the file cannot be read, STRATA_REJECTED if it is not a snapshot
 * of this schema version or its clusters are not whole; `previous` is empty then. As careful with files of unknown
 * origin as strata_snapshot_read. No other call of HDF5 may run in the process meanwhile. */
enum strata_status strata_previous_read(const char *path, struct strata_previous_clusters *previous,
                                        struct strata_error *err) STRATA_MUST_USE;

/* label[i] = the number of the cluster that customer[i] had, INT16_MIN for none or a customer who was not there.
 * customer: n, in the order of strata_key_compare_places, as those of the snapshot are: one pass over both. Errors as
 * above. */
enum strata_status strata_previous_read_labels(const char *path, const struct strata_key *customer, size_t n,
                                               int16_t *label, struct strata_error *err) STRATA_MUST_USE;

#endif
