#include "family.h"

enum { TRANSACTIONS, ORDERS, FREQUENCY, PURCHASE_DAYS, N_COLUMNS };

static const struct strata_column columns[N_COLUMNS] = {
    [TRANSACTIONS] = {"transactions", STRATA_I32, "1", "Purchase rows"},
    [ORDERS] = {"orders", STRATA_I32, "1", "Distinct orders; purchase rows where no order column is mapped"},
    [FREQUENCY] = {"frequency", STRATA_I32, "1", "The F of RFM: orders"},
    [PURCHASE_DAYS] = {"purchase_days", STRATA_I32, "1", "Distinct days with a purchase"},
};

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    (void)window;
    size_t days = history->n_purchases > 0;
    for (size_t i = 1; i < history->n_purchases; ++i)
        days += history->day[i] != history->day[i - 1];
    out[TRANSACTIONS] = (double)history->n_purchases;
    out[ORDERS] = out[FREQUENCY] = (double)history->n_orders;
    out[PURCHASE_DAYS] = (double)days;
}

const struct strata_family strata_family_frequency = {
    .name = "frequency",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .compute = compute,
};
