/* A feature family: some columns and the function that computes them from one history.
 *
 * To add a family: one file that defines `strata_family_NAME`, and one row in families.def.
 */
#ifndef STRATA_FEATURES_FAMILY_H
#define STRATA_FEATURES_FAMILY_H

#include <assert.h>
#include <strata/column.h>

#include "digest.h"
#include "history.h"
#include "table.h"

struct strata_family {
    const char *name;
    const struct strata_column *columns;
    int n_columns;
    unsigned needs; /* enum strata_batch_fields that must be mapped; the columns are absent otherwise */
    /* Put a value of its type into a row of each column[n_columns]: STRATA_MISSING_I32 or NaN where there is none,
     * money in currency units. Called by many threads, each for rows of its own. */
    void (*compute)(const struct strata_history *history, const struct strata_digest *digest,
                    const struct strata_window *window, const struct strata_table_column column[], size_t row);
};

/* The types that features have. */
static inline void strata_put_i32(const struct strata_table_column *column, size_t row, int32_t value)
{
    assert(column->about.type == STRATA_I32);
    ((int32_t *)column->values)[row] = value;
}

static inline void strata_put_f32(const struct strata_table_column *column, size_t row, float value)
{
    assert(column->about.type == STRATA_F32);
    ((float *)column->values)[row] = value;
}

static inline void strata_put_f64(const struct strata_table_column *column, size_t row, double value)
{
    assert(column->about.type == STRATA_F64);
    ((double *)column->values)[row] = value;
}

/* The largest count stands for all beyond it. */
static inline int32_t strata_count(size_t n) { return n > INT32_MAX ? INT32_MAX : (int32_t)n; }

#define STRATA_FAMILY(name) extern const struct strata_family strata_family_##name;
#include "families.def"
#undef STRATA_FAMILY

#endif
