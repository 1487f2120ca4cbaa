/* difference^2 + sum, rounded once, where no instruction does it: four lanes at a time, the same bits as fmaf.
 *
 * The square of a float is exact in double. The sum of both is rounded to odd in double (Boldo, Melquiond, IEEE
 * Transactions on Computers 57(4), 2008), so that rounding it to float is as if it were rounded once. sum >= 0.
 */
#ifndef STRATA_CLUSTER_FUSED_H
#define STRATA_CLUSTER_FUSED_H

#include <stdint.h>

typedef float strata_fused_floats __attribute__((vector_size(16), may_alias));
typedef double strata_fused_doubles __attribute__((vector_size(32)));
typedef int64_t strata_fused_longs __attribute__((vector_size(32)));

static inline void strata_fused_add_square(const strata_fused_floats *difference, strata_fused_floats *sum)
{
    strata_fused_doubles x = __builtin_convertvector(*difference, strata_fused_doubles), square = x * x;
    strata_fused_doubles term = __builtin_convertvector(*sum, strata_fused_doubles), total = square + term;
    /* What rounding took away, exactly (Knuth's two-sum); NaN where the total is infinite, which compares false. */
    strata_fused_doubles part = total - square;
    strata_fused_doubles rest = (square - (total - part)) + (term - part);
    strata_fused_longs bits = (strata_fused_longs)total, is_even = (bits & 1) - 1;
    bits += is_even & ((rest < 0) - (rest > 0));
    *sum = __builtin_convertvector((strata_fused_doubles)bits, strata_fused_floats);
}

#endif
