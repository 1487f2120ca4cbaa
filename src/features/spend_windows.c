#include "family.h"
#include "money.h"

enum { N_WINDOWS = 5, OLDEST = 365 };

/* Age of a transaction = days from it to the as-of date. A window holds the ages youngest..oldest, both included. */
static const struct {
    int32_t youngest, oldest;
} windows[N_WINDOWS] = {{0, 30}, {0, 90}, {0, 180}, {0, 365}, {91, 180}};

static const struct strata_column columns[N_WINDOWS] = {
    {"spend_30d", STRATA_F64, "currency", "Spend of the last 30 days before the as-of date"},
    {"spend_90d", STRATA_F64, "currency", "Spend of the last 90 days before the as-of date"},
    {"spend_180d", STRATA_F64, "currency", "Spend of the last 180 days before the as-of date"},
    {"spend_365d", STRATA_F64, "currency", "Spend of the last 365 days before the as-of date"},
    {"spend_prior_90d", STRATA_F64, "currency", "Spend of the 90 days before the last 90 days"},
};

/* Add the amounts to every window that their age falls into, from the newest on. */
static void add(const struct strata_window *window, const int32_t *day, const int64_t *amount, size_t n,
                strata_wide sum[N_WINDOWS])
{
    for (size_t i = n; i-- > 0;) {
        int32_t age = window->as_of_day - day[i];
        if (age > OLDEST)
            return;
        for (int w = 0; w < N_WINDOWS; ++w)
            if (age >= windows[w].youngest && age <= windows[w].oldest)
                sum[w] += amount[i];
    }
}

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    strata_wide sum[N_WINDOWS] = {0};
    add(window, history->day, history->amount, history->n_purchases, sum);
    if (window->returns == STRATA_RETURNS_NET)
        add(window, history->return_day, history->return_amount, history->n_returns, sum);
    for (int w = 0; w < N_WINDOWS; ++w)
        out[w] = strata_money(window, sum[w]);
}

const struct strata_family strata_family_spend_windows = {
    .name = "spend_windows",
    .columns = columns,
    .n_columns = N_WINDOWS,
    .compute = compute,
};
