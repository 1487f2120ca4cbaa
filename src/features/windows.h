/* The windows that spend and orders are counted in.
 *
 * The age of a transaction is the number of days from it to the as-of date. A window holds the ages above one border up
 * to and including another. A history is in order of day, so one walk from its newest transaction on gives the sum up
 * to each border, and a window is the difference of two of them.
 */
#ifndef STRATA_FEATURES_WINDOWS_H
#define STRATA_FEATURES_WINDOWS_H

#include <stdint.h>

/* The youngest transaction that counts has age 0. */
enum { STRATA_AGE_0, STRATA_AGE_30, STRATA_AGE_90, STRATA_AGE_180, STRATA_AGE_365, STRATA_N_AGE_BORDERS };

static const int32_t strata_age_border[STRATA_N_AGE_BORDERS] = {-1, 30, 90, 180, 365};

/* X(suffix of the column's name, border above which, border up to which, words) */
#define STRATA_AGE_WINDOWS(X)                                                                                          \
    X("30d", STRATA_AGE_0, STRATA_AGE_30, "the last 30 days before the as-of date")                                    \
    X("90d", STRATA_AGE_0, STRATA_AGE_90, "the last 90 days before the as-of date")                                    \
    X("180d", STRATA_AGE_0, STRATA_AGE_180, "the last 180 days before the as-of date")                                 \
    X("365d", STRATA_AGE_0, STRATA_AGE_365, "the last 365 days before the as-of date")                                 \
    X("prior_90d", STRATA_AGE_90, STRATA_AGE_180, "the 90 days before the last 90 days")

enum { STRATA_N_AGE_WINDOWS = 5 };

static const struct {
    int above, up_to;
} strata_age_windows[STRATA_N_AGE_WINDOWS] = {
#define STRATA_AGE_WINDOW_ROW(suffix, above, up_to, words) {above, up_to},
    STRATA_AGE_WINDOWS(STRATA_AGE_WINDOW_ROW)
#undef STRATA_AGE_WINDOW_ROW
};

#endif
