/* Amounts: integers of minor units, 10^-decimals currency units. How many decimals is a property of the run. */
#ifndef STRATA_DATA_AMOUNT_H
#define STRATA_DATA_AMOUNT_H

#include <stdint.h>

#define STRATA_AMOUNT_DECIMALS_DEFAULT 4
#define STRATA_AMOUNT_DECIMALS_MAX     9

/* Minor units in a currency unit; decimals 0..STRATA_AMOUNT_DECIMALS_MAX. */
static inline int64_t strata_amount_scale(int decimals)
{
    static const int64_t scales[STRATA_AMOUNT_DECIMALS_MAX + 1] = {1,      10,      100,      1000,      10000,
                                                                   100000, 1000000, 10000000, 100000000, 1000000000};
    return scales[decimals];
}

#endif
