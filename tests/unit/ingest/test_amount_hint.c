#include "amount_hint.h"

#include <criterion/criterion.h>
#include <string.h>

#include "decimal.h"
#include "random_source.h"

static const struct strata_amount_format plain = {.decimals = 4},
                                         point = {.decimals = 4, .style = STRATA_AMOUNT_GROUPED_POINT},
                                         comma = {.decimals = 4, .style = STRATA_AMOUNT_GROUPED_COMMA},
                                         plain_signs = {.decimals = 4, .has_signs = true},
                                         point_signs = {.decimals = 4,
                                                        .style = STRATA_AMOUNT_GROUPED_POINT,
                                                        .has_signs = true};

static enum strata_amount_hint hint_of(const struct strata_amount_format *format, const char *text)
{
    return strata_amount_hint_find(format, text, strlen(text), true);
}

Test(amount_hint, what_nothing_is_declared_for)
{
    static const struct {
        const char *text;
        enum strata_amount_hint hint;
    } cases[] = {
        {"1,234.50", STRATA_AMOUNT_HINT_POINT},
        {"-1,234,567", STRATA_AMOUNT_HINT_POINT},
        {"1,5", STRATA_AMOUNT_HINT_COMMA},
        {"1.234,50", STRATA_AMOUNT_HINT_COMMA},
        {"1.234.567", STRATA_AMOUNT_HINT_COMMA},
        {"0,500", STRATA_AMOUNT_HINT_COMMA},
        {"1 000,5", STRATA_AMOUNT_HINT_COMMA},
        {"1,000", STRATA_AMOUNT_HINT_DIFFERENT},
        {"1'000", STRATA_AMOUNT_HINT_EITHER},
        {"1\xc2\xa0"
         "000",
         STRATA_AMOUNT_HINT_EITHER},
        {"1'000.5", STRATA_AMOUNT_HINT_POINT},
        {"$12", STRATA_AMOUNT_HINT_SIGNS},
        {"(12.50)", STRATA_AMOUNT_HINT_SIGNS},
        {"12-", STRATA_AMOUNT_HINT_SIGNS},
        {"$1,234.50", STRATA_AMOUNT_HINT_SIGNS_POINT},
        {"1.234,50 \xe2\x82\xac", STRATA_AMOUNT_HINT_SIGNS_COMMA},
        {"1 000 EUR", STRATA_AMOUNT_HINT_SIGNS_EITHER},
        {"($1,000)", STRATA_AMOUNT_HINT_SIGNS_DIFFERENT},
        {"", STRATA_AMOUNT_HINT_NONE},
        {"twelve", STRATA_AMOUNT_HINT_NONE},
        {"1e3", STRATA_AMOUNT_HINT_NONE},
        {"12,34,567", STRATA_AMOUNT_HINT_NONE},
        {"12,34.5", STRATA_AMOUNT_HINT_NONE},
        {"1,234 567", STRATA_AMOUNT_HINT_NONE},
        {"$$1", STRATA_AMOUNT_HINT_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i)
        cr_expect_eq(hint_of(&plain, cases[i].text), cases[i].hint, "%s: %s", cases[i].text,
                     strata_amount_hint_text(hint_of(&plain, cases[i].text)));
}

/* What is declared is kept: no other style is named, and signs only where they were not. */
Test(amount_hint, what_is_declared_stays)
{
    cr_expect_eq(hint_of(&point, "1.234,50"), STRATA_AMOUNT_HINT_NONE);
    cr_expect_eq(hint_of(&comma, "1,234.50"), STRATA_AMOUNT_HINT_NONE);
    cr_expect_eq(hint_of(&point, "$1,234.50"), STRATA_AMOUNT_HINT_SIGNS);
    cr_expect_eq(hint_of(&comma, "$1,234.50"), STRATA_AMOUNT_HINT_NONE);
    cr_expect_eq(hint_of(&point_signs, "$1.234,50"), STRATA_AMOUNT_HINT_NONE);
    cr_expect_eq(hint_of(&plain_signs, "$1,234.50"), STRATA_AMOUNT_HINT_POINT);
    cr_expect_eq(hint_of(&plain_signs, "$1,234"), STRATA_AMOUNT_HINT_DIFFERENT);
}

Test(amount_hint, a_quantity_has_no_currency)
{
    cr_expect_eq(strata_amount_hint_find(&plain, "$12", 3, false), STRATA_AMOUNT_HINT_NONE);
    cr_expect_eq(strata_amount_hint_find(&plain, "12-", 3, false), STRATA_AMOUNT_HINT_SIGNS);
    cr_expect_eq(strata_amount_hint_find(&plain, "1,200", 5, false), STRATA_AMOUNT_HINT_DIFFERENT);
}

static bool is_number(struct strata_amount_format format, const char *text, size_t n)
{
    char out[STRATA_AMOUNT_TEXT_BYTES];
    uint64_t ruled_out = 0;
    size_t n_out;
    return strata_amount_rewrite(&format, text, n, out, &n_out, &ruled_out);
}

/* On random texts of such characters, a hint is named if and only if what it names makes a number of the text. */
Test(amount_hint, is_true)
{
    static const char characters[] = "0123456789,.'-$";
    struct random_source source = {.seed = 5};
    size_t n_hints = 0;
    for (int i = 0; i < 200000; ++i) {
        char text[12];
        size_t n = 1 + random_below(&source, sizeof text);
        for (size_t c = 0; c < n; ++c)
            text[c] = characters[random_below(&source, sizeof characters - 1)];
        if (is_number(plain, text, n))
            continue;
        const char *hint = strata_amount_hint_text(strata_amount_hint_find(&plain, text, n, true));
        struct strata_amount_format named = {.decimals = 4, .has_signs = strstr(hint, "--amount-signs") != NULL},
                                    all = {.decimals = 4, .has_signs = true};
        bool any = false;
        for (int style = STRATA_AMOUNT_PLAIN; style <= STRATA_AMOUNT_GROUPED_COMMA; ++style) {
            all.style = (enum strata_amount_style)style;
            any |= is_number(all, text, n);
        }
        cr_assert_eq(any, *hint != '\0', "%.*s: %s", (int)n, text, hint);
        static const char *const styles[] = {"", "grouped-point", "grouped-comma"};
        bool has_style = strstr(hint, "--amount-style") != NULL;
        for (int style = STRATA_AMOUNT_PLAIN; *hint && style <= STRATA_AMOUNT_GROUPED_COMMA; ++style) {
            named.style = (enum strata_amount_style)style;
            if (style == STRATA_AMOUNT_PLAIN ? !has_style : has_style)
                cr_assert_eq(is_number(named, text, n), strstr(hint, styles[style]) != NULL, "%.*s: %s", (int)n, text,
                             hint);
        }
        n_hints += *hint != '\0';
    }
    cr_assert_gt(n_hints, 1000);
}
