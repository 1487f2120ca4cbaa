/* Checksums of what a later run goes by, so that it sees when somebody has changed it: text attributes "xxh3", 32
 * hexadecimal digits of XXH3 with 128 bits. */
#ifndef STRATA_STORE_DIGEST_H
#define STRATA_STORE_DIGEST_H

#include <hdf5.h>

#include "results.h"

#define STRATA_DIGEST_ATTRIBUTE "xxh3"

enum { STRATA_DIGEST_BYTES = 33 };

/* Of n_bytes of values as they lie in a dataset, little-endian: of a column of labels. */
void strata_values_digest(const void *values, size_t n_bytes, char digest[STRATA_DIGEST_BYTES]);

/* Of /clusters: everything by which rows are assigned and clusters are carried on, but the names, which may be changed.
 * It covers what clustering_read.h reads back. */
void strata_clustering_digest(const struct strata_clustering *clustering, char digest[STRATA_DIGEST_BYTES]);

/* STRATA_REJECTED if the object has a checksum and it is another one. `name` of the object and `path` of the file for
 * the message. */
enum strata_status strata_digest_check(hid_t object, const char *name, const char *path,
                                       const char digest[STRATA_DIGEST_BYTES],
                                       struct strata_error *err) STRATA_MUST_USE;

#endif
