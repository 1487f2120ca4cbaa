#include "family.h"
#include "money.h"

enum { MONETARY, AVERAGE_ORDER, LARGEST_ORDER, N_COLUMNS };

static const struct strata_column columns[N_COLUMNS] = {
    [MONETARY] = {"monetary", STRATA_F64, "currency", "The M of RFM: sum of amounts; less returns where they are net"},
    [AVERAGE_ORDER] = {"average_order", STRATA_F64, "currency", "monetary / orders"},
    [LARGEST_ORDER] = {"largest_order", STRATA_F64, "currency", "Largest sum of the purchase rows of one order"},
};

static void compute(const struct strata_history *history, const struct strata_digest *digest,
                    const struct strata_window *window, const struct strata_table_column column[], size_t row)
{
    const double spend = strata_money(window, digest->purchases.sum + digest->net_returns->sum);
    strata_put_f64(&column[MONETARY], row, spend);
    strata_put_f64(&column[AVERAGE_ORDER], row, history->n_orders ? spend / (double)history->n_orders : NAN);
    strata_put_f64(&column[LARGEST_ORDER], row,
                   history->n_orders ? strata_money(window, digest->orders->largest) : NAN);
}

const struct strata_family strata_family_monetary = {
    .name = "monetary",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .compute = compute,
};
