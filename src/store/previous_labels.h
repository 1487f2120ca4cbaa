/* Who was in which cluster of an earlier snapshot. */
#ifndef STRATA_STORE_PREVIOUS_LABELS_H
#define STRATA_STORE_PREVIOUS_LABELS_H

#include <stddef.h>
#include <strata/status.h>

#include "key.h"

/* label[i] = the number of the cluster that customer[i] had, INT16_MIN for none or a customer who was not there.
 * customer: n, in the order of strata_key_compare_places, as those of the snapshot are: one pass over both. STRATA_IO
 * if the file cannot be read, STRATA_REJECTED if it is no whole snapshot; as careful with files of unknown origin as
 * strata_snapshot_read. No other call of HDF5 may run in the process meanwhile. */
enum strata_status strata_previous_labels_read(const char *path, const struct strata_key *customer, size_t n,
                                               int16_t *label, struct strata_error *err) STRATA_MUST_USE;

#endif
