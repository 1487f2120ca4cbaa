/* Decimal numbers as integers of 10^-decimals: exact, or rounded once, half to even, where that is asked for.
 * Thread-safe. */
#ifndef STRATA_INGEST_DECIMAL_H
#define STRATA_INGEST_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amount.h"

__extension__ typedef __int128 strata_int128;

/* The most decimals that a scaled number may have. */
#define STRATA_DECIMALS_MAX STRATA_AMOUNT_DECIMALS_MAX

/* Bytes of any text of strata_decimal_format with its terminator. */
#define STRATA_DECIMAL_TEXT 44

/* X(NAME, reason of the rejection) */
#define STRATA_DECIMAL_RESULT_LIST(X)                                                                                  \
    X(OK, "a number")                                                                                                  \
    X(EMPTY, "it is empty")                                                                                            \
    X(MALFORMED, "it is no decimal number (digits with a point, no thousands separators or exponent)")                 \
    X(TOO_MANY_DECIMALS, "it has more decimals than are kept")                                                         \
    X(OUT_OF_RANGE, "it is too large")

enum strata_decimal_result {
#define STRATA_DECIMAL_RESULT_ENUM(name, text) STRATA_DECIMAL_##name,
    STRATA_DECIMAL_RESULT_LIST(STRATA_DECIMAL_RESULT_ENUM)
#undef STRATA_DECIMAL_RESULT_ENUM
};

/* The `n` characters of `text`, [+-] digits [. digits] with at least one digit, in units of 10^-decimals (decimals
 * 0..STRATA_DECIMALS_MAX). Blanks are the caller's to trim. Zeros behind the last decimal that is kept are allowed,
 * other digits there are TOO_MANY_DECIMALS. Magnitudes beyond INT64_MAX are OUT_OF_RANGE. `*out` is written only
 * where the result is OK. */
enum strata_decimal_result strata_decimal_parse(const char *text, size_t n, int decimals, int64_t *out);

/* The same, but digits behind the last decimal that is kept round it half to even; never TOO_MANY_DECIMALS. */
enum strata_decimal_result strata_decimal_parse_rounded(const char *text, size_t n, int decimals, int64_t *out);

/* A number as it is written: digits x 10^-decimals, decimals 0..STRATA_FACTOR_DECIMALS_MAX. */
#define STRATA_FACTOR_DECIMALS_MAX 18
struct strata_decimal {
    int64_t digits;
    int decimals;
};

/* The `n` characters of `text` as strata_decimal_parse takes them, with as many decimals as they need. `usual` decimals
 * are tried first. Equal numbers give equal results. TOO_MANY_DECIMALS where digits or decimals do not fit,
 * OUT_OF_RANGE where a whole number does not. */
enum strata_decimal_result strata_decimal_parse_factor(const char *text, size_t n, int usual,
                                                       struct strata_decimal *out);

/* value x 10^-from in units of 10^-to (from 0..STRATA_RESCALE_MAX, to 0..STRATA_DECIMALS_MAX): rounded half to even, or
 * TOO_MANY_DECIMALS if it is no multiple of the unit. OUT_OF_RANGE if its magnitude is beyond INT64_MAX. */
#define STRATA_RESCALE_MAX 38
enum strata_decimal_result strata_decimal_rescale(strata_int128 value, int from, int to, bool rounds_half_even,
                                                  int64_t *out);

/* value x 10^-decimals (0..STRATA_RESCALE_MAX) as strata_decimal_parse_factor gives it for the number's text. */
enum strata_decimal_result strata_decimal_make_factor(strata_int128 value, int decimals, int usual,
                                                      struct strata_decimal *out);

/* The product in units of 10^-decimals (0..STRATA_DECIMALS_MAX): rounded half to even, once, or TOO_MANY_DECIMALS if it
 * is no multiple of the unit. OUT_OF_RANGE if its magnitude is beyond INT64_MAX. */
enum strata_decimal_result strata_decimal_multiply(struct strata_decimal a, struct strata_decimal b, int decimals,
                                                   bool rounds_half_even, int64_t *out);

/* A clause without full stop for a reject reason; never NULL. */
const char *strata_decimal_result_text(enum strata_decimal_result result);

/* The exact text with at least two decimals and no zeros behind them: 89114079000 with 4 decimals is "8911407.90". */
void strata_decimal_format(strata_int128 value, int decimals, char out[STRATA_DECIMAL_TEXT]);

#endif
