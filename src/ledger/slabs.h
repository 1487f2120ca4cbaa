/* Inside the ledger: the memory of rows, taken from the system as rows come and given away by neighbourhood. */
#ifndef STRATA_LEDGER_SLABS_H
#define STRATA_LEDGER_SLABS_H

#include "chunk.h"

/* Memory for a chunk of n_bytes, at most 16 KiB. Beyond the limit rows leave memory before: the neighbourhood's lists
 * may be empty then. */
enum strata_status strata_ledger_cut(struct strata_ledger *ledger, struct strata_ledger_thread *thread,
                                     size_t neighbourhood, size_t n_bytes, void **memory,
                                     struct strata_error *err) STRATA_MUST_USE;

/* Give slabs back to the system. */
void strata_ledger_free_slabs(struct strata_ledger_slab **slabs);
void strata_ledger_release_reserve(struct strata_ledger_thread *thread);

/* The memory of a neighbourhood's rows goes to the ledger's pool. */
void strata_ledger_give_back(struct strata_ledger *ledger, size_t neighbourhood);

#endif
