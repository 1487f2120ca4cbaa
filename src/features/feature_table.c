#include "feature_table.h"

#include "catalogue.h"

/* More columns than any family has. */
enum { FAMILY_COLUMNS = 16 };

static bool is_active(const struct strata_family *family, const struct strata_window *window)
{
    return (family->needs & ~window->fields) == 0;
}

enum strata_status strata_features_begin(struct strata_table *table, const struct strata_window *window,
                                         struct strata_error *err)
{
    for (size_t f = 0; f < strata_n_families; ++f)
        for (int c = 0; is_active(strata_families[f], window) && c < strata_families[f]->n_columns; ++c) {
            enum strata_status status = strata_table_make_column(table, &strata_families[f]->columns[c], NULL, err);
            if (status != STRATA_OK)
                return status;
        }
    return STRATA_OK;
}

static int32_t to_i32(double value)
{
    if (isnan(value))
        return STRATA_MISSING_I32;
    return value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

/* Features are int32 counts and days, float32 reals and float64 money. */
static void store(const struct strata_table_column *column, size_t index, double value)
{
    switch (column->about.type) {
    case STRATA_I32: ((int32_t *)column->values)[index] = to_i32(value); break;
    case STRATA_F32: ((float *)column->values)[index] = (float)value; break;
    default: ((double *)column->values)[index] = value; break;
    }
}

void strata_features_set(struct strata_table *table, const struct strata_window *window, size_t index,
                         const struct strata_history *history)
{
    const struct strata_table_column *column = table->columns;
    for (size_t f = 0; f < strata_n_families; ++f) {
        const struct strata_family *family = strata_families[f];
        if (!is_active(family, window))
            continue;
        double value[FAMILY_COLUMNS];
        family->compute(history, window, value);
        for (int c = 0; c < family->n_columns; ++c)
            store(column++, index, value[c]);
    }
}
