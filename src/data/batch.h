/* A transaction batch: the columns of some parsed rows. Borrowed by whoever receives it, until it returns. */
#ifndef STRATA_DATA_BATCH_H
#define STRATA_DATA_BATCH_H

#include <stdint.h>

#include "key.h"

/* The optional columns that a run has; what is not there is NULL in the batch and absent from the ledger. */
enum strata_batch_fields {
    STRATA_HAS_ORDER = 1u << 0,
    STRATA_HAS_CHANNEL = 1u << 1,
    STRATA_HAS_CATEGORY = 1u << 2,
    STRATA_HAS_ORIGIN = 1u << 3,      /* the input file: where rows may be dropped after parsing */
    STRATA_HAS_FINGERPRINT = 1u << 4, /* where duplicates are dropped */
};

/* Where a row has no channel or no category. */
#define STRATA_NO_VALUE UINT64_C(0)

struct strata_fingerprint {
    uint64_t high, low; /* 128-bit hash of every mapped column of the row */
};

struct strata_batch {
    uint32_t n_rows;
    uint32_t origin; /* index of the input file that all rows come from */
    const struct strata_key *customer;
    const int32_t *day;             /* days since 1970-01-01 in the configured time zone */
    const int64_t *amount;          /* minor units: see amount.h */
    const struct strata_key *order; /* long order ids are hashed to 120 bits, never a reference */
    const uint64_t *channel;        /* 64-bit hash of the text; STRATA_NO_VALUE for an empty one */
    const uint64_t *category;
    const struct strata_fingerprint *fingerprint;
};

#endif
