/* Datasets that are one column: of one dimension, or of two with 1 for the other, as MATLAB writes vectors. */
#ifndef STRATA_HDF5_EXTENT_H
#define STRATA_HDF5_EXTENT_H

#include <hdf5.h>
#include <stdbool.h>

enum { STRATA_HDF5_RANK_MAX = 2 };

struct strata_hdf5_extent {
    int rank; /* -1: unknown */
    int axis; /* the dimension that rows count along; -1: this is no column */
    hsize_t n_rows;
};

/* The extent of an open dataset; of one element, the first dimension counts the rows. */
struct strata_hdf5_extent strata_hdf5_extent_of(hid_t dataset);

/* The place of a row of a column: its number along the axis, and else `other`. */
void strata_hdf5_extent_place(const struct strata_hdf5_extent *extent, hsize_t row, hsize_t other,
                              hsize_t place[STRATA_HDF5_RANK_MAX]);

#endif
