#include <math.h>

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

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    if (history->n_purchases == 0) {
        for (int c = 0; c < N_COLUMNS; ++c)
            out[c] = NAN;
        return;
    }
    int32_t first = history->day[0], last = history->day[history->n_purchases - 1];
    out[RECENCY] = window->as_of_day - last;
    out[TENURE] = window->as_of_day - first;
    out[PURCHASE_SPAN] = last - first;
    out[FIRST_PURCHASE_DAY] = first;
    out[LAST_PURCHASE_DAY] = last;
}

const struct strata_family strata_family_recency = {
    .name = "recency",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .compute = compute,
};
