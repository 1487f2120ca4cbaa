#include "decimal.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

static uint64_t state_of(uint64_t stream, uint64_t index)
{
    uint32_t out[4];
    strata_philox(7, (uint64_t[2]){stream, index}, out);
    return (uint64_t)out[0] << 32 | out[1];
}

/* The text in memory that ends where it ends, so that a read beyond is seen by the sanitizers. */
static enum strata_decimal_result parse(const char *text, int decimals, int64_t *out)
{
    size_t n = strlen(text);
    char *exact = malloc(n ? n : 1);
    memcpy(exact, text, n);
    *out = INT64_MIN;
    enum strata_decimal_result result = strata_decimal_parse(exact, n, decimals, out);
    free(exact);
    return result;
}

Test(decimal, hand_computed)
{
    const struct {
        const char *text;
        int decimals;
        int64_t value;
    } cases[] = {
        {"0", 4, 0},
        {"12.50", 4, 125000},
        {"-12.5", 4, -125000},
        {"+3", 4, 30000},
        {".5", 4, 5000},
        {"5.", 4, 50000},
        {"-.0001", 4, -1},
        {"1.250000", 4, 12500},
        {"1.2500000000000000000000000", 4, 12500},
        {"12345678", 4, 123456780000},
        {"1234567.8", 4, 12345678000},
        {"123456.7890", 4, 1234567890},
        {"000000000000000000000000000012", 0, 12},
        {"12.", 0, 12},
        {"12.000", 0, 12},
        {"0.123456789", 9, 123456789},
        {"99999999", 9, 99999999000000000},
        {"922337203685477.5807", 4, INT64_MAX},
        {"-922337203685477.5807", 4, -INT64_MAX},
        {"9223372036854775807", 0, INT64_MAX},
        {"-0", 4, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value;
        cr_expect_eq(parse(cases[i].text, cases[i].decimals, &value), STRATA_DECIMAL_OK, "%s", cases[i].text);
        cr_expect_eq(value, cases[i].value, "%s: %lld", cases[i].text, (long long)value);
    }
}

Test(decimal, refused)
{
    const struct {
        const char *text;
        int decimals;
        enum strata_decimal_result result;
    } cases[] = {
        {"", 4, STRATA_DECIMAL_EMPTY},
        {"-", 4, STRATA_DECIMAL_MALFORMED},
        {"+", 4, STRATA_DECIMAL_MALFORMED},
        {".", 4, STRATA_DECIMAL_MALFORMED},
        {"-.", 4, STRATA_DECIMAL_MALFORMED},
        {"..", 4, STRATA_DECIMAL_MALFORMED},
        {"1..2", 4, STRATA_DECIMAL_MALFORMED},
        {"1.2.3", 4, STRATA_DECIMAL_MALFORMED},
        {"--1", 4, STRATA_DECIMAL_MALFORMED},
        {"1-", 4, STRATA_DECIMAL_MALFORMED},
        {" 1", 4, STRATA_DECIMAL_MALFORMED},
        {"1 ", 4, STRATA_DECIMAL_MALFORMED},
        {"1e3", 4, STRATA_DECIMAL_MALFORMED},
        {"1,234", 4, STRATA_DECIMAL_MALFORMED},
        {"1,234.56789", 4, STRATA_DECIMAL_MALFORMED},
        {"nan", 4, STRATA_DECIMAL_MALFORMED},
        {"inf", 4, STRATA_DECIMAL_MALFORMED},
        {"0x10", 4, STRATA_DECIMAL_MALFORMED},
        {"1/", 4, STRATA_DECIMAL_MALFORMED},
        {"1:", 4, STRATA_DECIMAL_MALFORMED},
        {"\xb1", 4, STRATA_DECIMAL_MALFORMED},
        {"12\xae"
         "5",
         4, STRATA_DECIMAL_MALFORMED},
        {"1.00001", 4, STRATA_DECIMAL_TOO_MANY_DECIMALS},
        {"1.5", 0, STRATA_DECIMAL_TOO_MANY_DECIMALS},
        {"0.00000000000000000001", 4, STRATA_DECIMAL_TOO_MANY_DECIMALS},
        {"1234567890.12345", 4, STRATA_DECIMAL_TOO_MANY_DECIMALS},
        {"922337203685477.5808", 4, STRATA_DECIMAL_OUT_OF_RANGE},
        {"-922337203685477.5808", 4, STRATA_DECIMAL_OUT_OF_RANGE},
        {"1000000000000000", 4, STRATA_DECIMAL_OUT_OF_RANGE},
        {"99999999999999999999999999", 0, STRATA_DECIMAL_OUT_OF_RANGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value;
        cr_expect_eq(parse(cases[i].text, cases[i].decimals, &value), cases[i].result, "\"%s\"", cases[i].text);
        cr_expect_eq(value, INT64_MIN, "\"%s\" wrote", cases[i].text);
    }
    cr_expect_eq(strata_decimal_parse("1\0", 2, 4, &(int64_t){0}), STRATA_DECIMAL_MALFORMED);
}

/* Digit by digit in 128 bits, written independently of the parser. */
static enum strata_decimal_result slow_parse(const char *text, int decimals, int64_t *out)
{
    strata_int128 value = 0;
    int sign = 1, n_digits = 0, n_decimals = -1;
    if (!*text)
        return STRATA_DECIMAL_EMPTY;
    if (*text == '+' || *text == '-')
        sign = *text++ == '-' ? -1 : 1;
    int too_many = 0;
    for (; *text; text++) {
        if (*text == '.' && n_decimals < 0) {
            n_decimals = 0;
            continue;
        }
        if (*text < '0' || *text > '9')
            return STRATA_DECIMAL_MALFORMED;
        n_digits++;
        if (n_decimals >= decimals) {
            too_many |= *text != '0';
            continue;
        }
        value = value * 10 + (*text - '0');
        n_decimals += n_decimals >= 0;
    }
    if (n_digits == 0)
        return STRATA_DECIMAL_MALFORMED;
    if (too_many)
        return STRATA_DECIMAL_TOO_MANY_DECIMALS;
    for (int i = n_decimals < 0 ? 0 : n_decimals; i < decimals; i++)
        value *= 10;
    if (value > INT64_MAX)
        return STRATA_DECIMAL_OUT_OF_RANGE;
    *out = (int64_t)(sign * value);
    return STRATA_DECIMAL_OK;
}

Test(decimal, agrees_with_the_slow_way_on_random_texts)
{
    static const char letters[] = "0123456789012345678901234567890123456789....-+ e0000";
    for (uint64_t i = 0; i < 400000; i++) {
        char text[32];
        uint64_t random = state_of(1, i);
        size_t n = random % 21;
        random >>= 8;
        for (size_t k = 0; k < n; k++) {
            if (k == 8)
                random = state_of(2, i);
            if (k == 16)
                random = state_of(3, i);
            /* Mostly digits, else most texts would be malformed. */
            text[k] = letters[(random & 0x7f) % (k == 0 || i % 8 == 0 ? sizeof letters - 1 : 44)];
            random >>= 7;
        }
        text[n] = '\0';
        int decimals = (int)(i % 10);
        int64_t expected = INT64_MIN, value;
        enum strata_decimal_result wanted = slow_parse(text, decimals, &expected);
        cr_assert_eq(parse(text, decimals, &value), wanted, "\"%s\" with %d decimals", text, decimals);
        cr_assert_eq(value, expected, "\"%s\" with %d decimals", text, decimals);
    }
}

Test(decimal, formats)
{
    const struct {
        strata_int128 value;
        int decimals;
        const char *text;
    } cases[] = {
        {89114079000, 4, "8911407.90"},
        {0, 4, "0.00"},
        {1, 4, "0.0001"},
        {-1, 4, "-0.0001"},
        {-125000, 4, "-12.50"},
        {5, 0, "5.00"},
        {-5, 1, "-0.50"},
        {12345, 3, "12.345"},
        {123450, 4, "12.345"},
        {10000, 4, "1.00"},
        {100, 9, "0.0000001"},
        {INT64_MAX, 4, "922337203685477.5807"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[STRATA_DECIMAL_TEXT];
        strata_decimal_format(cases[i].value, cases[i].decimals, text);
        cr_expect_str_eq(text, cases[i].text, "%s for %s", text, cases[i].text);
    }
    char text[STRATA_DECIMAL_TEXT];
    strata_int128 most = (((strata_int128)1 << 126) - 1) * 2 + 1;
    strata_decimal_format(most, 4, text);
    cr_expect_str_eq(text, "17014118346046923173168730371588410.5727");
    strata_decimal_format(-most - 1, 0, text);
    cr_expect_str_eq(text, "-170141183460469231731687303715884105728.00");
}

Test(decimal, format_then_parse_is_the_identity)
{
    for (uint64_t i = 0; i < 200000; i++) {
        int decimals = (int)(i % 10);
        int64_t value = (int64_t)state_of(4, i) >> (i % 63);
        int64_t again;
        char text[STRATA_DECIMAL_TEXT];
        if (value < -INT64_MAX)
            continue;
        strata_decimal_format(value, decimals, text);
        cr_assert_eq(parse(text, decimals, &again), STRATA_DECIMAL_OK, "%s", text);
        cr_assert_eq(again, value, "%s", text);
    }
}

/* Of two numbers of the same decimals as the product's, exactly. */
static enum strata_decimal_result multiply(int64_t a, int64_t b, int decimals, int64_t *out)
{
    const struct strata_decimal x = {a, decimals}, y = {b, decimals};
    return strata_decimal_multiply(x, y, decimals, false, out);
}

Test(decimal, products)
{
    int64_t product = 7;
    cr_expect_eq(multiply(60000, 25500, 4, &product), STRATA_DECIMAL_OK); /* 6 x 2.55 */
    cr_expect_eq(product, 153000);
    cr_expect_eq(multiply(-10000, 42500, 4, &product), STRATA_DECIMAL_OK);
    cr_expect_eq(product, -42500);
    cr_expect_eq(multiply(5000, 5000, 4, &product), STRATA_DECIMAL_OK); /* 0.5 x 0.5 */
    cr_expect_eq(product, 2500);
    cr_expect_eq(multiply(7, 6, 0, &product), STRATA_DECIMAL_OK);
    cr_expect_eq(product, 42);
    product = 7;
    cr_expect_eq(multiply(1, 5000, 4, &product), STRATA_DECIMAL_TOO_MANY_DECIMALS);
    cr_expect_eq(multiply(-1, 1, 4, &product), STRATA_DECIMAL_TOO_MANY_DECIMALS);
    cr_expect_eq(multiply(INT64_MAX, 20000, 4, &product), STRATA_DECIMAL_OUT_OF_RANGE);
    cr_expect_eq(multiply(INT64_MIN, 10000, 4, &product), STRATA_DECIMAL_OUT_OF_RANGE);
    cr_expect_eq(multiply(INT64_MIN, INT64_MIN, 0, &product), STRATA_DECIMAL_OUT_OF_RANGE);
    cr_expect_eq(product, 7);
    cr_expect_eq(multiply(INT64_MAX, 10000, 4, &product), STRATA_DECIMAL_OK);
    cr_expect_eq(product, INT64_MAX);
}

Test(decimal, products_commute_and_are_exact)
{
    for (uint64_t i = 0; i < 100000; i++) {
        int64_t a = (int64_t)state_of(5, i) >> 32, b = (int64_t)state_of(6, i) >> 40, ab = 0, ba = 1;
        enum strata_decimal_result result = multiply(a, b, 2, &ab);
        cr_assert_eq(multiply(b, a, 2, &ba), result);
        if (result == STRATA_DECIMAL_OK)
            cr_assert(ab == ba && ab * 100 == a * b);
        else
            cr_assert(a * b % 100 != 0);
    }
}

Test(decimal, rounds_half_even)
{
    const struct {
        const char *text;
        int decimals;
        int64_t value;
    } cases[] = {
        {"0.5", 0, 0},
        {"1.5", 0, 2},
        {"2.5", 0, 2},
        {"-2.5", 0, -2},
        {"-3.5", 0, -4},
        {"2.50000000000000000000001", 0, 3},
        {"2.49999999999999999", 0, 2},
        {"0.00005", 4, 0},
        {"0.00015", 4, 2},
        {"1.00025000", 4, 10002},
        {"1.00026", 4, 10003},
        {"999999.99995", 4, 10000000000},
        {"12.34", 4, 123400},
        {".5", 0, 0},
        {"922337203685477.58074", 4, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 7;
        cr_expect_eq(strata_decimal_parse_rounded(cases[i].text, strlen(cases[i].text), cases[i].decimals, &value),
                     STRATA_DECIMAL_OK);
        cr_expect_eq(value, cases[i].value, "%s: %lld", cases[i].text, (long long)value);
    }
    int64_t value = 7;
    cr_expect_eq(strata_decimal_parse_rounded("922337203685477.58075", 21, 4, &value), STRATA_DECIMAL_OUT_OF_RANGE);
    cr_expect_eq(strata_decimal_parse_rounded("1.5.", 4, 0, &value), STRATA_DECIMAL_MALFORMED);
    cr_expect_eq(strata_decimal_parse_rounded("", 0, 0, &value), STRATA_DECIMAL_EMPTY);
    cr_expect_eq(value, 7);
}

/* The rounded value is nearest, and even where two are. */
Test(decimal, rounding_is_nearest_and_even)
{
    for (uint64_t i = 0; i < 200000; i++) {
        int kept = (int)(i % 5), written = kept + 1 + (int)(i / 5 % 5);
        int64_t exact = (int64_t)state_of(7, i) >> (20 + i % 40), rounded, scale = 1;
        /* Many exact halves among them. */
        if (i % 3 == 0)
            exact = exact / 10 * 10 + 5;
        for (int k = kept; k < written; k++)
            scale *= 10;
        char text[STRATA_DECIMAL_TEXT];
        strata_decimal_format(exact, written, text);
        cr_assert_eq(strata_decimal_parse_rounded(text, strlen(text), kept, &rounded), STRATA_DECIMAL_OK, "%s", text);
        int64_t twice = 2 * (rounded * scale - exact);
        cr_assert(twice <= scale && twice >= -scale, "%s to %lld", text, (long long)rounded);
        cr_assert((twice != scale && twice != -scale) || rounded % 2 == 0, "%s to %lld", text, (long long)rounded);
        /* A product with one is rounded the same way. */
        const struct strata_decimal number = {exact, written}, one = {1, 0};
        int64_t product;
        cr_assert_eq(strata_decimal_multiply(number, one, kept, true, &product), STRATA_DECIMAL_OK);
        cr_assert_eq(product, rounded, "%s", text);
    }
}

Test(decimal, factors)
{
    const struct {
        const char *text;
        enum strata_decimal_result result;
        int64_t digits;
        int decimals;
    } cases[] = {
        {"1.5", STRATA_DECIMAL_OK, 15000, 4},
        {"1.23456", STRATA_DECIMAL_OK, 123456, 5},
        {"-1.2345600", STRATA_DECIMAL_OK, -123456, 5},
        {"0.000000000000000001", STRATA_DECIMAL_OK, 1, 18},
        {"9000000000000000000", STRATA_DECIMAL_OK, 9000000000000000000, 0},
        {"9000000000000000000.0", STRATA_DECIMAL_OK, 9000000000000000000, 0},
        {"0.0000000000000000001", STRATA_DECIMAL_TOO_MANY_DECIMALS, 0, 0},
        {"9223372036854775807.5", STRATA_DECIMAL_TOO_MANY_DECIMALS, 0, 0},
        {"9223372036854775808", STRATA_DECIMAL_OUT_OF_RANGE, 0, 0},
        {"1.2.3", STRATA_DECIMAL_MALFORMED, 0, 0},
        {"", STRATA_DECIMAL_EMPTY, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strata_decimal out = {0};
        cr_expect_eq(strata_decimal_parse_factor(cases[i].text, strlen(cases[i].text), 4, &out), cases[i].result, "%s",
                     cases[i].text);
        cr_expect(out.digits == cases[i].digits && out.decimals == cases[i].decimals, "%s", cases[i].text);
    }
    int64_t product;
    const struct strata_decimal large = {INT64_MAX, 18}, whole = {INT64_MAX, 0};
    cr_expect_eq(strata_decimal_multiply(large, large, 0, true, &product), STRATA_DECIMAL_OK); /* 9.22...^2 */
    cr_expect_eq(product, 85);
    cr_expect_eq(strata_decimal_multiply(large, large, 9, false, &product), STRATA_DECIMAL_TOO_MANY_DECIMALS);
    cr_expect_eq(strata_decimal_multiply(whole, whole, 9, true, &product), STRATA_DECIMAL_OUT_OF_RANGE);
    cr_expect_eq(strata_decimal_multiply(whole, (struct strata_decimal){1, 0}, 1, true, &product),
                 STRATA_DECIMAL_OUT_OF_RANGE);
    cr_expect_eq(strata_decimal_multiply((struct strata_decimal){-3, 0}, (struct strata_decimal){7, 0}, 2, false,
                                         &product),
                 STRATA_DECIMAL_OK);
    cr_expect_eq(product, -2100);
}

Test(decimal, every_result_has_a_reason)
{
    for (int result = STRATA_DECIMAL_OK; result <= STRATA_DECIMAL_OUT_OF_RANGE; result++)
        cr_expect_gt(strlen(strata_decimal_result_text((enum strata_decimal_result)result)), 4u);
}

Test(decimal, rescaled_numbers_are_those_of_their_texts)
{
    static const int64_t scales[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    for (uint64_t i = 0; i < 20000; ++i) {
        uint64_t bits = state_of(9, i);
        int from = (int)(bits % 10), to = (int)(bits / 10 % 10);
        int64_t value = (int64_t)state_of(10, i) >> (bits >> 32) % 63, found = 0, expected = 0;
        char text[64];
        const uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value, scale = (uint64_t)scales[from];
        snprintf(text, sizeof text, "%s%llu.%0*llu", value < 0 ? "-" : "", (unsigned long long)(magnitude / scale),
                 from ? from : 1, (unsigned long long)(magnitude % scale));
        for (int rounds = 0; rounds < 2; ++rounds) {
            enum strata_decimal_result result = strata_decimal_rescale(value, from, to, rounds, &found);
            cr_assert_eq(result,
                         rounds ? strata_decimal_parse_rounded(text, strlen(text), to, &expected)
                                : strata_decimal_parse(text, strlen(text), to, &expected),
                         "%s with %d decimals", text, to);
            if (result == STRATA_DECIMAL_OK)
                cr_assert_eq(found, expected, "%s with %d decimals", text, to);
        }
        struct strata_decimal factor = {0}, read = {0};
        enum strata_decimal_result result = strata_decimal_make_factor(value, from, to, &factor);
        cr_assert_eq(result, strata_decimal_parse_factor(text, strlen(text), to, &read), "%s", text);
        if (result == STRATA_DECIMAL_OK)
            cr_assert(factor.digits == read.digits && factor.decimals == read.decimals, "%s", text);
    }
}

Test(decimal, rescaling_at_the_ends)
{
    const strata_int128 ten_36 = (strata_int128)1000000000000000000 * 1000000000000000000;
    int64_t out;
    cr_assert_eq(strata_decimal_rescale(ten_36, 36, 4, false, &out), STRATA_DECIMAL_OK);
    cr_assert_eq(out, 10000);
    cr_assert_eq(strata_decimal_rescale(ten_36 + 1, 36, 4, false, &out), STRATA_DECIMAL_TOO_MANY_DECIMALS);
    cr_assert_eq(strata_decimal_rescale(ten_36 + 1, 36, 4, true, &out), STRATA_DECIMAL_OK);
    cr_assert_eq(strata_decimal_rescale(ten_36, 0, 4, false, &out), STRATA_DECIMAL_OUT_OF_RANGE);
    cr_assert_eq(strata_decimal_rescale(INT64_MIN, 0, 0, false, &out), STRATA_DECIMAL_OUT_OF_RANGE);
    cr_assert_eq(strata_decimal_rescale(99, 38, 0, true, &out), STRATA_DECIMAL_OK);
    cr_assert_eq(out, 0);
    struct strata_decimal factor;
    cr_assert_eq(strata_decimal_make_factor(ten_36, 37, 4, &factor), STRATA_DECIMAL_OK);
    cr_assert(factor.digits == 1000 && factor.decimals == 4);
    cr_assert_eq(strata_decimal_make_factor(1, 38, 4, &factor), STRATA_DECIMAL_TOO_MANY_DECIMALS);
}
