/* Exact sums of amounts inside the feature families. */
#ifndef STRATA_FEATURES_MONEY_H
#define STRATA_FEATURES_MONEY_H

#include "amount.h"
#include "history.h"

__extension__ typedef __int128 strata_wide;

/* Integer minor units -> currency units. Both conversions round alike; that of 64 bits is one instruction. */
static inline double strata_money(const struct strata_window *window, strata_wide minor)
{
    const int64_t narrow = (int64_t)minor;
    const double value = narrow == minor ? (double)narrow : (double)minor;
    return value / (double)strata_amount_scale(window->amount_decimals);
}

/* 128 bits cannot overflow. */
static inline strata_wide strata_sum(const int64_t *amount, size_t n)
{
    strata_wide sum = 0;
    for (size_t i = 0; i < n; ++i)
        sum += amount[i];
    return sum;
}

#endif
