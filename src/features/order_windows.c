#include "family.h"
#include "windows.h"

static const struct strata_column columns[STRATA_N_AGE_WINDOWS] = {
#define COLUMN(suffix, above, up_to, words) {"orders_" suffix, STRATA_I32, "1", "Orders of " words},
    STRATA_AGE_WINDOWS(COLUMN)
#undef COLUMN
};

static void compute(const struct strata_history *history, const struct strata_digest *digest,
                    const struct strata_window *window, const struct strata_table_column column[], size_t row)
{
    (void)history;
    (void)window;
    const size_t *up_to = digest->orders->n_up_to;
    for (int w = 0; w < STRATA_N_AGE_WINDOWS; ++w)
        strata_put_i32(&column[w], row,
                       strata_count(up_to[strata_age_windows[w].up_to] - up_to[strata_age_windows[w].above]));
}

const struct strata_family strata_family_order_windows = {
    .name = "order_windows",
    .columns = columns,
    .n_columns = STRATA_N_AGE_WINDOWS,
    .compute = compute,
};
