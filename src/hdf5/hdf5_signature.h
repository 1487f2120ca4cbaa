/* Is a file one of HDF5? It begins with a signature, or has it behind a block of the user's of 512, 1024, 2048, ...
 * bytes ("HDF5 File Format Specification Version 3.0", II.A), as MATLAB writes one. */
#ifndef STRATA_HDF5_SIGNATURE_H
#define STRATA_HDF5_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STRATA_HDF5_SIGNATURE_BYTES = 8 };

/* The place behind `place` where the signature may be; 0 is the first. */
uint64_t strata_hdf5_signature_next(uint64_t place);

/* Do these n bytes begin with it? */
bool strata_hdf5_signature_is(const char *bytes, size_t n);

/* Is it at one of these places of an open regular file? A few bytes are read at each; false for what cannot be read. */
bool strata_hdf5_signature_find(int file);

#endif
