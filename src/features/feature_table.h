/* Histories in, a table of described columns out. */
#ifndef STRATA_FEATURES_FEATURE_TABLE_H
#define STRATA_FEATURES_FEATURE_TABLE_H

#include <strata/features.h>

#include "history.h"
#include "table.h"

/* Give an empty table a column for every feature whose fields the run has. It has no rows yet: strata_table_grow. */
enum strata_status strata_features_begin(struct strata_table *table, const struct strata_window *window,
                                         struct strata_error *err) STRATA_MUST_USE;

/* Set the features of one customer. Different customers may be set by different threads at the same time. The table
 * must have the columns that strata_features_begin gave it and no others, with the same window. */
void strata_features_set(struct strata_table *table, const struct strata_window *window, size_t index,
                         const struct strata_history *history);

#endif
