#include "hdf5_extent.h"

struct strata_hdf5_extent strata_hdf5_extent_of(hid_t dataset)
{
    struct strata_hdf5_extent extent = {.rank = -1, .axis = -1};
    hsize_t size[H5S_MAX_RANK];
    hid_t space = H5Dget_space(dataset);
    if (space >= 0)
        extent.rank = H5Sget_simple_extent_dims(space, size, NULL);
    if (space >= 0)
        (void)H5Sclose(space);
    if (extent.rank == 1 || (extent.rank == 2 && size[1] == 1))
        extent.axis = 0;
    else if (extent.rank == 2 && size[0] == 1)
        extent.axis = 1;
    if (extent.axis >= 0)
        extent.n_rows = size[extent.axis];
    return extent;
}

void strata_hdf5_extent_place(const struct strata_hdf5_extent *extent, hsize_t row, hsize_t other,
                              hsize_t place[STRATA_HDF5_RANK_MAX])
{
    for (int i = 0; i < STRATA_HDF5_RANK_MAX; ++i)
        place[i] = i == extent->axis ? row : other;
}
