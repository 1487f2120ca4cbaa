#include "minor_unit.h"

#include <criterion/criterion.h>

Test(minor_unit, is_a_text_that_is_read_again)
{
    char text[STRATA_MINOR_UNIT_BYTES];
    int decimals;
    strata_minor_unit_format(4, text);
    cr_expect_str_eq(text, "0.0001 currency");
    strata_minor_unit_format(1, text);
    cr_expect_str_eq(text, "0.1 currency");
    strata_minor_unit_format(0, text);
    cr_expect_str_eq(text, "currency");
    for (int d = 0; d <= 9; ++d) {
        strata_minor_unit_format(d, text);
        cr_expect(strata_minor_unit_parse(text, &decimals));
        cr_expect_eq(decimals, d);
    }
    static const char *const others[] = {"", "1", "0.01", "0.010 currency", "0.0000000001 currency", "0.01 currency "};
    for (int i = 0; i < 6; ++i)
        cr_expect(!strata_minor_unit_parse(others[i], &decimals), "%s", others[i]);
}
