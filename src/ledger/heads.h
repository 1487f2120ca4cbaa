/* Inside the ledger: the heads of many rows at once. */
#ifndef STRATA_LEDGER_HEADS_H
#define STRATA_LEDGER_HEADS_H

#include "chunk.h"

/* At most so many rows at once: a bit each. */
enum { STRATA_HEADS = 64 };

/* Of each row the narrow head, whose hash always holds. */
struct strata_ledger_heads {
    struct strata_ledger_narrow narrow[STRATA_HEADS];
    uint64_t wide; /* the rows whose narrow head says too little */
};

/* Those of n rows of the batch from `first` on. */
typedef void strata_ledger_heads_function(const struct strata_batch *batch, size_t first, size_t n,
                                          struct strata_ledger_heads *heads);

struct strata_ledger_heads_variant {
    const char *name; /* "avx512", "portable" */
    strata_ledger_heads_function *make;
};

/* The variants that this machine can run, the best first; the last is always "portable". All give the same. */
size_t strata_ledger_heads_variants(const struct strata_ledger_heads_variant **variants);

#endif
