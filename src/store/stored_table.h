/* Columns of numbers in an HDF5 file as a table. */
#ifndef STRATA_STORE_STORED_TABLE_H
#define STRATA_STORE_STORED_TABLE_H

#include <stdbool.h>

#include "named_table.h"

/* Does the file begin as one of HDF5 does? false for what cannot be read. */
bool strata_file_is_hdf5(const char *path);

/* Read the columns named, in that order, from `place` ("/a/b", a group or a dataset: stored_place.h; NULL: /customers
 * of a snapshot of strata, the root of any other file). With n_columns 0: all columns of numbers, but not those that
 * number the rows (dimension scales, pandas' index) or hold labels (with the attribute flag_values). Values are float32
 * where they are so in the file, else float64; what equals the attribute _FillValue of a dataset of numbers is NaN. As
 * in hdf5_read.h, only hard links are followed and only plain storage is read; sizes that the stored bytes cannot hold
 * are refused. `named` is empty before and after a failure. STRATA_USAGE: no such column. STRATA_REJECTED: not HDF5, no
 * such place, a column that is none, unequal lengths, no rows. STRATA_IO: cannot be read. No other call of HDF5 may run
 * in the process meanwhile. */
enum strata_status strata_stored_table_read(const char *path, const char *place, const char *const *columns,
                                            size_t n_columns, struct strata_named_table *named,
                                            struct strata_error *err) STRATA_MUST_USE;

#endif
