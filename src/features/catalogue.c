#include "catalogue.h"

#include <strata/features.h>

const struct strata_family *const strata_families[] = {
#define STRATA_FAMILY(name) &strata_family_##name,
#include "families.def"
#undef STRATA_FAMILY
};
const size_t strata_n_families = sizeof strata_families / sizeof strata_families[0];

size_t strata_feature_count(void)
{
    size_t count = 0;
    for (size_t f = 0; f < strata_n_families; ++f)
        count += (size_t)strata_families[f]->n_columns;
    return count;
}

/* The family of a feature; `*index` becomes the column's place inside it. */
static const struct strata_family *locate(size_t *index)
{
    size_t f = 0;
    for (; *index >= (size_t)strata_families[f]->n_columns; ++f)
        *index -= (size_t)strata_families[f]->n_columns;
    return strata_families[f];
}

const struct strata_column *strata_feature_at(size_t index)
{
    const struct strata_family *family = locate(&index);
    return &family->columns[index];
}

const char *strata_feature_family(size_t index) { return locate(&index)->name; }
