#include "feature_table.h"

#include "catalogue.h"

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

void strata_features_set(struct strata_table *table, const struct strata_window *window, size_t index,
                         const struct strata_history *history)
{
    const struct strata_table_column *column = table->columns;
    struct strata_digest digest;
    strata_digest_make(&digest, history, window);
#define STRATA_FAMILY(name)                                                                                            \
    if (is_active(&strata_family_##name, window)) {                                                                    \
        strata_family_##name.compute(history, &digest, window, column, index);                                         \
        column += strata_family_##name.n_columns;                                                                      \
    }
#include "families.def"
#undef STRATA_FAMILY
}
