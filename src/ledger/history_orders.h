/* Inside the ledger: the orders of one customer. */
#ifndef STRATA_LEDGER_HISTORY_ORDERS_H
#define STRATA_LEDGER_HISTORY_ORDERS_H

#include "history.h"
#include "history_rows.h"

struct strata_history_builder;

/* One order while its rows are put together. */
struct strata_history_order {
    struct strata_key key;
    int64_t amount;
    int32_t day;
};

/* Purchase rows -> distinct orders by day, in the builder's memory. An order's day is that of its first row. */
void strata_history_orders_build(struct strata_history_builder *builder, const struct strata_history_row *row, size_t n,
                                 const struct strata_history_fields *fields, struct strata_history *history);

#endif
