#include "batch.h"
#include "family.h"

static const struct strata_column columns[] = {
    {"channels", STRATA_I32, "1", "Distinct channels of all rows that have one; only where a channel column is mapped"},
};

static void compute(const struct strata_history *history, const struct strata_digest *digest,
                    const struct strata_window *window, const struct strata_table_column column[], size_t row)
{
    (void)digest;
    (void)window;
    strata_put_i32(&column[0], row, strata_count(history->n_channels));
}

const struct strata_family strata_family_channels = {
    .name = "channels",
    .columns = columns,
    .n_columns = 1,
    .needs = STRATA_HAS_CHANNEL,
    .compute = compute,
};
