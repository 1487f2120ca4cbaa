/* A new HDF5 file that notes what was put into it, so that it can be checked before it is published.
 *
 * Objects are named by their absolute path; groups in between are made on the way. Text attributes are
 * variable-length UTF-8 strings: h5py, h5netcdf and netCDF4 hand them over as str, and unlike fixed-length ones they
 * may exceed 64 KiB within the file format of HDF5 1.8. Text datasets are fixed-length UTF-8, padded with NUL: bytes
 * in h5py, str through `dataset.asstr()[:]`.
 */
#ifndef STRATA_STORE_HDF5_FILE_H
#define STRATA_STORE_HDF5_FILE_H

#include <hdf5.h>
#include <stdint.h>
#include <strata/status.h>
#include <sys/types.h>

#include "hdf5_driver.h"

/* A dataset that must be there with this shape and so many stored bytes. */
struct strata_hdf5_expectation {
    char *path;
    int rank;
    hsize_t extent[2];
    hsize_t stored_bytes;
};

struct strata_hdf5_file {
    const char *output;    /* for messages; borrowed */
    const char *temporary; /* borrowed */
    int descriptor;        /* borrowed */
    off_t n_written_back;  /* bytes of the file */
    struct strata_hdf5_latch latch;
    hid_t driver, file, text_type, link_properties;
    size_t n_expected, capacity;
    struct strata_hdf5_expectation *expected;
};

/* Make an empty file in `descriptor`, which is open for writing at `temporary` (both borrowed, as long as the file);
 * messages speak of `output`. The struct must not move afterwards. */
enum strata_status strata_hdf5_file_create(struct strata_hdf5_file *file, int descriptor, const char *temporary,
                                           const char *output, struct strata_error *err) STRATA_MUST_USE;

/* Writes do not fail when they happen (see hdf5_driver.h): this tells whether all have worked so far. */
enum strata_status strata_hdf5_file_check(const struct strata_hdf5_file *file,
                                          struct strata_error *err) STRATA_MUST_USE;

/* The system begins to bring to the disk what was written since the last call, so that little is left to do when the
 * file is published. Not by two threads at once; HDF5 may be writing meanwhile. */
void strata_hdf5_file_write_back(struct strata_hdf5_file *file);

/* Close, check that every write has worked, then open again for reading and check every dataset noted. */
enum strata_status strata_hdf5_file_finish(struct strata_hdf5_file *file, struct strata_error *err) STRATA_MUST_USE;

/* Closes what is open; a file that was not finished is worthless. */
void strata_hdf5_file_release(struct strata_hdf5_file *file);

/* The error of the call of HDF5 that has just failed, to be asked for before any other call: what was tried, by
 * `format`, and the reason, that of the operating system where there is one. Returns STRATA_IO, or STRATA_MEMORY if
 * memory ran out. */
enum strata_status strata_hdf5_file_fail(const struct strata_hdf5_file *file, struct strata_error *err,
                                         const char *format, ...) STRATA_PRINTF(3, 4);

/* Fails if `name` cannot be one component of a path in the file. */
enum strata_status strata_hdf5_check_name(const char *name, struct strata_error *err) STRATA_MUST_USE;

/* A group whose members are listed in the order of their creation. */
enum strata_status strata_hdf5_put_group(struct strata_hdf5_file *file, const char *path,
                                         struct strata_error *err) STRATA_MUST_USE;

/* Attributes of the object at `path`. A NULL text is left out. */
enum strata_status strata_hdf5_put_text(struct strata_hdf5_file *file, const char *path, const char *name,
                                        const char *text, struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_hdf5_put_texts(struct strata_hdf5_file *file, const char *path, const char *name, size_t n,
                                         const char *const *texts, struct strata_error *err) STRATA_MUST_USE;

/* An attribute of n numbers, converted to `file_type`; and one that is a scalar. */
enum strata_status strata_hdf5_put_numbers(struct strata_hdf5_file *file, const char *path, const char *name,
                                           hid_t file_type, hid_t memory_type, size_t n, const void *values,
                                           struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_hdf5_put_scalar(struct strata_hdf5_file *file, const char *path, const char *name,
                                          hid_t file_type, hid_t memory_type, const void *value,
                                          struct strata_error *err) STRATA_MUST_USE;

/* A small dataset, contiguous, of `type` in memory and file. extent[1] is 0 for one dimension. */
struct strata_hdf5_array {
    const char *path;
    hid_t type;
    hsize_t extent[2];
    const void *values;
    const char *units, *description; /* attributes; NULL: none */
};
enum strata_status strata_hdf5_put_array(struct strata_hdf5_file *file, const struct strata_hdf5_array *array,
                                         struct strata_error *err) STRATA_MUST_USE;

/* A small dataset of n fixed-length texts, sized to the longest; NULL texts are empty. */
enum strata_status strata_hdf5_put_text_array(struct strata_hdf5_file *file, const char *path, size_t n,
                                              const char *const *texts, const char *description,
                                              struct strata_error *err) STRATA_MUST_USE;

/* Note a dataset for strata_hdf5_file_finish; extent[1] is 0 for one dimension. */
enum strata_status strata_hdf5_expect(struct strata_hdf5_file *file, const char *path, const hsize_t extent[2],
                                      hsize_t stored_bytes, struct strata_error *err) STRATA_MUST_USE;

/* Properties of a dataset without times; H5Pclose it. Negative on failure. */
hid_t strata_hdf5_dataset_properties(void);

/* A fixed-length UTF-8 type, NUL-padded; H5Tclose it. Negative on failure. */
hid_t strata_hdf5_text_type(size_t n_bytes);

#endif
