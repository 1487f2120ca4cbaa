#include "decimal.h"

#include <string.h>

#include "decimal_word.h"

__extension__ typedef unsigned __int128 uint128;

static bool append_digit(int64_t *value, char digit)
{
    return !__builtin_mul_overflow(*value, 10, value) && !__builtin_add_overflow(*value, digit - '0', value);
}

/* Do the digits behind a number round it up? Half goes to the even neighbour. */
static bool rounds_up(int64_t value, const char *rest, size_t n)
{
    if (n == 0 || rest[0] != '5')
        return n > 0 && rest[0] > '5';
    for (size_t i = 1; i < n; i++)
        if (rest[i] != '0')
            return true;
    return value % 2 != 0;
}

/* Without sign, digit by digit. */
static enum strata_decimal_result parse_long(const char *text, size_t n, int decimals, bool rounds_half_even,
                                             int64_t *out)
{
    size_t n_whole = strata_count_digits(text, n);
    bool has_point = n_whole < n && text[n_whole] == '.';
    const char *fraction = text + n_whole + has_point;
    size_t n_fraction = has_point ? strata_count_digits(fraction, n - n_whole - 1) : 0;
    int64_t value = 0;
    bool fits = true;

    if (n_whole + n_fraction == 0 || n_whole + has_point + n_fraction < n)
        return STRATA_DECIMAL_MALFORMED;
    for (size_t i = (size_t)decimals; i < n_fraction && !rounds_half_even; i++)
        if (fraction[i] != '0')
            return STRATA_DECIMAL_TOO_MANY_DECIMALS;
    for (size_t i = 0; i < n_whole && fits; i++)
        fits = append_digit(&value, text[i]);
    for (size_t i = 0; i < (size_t)decimals && fits; i++)
        fits = append_digit(&value, i < n_fraction ? fraction[i] : '0');
    size_t n_kept = n_fraction < (size_t)decimals ? n_fraction : (size_t)decimals;
    if (fits && rounds_up(value, fraction + n_kept, n_fraction - n_kept))
        fits = !__builtin_add_overflow(value, 1, &value);
    if (!fits)
        return STRATA_DECIMAL_OUT_OF_RANGE;
    *out = value;
    return STRATA_DECIMAL_OK;
}

static inline enum strata_decimal_result parse(const char *text, size_t n, int decimals, bool rounds_half_even,
                                               int64_t *out)
{
    int64_t value;

    if (n == 0)
        return STRATA_DECIMAL_EMPTY;
    bool negative = text[0] == '-';
    if (negative || text[0] == '+') {
        text++;
        n--;
    }
    if (n == 0)
        return STRATA_DECIMAL_MALFORMED;
    if (n > 8 || !strata_decimal_from_word(strata_load_padded(text, n), n, decimals, &value)) {
        enum strata_decimal_result result = parse_long(text, n, decimals, rounds_half_even, &value);
        if (result != STRATA_DECIMAL_OK)
            return result;
    }
    *out = negative ? -value : value;
    return STRATA_DECIMAL_OK;
}

enum strata_decimal_result strata_decimal_parse(const char *text, size_t n, int decimals, int64_t *out)
{
    return parse(text, n, decimals, false, out);
}

enum strata_decimal_result strata_decimal_parse_rounded(const char *text, size_t n, int decimals, int64_t *out)
{
    return parse(text, n, decimals, true, out);
}

/* A number that the usual decimals do not hold, with as few as it needs. */
static enum strata_decimal_result parse_as_written(const char *text, size_t n, struct strata_decimal *out)
{
    const char *point = memchr(text, '.', n);
    size_t n_fraction = point ? (size_t)(text + n - point) - 1 : 0;

    while (n_fraction > 0 && point[n_fraction] == '0')
        n_fraction--;
    if (n_fraction > STRATA_FACTOR_DECIMALS_MAX)
        return STRATA_DECIMAL_TOO_MANY_DECIMALS;
    enum strata_decimal_result result = parse(text, n, (int)n_fraction, false, &out->digits);
    out->decimals = (int)n_fraction;
    return result == STRATA_DECIMAL_OUT_OF_RANGE && n_fraction > 0 ? STRATA_DECIMAL_TOO_MANY_DECIMALS : result;
}

enum strata_decimal_result strata_decimal_parse_factor(const char *text, size_t n, int usual,
                                                       struct strata_decimal *out)
{
    struct strata_decimal number = {.decimals = usual};
    enum strata_decimal_result result = parse(text, n, usual, false, &number.digits);

    if (result == STRATA_DECIMAL_TOO_MANY_DECIMALS || result == STRATA_DECIMAL_OUT_OF_RANGE)
        result = parse_as_written(text, n, &number);
    if (result == STRATA_DECIMAL_OK)
        *out = number;
    return result;
}

/* `product` / 10^excess (at most 38) without the sign; false if it is no whole number and must be. */
static bool divide(uint128 product, int excess, bool rounds_half_even, uint128 *out)
{
    uint128 scale = 1;

    for (int i = 0; i < excess; i++)
        scale *= 10;
    uint128 quotient = product / scale, twice = 2 * (product % scale);
    *out = quotient + (twice > scale || (twice == scale && quotient % 2 != 0));
    return twice == 0 || rounds_half_even;
}

enum strata_decimal_result strata_decimal_rescale(strata_int128 value, int from, int to, bool rounds_half_even,
                                                  int64_t *out)
{
    uint128 magnitude = value < 0 ? -(uint128)value : (uint128)value;
    int excess = from - to;

    if (excess > 0 && !divide(magnitude, excess, rounds_half_even, &magnitude))
        return STRATA_DECIMAL_TOO_MANY_DECIMALS;
    if (excess < 0 && __builtin_mul_overflow(magnitude, (uint128)strata_amount_scale(-excess), &magnitude))
        return STRATA_DECIMAL_OUT_OF_RANGE;
    if (magnitude > INT64_MAX)
        return STRATA_DECIMAL_OUT_OF_RANGE;
    *out = value < 0 ? -(int64_t)magnitude : (int64_t)magnitude;
    return STRATA_DECIMAL_OK;
}

enum strata_decimal_result strata_decimal_make_factor(strata_int128 value, int decimals, int usual,
                                                      struct strata_decimal *out)
{
    int64_t digits;
    if (strata_decimal_rescale(value, decimals, usual, false, &digits) == STRATA_DECIMAL_OK) {
        *out = (struct strata_decimal){.digits = digits, .decimals = usual};
        return STRATA_DECIMAL_OK;
    }
    for (; decimals > 0 && value % 10 == 0; decimals--)
        value /= 10;
    if (decimals > STRATA_FACTOR_DECIMALS_MAX)
        return STRATA_DECIMAL_TOO_MANY_DECIMALS;
    if (value < -INT64_MAX || value > INT64_MAX)
        return decimals > 0 ? STRATA_DECIMAL_TOO_MANY_DECIMALS : STRATA_DECIMAL_OUT_OF_RANGE;
    *out = (struct strata_decimal){.digits = (int64_t)value, .decimals = decimals};
    return STRATA_DECIMAL_OK;
}

enum strata_decimal_result strata_decimal_multiply(struct strata_decimal a, struct strata_decimal b, int decimals,
                                                   bool rounds_half_even, int64_t *out)
{
    return strata_decimal_rescale((strata_int128)a.digits * b.digits, a.decimals + b.decimals, decimals,
                                  rounds_half_even, out);
}

const char *strata_decimal_result_text(enum strata_decimal_result result)
{
    static const char *const texts[] = {
#define STRATA_DECIMAL_RESULT_TEXT(name, text) [STRATA_DECIMAL_##name] = text,
        STRATA_DECIMAL_RESULT_LIST(STRATA_DECIMAL_RESULT_TEXT)
#undef STRATA_DECIMAL_RESULT_TEXT
    };
    return texts[result];
}

void strata_decimal_format(strata_int128 value, int decimals, char out[STRATA_DECIMAL_TEXT])
{
    /* 39 digits of 128 bits and two decimals that the unit may lack; backwards, the fraction first. */
    char digits[STRATA_DECIMAL_TEXT];
    uint128 rest = value < 0 ? -(uint128)value : (uint128)value;
    int n_fraction = decimals < 2 ? 2 : decimals;
    int n = 0;

    for (int i = n_fraction; i > decimals; i--)
        digits[n++] = '0';
    while (rest > 0 || n <= n_fraction) {
        digits[n++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    int first = 0;
    while (n_fraction - first > 2 && digits[first] == '0')
        first++;

    char *at = out;
    if (value < 0)
        *at++ = '-';
    while (n > n_fraction)
        *at++ = digits[--n];
    *at++ = '.';
    while (n > first)
        *at++ = digits[--n];
    *at = '\0';
}
