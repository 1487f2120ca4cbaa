/* Typed values written as text: what stands in a message, and what a column means that is no text but is used as one.
 */
#ifndef STRATA_INGEST_VALUE_TEXT_H
#define STRATA_INGEST_VALUE_TEXT_H

#include "column_source.h"

/* Room for any value that is not TEXT, and STRATA_FIELD_PADDING bytes. */
#define STRATA_VALUE_TEXT_BYTES 384

/* Does row `i` have a value? NaN is none. */
static inline bool strata_value_is_there(const struct strata_value_column *column, enum strata_value_type type,
                                         size_t i)
{
    if (column->valid && !(column->valid[i / 64] >> (i % 64) & 1))
        return false;
    if (type == STRATA_VALUE_FLOAT64)
        return !__builtin_isnan(((const double *)column->values)[i]);
    return type != STRATA_VALUE_FLOAT32 || !__builtin_isnan(((const float *)column->values)[i]);
}

/* A whole number in decimal: its length; not terminated. 21 bytes are enough. */
size_t strata_integer_text(int64_t value, char *out);

/* The shortest decimal number that reads back as `value`, without exponent, a whole one without point. "inf" and "-inf"
 * are the only ones that are no numbers. */
size_t strata_real_text(double value, bool is_single, char out[STRATA_VALUE_TEXT_BYTES]);

/* Value `i`, which is there and not TEXT: numbers as above, DECIMAL with all its decimals, 2025-01-31,
 * 2025-01-31 23:59:59[.999999], the same with Z for an instant, a UUID in lower case. */
size_t strata_value_text(const struct strata_value_column *column, enum strata_value_type type, int decimals, size_t i,
                         char out[STRATA_VALUE_TEXT_BYTES]);

#endif
