#include "family.h"
#include "money.h"
#include "windows.h"

static const struct strata_column columns[STRATA_N_AGE_WINDOWS] = {
#define COLUMN(suffix, above, up_to, words) {"spend_" suffix, STRATA_F64, "currency", "Spend of " words},
    STRATA_AGE_WINDOWS(COLUMN)
#undef COLUMN
};

/* Add the amounts from the newest on up to each border. */
static void add(const struct strata_window *window, const int32_t *day, const int64_t *amount, size_t n,
                strata_wide up_to[STRATA_N_AGE_BORDERS])
{
    strata_wide sum = 0;
    size_t left = n;
    for (int b = 0; b < STRATA_N_AGE_BORDERS; ++b) {
        for (; left > 0 && (int64_t)window->as_of_day - day[left - 1] <= strata_age_border[b]; --left)
            sum += amount[left - 1];
        up_to[b] += sum;
    }
}

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    strata_wide up_to[STRATA_N_AGE_BORDERS] = {0};
    add(window, history->day, history->amount, history->n_purchases, up_to);
    if (window->returns == STRATA_RETURNS_NET)
        add(window, history->return_day, history->return_amount, history->n_returns, up_to);
    for (int w = 0; w < STRATA_N_AGE_WINDOWS; ++w)
        out[w] = strata_money(window, up_to[strata_age_windows[w].up_to] - up_to[strata_age_windows[w].above]);
}

const struct strata_family strata_family_spend_windows = {
    .name = "spend_windows",
    .columns = columns,
    .n_columns = STRATA_N_AGE_WINDOWS,
    .compute = compute,
};
