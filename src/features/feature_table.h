/* Histories in, a table of described columns out.
 *
 * Customers arrive partition by partition, from any thread; the table lists the partitions in order, and inside a
 * partition the customers as they came.
 */
#ifndef STRATA_FEATURES_FEATURE_TABLE_H
#define STRATA_FEATURES_FEATURE_TABLE_H

#include <strata/features.h>

#include "history.h"
#include "table.h"

struct strata_features {
    struct strata_window window;
    size_t n_partitions;
    struct strata_features_piece *piece;  /* n_partitions */
    size_t n_columns;                     /* of the families whose fields are mapped */
    struct strata_feature_column *column; /* n_columns */
    struct strata_column_arena *arena;    /* n_columns, and one more for the customers' keys */
};

enum strata_status strata_features_init(struct strata_features *features, const struct strata_window *window,
                                        size_t n_partitions, struct strata_error *err) STRATA_MUST_USE;
void strata_features_release(struct strata_features *features);

/* Announce the customers of a partition, once; then compute each of them. Different partitions may be worked on by
 * different threads at the same time. */
enum strata_status strata_features_begin(struct strata_features *features, size_t partition, size_t n_customers,
                                         const struct strata_key *customer, struct strata_error *err) STRATA_MUST_USE;
void strata_features_customer(struct strata_features *features, size_t partition, size_t index,
                              const struct strata_history *history);

/* Put the pieces together into an empty table and give their memory back on the way. */
enum strata_status strata_features_finish(struct strata_features *features, int threads, struct strata_table *table,
                                          struct strata_error *err) STRATA_MUST_USE;

#endif
