/* The rows of a dataset that is one column, read by several threads, in a process that never calls HDF5.
 *
 * HDF5 runs in a contained process (hdf5_dataset.h), which says where rows are. Chunks that went through no filters but
 * shuffle and deflate, and contiguous rows, are read and decoded here, by all threads at once, if their elements are
 * stored as the processor has them; all other rows come from that process, under a lock.
 */
#ifndef STRATA_HDF5_ROWS_H
#define STRATA_HDF5_ROWS_H

#include <libdeflate.h>
#include <pthread.h>

#include "contained.h"
#include "hdf5_layout.h"

/* A file and the process that runs HDF5 on it. All borrowed. */
struct strata_hdf5_source {
    const char *path; /* for messages */
    int descriptor;   /* of the file */
    struct strata_contained *contained;
    pthread_mutex_t *lock; /* on the wire */
};

struct strata_hdf5_rows {
    const struct strata_hdf5_source *source; /* borrowed */
    const char *name;                        /* of the dataset; borrowed */
    size_t number;                           /* of the dataset, there */
    struct strata_hdf5_layout layout;
};

/* One thread's memory for one dataset. `{0}` is empty. */
struct strata_hdf5_window {
    struct libdeflate_decompressor *decompressor;
    unsigned char *packed, *shuffled, *chunk, *rows;
    char *texts;
    size_t packed_room, rows_room, texts_room;
    uint64_t chunk_number;
    bool has_chunk;
    uint64_t first_place; /* of the chunks whose places are known */
    size_t n_places;
    struct strata_hdf5_place place[STRATA_HDF5_PLACES_MAX];
};

/* Bytes that a window takes, about. */
size_t strata_hdf5_window_bytes(const struct strata_hdf5_rows *rows, size_t n);

/* Rows first..first+n-1, within the dataset, packed in *out, until the window reads again; strings of variable length
 * are pointers in them. n never changes by more than becoming smaller at the end. STRATA_REJECTED if the file is
 * damaged. */
enum strata_status strata_hdf5_rows_read(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                         uint64_t first, size_t n, const unsigned char **out,
                                         struct strata_error *err) STRATA_MUST_USE;
void strata_hdf5_window_release(struct strata_hdf5_window *window);

#endif
