/* A file of rows and columns of numbers: delimited text, FILE.h5 or FILE.h5:/GROUP. */
#ifndef STRATA_PIPELINE_PLAIN_TABLE_H
#define STRATA_PIPELINE_PLAIN_TABLE_H

#include "named_table.h"

/* `{0}` is empty. */
struct strata_plain_table {
    char *path;        /* of the file; owned */
    const char *group; /* in it, inside `path`'s memory; NULL: none is named */
    struct strata_named_table contents;
};

/* Where the table is; nothing is read. "FILE:/GROUP" is a file and a group unless there is a file of that whole name.
 */
enum strata_status strata_plain_table_find(struct strata_plain_table *table, const char *name,
                                           struct strata_error *err) STRATA_MUST_USE;

/* The columns of a table that was found, in that order; n_columns 0: all numeric ones (number_table.h,
 * stored_table.h). */
enum strata_status strata_plain_table_read(struct strata_plain_table *table, const char *const *columns,
                                           size_t n_columns, struct strata_error *err) STRATA_MUST_USE;

/* One more column of the same table, all of whose columns were read without it: HDF5 has such as are taken by name
 * alone. STRATA_USAGE, STRATA_REJECTED: there is no such column. */
enum strata_status strata_plain_table_read_also(struct strata_plain_table *table, const char *column,
                                                struct strata_error *err) STRATA_MUST_USE;

void strata_plain_table_release(struct strata_plain_table *table);

#endif
