/* Reading an HDF5 file that somebody else may have made: hard links only, no external or virtual storage, no filter
 * beyond shuffle, deflate and checksum, sizes capped. */
#ifndef STRATA_HDF5_READ_H
#define STRATA_HDF5_READ_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <strata/segmentation.h>
#include <strata/status.h>

/* No text in a snapshot is longer, no small dataset has more rows. */
#define STRATA_HDF5_MAX_TEXT_BYTES (64u << 20)
#define STRATA_HDF5_MAX_ROWS       65536
#define STRATA_HDF5_MAX_NAMES      65536

/* Open a file for reading; release with H5Fclose. STRATA_IO if that fails, STRATA_REJECTED if it is not HDF5. */
enum strata_status strata_hdf5_open(const char *path, hid_t *file, struct strata_error *err) STRATA_MUST_USE;

/* Is there an object of that name behind a hard link? `name` is one component. */
bool strata_hdf5_has(hid_t group, const char *name);

/* Is the dataset stored in this file and nowhere else? */
bool strata_hdf5_is_inside(hid_t dataset_properties);

/* Can the stored bytes hold so many rows? Deflate shrinks by at most 1032 to 1; a dataset of up to 1 MiB need not have
 * been written at all. */
bool strata_hdf5_holds(hid_t dataset, hsize_t n_rows, size_t row_bytes);

/* The same for rows of one value of the dataset's own type. */
bool strata_hdf5_is_stored(hid_t dataset, hsize_t n_rows);

/* Open a group; H5Gclose it. `file_path` for the message. STRATA_REJECTED if there is none. */
enum strata_status strata_hdf5_open_group(hid_t parent, const char *name, const char *file_path, hid_t *group,
                                          struct strata_error *err) STRATA_MUST_USE;

/* Open a one-dimensional dataset; H5Dclose it. */
enum strata_status strata_hdf5_open_column(hid_t group, const char *name, const char *file_path, hid_t *dataset,
                                           hsize_t *n_rows, struct strata_error *err) STRATA_MUST_USE;

/* How many rows a one-dimensional dataset has: STRATA_REJECTED if not 1 to `most` (at most INT_MAX). */
enum strata_status strata_hdf5_count_rows(hid_t group, const char *name, const char *file_path, size_t most,
                                          int *n_rows, struct strata_error *err) STRATA_MUST_USE;

/* Open a dataset of two dimensions of these sizes; H5Dclose it. */
enum strata_status strata_hdf5_open_matrix(hid_t group, const char *name, const char *file_path, size_t n_rows,
                                           size_t n_columns, hid_t *dataset, struct strata_error *err) STRATA_MUST_USE;

/* The names of what a group links to by hard links, in the order of creation if the file knows it, else by name.
 * `*names` and each of them are malloc memory: strata_hdf5_free_names. */
enum strata_status strata_hdf5_names(hid_t group, const char *file_path, char ***names, size_t *n_names,
                                     struct strata_error *err) STRATA_MUST_USE;
void strata_hdf5_free_names(char **names, size_t n_names);

/* A scalar text attribute, malloc memory; NULL if there is none. */
enum strata_status strata_hdf5_get_text(hid_t object, const char *name, const char *file_path, char **text,
                                        struct strata_error *err) STRATA_MUST_USE;

/* A scalar numeric attribute, converted to `memory_type`, into `value`; STRATA_REJECTED if there is none. */
enum strata_status strata_hdf5_get_number(hid_t object, const char *name, const char *file_path, hid_t memory_type,
                                          void *value, struct strata_error *err) STRATA_MUST_USE;

/* A scalar integer attribute; STRATA_REJECTED if there is none. */
enum strata_status strata_hdf5_get_int(hid_t object, const char *name, const char *file_path, int *value,
                                       struct strata_error *err) STRATA_MUST_USE;

/* A small dataset of `n` numbers, converted to `memory_type`, into `values`. STRATA_REJECTED if it has other rows. */
enum strata_status strata_hdf5_get_numbers(hid_t group, const char *name, const char *file_path, hid_t memory_type,
                                           size_t n, void *values, struct strata_error *err) STRATA_MUST_USE;

/* A dataset of n_rows x n_columns numbers as doubles, row-major, in `*values`: free() it. */
enum strata_status strata_hdf5_get_matrix(hid_t group, const char *name, const char *file_path, size_t n_rows,
                                          size_t n_columns, double **values, struct strata_error *err) STRATA_MUST_USE;

/* A small dataset of `n` fixed-length texts, each malloc memory, into `texts`. */
enum strata_status strata_hdf5_get_texts(hid_t group, const char *name, const char *file_path, size_t n, char **texts,
                                         struct strata_error *err) STRATA_MUST_USE;

/* /clusters/profile/differences with the names of rows and columns; empty if the file has none. */
enum strata_status strata_hdf5_get_differences(hid_t file, const char *file_path,
                                               struct strata_cluster_differences *differences,
                                               struct strata_error *err) STRATA_MUST_USE;
void strata_hdf5_free_differences(struct strata_cluster_differences *differences);

#endif
