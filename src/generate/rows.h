/* Orders as delimited text. */
#ifndef STRATA_GENERATE_ROWS_H
#define STRATA_GENERATE_ROWS_H

#include <stddef.h>
#include <stdint.h>
#include <strata/generate.h>

#include "shopper.h"

enum strata_row_column {
    STRATA_ROW_CUSTOMER,
    STRATA_ROW_TIME,
    STRATA_ROW_AMOUNT,
    STRATA_ROW_ORDER,
    STRATA_ROW_CHANNEL,
    STRATA_ROW_CATEGORY,
    STRATA_N_ROW_COLUMNS,
};

/* No order takes more bytes than this. */
enum { STRATA_ORDER_BYTES = STRATA_MAX_LINES * 128, STRATA_DAY_BYTES = 10 };

struct strata_row_format {
    enum strata_row_column column[STRATA_N_ROW_COLUMNS];
    int n_columns;
    enum strata_generate_ids ids;
    uint64_t seed;
    int customer_digits, order_digits;
    char *day_text; /* per day of the log STRATA_DAY_BYTES bytes, YYYY-MM-DD */
};

/* `columns` as in the options; STRATA_USAGE: a column unknown or repeated. */
enum strata_status strata_row_format_init(struct strata_row_format *format,
                                          const struct strata_generate_options *options, int32_t first_day,
                                          struct strata_error *err) STRATA_MUST_USE;
/* Order ids as wide as the last of `n_orders` needs, at least 8 digits. */
void strata_row_format_number_orders(struct strata_row_format *format, uint64_t n_orders);
void strata_row_format_release(struct strata_row_format *format);

/* The header line into `out` (STRATA_ORDER_BYTES); returns its end. */
char *strata_row_format_header(const struct strata_row_format *format, char *out);

/* All rows of one order, `number` from 0, into `out` (STRATA_ORDER_BYTES); returns their end. */
char *strata_row_format_order(const struct strata_row_format *format, const struct strata_order *order, uint64_t number,
                              char *out);

#endif
