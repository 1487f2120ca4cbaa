/* Inside of the decimal numbers: at most eight characters in one word, without branches. */
#ifndef STRATA_INGEST_DECIMAL_WORD_H
#define STRATA_INGEST_DECIMAL_WORD_H

#include "amount.h"
#include "digits.h"

/* The n (1..8) last characters of the word, before them ASCII zeros: digits with at most one point, no sign. The point
 * is found and the digits before it move over it. False for whatever is not plainly a number with decimals to spare,
 * which the general way then judges. */
static inline bool strata_decimal_from_word(uint64_t word, size_t n, int decimals, int64_t *out)
{
    uint64_t points = word ^ UINT64_C(0x2e2e2e2e2e2e2e2e);

    points = (points - UINT64_C(0x0101010101010101)) & ~points & UINT64_C(0x8080808080808080);
    /* The lowest flag is exact whatever the other bytes are. */
    uint64_t flag = points & -points, has_point = flag != 0;
    uint64_t point = (flag << 1) - (flag >> 7); /* its byte */
    uint64_t before = (flag >> 7) - has_point;  /* the bytes before it */
    int fraction = has_point ? __builtin_clzll(flag) / 8 : 0;
    word = (word & ~(before | point)) | (word & before) << 8 | has_point * '0';
    bool is_number = strata_is_8_digits(word) & (fraction <= decimals) & (n > has_point);
    /* Below 10^8 times at most 10^9: it fits. */
    *out = strata_value_of_8_digits(word) * strata_amount_scale(is_number ? decimals - fraction : 0);
    return is_number;
}

#endif
