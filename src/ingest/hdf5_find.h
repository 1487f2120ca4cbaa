/* Inside the HDF5 source: which of a file's groups and datasets holds the transactions. */
#ifndef STRATA_INGEST_HDF5_FIND_H
#define STRATA_INGEST_HDF5_FIND_H

#include "hdf5_column.h"

/* A group whose one-dimensional datasets are columns, or a dataset whose elements have members. */
struct strata_hdf5_table {
    char *path; /* "/a/b", in the file */
    bool is_compound;
    size_t n_columns, capacity;
    struct strata_hdf5_column *column; /* those that cannot be read come last */
    uint64_t n_rows;                   /* UINT64_MAX: the columns that can be read differ */
};

void strata_hdf5_table_release(struct strata_hdf5_table *table);

/* Find it: at `place`, or with NULL the only one that looks like a log. `path` of the file, for messages. Only hard
 * links are followed. */
enum strata_status strata_hdf5_table_find(struct strata_hdf5_table *table, hid_t file, const char *place,
                                          const char *path, struct strata_error *err) STRATA_MUST_USE;

#endif
