/* The windows that spend and orders are counted in.
 *
 * The age of a transaction is the number of days from it to the as-of date. A window holds the ages youngest..oldest,
 * both included.
 */
#ifndef STRATA_FEATURES_WINDOWS_H
#define STRATA_FEATURES_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

/* X(suffix of the column's name, youngest, oldest, words) */
#define STRATA_AGE_WINDOWS(X)                                                                                          \
    X("30d", 0, 30, "the last 30 days before the as-of date")                                                          \
    X("90d", 0, 90, "the last 90 days before the as-of date")                                                          \
    X("180d", 0, 180, "the last 180 days before the as-of date")                                                       \
    X("365d", 0, 365, "the last 365 days before the as-of date")                                                       \
    X("prior_90d", 91, 180, "the 90 days before the last 90 days")

enum { STRATA_N_AGE_WINDOWS = 5, STRATA_OLDEST_AGE = 365 };

static const struct {
    int32_t youngest, oldest;
} strata_age_windows[STRATA_N_AGE_WINDOWS] = {
#define STRATA_AGE_WINDOW_ROW(suffix, youngest, oldest, words) {youngest, oldest},
    STRATA_AGE_WINDOWS(STRATA_AGE_WINDOW_ROW)
#undef STRATA_AGE_WINDOW_ROW
};

static inline bool strata_age_is_in_window(int32_t age, int window)
{
    return age >= strata_age_windows[window].youngest && age <= strata_age_windows[window].oldest;
}

#endif
