/* The plain rows of an index, a column at a time: what strata_convert_row makes of a row that is used, for many rows at
 * once. A row with anything unusual is left to it. */
#ifndef STRATA_INGEST_PLAIN_ROWS_H
#define STRATA_INGEST_PLAIN_ROWS_H

#include "convert.h"
#include "plain_columns.h"
#include "span.h"

/* Are the columns of the run and the notation of its numbers such that there can be plain rows? */
bool strata_plain_rows_are_possible(const struct strata_converter *converter);

/* How many records (at most STRATA_PLAIN_ROWS) from the span on, which begin at text[to] at the latest, have n_fields
 * fields as they should. */
size_t strata_plain_rows_count(const struct strata_plain_column_variant *variant,
                               const struct strata_indexed_text *indexed, const struct strata_span *span,
                               size_t n_fields, size_t to);

/* Add those of the n rows from the span on that are plain and used to the batch, which must have room for
 * STRATA_PLAIN_ROWS, and keep the account; *left gets a bit for each of the others. STRATA_PLAIN_PADDING bytes before
 * and behind the text must be readable. Fails only for lack of memory. */
enum strata_status strata_plain_rows_convert(struct strata_converter *converter,
                                             const struct strata_plain_column_variant *variant,
                                             const struct strata_indexed_text *indexed, const struct strata_span *span,
                                             size_t n, uint64_t *left, struct strata_error *err) STRATA_MUST_USE;

#endif
