/* Inside the ledger: the canonical order of the customers of a partition. */
#ifndef STRATA_LEDGER_PARTITION_SORT_H
#define STRATA_LEDGER_PARTITION_SORT_H

#include "key.h"

struct strata_partition_entry {
    struct strata_key key;
    uint32_t bucket; /* the top bits of the id's hash */
};

/* The n < 2^32 entries by bucket, then by the bytes of the id: the entry at place i is the one with the number
 * order[i] & mask. `ticket` and `spare` have room for n; the order is in one of them, which is returned. */
const uint64_t *strata_partition_sort(const struct strata_partition_entry *entry, uint64_t *ticket, uint64_t *spare,
                                      size_t n, uint64_t *mask);

#endif
