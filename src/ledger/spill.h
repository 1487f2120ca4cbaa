/* Inside the ledger: rows that leave memory for a temporary file, and come back a neighbourhood at a time.
 *
 * A thread writes out what it holds of a neighbourhood, chunks and all, as one extent, and fills the slabs again. Long
 * customer ids stay in memory: their rows hold pointers, which are still right when the rows come back. */
#ifndef STRATA_LEDGER_SPILL_H
#define STRATA_LEDGER_SPILL_H

#include "chunk.h"

/* Write out the neighbourhood of which the thread holds most; its slabs become spare ones of the thread. */
enum strata_status strata_ledger_spill_largest(struct strata_ledger *ledger, struct strata_ledger_thread *thread,
                                               struct strata_error *err) STRATA_MUST_USE;

/* Write out all that is still in memory, and give the memory back to the system. */
enum strata_status strata_ledger_spill_rest(struct strata_ledger *ledger, struct strata_error *err) STRATA_MUST_USE;

/* Bring partitions back from `first` on: their rows are in the threads' lists as if they had never left, until the next
 * call. *n is how many: the rest of the neighbourhood, or as much less of it as leaves grouping two thirds of its
 * limit, one at least. */
enum strata_status strata_ledger_fetch(struct strata_ledger *ledger, size_t first, size_t *n,
                                       struct strata_error *err) STRATA_MUST_USE;

#endif
