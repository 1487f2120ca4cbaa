/* HDF5's error stack as errors of ours. */
#ifndef STRATA_HDF5_ERROR_H
#define STRATA_HDF5_ERROR_H

#include <hdf5.h>
#include <strata/status.h>

/* HDF5 prints its errors and loads plug-ins from the environment unless told otherwise, for the whole process. A
 * session tells it otherwise, and gives the process its settings back at the end. */
struct strata_hdf5_session {
    H5E_auto2_t print;
    void *print_context;
    unsigned plugins;
};
void strata_hdf5_session_begin(struct strata_hdf5_session *session);
void strata_hdf5_session_end(const struct strata_hdf5_session *session);

/* Fill `err` for `path` and return STRATA_IO (STRATA_MEMORY if memory ran out). The reason is `os_error`, an errno, or,
 * if that is 0, what HDF5 says about the call that has just failed: ask before any other call of HDF5. `what` was
 * tried, may be NULL. */
enum strata_status strata_hdf5_fail_write(struct strata_error *err, const char *path, const char *what, int os_error);

/* The same for reading; what was tried, by `format`. */
enum strata_status strata_hdf5_fail_read(struct strata_error *err, const char *path, const char *format, ...)
    STRATA_PRINTF(3, 4);

/* Files are never written while somebody reads them, and the writer holds a lock of its own: HDF5's locks add nothing
 * and fail on network file systems. A negative number on failure, as HDF5's functions return. */
herr_t strata_hdf5_disable_locks(hid_t access_properties);

#endif
