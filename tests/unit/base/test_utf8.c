#include "utf8.h"

#include <criterion/criterion.h>
#include <string.h>

#include "random_source.h"

/* By the table of RFC 3629, section 4. */
static size_t character_by_table(const unsigned char *t, size_t n)
{
    static const struct {
        unsigned char first, last, second_first, second_last;
        size_t length;
    } rows[] = {
        {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        if (t[0] < rows[i].first || t[0] > rows[i].last)
            continue;
        if (rows[i].length > n || (rows[i].length > 1 && (t[1] < rows[i].second_first || t[1] > rows[i].second_last)))
            return 0;
        for (size_t k = 2; k < rows[i].length; ++k)
            if (t[k] < 0x80 || t[k] > 0xBF)
                return 0;
        return rows[i].length;
    }
    return 0;
}

Test(utf8, every_character_of_three_bytes)
{
    static const unsigned char fourth[] = {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF};
    for (unsigned a = 0; a < 256; ++a)
        for (unsigned b = 0; b < 256; ++b)
            for (unsigned c = 0; c < 256; c += 5)
                for (size_t d = 0; d < sizeof fourth; ++d) {
                    unsigned char text[4] = {(unsigned char)a, (unsigned char)b, (unsigned char)c, fourth[d]};
                    for (size_t n = 1; n <= 4; ++n)
                        if (strata_utf8_character((const char *)text, n) != character_by_table(text, n))
                            cr_assert_fail("%02x %02x %02x %02x, %zu bytes", a, b, c, fourth[d], n);
                }
}

Test(utf8, texts)
{
    const struct {
        const char *text;
        bool is_valid;
    } cases[] = {
        {"", true},
        {"plain text of some length", true},
        {"客户编号 😎", true},
        {"\xff", false},
        {"caf\xe9", false},
        {"\xc0\x80", false},
        {"\xed\xa0\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"abc\xe5\xae", false},
        {"0123456789012345\x80", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i)
        cr_assert_eq(strata_utf8_is_valid(cases[i].text, strlen(cases[i].text)), cases[i].is_valid, "case %zu", i);
}

Test(utf8, cuts_between_characters)
{
    const char *text = "a客b😎c";
    const size_t expected[] = {0, 1, 1, 1, 4, 5, 5, 5, 5, 9, 10, 10, 10};
    for (size_t limit = 0; limit < sizeof expected / sizeof expected[0]; ++limit)
        cr_assert_eq(strata_utf8_cut(text, strlen(text), limit), expected[limit], "limit %zu", limit);
}

Test(utf8, printable_text_cannot_steer_a_terminal)
{
    char controls[] = "a\x1b[31m客\n", broken[] = "caf\xe9 \x07";
    strata_utf8_make_printable(controls, strlen(controls));
    strata_utf8_make_printable(broken, strlen(broken));
    cr_assert_str_eq(controls, "a?[31m客?");
    cr_assert_str_eq(broken, "caf? ?");
}
