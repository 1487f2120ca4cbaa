/* Inside the ledger: the canonical order of the customers of a partition. */
#ifndef STRATA_LEDGER_PARTITION_SORT_H
#define STRATA_LEDGER_PARTITION_SORT_H

#include "key.h"

struct strata_partition_entry {
    struct strata_key key;
    uint32_t bucket, number;
};

/* Sort by bucket, then by the bytes of the id. The result is in `entry` or in `spare` (room for n), whichever is
 * returned. */
struct strata_partition_entry *strata_partition_sort(struct strata_partition_entry *entry,
                                                     struct strata_partition_entry *spare, size_t n);

#endif
