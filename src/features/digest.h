/* A digest: what several feature families need of a history, found in one walk over it. */
#ifndef STRATA_FEATURES_DIGEST_H
#define STRATA_FEATURES_DIGEST_H

#include "history.h"
#include "money.h"
#include "windows.h"

/* Of rows in order of day. All sums are exact. */
struct strata_rows_digest {
    size_t n_days;         /* distinct ones */
    uint64_t squared_gaps; /* sum of the squares of the gaps between days: at most the square of their sum */
    int64_t largest;       /* amount; 0 where none is above it */
    size_t n_up_to[STRATA_N_AGE_BORDERS]; /* rows of an age up to each border */
    strata_wide sum, sum_up_to[STRATA_N_AGE_BORDERS];
};

struct strata_digest {
    struct strata_rows_digest purchases;
    const struct strata_rows_digest *orders;      /* `purchases` where no order column is mapped */
    const struct strata_rows_digest *returns;     /* of no rows where there are none */
    const struct strata_rows_digest *net_returns; /* those that lower the spend: all or none */
    struct strata_rows_digest own[2];             /* where those are that have rows of their own */
};

/* Pure, called by many threads. */
void strata_digest_make(struct strata_digest *digest, const struct strata_history *history,
                        const struct strata_window *window);

#endif
