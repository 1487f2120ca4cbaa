/* A file driver for HDF5 that reads from and writes to an open descriptor and never fails.
 *
 * HDF5 does not survive a write that fails: later flushes and closes report success, and the process crashes when it
 * ends. Here a failed write is noted and claimed to have worked, and nothing more is written; whoever uses the driver
 * asks for the note, and believes in the file only if there is none after the last close. */
#ifndef STRATA_HDF5_DRIVER_H
#define STRATA_HDF5_DRIVER_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

/* What the driver notes. Outlives the file of HDF5. */
struct strata_hdf5_latch {
    int os_error; /* errno of the first failure; 0: none */
    /* While this is set, reads of raw data are not done but noted: how many there were, and the place of the last one.
     * It shows where in the file HDF5 looks for the elements of a dataset. */
    bool is_tracing;
    uint64_t n_traced, place, n_bytes;
};

/* Register the driver; H5FDunregister it when its files are closed. Negative on failure. */
hid_t strata_hdf5_driver_register(void);

/* Let files created with these properties live in `descriptor` (borrowed), whatever their name. Negative on failure. */
herr_t strata_hdf5_driver_use(hid_t access_properties, hid_t driver, int descriptor, struct strata_hdf5_latch *latch);

#endif
