#include "rejects.h"

#include <criterion/criterion.h>
#include <string.h>

#include "amount_hint.h"
#include "random_source.h"

static struct strata_reject reject_of(enum strata_reject_reason reason, const char *value)
{
    struct strata_reject reject = {.reason = (uint8_t)reason, .n_value = (uint8_t)strlen(value)};
    memcpy(reject.value, value, strlen(value));
    return reject;
}

Test(rejects, description)
{
    static const struct {
        enum strata_reject_reason reason;
        const char *value, *text;
    } cases[] = {
        {STRATA_REJECT_NUMBER_MALFORMED, "12x", "not a number: '12x'"},
        {STRATA_REJECT_NUMBER_EMPTY, "", "number is empty"},
        {STRATA_REJECT_TIME_MALFORMED, "a\tb\n\x1b[1m\x7f", "not in the layout of the file's times: 'a?b??[1m?'"},
        {STRATA_REJECT_TIME_MALFORMED, "明天", "not in the layout of the file's times: '明天'"},
        {STRATA_REJECT_TIME_MALFORMED, "caf\xe9", "not in the layout of the file's times: 'caf?'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct strata_reject reject = reject_of(cases[i].reason, cases[i].value);
        char text[160], small[8];
        strata_reject_describe(&reject, text, sizeof text);
        cr_assert_str_eq(text, cases[i].text);
        strata_reject_describe(&reject, small, sizeof small);
        cr_assert_eq(strlen(small), 7);
    }
}

Test(rejects, reasons_name_the_decimals)
{
    static const struct {
        enum strata_reject_reason reason;
        uint8_t decimals;
        const char *text;
    } cases[] = {
        {STRATA_REJECT_NUMBER_DECIMALS, 4, "more than 4 decimals: '1'"},
        {STRATA_REJECT_NUMBER_DECIMALS, 1, "more than 1 decimal: '1'"},
        {STRATA_REJECT_PRODUCT_DECIMALS, 0, "quantity x unit price has more than 0 decimals: '1'"},
        {STRATA_REJECT_NUMBER_RANGE, 0, "number out of range (beyond 9223372036854775807.00): '1'"},
        {STRATA_REJECT_NUMBER_RANGE, 9, "number out of range (beyond 9223372036.854775807): '1'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct strata_reject reject = reject_of(cases[i].reason, "1");
        char text[160];
        reject.decimals = cases[i].decimals;
        strata_reject_describe(&reject, text, sizeof text);
        cr_expect_str_eq(text, cases[i].text);
    }
}

Test(rejects, reasons_name_the_option)
{
    struct strata_reject reject = reject_of(STRATA_REJECT_NUMBER_MALFORMED, "1,000");
    char text[160];
    reject.hint = STRATA_AMOUNT_HINT_DIFFERENT;
    strata_reject_describe(&reject, text, sizeof text);
    cr_assert_str_eq(
        text, "not a number: '1,000' (it is one with --amount-style grouped-point, and another with grouped-comma)");
}

/* The buffers of all callers hold the longest value with the longest hint. */
Test(rejects, hints_are_not_cut)
{
    for (int hint = STRATA_AMOUNT_HINT_NONE; hint <= STRATA_AMOUNT_HINT_SIGNS_DIFFERENT; ++hint) {
        struct strata_reject reject = reject_of(STRATA_REJECT_NUMBER_MALFORMED, "12345678901234567890123456");
        char text[160];
        cr_assert_eq(reject.n_value, STRATA_REJECT_VALUE_BYTES);
        reject.hint = (uint8_t)hint;
        strata_reject_describe(&reject, text, sizeof text);
        cr_assert_lt(strlen(text), sizeof text - 1);
        cr_assert(strstr(text, strata_amount_hint_text((enum strata_amount_hint)hint)));
        cr_assert_eq(text[strlen(text) - 1], hint == STRATA_AMOUNT_HINT_NONE ? '\'' : ')');
    }
}

Test(rejects, sorted_by_place)
{
    struct random_source source = {.seed = 1};
    struct strata_rejects all = {0}, part = {0};
    struct strata_error error;
    strata_rejects_sort(&all);
    cr_assert_eq(strata_rejects_append(&all, &part, &error), STRATA_OK);
    for (int i = 0; i < 1000; ++i) {
        struct strata_reject reject = {.origin = (uint32_t)random_below(&source, 5), .byte = random_bits(&source)};
        cr_assert_eq(strata_rejects_add(i % 3 ? &all : &part, &reject, &error), STRATA_OK);
    }
    cr_assert_eq(strata_rejects_append(&all, &part, &error), STRATA_OK);
    cr_assert_eq(all.n, 1000);
    cr_assert_eq(part.n, 0);
    strata_rejects_sort(&all);
    for (size_t i = 1; i < all.n; ++i) {
        const struct strata_reject *a = &all.reject[i - 1], *b = &all.reject[i];
        cr_assert(a->origin < b->origin || (a->origin == b->origin && a->byte <= b->byte));
    }
    strata_rejects_release(&all);
    strata_rejects_release(&all);
}
