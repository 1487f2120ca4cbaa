#include "value_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "decimal.h"
#include "digits.h"
#include "time_fields.h"

__extension__ typedef unsigned __int128 uint128;

enum { DIGITS_MAX = 40 };

/* The digits of a number, the last ones at the end of `digits`: how many. */
static size_t put_digits(uint64_t value, char digits[DIGITS_MAX])
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    char *at = digits + DIGITS_MAX;
    for (; value >= 100; value /= 100)
        memcpy(at -= 2, pairs + 2 * (value % 100), 2);
    if (value >= 10)
        memcpy(at -= 2, pairs + 2 * value, 2);
    else
        *--at = (char)('0' + value);
    return (size_t)(digits + DIGITS_MAX - at);
}

static size_t put_unsigned(uint64_t value, bool is_negative, char *out)
{
    char digits[DIGITS_MAX];
    size_t n = put_digits(value, digits);
    out[0] = '-';
    memcpy(out + is_negative, digits + DIGITS_MAX - n, n);
    return n + is_negative;
}

size_t strata_integer_text(int64_t value, char *out)
{
    return put_unsigned(value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0, out);
}

/* `n` digits times 10^exponent, without zeros at the ends of what they say. */
static size_t put_positional(const char *digits, size_t n, int exponent, bool is_negative, char *out)
{
    char *at = out;
    while (n > 1 && digits[n - 1] == '0') {
        --n;
        ++exponent;
    }
    if (n == 1 && digits[0] == '0') {
        *at++ = '0';
        return 1;
    }
    if (is_negative)
        *at++ = '-';
    int n_whole = (int)n + exponent;
    if (n_whole <= 0)
        *at++ = '0';
    for (int i = 0; i < n_whole; ++i)
        *at++ = i < (int)n ? digits[i] : '0';
    if (exponent < 0)
        *at++ = '.';
    for (int i = n_whole; i < 0; ++i)
        *at++ = '0';
    for (int i = n_whole < 0 ? 0 : n_whole; i < (int)n; ++i)
        *at++ = digits[i];
    return (size_t)(at - out);
}

size_t strata_real_text(double value, bool is_single, char out[STRATA_VALUE_TEXT_BYTES])
{
    if (isinf(value))
        return (size_t)snprintf(out, STRATA_VALUE_TEXT_BYTES, value < 0 ? "-inf" : "inf");
    /* As many digits as any number of so many survives, then more until it reads back. */
    char scientific[40], digits[DIGITS_MAX];
    int precision = is_single ? 6 : 15;
    double magnitude = fabs(value);
    for (int most = is_single ? 9 : 17; precision <= most; ++precision) {
        (void)snprintf(scientific, sizeof scientific, "%.*e", precision - 1, magnitude);
        double back = is_single ? (double)strtof(scientific, NULL) : strtod(scientific, NULL);
        if (!(back < magnitude || back > magnitude))
            break;
    }
    size_t n = 0;
    const char *at = scientific;
    for (; *at != 'e'; ++at)
        if (strata_is_digit(*at)) /* the point depends on the locale */
            digits[n++] = *at;
    return put_positional(digits, n, atoi(at + 1) - (int)n + 1, signbit(value), out);
}

static size_t put_decimal(strata_int128 value, int decimals, char *out)
{
    char digits[2 * DIGITS_MAX];
    char *end = digits + sizeof digits, *at = end;
    uint128 rest = value < 0 ? -(uint128)value : (uint128)value;
    while (rest > 0 || end - at <= decimals) {
        *--at = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    size_t n = (size_t)(end - at), n_whole = n - (size_t)decimals, n_out = 0;
    if (value < 0)
        out[n_out++] = '-';
    memcpy(out + n_out, at, n_whole);
    n_out += n_whole;
    if (decimals > 0)
        out[n_out++] = '.';
    memcpy(out + n_out, at + n_whole, (size_t)decimals);
    return n_out + (size_t)decimals;
}

static size_t put_day(int64_t day, char *out)
{
    if (day < STRATA_DAY_MIN || day > STRATA_DAY_MAX)
        return (size_t)sprintf(out, day < 0 ? "before year 1" : "after year 9999");
    strata_day_format((int32_t)day, out);
    return 10;
}

static size_t put_moment(int64_t microseconds, bool is_instant, char *out)
{
    const int64_t per_day = STRATA_SECONDS_PER_DAY * STRATA_MICROSECONDS;
    int64_t rest = microseconds % per_day, day = microseconds / per_day - (rest < 0);
    rest += rest < 0 ? per_day : 0;
    size_t n = put_day(day, out);
    if (n != 10)
        return n;
    int second = (int)(rest / STRATA_MICROSECONDS), fraction = (int)(rest % STRATA_MICROSECONDS);
    n += (size_t)sprintf(out + n, " %02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
    if (fraction)
        n += (size_t)sprintf(out + n, ".%06d", fraction);
    if (is_instant)
        out[n++] = 'Z';
    return n;
}

static size_t put_uuid(const unsigned char bytes[16], char *out)
{
    static const char hex[] = "0123456789abcdef";
    size_t n = 0;
    for (int i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[n++] = '-';
        out[n++] = hex[bytes[i] >> 4];
        out[n++] = hex[bytes[i] & 15];
    }
    return n;
}

size_t strata_value_text(const struct strata_value_column *column, enum strata_value_type type, int decimals, size_t i,
                         char out[STRATA_VALUE_TEXT_BYTES])
{
    const void *values = column->values;
    switch (type) {
    case STRATA_VALUE_INT64: return strata_integer_text(((const int64_t *)values)[i], out);
    case STRATA_VALUE_UINT64: return put_unsigned(((const uint64_t *)values)[i], false, out);
    case STRATA_VALUE_FLOAT32: return strata_real_text(((const float *)values)[i], true, out);
    case STRATA_VALUE_FLOAT64: return strata_real_text(((const double *)values)[i], false, out);
    case STRATA_VALUE_DECIMAL64: return put_decimal(((const int64_t *)values)[i], decimals, out);
    case STRATA_VALUE_DECIMAL128: return put_decimal(((const strata_int128 *)values)[i], decimals, out);
    case STRATA_VALUE_DATE: return put_day(((const int32_t *)values)[i], out);
    case STRATA_VALUE_LOCAL_TIME: return put_moment(((const int64_t *)values)[i], false, out);
    case STRATA_VALUE_INSTANT: return put_moment(((const int64_t *)values)[i], true, out);
    case STRATA_VALUE_UUID: return put_uuid((const unsigned char *)values + 16 * i, out);
    case STRATA_VALUE_TEXT:
    case STRATA_VALUE_NUMERAL:
    case STRATA_N_VALUE_TYPES: break;
    }
    return 0;
}
