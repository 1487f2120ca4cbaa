#include "batch.h"
#include "family.h"

static const struct strata_column columns[] = {
    {"categories", STRATA_I32, "1",
     "Distinct categories of all rows that have one; only where a category column is mapped"},
};

static void compute(const struct strata_history *history, const struct strata_digest *digest,
                    const struct strata_window *window, const struct strata_table_column column[], size_t row)
{
    (void)digest;
    (void)window;
    strata_put_i32(&column[0], row, strata_count(history->n_categories));
}

const struct strata_family strata_family_categories = {
    .name = "categories",
    .columns = columns,
    .n_columns = 1,
    .needs = STRATA_HAS_CATEGORY,
    .compute = compute,
};
