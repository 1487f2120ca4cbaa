#include "family.h"

enum { TRANSACTIONS, ORDERS, FREQUENCY, PURCHASE_DAYS, N_COLUMNS };

static const struct strata_column columns[N_COLUMNS] = {
    [TRANSACTIONS] = {"transactions", STRATA_I32, "1", "Purchase rows"},
    [ORDERS] = {"orders", STRATA_I32, "1", "Distinct orders; purchase rows where no order column is mapped"},
    [FREQUENCY] = {"frequency", STRATA_I32, "1", "The F of RFM: orders"},
    [PURCHASE_DAYS] = {"purchase_days", STRATA_I32, "1", "Distinct days with a purchase"},
};

static void compute(const struct strata_history *history, const struct strata_digest *digest,
                    const struct strata_window *window, const struct strata_table_column column[], size_t row)
{
    (void)window;
    strata_put_i32(&column[TRANSACTIONS], row, strata_count(history->n_purchases));
    strata_put_i32(&column[ORDERS], row, strata_count(history->n_orders));
    strata_put_i32(&column[FREQUENCY], row, strata_count(history->n_orders));
    strata_put_i32(&column[PURCHASE_DAYS], row, strata_count(digest->purchases.n_days));
}

const struct strata_family strata_family_frequency = {
    .name = "frequency",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .compute = compute,
};
