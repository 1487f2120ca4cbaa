#include "family.h"

enum { N_WINDOWS = 5, OLDEST = 365 };

/* Age of an order = days from its first row to the as-of date, as for spend. */
static const struct {
    int32_t youngest, oldest;
} windows[N_WINDOWS] = {{0, 30}, {0, 90}, {0, 180}, {0, 365}, {91, 180}};

static const struct strata_column columns[N_WINDOWS] = {
    {"orders_30d", STRATA_I32, "1", "Orders of the last 30 days before the as-of date"},
    {"orders_90d", STRATA_I32, "1", "Orders of the last 90 days before the as-of date"},
    {"orders_180d", STRATA_I32, "1", "Orders of the last 180 days before the as-of date"},
    {"orders_365d", STRATA_I32, "1", "Orders of the last 365 days before the as-of date"},
    {"orders_prior_90d", STRATA_I32, "1", "Orders of the 90 days before the last 90 days"},
};

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    for (int w = 0; w < N_WINDOWS; ++w)
        out[w] = 0;
    for (size_t i = history->n_orders; i-- > 0;) {
        int32_t age = window->as_of_day - history->order_day[i];
        if (age > OLDEST)
            return;
        for (int w = 0; w < N_WINDOWS; ++w)
            out[w] += age >= windows[w].youngest && age <= windows[w].oldest;
    }
}

const struct strata_family strata_family_order_windows = {
    .name = "order_windows",
    .columns = columns,
    .n_columns = N_WINDOWS,
    .compute = compute,
};
