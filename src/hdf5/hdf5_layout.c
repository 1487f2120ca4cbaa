#include "hdf5_layout.h"

#include <limits.h>

enum { FILTERS_MAX = 32, DATASETS_MAX = 64 };

/* Is there room for this string's pointer in a row, beside those of the strings before it? */
static bool is_apart(const struct strata_hdf5_layout *layout, int i)
{
    const size_t place = layout->variable[i], size = sizeof(char *);
    bool is = layout->row_bytes - place >= size;
    for (int earlier = 0; earlier < i; ++earlier) {
        const size_t other = layout->variable[earlier];
        is = is && (place > other ? place - other : other - place) >= size;
    }
    return is;
}

void strata_hdf5_layout_pass(struct strata_wire *wire, struct strata_hdf5_layout *layout)
{
    int storage = (int)layout->storage;
    size_t n_rows = (size_t)layout->n_rows, chunk_rows = (size_t)layout->chunk_rows;
    strata_wire_pass_int(wire, &storage, 0, STRATA_HDF5_N_STORAGES - 1);
    strata_wire_pass_size(wire, &n_rows, STRATA_HDF5_ROWS_MAX);
    strata_wire_pass_size(wire, &layout->row_bytes, STRATA_HDF5_CHUNK_MAX);
    strata_wire_pass_size(wire, &chunk_rows, STRATA_HDF5_CHUNK_MAX);
    strata_wire_pass_int(wire, &layout->shuffle, -1, FILTERS_MAX - 1);
    strata_wire_pass_int(wire, &layout->deflate, -1, FILTERS_MAX - 1);
    strata_wire_pass_u64(wire, &layout->place);
    strata_wire_pass_int(wire, &layout->n_variable, 0, STRATA_HDF5_VARIABLE_MAX);
    for (int i = 0; i < layout->n_variable; ++i) {
        strata_wire_pass_size(wire, &layout->variable[i], layout->row_bytes);
        strata_wire_refuse_if(wire, !is_apart(layout, i));
    }
    layout->storage = (enum strata_hdf5_storage)storage;
    layout->n_rows = n_rows;
    layout->chunk_rows = chunk_rows;
    const bool is_whole = layout->storage == STRATA_HDF5_BY_LIBRARY ||
                          (layout->n_variable == 0 && (layout->storage == STRATA_HDF5_CHUNKS) == (chunk_rows > 0));
    strata_wire_refuse_if(wire, layout->row_bytes == 0 || !is_whole ||
                                    chunk_rows > STRATA_HDF5_CHUNK_MAX / (layout->row_bytes + !layout->row_bytes));
}

void strata_hdf5_place_pass(struct strata_wire *wire, struct strata_hdf5_place *place)
{
    size_t n_bytes = (size_t)place->n_bytes, skipped = place->skipped;
    strata_wire_pass_u64(wire, &place->offset);
    strata_wire_pass_size(wire, &n_bytes, (size_t)STRATA_HDF5_CHUNK_MAX * 2);
    strata_wire_pass_size(wire, &skipped, UINT32_MAX);
    place->n_bytes = n_bytes;
    place->skipped = (uint32_t)skipped;
}

void strata_hdf5_range_pass(struct strata_wire *wire, struct strata_hdf5_range *range)
{
    strata_wire_pass_size(wire, &range->dataset, DATASETS_MAX);
    strata_wire_pass_u64(wire, &range->first);
    strata_wire_pass_size(wire, &range->n, STRATA_HDF5_READ_ROWS_MAX);
}
