/* Histories in, a table of described columns out. */
#ifndef STRATA_FEATURES_FEATURE_TABLE_H
#define STRATA_FEATURES_FEATURE_TABLE_H

#include <strata/features.h>

#include "history.h"
#include "table.h"

/* Give an empty table its customers (taken over, whatever is returned) and a column for every feature whose fields the
 * run has. The values are not set yet. */
enum strata_status strata_features_begin(struct strata_table *table, const struct strata_window *window,
                                         size_t n_customers, struct strata_key *customer,
                                         struct strata_error *err) STRATA_MUST_USE;

/* Set the features of one customer. Different customers may be set by different threads at the same time. The table
 * must be as strata_features_begin left it, with the same window. */
void strata_features_set(struct strata_table *table, const struct strata_window *window, size_t index,
                         const struct strata_history *history);

#endif
