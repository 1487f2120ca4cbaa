#include "family.h"
#include "money.h"

enum { N_WINDOWS = 5 };

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

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    for (int w = 0; w < N_WINDOWS; ++w)
        out[w] = strata_money(strata_spend_between(history, window, window->as_of_day - windows[w].oldest,
                                                   window->as_of_day - windows[w].youngest));
}

const struct strata_family strata_family_spend_windows = {
    .name = "spend_windows",
    .columns = columns,
    .n_columns = N_WINDOWS,
    .compute = compute,
};
