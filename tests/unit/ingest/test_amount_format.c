#include "amount_format.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "currency.h"
#include "decimal.h"
#include "ingest_fixture.h"
#include "random.h"

#define NBSP        "\xc2\xa0"
#define NARROW_NBSP "\xe2\x80\xaf"
#define THIN_SPACE  "\xe2\x80\x89"
#define MINUS       "\xe2\x88\x92"

static const struct strata_amount_format plain_signs = {.decimals = 4, .has_signs = true};
static const struct strata_amount_format point = {.decimals = 4, .style = STRATA_AMOUNT_GROUPED_POINT};
static const struct strata_amount_format comma = {.decimals = 4, .style = STRATA_AMOUNT_GROUPED_COMMA};
static const struct strata_amount_format point_signs = {.decimals = 4,
                                                        .style = STRATA_AMOUNT_GROUPED_POINT,
                                                        .has_signs = true};
static const struct strata_amount_format comma_signs = {.decimals = 4,
                                                        .style = STRATA_AMOUNT_GROUPED_COMMA,
                                                        .has_signs = true};

/* The text rewritten, or "-" if it is refused. In memory that ends where the text ends. */
static const char *rewritten(const struct strata_amount_format *format, const char *text, char out[])
{
    size_t n = strlen(text), n_out;
    uint64_t ruled_out = 0;
    char *exact = malloc(n ? n : 1);
    memcpy(exact, text, n);
    bool is_number = strata_amount_rewrite(format, exact, n, out, &n_out, &ruled_out);
    free(exact);
    if (!is_number)
        return "-";
    out[n_out] = '\0';
    return out;
}

Test(amount_format, rewrites)
{
    const struct {
        const struct strata_amount_format *format;
        const char *text, *plain;
    } cases[] = {
        {&point, "1,234.50", "1234.50"},
        {&point, "1234.50", "1234.50"},
        {&point, "-1,234,567", "-1234567"},
        {&point, "+12,345.678901", "12345.678901"},
        {&point, "1'234'567.5", "1234567.5"},
        {&point,
         "1\xe2\x80\x99"
         "234.5",
         "1234.5"},
        {&point, "1 234.50", "1234.50"},
        {&point, "999,999", "999999"},
        {&point, ".5", ".5"},
        {&point, "5.", "5."},
        {&point, "0.50", "0.50"},
        {&comma, "1.234,50", "1234.50"},
        {&comma, "1234,50", "1234.50"},
        {&comma, "1.234", "1234"},
        {&comma, "1,234", "1.234"},
        {&comma, "-12.345.678,9", "-12345678.9"},
        {&comma, "1 234,50", "1234.50"},
        {&comma, "1" NBSP "234" NBSP "567,50", "1234567.50"},
        {&comma, "1" NARROW_NBSP "234,50", "1234.50"},
        {&comma, "1" THIN_SPACE "234,50", "1234.50"},
        {&comma, "1 234" NBSP "567", "1234567"},
        {&comma, "1'234,50", "1234.50"},
        {&comma, ",5", ".5"},
        {&comma, "1234", "1234"},
        {&plain_signs, "$12.50", "12.50"},
        {&plain_signs, "12.50 EUR", "12.50"},
        {&plain_signs, "(12.00)", "-12.00"},
        {&plain_signs, "12.00-", "-12.00"},
        {&plain_signs, MINUS "7", "-7"},
        {&plain_signs, "- 7", "-7"},
        {&point_signs, "$1,234.50", "1234.50"},
        {&point_signs, "-$1,234.50", "-1234.50"},
        {&point_signs, "$-1,234.50", "-1234.50"},
        {&point_signs, "($1,234.50)", "-1234.50"},
        {&point_signs, "$(1,234.50)", "-1234.50"},
        {&point_signs, "( 1,234.50 ) USD", "-1234.50"},
        {&point_signs, "US$ 1,234.50-", "-1234.50"},
        {&point_signs, "￥1,234.50", "1234.50"},
        {&point_signs, "1,234.50元", "1234.50"},
        {&point_signs, "CHF 1'234.50", "1234.50"},
        {&comma_signs, "1.234,50 €", "1234.50"},
        {&comma_signs, "1" NARROW_NBSP "234,50" NBSP "€", "1234.50"},
        {&comma_signs, "€ 1.234,50-", "-1234.50"},
        {&comma_signs, "R$ 1.234,50", "1234.50"},
        {&comma_signs, "1 234,50 kr.", "1234.50"},
        {&comma_signs, "-1.234,50 zł", "-1234.50"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[STRATA_AMOUNT_TEXT_BYTES];
        cr_expect_str_eq(rewritten(cases[i].format, cases[i].text, out), cases[i].plain, "%s", cases[i].text);
    }
}

Test(amount_format, refuses)
{
    const struct {
        const struct strata_amount_format *format;
        const char *text;
    } cases[] = {
        {&point, "12,34.5"},
        {&point, "1,2345"},
        {&point, "1234,567"},
        {&point, ",123"},
        {&point, "1,234,"},
        {&point, "1,,234"},
        {&point, "12,34,567"},
        {&point, "0,123"},
        {&point, "0,50"},
        {&point, "1.234,50"},
        {&point, "1,234.567,8"},
        {&point, "1,234 567"},
        {&point, "1'234,567"},
        {&point, "1.2.3"},
        {&point, "$1"},
        {&point, "1-"},
        {&point, "(1)"},
        {&point, MINUS "1"},
        {&point, "--1"},
        {&point, "- 1"},
        {&point, "1e3"},
        {&point, "1,234.5x"},
        {&point, "1  234"},
        {&point, "1,23\xe2\x80"},
        {&comma, "1,234.50"},
        {&comma, "1.2345"},
        {&comma, "12.34"},
        {&comma, "0.123"},
        {&comma, "1234.50"},
        {&comma, "1,2,3"},
        {&comma, "1.234 567"},
        {&comma, "\xc2"},
        {&plain_signs, "1,234"},
        {&plain_signs, "1 234"},
        {&plain_signs, "1'234"},
        {&plain_signs, "$"},
        {&plain_signs, "()"},
        {&plain_signs, "(-1)"},
        {&plain_signs, "-(1)"},
        {&plain_signs, "-1-"},
        {&plain_signs, "((1))"},
        {&plain_signs, "(1"},
        {&plain_signs, "1)"},
        {&plain_signs, "$1$"},
        {&plain_signs, "$ USD1"},
        {&plain_signs, "1 XYZ"},
        {&plain_signs, "usd 1"},
        {&plain_signs, "USDT 1"},
        {&plain_signs, "$1 EUR"},
        {&plain_signs, "$-"},
        {&plain_signs, "1 -+"},
        {&plain_signs, "+-1"},
        {&plain_signs, "1 2"},
        {&plain_signs, "1\xe2\x82"},
        {&plain_signs, "-\xe2\x88"},
        {&plain_signs, NBSP},
        {&point_signs, "1,23 €"},
        {&point_signs, "(1,234.50"},
        {&comma_signs, "€ 1,234.50"},
        {&comma_signs, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[STRATA_AMOUNT_TEXT_BYTES];
        const char *said = rewritten(cases[i].format, cases[i].text, out);
        int64_t value;
        /* A sign or a mark alone may come through; it is no number then. */
        bool is_refused =
            strcmp(said, "-") == 0 || strata_decimal_parse(said, strlen(said), 4, &value) != STRATA_DECIMAL_OK;
        cr_expect(is_refused, "\"%s\" became %s", cases[i].text, said);
    }
    char many[STRATA_AMOUNT_TEXT_BYTES + 1], out[STRATA_AMOUNT_TEXT_BYTES];
    memset(many, '1', sizeof many);
    many[STRATA_AMOUNT_TEXT_BYTES] = '\0';
    cr_expect_str_eq(rewritten(&point, many, out), "-");
}

Test(amount_format, a_quantity_has_no_currency)
{
    char out[STRATA_AMOUNT_TEXT_BYTES];
    size_t n;
    cr_expect(!strata_amount_rewrite(&plain_signs, "$1", 2, out, &n, NULL));
    cr_expect(strata_amount_rewrite(&plain_signs, "(1)", 3, out, &n, NULL));
}

static uint64_t draw(uint64_t index, unsigned below)
{
    uint32_t out[4];
    strata_philox(11, (uint64_t[2]){1, index}, out);
    return out[0] % below;
}

/* A number written in a random way that the format allows, read again. */
Test(amount_format, written_then_read_is_the_identity)
{
    static const char *const point_marks[] = {"", ",", " ", NBSP, NARROW_NBSP, THIN_SPACE, "'", "\xe2\x80\x99"};
    static const char *const comma_marks[] = {"", ".", " ", NBSP, NARROW_NBSP, THIN_SPACE, "'", "\xe2\x80\x99"};
    static const char *const patterns[][2] = {{"", ""},       {"$", ""},  {"", " EUR"}, {"CNY ", ""},
                                              {"", NBSP "€"}, {"￥", ""}, {"", "元"},   {"RMB" NARROW_NBSP, ""}};
    for (uint64_t i = 0; i < 200000; i++) {
        bool is_comma = i % 2, is_negative = draw(10 * i, 2);
        const char *mark = (is_comma ? comma_marks : point_marks)[draw(10 * i + 1, 8)];
        const char *const *pattern = patterns[draw(10 * i + 2, 8)];
        uint64_t whole = (draw(10 * i + 3, 1u << 31) << 20 | draw(10 * i + 4, 1u << 20)) >> (4 + draw(10 * i + 5, 47));
        unsigned fraction = (unsigned)draw(10 * i + 6, 10000);
        char digits[32], grouped[96] = "", text[160], out[STRATA_AMOUNT_TEXT_BYTES];
        int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)whole);
        for (int d = 0; d < n; d++) {
            if (d && (n - d) % 3 == 0)
                strcat(grouped, mark);
            strncat(grouped, digits + d, 1);
        }
        static const char *const open[] = {"-", "(", ""}, *const closed[] = {"", ")", "-"};
        unsigned way = (unsigned)draw(10 * i + 7, 3);
        (void)snprintf(text, sizeof text, "%s%s%s%c%04u%s%s", is_negative ? open[way] : "", pattern[0], grouped,
                       is_comma ? ',' : '.', fraction, pattern[1], is_negative ? closed[way] : "");
        const char *plain = rewritten(is_comma ? &comma_signs : &point_signs, text, out);
        int64_t value = 0, expected = (int64_t)(whole * 10000 + fraction);
        cr_assert_eq(strata_decimal_parse(plain, strlen(plain), 4, &value), STRATA_DECIMAL_OK, "%s: %s", text, plain);
        cr_assert_eq(value, is_negative ? -expected : expected, "%s", text);
    }
}

Test(amount_format, signs_rule_currencies_out)
{
    uint64_t dollar = 0, usd = 0, euro = 0, yen = 0, yuan = 0, japan = 0, canada = 0;
    cr_expect_eq(strata_currency_in_front("$1", 2, &dollar), 1);
    cr_expect_eq(strata_currency_behind("1USD", 4, &usd), 3);
    cr_expect_eq(strata_currency_in_front("€1", 4, &euro), 3);
    cr_expect_eq(strata_currency_in_front("¥1", 3, &yen), 2);
    cr_expect_eq(strata_currency_behind("1元", 4, &yuan), 3);
    cr_expect_eq(strata_currency_in_front("JPY", 3, &japan), 3);
    cr_expect_eq(strata_currency_in_front("C$1", 3, &canada), 2);
    cr_expect_neq(dollar | usd, STRATA_CURRENCIES_ALL);
    cr_expect_neq(dollar | canada, STRATA_CURRENCIES_ALL);
    cr_expect_eq(usd | canada, STRATA_CURRENCIES_ALL);
    cr_expect_eq(usd | euro, STRATA_CURRENCIES_ALL);
    cr_expect_neq(yen | yuan, STRATA_CURRENCIES_ALL);
    cr_expect_neq(yen | japan, STRATA_CURRENCIES_ALL);
    cr_expect_eq(yuan | japan, STRATA_CURRENCIES_ALL);
    uint64_t none = 0;
    cr_expect_eq(strata_currency_in_front("12", 2, &none), 0);
    cr_expect_eq(strata_currency_behind("", 0, &none), 0);
    cr_expect_eq(none, 0);
}

Test(amount_format, rows)
{
    static const char text[] = "customer;date;amount\n1;2024-01-02;1.234,50\n2;2024-01-02;(0,00005) €\n"
                               "3;2024-01-02;12.34\n4;2024-01-02;EUR 1,00015\n5;2024-01-02;\n";
    struct strata_amount_format format = comma_signs;
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    options.skip_bad_rows = true;
    options.amount = &format;
    collect_text(&collected, text, &options);
    assert_read(&collected, 1, 4, 0);
    cr_assert_eq(collected.row[0].amount, 12345000);
    assert_reject(&collected, 0, 3, 43, 3, STRATA_REJECT_NUMBER_DECIMALS, "more than 4 decimals: '(0,00005) €'");
    assert_reject(&collected, 1, 4, 70, 3, STRATA_REJECT_NUMBER_MALFORMED, "not a number: '12.34'");
    assert_reject(&collected, 2, 5, 89, 3, STRATA_REJECT_NUMBER_DECIMALS, "more than 4 decimals: 'EUR 1,00015'");
    assert_reject(&collected, 3, 6, 114, 3, STRATA_REJECT_NUMBER_EMPTY, "number is empty");
    collected_release(&collected);

    format.rounds_half_even = true;
    format.decimals = 1;
    collect_text(&collected, text, &options);
    assert_read(&collected, 3, 2, 0);
    cr_assert_eq(collected.row[0].amount, 12345);
    cr_assert_eq(collected.row[1].amount, 0);
    cr_assert_eq(collected.row[2].amount, 10);
    collected_release(&collected);
}

Test(amount_format, factors_are_exact_and_the_product_is_rounded_once)
{
    /* 0.5 x 0.5 = 0.25, to one decimal 0.2; 1.23456 x 100 fits; 1.45 x 1.00 would be 1.5 and 2 if rounded twice. */
    static const char text[] = "customer,date,quantity,unit price\n1,2024-01-02,0.5,0.5\n2,2024-01-02,100,1.23456\n"
                               "3,2024-01-02,1.00,1.45\n4,2024-01-02,1,0.1234567890123456789\n5,2024-01-02,$1,1\n";
    struct strata_amount_format format = {.decimals = 1, .rounds_half_even = true, .has_signs = true};
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    options.skip_bad_rows = true;
    options.amount = &format;
    collect_text(&collected, text, &options);
    assert_read(&collected, 3, 2, 0);
    cr_assert_eq(collected.row[0].amount, 2);
    cr_assert_eq(collected.row[1].amount, 1235);
    cr_assert_eq(collected.row[2].amount, 14);
    assert_reject(&collected, 0, 5, 103, 4, STRATA_REJECT_FACTOR_DIGITS,
                  "more digits than can be multiplied exactly (18): '0.1234567890123456789'");
    assert_reject(&collected, 1, 6, 140, 3, STRATA_REJECT_NUMBER_MALFORMED, "not a number: '$1'");
    collected_release(&collected);

    format.rounds_half_even = false;
    format.decimals = 4;
    collect_text(&collected, text, &options);
    assert_read(&collected, 3, 2, 0);
    cr_assert_eq(collected.row[1].amount, 1234560);
    collected_release(&collected);
}

Test(amount_format, several_currencies_are_refused)
{
    static const char one[] = "customer,date,amount\n1,2024-01-02,$1\n2,2024-01-02,2 USD\n3,2024-01-02,3\n";
    static const char several[] = "customer,date,amount\n1,2024-01-02,$1\n2,2024-01-02,€2\n";
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    options.amount = &plain_signs;
    collect_text(&collected, one, &options);
    assert_read(&collected, 3, 0, 0);
    collected_release(&collected);
    collect_text(&collected, several, &options);
    cr_assert_eq(collected.status, STRATA_REJECTED);
    cr_assert(strstr(collected.error.message, "do not belong to one currency"), "%s", collected.error.message);
    collected_release(&collected);
}
