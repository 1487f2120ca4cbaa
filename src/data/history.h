/* A history: everything known of one customer, as borrowed spans in order of day.
 *
 * Purchases are rows with an amount of zero or more, returns those below zero. A history is never empty: n_purchases +
 * n_returns >= 1. Days lie between STRATA_DAY_MIN and STRATA_DAY_MAX. Within one day the order of rows is unspecified,
 * so nothing computed from a history may depend on it.
 */
#ifndef STRATA_DATA_HISTORY_H
#define STRATA_DATA_HISTORY_H

#include <stddef.h>
#include <stdint.h>

struct strata_history {
    size_t n_purchases;
    const int32_t *day;    /* n_purchases, ascending, days since 1970-01-01 */
    const int64_t *amount; /* n_purchases, minor units (see amount.h), >= 0 */

    size_t n_orders;             /* distinct orders with a purchase; where no order column is mapped, the purchase rows
                                    themselves: the same arrays */
    const int32_t *order_day;    /* n_orders, ascending: the day of the order's first purchase row */
    const int64_t *order_amount; /* n_orders: the sum of the order's purchase rows, at most INT64_MAX */

    size_t n_returns;
    const int32_t *return_day;    /* n_returns, ascending */
    const int64_t *return_amount; /* n_returns, < 0 */

    size_t n_channels; /* distinct values over all rows that have one; 0 where not mapped */
    size_t n_categories;
};

enum strata_returns_policy {
    STRATA_RETURNS_NET,      /* returns lower the spend, and are not purchases */
    STRATA_RETURNS_EXCLUDE,  /* rows below zero never reach a history */
    STRATA_RETURNS_SEPARATE, /* returns are counted on their own and leave the spend alone */
};

/* What the features of a run are computed against. */
struct strata_window {
    int32_t as_of_day;
    enum strata_returns_policy returns;
    unsigned fields;     /* enum strata_batch_fields of the run */
    int amount_decimals; /* of the minor units of all amounts */
};

#endif
