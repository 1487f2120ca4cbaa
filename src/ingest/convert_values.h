/* From the typed values of a row to a row of a batch, as if they had been written as text: numbers as decimal digits,
 * a value that is missing as an empty field. Numbers are plain whatever notation the run declares for text. */
#ifndef STRATA_INGEST_CONVERT_VALUES_H
#define STRATA_INGEST_CONVERT_VALUES_H

#include "columns.h"
#include "convert.h"
#include "value_text.h"

struct strata_value_converter {
    struct strata_converter converter;
    const struct strata_column_plan *plan;
    char text[STRATA_N_ROLES][STRATA_VALUE_TEXT_BYTES]; /* of values that have to be written */
};

/* Row `i` of the block; else as strata_convert_row. */
enum strata_status strata_convert_values(struct strata_value_converter *values, const struct strata_column_block *block,
                                         size_t i, enum strata_row_outcome *outcome, struct strata_reject *reject,
                                         struct strata_error *err) STRATA_MUST_USE;

#endif
