#include <math.h>

#include "family.h"
#include "money.h"

enum { MONETARY, AVERAGE_ORDER, LARGEST_ORDER, N_COLUMNS };

static const struct strata_column columns[N_COLUMNS] = {
    [MONETARY] = {"monetary", STRATA_F64, "currency", "The M of RFM: sum of amounts; less returns where they are net"},
    [AVERAGE_ORDER] = {"average_order", STRATA_F64, "currency", "monetary / orders"},
    [LARGEST_ORDER] = {"largest_order", STRATA_F64, "currency", "Largest sum of the purchase rows of one order"},
};

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    int64_t largest = 0;
    for (size_t i = 0; i < history->n_orders; ++i)
        largest = history->order_amount[i] > largest ? history->order_amount[i] : largest;
    strata_wide spend = strata_sum(history->amount, history->n_purchases);
    if (window->returns == STRATA_RETURNS_NET)
        spend += strata_sum(history->return_amount, history->n_returns);
    out[MONETARY] = strata_money(window, spend);
    out[AVERAGE_ORDER] = history->n_orders ? out[MONETARY] / (double)history->n_orders : NAN;
    out[LARGEST_ORDER] = history->n_orders ? strata_money(window, largest) : NAN;
}

const struct strata_family strata_family_monetary = {
    .name = "monetary",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .compute = compute,
};
