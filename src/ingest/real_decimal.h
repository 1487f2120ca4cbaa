/* Floating point numbers as the decimal numbers that they mean: the shortest ones that read back as them. */
#ifndef STRATA_INGEST_REAL_DECIMAL_H
#define STRATA_INGEST_REAL_DECIMAL_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "amount.h"

/* Up to 15 digits are the shortest decimal number of whatever reads back as the same: any two of them differ. So if
 * `value` is one of them in units of 10^-decimals, that is what it means. False: it may mean something else. */
static inline bool strata_real_decimal(double value, int decimals, int64_t *digits)
{
    static const double most = 999999999999999.0;
    double scale = (double)strata_amount_scale(decimals), scaled = nearbyint(value * scale);
    if (!(fabs(scaled) <= most))
        return false;
    double back = scaled / scale;
    *digits = (int64_t)scaled;
    return !(back < value || back > value);
}

/* The same for a float: up to 6 digits are enough, and the quotient of so few is never so close to the middle of two
 * floats that rounding twice goes wrong, with up to 8 decimals. */
static inline bool strata_single_decimal(float value, int decimals, int64_t *digits)
{
    static const double most = 999999;
    int kept = decimals < 8 ? decimals : 8;
    while (kept > 0 && fabs((double)value) * (double)strata_amount_scale(kept) > most)
        --kept;
    double scale = (double)strata_amount_scale(kept), scaled = nearbyint((double)value * scale);
    if (!(fabs(scaled) <= most))
        return false;
    float back = (float)(scaled / scale);
    *digits = (int64_t)scaled * strata_amount_scale(decimals - kept);
    return !(back < value || back > value);
}

#endif
