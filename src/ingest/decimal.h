/* Exact decimal numbers: integers of 10^-decimals. Nothing is ever rounded. Thread-safe. */
#ifndef STRATA_INGEST_DECIMAL_H
#define STRATA_INGEST_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 strata_int128;

/* The most decimals that a scaled number may have. */
#define STRATA_DECIMALS_MAX 9

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

/* The product of two numbers of 10^-decimals in the same unit: TOO_MANY_DECIMALS if it is no multiple of it,
 * OUT_OF_RANGE if its magnitude is beyond INT64_MAX. */
enum strata_decimal_result strata_decimal_multiply(int64_t a, int64_t b, int decimals, int64_t *out);

/* A clause without full stop for a reject reason; never NULL. */
const char *strata_decimal_result_text(enum strata_decimal_result result);

/* The exact text with at least two decimals and no zeros behind them: 89114079000 with 4 decimals is "8911407.90". */
void strata_decimal_format(strata_int128 value, int decimals, char out[STRATA_DECIMAL_TEXT]);

#endif
