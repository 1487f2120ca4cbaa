/* How far two clusterings of the same rows agree, whatever their numbers. */
#ifndef STRATA_CLUSTER_AGREEMENT_H
#define STRATA_CLUSTER_AGREEMENT_H

#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

/* Both indices are 1 for the same clustering under other numbers, 0 in the mean for labels at random, NaN without
 * rows. */
struct strata_agreement {
    uint64_t n; /* rows with a label on both sides: the others take no part */
    double ari; /* adjusted Rand index (Hubert, Arabie, Journal of Classification 2, 1985) */
    double ami; /* adjusted mutual information, normalised by the mean of the entropies (Vinh, Epps, Bailey, JMLR 11,
                 * 2010) */
};

/* Labels are 1 or more; anything below is none. STRATA_MEMORY. */
enum strata_status strata_agreement_measure(const int16_t *a, const int16_t *b, size_t n_rows,
                                            struct strata_agreement *agreement,
                                            struct strata_error *err) STRATA_MUST_USE;

#endif
