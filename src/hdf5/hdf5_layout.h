/* Where the rows of a dataset that is one column are: what the process that runs HDF5 finds out and the one that reads
 * the bytes goes by (hdf5_dataset.h, hdf5_rows.h). */
#ifndef STRATA_HDF5_LAYOUT_H
#define STRATA_HDF5_LAYOUT_H

#include "wire.h"

/* Larger chunks are refused. */
#define STRATA_HDF5_CHUNK_MAX (256u << 20)

/* Rows of a dataset; strings of variable length in one row. */
#define STRATA_HDF5_ROWS_MAX ((uint64_t)1 << 40)
enum { STRATA_HDF5_VARIABLE_MAX = 16 };

enum strata_hdf5_storage {
    STRATA_HDF5_BY_LIBRARY, /* read by HDF5 itself: other filters, conversions, strings of variable length */
    STRATA_HDF5_CHUNKS,     /* chunks through no filters but shuffle and deflate, elements as the processor has them */
    STRATA_HDF5_CONTIGUOUS, /* in one piece, elements as the processor has them */
    STRATA_HDF5_N_STORAGES
};

struct strata_hdf5_layout {
    enum strata_hdf5_storage storage;
    uint64_t n_rows;
    size_t row_bytes;     /* in memory */
    uint64_t chunk_rows;  /* 0: not in chunks */
    int shuffle, deflate; /* the places of these filters; -1: not used */
    uint64_t place;       /* of a CONTIGUOUS one, in the file */
    int n_variable;       /* strings of variable length in a row, and where they are */
    size_t variable[STRATA_HDF5_VARIABLE_MAX];
};

/* Where a chunk is stored. n_bytes 0: it was never written. */
struct strata_hdf5_place {
    uint64_t offset, n_bytes;
    uint32_t skipped; /* filters: bit i is the i-th */
};

/* What the process that reads asks for. */
enum strata_hdf5_request {
    STRATA_HDF5_SELECT, /* which columns: answered by whoever knows what columns are */
    STRATA_HDF5_LOCATE, /* places of chunks: dataset, first chunk, how many */
    STRATA_HDF5_READ,   /* rows by HDF5: dataset, first row, how many */
    STRATA_HDF5_N_REQUESTS
};
enum {
    STRATA_HDF5_PLACES_MAX = 64,
    STRATA_HDF5_READ_ROWS_MAX = 1 << 20,
    STRATA_HDF5_TEXTS_MAX = 1 << 28, /* bytes of the strings of variable length in these rows */
};

/* One of the requests but SELECT. */
struct strata_hdf5_range {
    size_t dataset;
    uint64_t first;
    size_t n;
};

void strata_hdf5_layout_pass(struct strata_wire *wire, struct strata_hdf5_layout *layout);
void strata_hdf5_place_pass(struct strata_wire *wire, struct strata_hdf5_place *place);
void strata_hdf5_range_pass(struct strata_wire *wire, struct strata_hdf5_range *range);

#endif
