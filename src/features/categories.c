#include "batch.h"
#include "family.h"

static const struct strata_column columns[] = {
    {"categories", STRATA_I32, "1", "Distinct categories of all rows; only where a category column is mapped"},
};

static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    (void)window;
    out[0] = (double)history->n_categories;
}

const struct strata_family strata_family_categories = {
    .name = "categories",
    .columns = columns,
    .n_columns = 1,
    .needs = STRATA_HAS_CATEGORY,
    .compute = compute,
};
