#include "value_text.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "random_source.h"

static void assert_text(const void *values, enum strata_value_type type, int decimals, const char *expected)
{
    char text[STRATA_VALUE_TEXT_BYTES];
    const struct strata_value_column column = {.values = values};
    size_t n = strata_value_text(&column, type, decimals, 0, text);
    cr_assert_eq(n, strlen(expected), "%.*s, not %s", (int)n, text, expected);
    cr_assert_eq(memcmp(text, expected, n), 0, "%.*s, not %s", (int)n, text, expected);
}

Test(value_text, integers)
{
    const int64_t values[] = {0, 7, -1, 10, 99, 100, -12345, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; ++i) {
        char expected[32];
        snprintf(expected, sizeof expected, "%" PRId64, values[i]);
        assert_text(&values[i], STRATA_VALUE_INT64, 0, expected);
    }
    const uint64_t most = UINT64_MAX;
    assert_text(&most, STRATA_VALUE_UINT64, 0, "18446744073709551615");
}

Test(value_text, reals_are_the_shortest_decimals)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-2.5, "-2.5"},
        {72.59, "72.59"},
        {0.1, "0.1"},
        {1e22, "10000000000000000000000"},
        {1e-7, "0.0000001"},
        {123.0, "123"},
        {1.0 / 3, "0.3333333333333333"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {1e15 + 0.5, "1000000000000000.5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i)
        assert_text(&cases[i].value, STRATA_VALUE_FLOAT64, 0, cases[i].text);
    const float third = 1.0f / 3, tenth = 0.1f, large = 16777216;
    assert_text(&third, STRATA_VALUE_FLOAT32, 0, "0.33333334");
    assert_text(&tenth, STRATA_VALUE_FLOAT32, 0, "0.1");
    assert_text(&large, STRATA_VALUE_FLOAT32, 0, "16777216");
    char text[STRATA_VALUE_TEXT_BYTES];
    const double extremes[] = {5e-324, 1.7976931348623157e308, 2.2250738585072014e-308};
    for (size_t i = 0; i < 3; ++i) {
        size_t n = strata_real_text(extremes[i], false, text);
        cr_assert_lt(n + STRATA_FIELD_PADDING, sizeof text);
        text[n] = '\0';
        cr_assert_eq(strtod(text, NULL), extremes[i]);
    }
}

Test(value_text, reals_read_back)
{
    struct random_source random = {.seed = 5};
    for (int i = 0; i < 20000; ++i) {
        union {
            uint64_t bits;
            double value;
        } number = {.bits = random_bits(&random)};
        char text[STRATA_VALUE_TEXT_BYTES];
        if (!isfinite(number.value))
            continue;
        text[strata_real_text(number.value, false, text)] = '\0';
        cr_assert_eq(strtod(text, NULL), number.value, "%s", text);
        cr_assert_null(strpbrk(text, "eE"));
    }
}

Test(value_text, decimals)
{
    const int64_t small[] = {0, 5, -5, 12345, INT64_MIN};
    assert_text(&small[0], STRATA_VALUE_DECIMAL64, 2, "0.00");
    assert_text(&small[1], STRATA_VALUE_DECIMAL64, 2, "0.05");
    assert_text(&small[2], STRATA_VALUE_DECIMAL64, 1, "-0.5");
    assert_text(&small[3], STRATA_VALUE_DECIMAL64, 0, "12345");
    assert_text(&small[3], STRATA_VALUE_DECIMAL64, 5, "0.12345");
    assert_text(&small[4], STRATA_VALUE_DECIMAL64, 18, "-9.223372036854775808");
    const strata_int128 large = (strata_int128)1000000000000000000 * 1000000000000000000;
    assert_text(&large, STRATA_VALUE_DECIMAL128, 38, "0.01000000000000000000000000000000000000");
}

Test(value_text, moments_and_uuids)
{
    const int32_t days[] = {19782, -1, INT32_MAX, INT32_MIN};
    assert_text(&days[0], STRATA_VALUE_DATE, 0, "2024-02-29");
    assert_text(&days[1], STRATA_VALUE_DATE, 0, "1969-12-31");
    assert_text(&days[2], STRATA_VALUE_DATE, 0, "after year 9999");
    assert_text(&days[3], STRATA_VALUE_DATE, 0, "before year 1");
    const int64_t moments[] = {-1, 86399999999, 1000000, INT64_MAX};
    assert_text(&moments[0], STRATA_VALUE_LOCAL_TIME, 0, "1969-12-31 23:59:59.999999");
    assert_text(&moments[1], STRATA_VALUE_INSTANT, 0, "1970-01-01 23:59:59.999999Z");
    assert_text(&moments[2], STRATA_VALUE_LOCAL_TIME, 0, "1970-01-01 00:00:01");
    assert_text(&moments[3], STRATA_VALUE_INSTANT, 0, "after year 9999");
    const unsigned char uuid[16] = {0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3,
                                    0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0};
    assert_text(uuid, STRATA_VALUE_UUID, 0, "123e4567-e89b-12d3-a456-426614174000");
}

Test(value_text, missing_values)
{
    const double values[] = {1, NAN, 3};
    const uint64_t valid = 3;
    const struct strata_value_column column = {values, &valid};
    cr_assert(strata_value_is_there(&column, STRATA_VALUE_FLOAT64, 0));
    cr_assert_not(strata_value_is_there(&column, STRATA_VALUE_FLOAT64, 1));
    cr_assert_not(strata_value_is_there(&column, STRATA_VALUE_FLOAT64, 2));
}
