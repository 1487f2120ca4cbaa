/* The rows of a one-dimensional dataset, read by several threads.
 *
 * Chunks that went through no filters but shuffle and deflate, and whose elements are stored as the processor has them,
 * are fetched under a lock and decoded outside of it; everything else is read by HDF5 itself, under the lock.
 */
#ifndef STRATA_HDF5_ROWS_H
#define STRATA_HDF5_ROWS_H

#include <hdf5.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

struct strata_hdf5_rows {
    const char *path;      /* of the file, for messages; borrowed */
    char *name;            /* of the dataset; owned */
    pthread_mutex_t *lock; /* around every call of HDF5; borrowed */
    hid_t dataset, memory; /* memory: the type that rows are handed over as; owned */
    uint64_t n_rows;
    size_t row_bytes;     /* of `memory` */
    uint64_t chunk_rows;  /* 0: not in chunks */
    bool is_direct;       /* chunks are decoded here */
    int shuffle, deflate; /* the places of these filters; -1: not used */
    bool has_variable;    /* strings of variable length, which HDF5 allocates */
};

/* One thread's memory for one dataset. `{0}` is empty. */
struct strata_hdf5_window {
    struct libdeflate_decompressor *decompressor;
    unsigned char *packed, *shuffled, *chunk, *rows;
    size_t packed_room, rows_room;
    uint64_t chunk_number;
    bool has_chunk;
    hid_t reclaimed; /* the space of `rows` whose strings are to be given back; 0: none */
};

/* Take over `dataset` (H5Dclose) and `memory` (H5Tclose), even on failure. `is_plain`: the memory type is the stored
 * one. Chunks beyond STRATA_HDF5_CHUNK_MAX bytes, sizes that the file cannot hold, and storage outside of the file are
 * STRATA_REJECTED. */
#define STRATA_HDF5_CHUNK_MAX (256u << 20)
enum strata_status strata_hdf5_rows_open(struct strata_hdf5_rows *rows, hid_t dataset, hid_t memory, bool is_plain,
                                         const char *name, const char *path, pthread_mutex_t *lock,
                                         struct strata_error *err) STRATA_MUST_USE;
void strata_hdf5_rows_close(struct strata_hdf5_rows *rows);

/* Bytes that a window takes, about. */
size_t strata_hdf5_window_bytes(const struct strata_hdf5_rows *rows, size_t n);

/* Rows first..first+n-1, within the dataset, packed in *out, until the window reads again. n never changes by more than
 * becoming smaller at the end. */
enum strata_status strata_hdf5_rows_read(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                         uint64_t first, size_t n, const unsigned char **out,
                                         struct strata_error *err) STRATA_MUST_USE;
void strata_hdf5_window_release(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window);

#endif
