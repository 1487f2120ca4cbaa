/* A feature family: some columns and the function that computes them from one history.
 *
 * To add a family: one file that defines `strata_family_NAME`, and one row in families.def.
 */
#ifndef STRATA_FEATURES_FAMILY_H
#define STRATA_FEATURES_FAMILY_H

#include <strata/column.h>

#include "history.h"

struct strata_family {
    const char *name;
    const struct strata_column *columns;
    int n_columns;
    unsigned needs; /* enum strata_batch_fields that must be mapped; the columns are absent otherwise */
    /* Fill out[n_columns]; NaN where a value does not exist. Money in currency units. Pure, called by many threads. */
    void (*compute)(const struct strata_history *history, const struct strata_window *window, double out[]);
};

#define STRATA_FAMILY(name) extern const struct strata_family strata_family_##name;
#include "families.def"
#undef STRATA_FAMILY

#endif
