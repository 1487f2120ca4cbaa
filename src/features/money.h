/* Exact sums of amounts inside the feature families. */
#ifndef STRATA_FEATURES_MONEY_H
#define STRATA_FEATURES_MONEY_H

#include "amount.h"
#include "history.h"

__extension__ typedef __int128 strata_wide;

/* Rounded once. Both conversions round alike; that of 64 bits is one instruction. */
static inline double strata_wide_value(strata_wide wide)
{
    const int64_t narrow = (int64_t)wide;
    return narrow == wide ? (double)narrow : (double)wide;
}

/* Integer minor units -> currency units. */
static inline double strata_money(const struct strata_window *window, strata_wide minor)
{
    return strata_wide_value(minor) / (double)strata_amount_scale(window->amount_decimals);
}

#endif
