/* A file driver for HDF5 that writes to an open descriptor and never fails.
 *
 * HDF5 does not survive a write that fails: later flushes and closes report success, and the process crashes when it
 * ends. Here a failed write is noted and claimed to have worked, and nothing more is written; whoever uses the driver
 * asks for the note, and believes in the file only if there is none after the last close. */
#ifndef STRATA_STORE_HDF5_DRIVER_H
#define STRATA_STORE_HDF5_DRIVER_H

#include <hdf5.h>

/* The first failure. Outlives the file of HDF5. */
struct strata_hdf5_latch {
    int os_error; /* errno; 0: none */
};

/* Register the driver; H5FDunregister it when its files are closed. Negative on failure. */
hid_t strata_hdf5_driver_register(void);

/* Let files created with these properties live in `descriptor` (borrowed), whatever their name. Negative on failure. */
herr_t strata_hdf5_driver_use(hid_t access_properties, hid_t driver, int descriptor, struct strata_hdf5_latch *latch);

#endif
