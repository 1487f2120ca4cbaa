/* A dataset that is one column (hdf5_extent.h) of a file that anybody may have made, as the process sees it that runs
 * HDF5: what it finds out is answered to the one that reads the rows (hdf5_rows.h). */
#ifndef STRATA_HDF5_DATASET_H
#define STRATA_HDF5_DATASET_H

#include <hdf5.h>

#include "hdf5_driver.h"
#include "hdf5_extent.h"
#include "hdf5_layout.h"

/* `{0}` is none. */
struct strata_hdf5_dataset {
    const char *path; /* of the file, for messages; borrowed */
    char *name;       /* owned */
    hid_t dataset, memory;
    struct strata_hdf5_extent extent;
    struct strata_hdf5_latch *latch; /* of the file's driver; borrowed */
    struct strata_hdf5_layout layout;
    bool has_variable; /* strings of variable length, wanted or not, which HDF5 allocates */
    void *traced;      /* room for a chunk that is never read */
    size_t traced_room;
};

/* Take over `dataset` (H5Dclose) and `memory` (H5Tclose), the type that rows are handed over as, even on failure.
 * `is_plain`: that is the stored one. `variable`: where in a row strings of variable length are wanted. Chunks beyond
 * STRATA_HDF5_CHUNK_MAX bytes, sizes that the file cannot hold, and storage outside of the file are STRATA_REJECTED.
 * `cache_bytes`: what is left for chunks to be kept; what this dataset's chunk takes is subtracted. */
struct strata_hdf5_dataset_request {
    hid_t dataset, memory;
    bool is_plain;
    int n_variable;
    const size_t *variable;
    size_t *cache_bytes; /* borrowed */
    const char *name, *path;
    struct strata_hdf5_latch *latch;
};
enum strata_status strata_hdf5_dataset_open(struct strata_hdf5_dataset *dataset,
                                            const struct strata_hdf5_dataset_request *request,
                                            struct strata_error *err) STRATA_MUST_USE;
void strata_hdf5_dataset_close(struct strata_hdf5_dataset *dataset);

/* Answer a request for the places of chunks, or for rows; the wire is sending. */
void strata_hdf5_dataset_locate(struct strata_hdf5_dataset *dataset, const struct strata_hdf5_range *range,
                                struct strata_wire *wire);
void strata_hdf5_dataset_read(struct strata_hdf5_dataset *dataset, const struct strata_hdf5_range *range,
                              struct strata_wire *wire);

#endif
