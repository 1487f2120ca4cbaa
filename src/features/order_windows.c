#include "family.h"
#include "windows.h"

static const struct strata_column columns[STRATA_N_AGE_WINDOWS] = {
#define COLUMN(suffix, above, up_to, words) {"orders_" suffix, STRATA_I32, "1", "Orders of " words},
    STRATA_AGE_WINDOWS(COLUMN)
#undef COLUMN
};

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    size_t up_to[STRATA_N_AGE_BORDERS], left = history->n_orders;
    for (int b = 0; b < STRATA_N_AGE_BORDERS; ++b) {
        while (left > 0 && (int64_t)window->as_of_day - history->order_day[left - 1] <= strata_age_border[b])
            --left;
        up_to[b] = history->n_orders - left;
    }
    for (int w = 0; w < STRATA_N_AGE_WINDOWS; ++w)
        out[w] = (double)(up_to[strata_age_windows[w].up_to] - up_to[strata_age_windows[w].above]);
}

const struct strata_family strata_family_order_windows = {
    .name = "order_windows",
    .columns = columns,
    .n_columns = STRATA_N_AGE_WINDOWS,
    .compute = compute,
};
