/* The plain rows of a block of typed values, a column at a time: what strata_convert_values makes of a row that is
 * used, for many rows at once. A row with anything unusual is left to it. */
#ifndef STRATA_INGEST_PLAIN_VALUES_H
#define STRATA_INGEST_PLAIN_VALUES_H

#include "convert_values.h"
#include "used_rows.h"

/* Are the columns of the run such that there can be plain rows? */
bool strata_plain_values_are_possible(const struct strata_value_converter *values);

/* Add those of the n rows (at most STRATA_USED_ROWS) from `first` on, a multiple of STRATA_USED_ROWS, that are plain
 * and used to the batch, which must have room for all, and keep the account; *left gets a bit for each of the others.
 * Fails only for lack of memory. */
enum strata_status strata_plain_values_convert(struct strata_value_converter *values,
                                               const struct strata_column_block *block, size_t first, size_t n,
                                               uint64_t *left, struct strata_error *err) STRATA_MUST_USE;

#endif
