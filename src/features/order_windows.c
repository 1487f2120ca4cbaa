#include "family.h"
#include "windows.h"

static const struct strata_column columns[STRATA_N_AGE_WINDOWS] = {
#define COLUMN(suffix, youngest, oldest, words) {"orders_" suffix, STRATA_I32, "1", "Orders of " words},
    STRATA_AGE_WINDOWS(COLUMN)
#undef COLUMN
};

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    for (int w = 0; w < STRATA_N_AGE_WINDOWS; ++w)
        out[w] = 0;
    for (size_t i = history->n_orders; i-- > 0;) {
        int32_t age = window->as_of_day - history->order_day[i];
        if (age > STRATA_OLDEST_AGE)
            return;
        for (int w = 0; w < STRATA_N_AGE_WINDOWS; ++w)
            out[w] += strata_age_is_in_window(age, w);
    }
}

const struct strata_family strata_family_order_windows = {
    .name = "order_windows",
    .columns = columns,
    .n_columns = STRATA_N_AGE_WINDOWS,
    .compute = compute,
};
