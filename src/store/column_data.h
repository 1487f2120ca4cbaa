/* The row-aligned datasets of a snapshot: chunks encoded on all threads, handed to HDF5 in order on the calling one. */
#ifndef STRATA_STORE_COLUMN_DATA_H
#define STRATA_STORE_COLUMN_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file_array.h"
#include "hdf5_file.h"
#include "key.h"

/* One dataset: exactly one of `values`, `keys` or neither (then the row numbers from 0, as int64). */
struct strata_column_data {
    char *path; /* owned */
    hid_t dataset;
    hid_t type;               /* in memory and in the file; borrowed */
    size_t n_rows, row_bytes; /* row_bytes: the size of `type` */
    size_t chunk_rows;
    const void *values;
    const struct strata_key *keys;          /* padded with NUL to row_bytes */
    const struct strata_file_array *source; /* of the values or keys; NULL, or it rests while others are written */
    hsize_t stored_bytes;                   /* so far */
};

/* Rows of a chunk: about 64 Ki, fewer where rows are so long that a chunk would exceed 1 MiB. */
size_t strata_column_chunk_rows(size_t n_rows, size_t row_bytes);

/* Create the dataset at column->path, chunked with shuffle and deflate, or contiguous. Fills dataset and chunk_rows. */
enum strata_status strata_column_data_create(struct strata_column_data *column, struct strata_hdf5_file *file,
                                             bool compress, struct strata_error *err) STRATA_MUST_USE;

/* Write all rows of all columns. The bytes of the file do not depend on `threads`; memory for some hundred chunks. */
enum strata_status strata_column_data_write(struct strata_column_data *columns, size_t n_columns,
                                            struct strata_hdf5_file *file, bool compress, int threads,
                                            struct strata_error *err) STRATA_MUST_USE;

/* Closes the dataset, if open, and frees the path. */
void strata_column_data_release(struct strata_column_data *column);

#endif
