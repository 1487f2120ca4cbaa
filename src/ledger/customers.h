/* Inside the ledger: who the customers of a partition are. */
#ifndef STRATA_LEDGER_CUSTOMERS_H
#define STRATA_LEDGER_CUSTOMERS_H

#include "chunk.h"
#include "partition_sort.h"

/* A place of the hash table: of two ids with a suffix and the same hash and suffix, one is the other. */
struct strata_customer_slot {
    uint64_t hash;
    uint32_t suffix; /* of the id, or STRATA_NO_SUFFIX */
    uint32_t number; /* of the customer, plus 1; 0: empty */
};

#define STRATA_NO_SUFFIX UINT32_MAX

/* Customers numbered in the order in which they are found. All arrays owned; `{0}` is empty. */
struct strata_customers {
    struct strata_customer_slot *slot;
    size_t n_slots; /* a power of two, at least four times n: few customers share a place */
    size_t n;
    struct strata_partition_entry *entry; /* n */
    uint32_t *n_rows;                     /* n: of the customer, counted by the user */
    uint64_t *ticket, *spare;             /* to sort with */
    size_t capacity;
};

/* Forget all customers. */
enum strata_status strata_customers_begin(struct strata_customers *customers, struct strata_error *err) STRATA_MUST_USE;
void strata_customers_release(struct strata_customers *customers);

/* The number of a customer who is there already, plus 1; 0 if not. `key` only matters without a suffix. */
static inline uint32_t strata_customers_find(const struct strata_customers *customers, uint64_t hash, uint32_t suffix,
                                             struct strata_key key)
{
    const size_t mask = customers->n_slots - 1;
    for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
        const struct strata_customer_slot *slot = &customers->slot[at];
        if (slot->hash == hash && slot->suffix == suffix && slot->number &&
            (suffix != STRATA_NO_SUFFIX || strata_key_equal(customers->entry[slot->number - 1].key, key)))
            return slot->number;
        if (slot->number == 0)
            return 0;
    }
}

/* Number one more. */
enum strata_status strata_customers_add(struct strata_customers *customers, uint64_t hash, uint32_t suffix,
                                        struct strata_key key, struct strata_error *err) STRATA_MUST_USE;

#endif
