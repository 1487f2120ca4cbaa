/* Chosen columns of a place in an HDF5 file and their values, in the process that runs HDF5. */
#ifndef STRATA_STORE_STORED_ROWS_H
#define STRATA_STORE_STORED_ROWS_H

#include "stored_place.h"

/* A dataset of which columns are read. */
struct strata_stored_source {
    hid_t dataset, memory; /* memory: the type of its elements there */
    size_t row_bytes, part_rows;
    bool has_fill; /* with a value that means none */
    double fill;
};

/* A column that is read. */
struct strata_stored_wanted {
    const struct strata_stored_column *column; /* the place's */
    size_t source;                             /* which one it is in */
    size_t offset;                             /* of its value in a row of that */
    bool is_narrow;                            /* float32; else float64 */
};

/* `{0}` is empty. */
struct strata_stored_rows {
    const struct strata_stored_place *place; /* borrowed */
    size_t n_rows, n_wanted, n_sources;
    struct strata_stored_wanted *wanted;
    struct strata_stored_source *source;
};

/* The columns named, in that order; with n_columns 0 all that are measures. STRATA_USAGE: no such column, or one twice.
 * STRATA_REJECTED: one that is no number, unequal lengths, no rows, sizes that the stored bytes cannot hold. */
enum strata_status strata_stored_rows_open(struct strata_stored_rows *rows, const struct strata_stored_place *place,
                                           const char *const *columns, size_t n_columns,
                                           struct strata_error *err) STRATA_MUST_USE;

/* n rows of a source, as they are stored: n x row_bytes. */
enum strata_status strata_stored_rows_read(const struct strata_stored_rows *rows, size_t source, hsize_t first,
                                           size_t n, void *part, struct strata_error *err) STRATA_MUST_USE;

/* The values of wanted column `number` in these n rows, next to each other, as float or double. */
void strata_stored_rows_pick(const struct strata_stored_rows *rows, size_t number, const void *part, size_t n,
                             void *values);

void strata_stored_rows_close(struct strata_stored_rows *rows);

#endif
