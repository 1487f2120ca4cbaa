/* Exact sums of amounts inside the feature families. */
#ifndef STRATA_FEATURES_MONEY_H
#define STRATA_FEATURES_MONEY_H

#include "batch.h"
#include "history.h"

__extension__ typedef __int128 strata_wide;

/* Integer minor units -> currency units: one rounding. */
static inline double strata_money(strata_wide minor) { return (double)minor / STRATA_AMOUNT_SCALE; }

/* The sum of the amounts whose day lies in [from, to]; days ascend. 128 bits cannot overflow. */
static inline strata_wide strata_sum_between(const int32_t *day, const int64_t *amount, size_t n, int32_t from,
                                             int32_t to)
{
    strata_wide sum = 0;
    for (size_t i = n; i-- > 0 && day[i] >= from;)
        if (day[i] <= to)
            sum += amount[i];
    return sum;
}

/* What counts as spend between two days: purchases, and returns where they are net. */
static inline strata_wide strata_spend_between(const struct strata_history *history, const struct strata_window *window,
                                               int32_t from, int32_t to)
{
    strata_wide sum = strata_sum_between(history->day, history->amount, history->n_purchases, from, to);
    if (window->returns == STRATA_RETURNS_NET)
        sum += strata_sum_between(history->return_day, history->return_amount, history->n_returns, from, to);
    return sum;
}

#endif
