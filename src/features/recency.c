#include "family.h"

enum { RECENCY, TENURE, PURCHASE_SPAN, FIRST_PURCHASE_DAY, LAST_PURCHASE_DAY, N_COLUMNS };

static const struct strata_column columns[N_COLUMNS] = {
    [RECENCY] = {"recency", STRATA_F32, "d", "Days from the last purchase to the as-of date"},
    [TENURE] = {"tenure", STRATA_F32, "d", "Days from the first purchase to the as-of date"},
    [PURCHASE_SPAN] = {"purchase_span", STRATA_F32, "d",
                       "Days from the first to the last purchase (t_x, the recency of probability models)"},
    [FIRST_PURCHASE_DAY] = {"first_purchase_day", STRATA_I32, "days since 1970-01-01", "Day of the first purchase"},
    [LAST_PURCHASE_DAY] = {"last_purchase_day", STRATA_I32, "days since 1970-01-01", "Day of the last purchase"},
};

static void compute(const struct strata_history *history, const struct strata_digest *digest,
                    const struct strata_window *window, const struct strata_table_column column[], size_t row)
{
    (void)digest;
    if (history->n_purchases == 0) {
        strata_put_f32(&column[RECENCY], row, NAN);
        strata_put_f32(&column[TENURE], row, NAN);
        strata_put_f32(&column[PURCHASE_SPAN], row, NAN);
        strata_put_i32(&column[FIRST_PURCHASE_DAY], row, STRATA_MISSING_I32);
        strata_put_i32(&column[LAST_PURCHASE_DAY], row, STRATA_MISSING_I32);
        return;
    }
    const int32_t first = history->day[0], last = history->day[history->n_purchases - 1];
    strata_put_f32(&column[RECENCY], row, (float)(window->as_of_day - last));
    strata_put_f32(&column[TENURE], row, (float)(window->as_of_day - first));
    strata_put_f32(&column[PURCHASE_SPAN], row, (float)(last - first));
    strata_put_i32(&column[FIRST_PURCHASE_DAY], row, first);
    strata_put_i32(&column[LAST_PURCHASE_DAY], row, last);
}

const struct strata_family strata_family_recency = {
    .name = "recency",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .compute = compute,
};
