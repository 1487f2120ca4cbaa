#include "family.h"
#include "money.h"
#include "windows.h"

static const struct strata_column columns[STRATA_N_AGE_WINDOWS] = {
#define COLUMN(suffix, above, up_to, words) {"spend_" suffix, STRATA_F64, "currency", "Spend of " words},
    STRATA_AGE_WINDOWS(COLUMN)
#undef COLUMN
};

static void compute(const struct strata_history *history, const struct strata_digest *digest,
                    const struct strata_window *window, const struct strata_table_column column[], size_t row)
{
    (void)history;
    strata_wide up_to[STRATA_N_AGE_BORDERS];
    for (int b = 0; b < STRATA_N_AGE_BORDERS; ++b)
        up_to[b] = digest->purchases.sum_up_to[b] + digest->net_returns->sum_up_to[b];
    for (int w = 0; w < STRATA_N_AGE_WINDOWS; ++w)
        strata_put_f64(&column[w], row,
                       strata_money(window, up_to[strata_age_windows[w].up_to] - up_to[strata_age_windows[w].above]));
}

const struct strata_family strata_family_spend_windows = {
    .name = "spend_windows",
    .columns = columns,
    .n_columns = STRATA_N_AGE_WINDOWS,
    .compute = compute,
};
