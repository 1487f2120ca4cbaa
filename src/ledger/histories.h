/* Inside the ledger: from the rows of one customer to a history. */
#ifndef STRATA_LEDGER_HISTORIES_H
#define STRATA_LEDGER_HISTORIES_H

#include "history_orders.h"
#include "partition.h"

/* Scratch memory of one thread for the largest customer so far; what the run has no fields for is NULL. `{0}` is empty.
 */
struct strata_history_builder {
    size_t capacity;
    int32_t *order_day;
    int64_t *order_amount;
    struct strata_history_order *order;
    struct strata_history_row *row, *spare; /* to sort, and to sort into */
    uint64_t *value;                        /* channels or categories, to count the distinct ones */
};

void strata_history_builder_release(struct strata_history_builder *builder);
enum strata_status strata_history_builder_reserve(struct strata_history_builder *builder,
                                                  const struct strata_ledger_layout *layout, size_t n_rows,
                                                  struct strata_error *err) STRATA_MUST_USE;

/* What that takes. */
uint64_t strata_history_builder_bytes(const struct strata_ledger_layout *layout, size_t n_rows);

/* The history of customer `index` of a loaded partition, valid until the next call with this builder. The customer's
 * days and amounts are sorted in place; duplicates are dropped and accounted for if the filter says so. */
void strata_history_build(struct strata_history_builder *builder, struct strata_partition *partition, size_t index,
                          const struct strata_ledger *ledger, const struct strata_ledger_filter *filter,
                          struct strata_ledger_account *account, struct strata_history *history);

#endif
