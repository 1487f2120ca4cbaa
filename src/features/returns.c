#include "family.h"
#include "money.h"

enum { RETURNS, RETURNED_AMOUNT, N_COLUMNS };

static const struct strata_column columns[N_COLUMNS] = {
    [RETURNS] = {"returns", STRATA_I32, "1", "Rows with an amount below zero"},
    [RETURNED_AMOUNT] = {"returned_amount", STRATA_F64, "currency", "Amount of the returns, as a positive number"},
};

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    out[RETURNS] = (double)history->n_returns;
    out[RETURNED_AMOUNT] = strata_money(window, -strata_sum(history->return_amount, history->n_returns));
}

const struct strata_family strata_family_returns = {
    .name = "returns",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .compute = compute,
};
