/* Inside the HDF5 source: a table, column by column. */
#ifndef STRATA_INGEST_HDF5_TABLE_H
#define STRATA_INGEST_HDF5_TABLE_H

#include "hdf5_column.h"

/* A group whose datasets are columns, or a dataset whose elements have members. */
struct strata_hdf5_table {
    char *path; /* "/a/b", in the file */
    bool is_compound;
    size_t n_columns, capacity;
    struct strata_hdf5_column *column; /* those that cannot be read come last */
    uint64_t n_rows;                   /* UINT64_MAX: the columns that can be read differ */
};

void strata_hdf5_table_release(struct strata_hdf5_table *table);

/* A dataset of n_rows as a column, or among `refused` if its type makes none. */
enum strata_status strata_hdf5_table_add_dataset(struct strata_hdf5_table *table, struct strata_hdf5_table *refused,
                                                 hid_t dataset, hid_t type, const char *name, uint64_t n_rows,
                                                 const char *path, struct strata_error *err) STRATA_MUST_USE;

/* The same for the members of a dataset's elements. */
enum strata_status strata_hdf5_table_add_members(struct strata_hdf5_table *table, struct strata_hdf5_table *refused,
                                                 hid_t dataset, hid_t type, uint64_t n_rows, const char *path,
                                                 struct strata_error *err) STRATA_MUST_USE;

/* A column that cannot be read: `member` of the elements, or -1. */
enum strata_status strata_hdf5_table_refuse(struct strata_hdf5_table *refused, enum strata_hdf5_form form,
                                            const char *name, int member, struct strata_error *err) STRATA_MUST_USE;

/* Move those refused behind the columns that can be read, whose numbers and usual names alone make a table. */
enum strata_status strata_hdf5_table_take_refused(struct strata_hdf5_table *table, struct strata_hdf5_table *refused,
                                                  struct strata_error *err) STRATA_MUST_USE;

#endif
