/* Inside the ledger: the rows of one partition, grouped by customer, in scratch memory of one thread. */
#ifndef STRATA_LEDGER_PARTITION_H
#define STRATA_LEDGER_PARTITION_H

#include "chunk.h"

/* A row on its way to a history. */
struct strata_ledger_row {
    int64_t amount;
    int32_t day;
    uint32_t source; /* index into strata_partition.source; only where the run has optional fields */
};

/* Reused from partition to partition; grows as needed. `{0}` is empty. */
struct strata_partition {
    size_t n_rows; /* kept by the day filter */
    size_t n_customers;
    struct strata_key *customer;   /* n_customers, in canonical order */
    size_t *first_row;             /* n_customers + 1: customer i's rows are row[first_row[i] .. first_row[i+1]) */
    struct strata_ledger_row *row; /* grouped by customer, in no order inside a customer */
    const char **source;           /* the raw rows inside the chunks */

    size_t row_capacity, customer_capacity, slot_capacity;
    uint64_t *slot; /* hash table: upper half of the hash, customer number + 1 */
    uint32_t *row_customer;
    uint32_t *count, *rank;
    struct strata_key *found; /* customers in the order of their first row */
    struct strata_partition_entry *entry, *entry_spare;
};

void strata_partition_release(struct strata_partition *partition);

/* Group partition `number` of the ledger: rows outside the filter's days are left out and accounted for. */
enum strata_status strata_partition_load(struct strata_partition *partition, const struct strata_ledger *ledger,
                                         size_t number, const struct strata_ledger_filter *filter,
                                         struct strata_ledger_account *account,
                                         struct strata_error *err) STRATA_MUST_USE;

#endif
