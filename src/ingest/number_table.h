/* Delimited text with numbers in, a table of float64 columns out.
 *
 * The delimiter is the one under which the first records agree. The first record is the header unless all its fields
 * are numbers; columns without a header are named 1, 2, ... Decimal points, whatever the locale. An empty field and NaN
 * are missing values; blank lines are no rows.
 */
#ifndef STRATA_INGEST_NUMBER_TABLE_H
#define STRATA_INGEST_NUMBER_TABLE_H

#include "named_table.h"

/* Read the columns named, in that order; with n_columns 0 all that have a name and whose first value is a number.
 * `named` is empty before and after a failure. STRATA_USAGE: no such column. STRATA_REJECTED, with file, line and
 * column: text that is not a number, rows of different lengths, two columns of one name, quotes that break RFC 4180, an
 * empty file, no numeric column. STRATA_IO: the file cannot be read. */
enum strata_status strata_number_table_read(const char *path, const char *const *columns, size_t n_columns,
                                            struct strata_named_table *named, struct strata_error *err) STRATA_MUST_USE;

#endif
