/* From GB18030 and UTF-16 to UTF-8, a character at a time, cut anywhere. */
#include <criterion/criterion.h>
#include <string.h>

#include "encoding.h"
#include "gb18030.h"
#include "transcoder.h"
#include "utf16.h"

enum { OUT_BYTES = 64 };

static void assert_utf16(const char *text, size_t n, bool is_big_endian, const char *expected, size_t n_cut)
{
    char out[OUT_BYTES];
    size_t n_out, taken = strata_utf16_decode(text, n, is_big_endian, out, &n_out);
    cr_assert_eq(n_out, strlen(expected), "%s", expected);
    cr_assert_eq(memcmp(out, expected, n_out), 0, "%s", expected);
    cr_assert_eq(taken, n - n_cut, "%s", expected);
}

Test(transcoding, utf16)
{
    assert_utf16("a\0\n\0", 4, false, "a\n", 0);
    assert_utf16("\0a\0\n", 4, true, "a\n", 0);
    assert_utf16("\x2d\x4e\xe9\0", 4, false, "中é", 0);
    assert_utf16("\xff\x07\0\x08\xff\xff", 6, false, "\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 0);
    assert_utf16("\x3d\xd8\0\xde", 4, false, "😀", 0);
    assert_utf16("\xd8\x3d\xde\0", 4, true, "😀", 0);
    assert_utf16("\xff\xdb\xff\xdf", 4, false, "\xf4\x8f\xbf\xbf", 0); /* U+10FFFF */
    assert_utf16("a\0b", 3, false, "a", 1);
    assert_utf16("a\0\x3d\xd8\0", 5, false, "a", 3);
}

Test(transcoding, half_pairs_are_no_characters)
{
    assert_utf16("\x3d\xd8"
                 "a\0",
                 4, false,
                 "\xff"
                 "a",
                 0);
    assert_utf16("\0\xde"
                 "a\0",
                 4, false,
                 "\xff"
                 "a",
                 0);
    assert_utf16("\x3d\xd8\x3d\xd8\0\xde", 6, false, "\xff😀", 0);
}

static void assert_gb18030(const struct strata_gb18030 *gb, const char *text, const char *expected, size_t n_cut)
{
    char out[OUT_BYTES];
    size_t n = strlen(text), n_out, taken = strata_gb18030_decode(gb, text, n, out, &n_out);
    cr_assert_eq(n_out, strlen(expected), "%s", expected);
    cr_assert_eq(memcmp(out, expected, n_out), 0, "%s", expected);
    cr_assert_eq(taken, n - n_cut, "%s", expected);
}

Test(transcoding, gb18030)
{
    struct strata_gb18030 gb;
    struct strata_error err;
    cr_assert_eq(strata_gb18030_init(&gb, &err), STRATA_OK, "%s", err.message);
    assert_gb18030(&gb, "plain ASCII, 2024-01-02", "plain ASCII, 2024-01-02", 0);
    assert_gb18030(&gb, "\xbd\xf0\xb6\xee", "金额", 0);
    assert_gb18030(&gb, "\x81\x7c|\x81\x5c\\", "亅|乗\\", 0); /* a pipe and a backslash as second bytes */
    assert_gb18030(&gb, "\x81\x30\x88\x36", "\xc3\x92", 0);   /* of four bytes: U+00D2 */
    assert_gb18030(&gb, "\x94\x39\xfc\x36,", "😀,", 0);        /* beyond 16 bits */
    assert_gb18030(&gb, "\xfe\x51\xfe\x51", "𠂇𠂇", 0);       /* two bytes here, four there */
    assert_gb18030(&gb, "\x80\xff\x81 ", "\xff\xff\xff ", 0); /* no leads, and a lead before a blank */
    assert_gb18030(&gb, "\x81\x30,",
                   "\xff"
                   "0,",
                   0);
    assert_gb18030(&gb, "a\x81", "a", 1);
    assert_gb18030(&gb, "a\x81\x30", "a", 2);
    assert_gb18030(&gb, "a\x81\x30\x89", "a", 3);
    strata_gb18030_release(&gb);
}

static enum strata_encoding decided(enum strata_encoding declared, const char *text, size_t n)
{
    struct strata_transcoder transcoder;
    struct strata_error err;
    strata_transcoder_init(&transcoder, strata_encoding_word(declared));
    enum strata_status status = strata_transcoder_decide(&transcoder, text, n, "file", &err);
    enum strata_encoding encoding = status == STRATA_OK ? transcoder.encoding : STRATA_ENCODING_AUTO;
    strata_transcoder_release(&transcoder);
    return encoding;
}

Test(transcoding, decided)
{
    static const struct {
        const char *text;
        size_t n;
        enum strata_encoding encoding;
    } cases[] = {
        {"", 0, STRATA_ENCODING_UTF_8},
        {"id,date", 7, STRATA_ENCODING_UTF_8},
        {"金额", 6, STRATA_ENCODING_UTF_8},
        {"金额", 5, STRATA_ENCODING_UTF_8}, /* cut by the end of the sample */
        {"\xbd\xf0\xb6\xee\xbd\xf0\xb6\xee", 8, STRATA_ENCODING_GB18030},
        {"\xbd\xf0\xb6\xee\xbd\xf0\xb6\xee\xbd", 9, STRATA_ENCODING_GB18030},
        {"\xc0\xaf", 2, STRATA_ENCODING_UTF_8},     /* too little to tell */
        {"H\xe9l\xe8ne", 6, STRATA_ENCODING_UTF_8}, /* Latin-1 */
        {"\xff\xfe"
         "a\0",
         4, STRATA_ENCODING_UTF_16},
        {"\xfe\xff\0a", 4, STRATA_ENCODING_UTF_16},
        {"\xff\xfe\0\0", 4, STRATA_ENCODING_UTF_8}, /* UTF-32 */
        {"a\0b\0", 4, STRATA_ENCODING_UTF_8},       /* no byte order mark */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i)
        cr_assert_eq(decided(STRATA_ENCODING_AUTO, cases[i].text, cases[i].n), cases[i].encoding, "case %zu", i);
    cr_assert_eq(decided(STRATA_ENCODING_UTF_16, "a\0b\0", 4), STRATA_ENCODING_UTF_16);
    cr_assert_eq(decided(STRATA_ENCODING_UTF_16, "\0a\0b", 4), STRATA_ENCODING_UTF_16);
    cr_assert_eq(decided(STRATA_ENCODING_UTF_16, "ab", 2), STRATA_ENCODING_AUTO);
    cr_assert_eq(decided(STRATA_ENCODING_UTF_16, "\xa2\x5b\x37\x62", 4), STRATA_ENCODING_AUTO); /* either order */
    cr_assert_eq(decided(STRATA_ENCODING_GB18030, "ab", 2), STRATA_ENCODING_GB18030);
}

/* Without a byte order mark, and a text that begins with characters beyond ASCII. */
Test(transcoding, utf16_order)
{
    static const struct {
        const char *text;
        size_t n;
        bool is_big_endian;
    } cases[] = {
        {"\xa2\x5b\x37\x62,\0001\0\n", 11, false}, /* 客户,1, cut before the end of the line */
        {"\x5b\xa2\x62\x37\0,\0001\0\n", 10, true},
        {"\0\x4e\0\x4e,\0001\0\n\0", 10, false}, /* 一一: each would be an N in the other order */
        {"\x4e\0\x4e\0\0,\0001\0\n", 10, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct strata_transcoder transcoder;
        struct strata_error err;
        strata_transcoder_init(&transcoder, "utf-16");
        cr_assert_eq(strata_transcoder_decide(&transcoder, cases[i].text, cases[i].n, "file", &err), STRATA_OK);
        cr_assert_eq(transcoder.is_big_endian, cases[i].is_big_endian, "case %zu", i);
        strata_transcoder_release(&transcoder);
    }
}
