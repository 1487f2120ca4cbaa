#include "family.h"
#include "money.h"

enum { RETURNS, RETURNED_AMOUNT, N_COLUMNS };

static const struct strata_column columns[N_COLUMNS] = {
    [RETURNS] = {"returns", STRATA_I32, "1", "Rows with an amount below zero"},
    [RETURNED_AMOUNT] = {"returned_amount", STRATA_F64, "currency", "Amount of the returns, as a positive number"},
};

static void compute(const struct strata_history *history, const struct strata_digest *digest,
                    const struct strata_window *window, const struct strata_table_column column[], size_t row)
{
    strata_put_i32(&column[RETURNS], row, strata_count(history->n_returns));
    strata_put_f64(&column[RETURNED_AMOUNT], row, strata_money(window, -digest->returns->sum));
}

const struct strata_family strata_family_returns = {
    .name = "returns",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .compute = compute,
};
