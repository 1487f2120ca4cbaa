#include "family.h"
#include "money.h"
#include "windows.h"

static const struct strata_column columns[STRATA_N_AGE_WINDOWS] = {
#define COLUMN(suffix, youngest, oldest, words) {"spend_" suffix, STRATA_F64, "currency", "Spend of " words},
    STRATA_AGE_WINDOWS(COLUMN)
#undef COLUMN
};

/* Add the amounts to every window that their age falls into, from the newest on. */
static void add(const struct strata_window *window, const int32_t *day, const int64_t *amount, size_t n,
                strata_wide sum[STRATA_N_AGE_WINDOWS])
{
    for (size_t i = n; i-- > 0;) {
        int32_t age = window->as_of_day - day[i];
        if (age > STRATA_OLDEST_AGE)
            return;
        for (int w = 0; w < STRATA_N_AGE_WINDOWS; ++w)
            if (strata_age_is_in_window(age, w))
                sum[w] += amount[i];
    }
}

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    strata_wide sum[STRATA_N_AGE_WINDOWS] = {0};
    add(window, history->day, history->amount, history->n_purchases, sum);
    if (window->returns == STRATA_RETURNS_NET)
        add(window, history->return_day, history->return_amount, history->n_returns, sum);
    for (int w = 0; w < STRATA_N_AGE_WINDOWS; ++w)
        out[w] = strata_money(window, sum[w]);
}

const struct strata_family strata_family_spend_windows = {
    .name = "spend_windows",
    .columns = columns,
    .n_columns = STRATA_N_AGE_WINDOWS,
    .compute = compute,
};
