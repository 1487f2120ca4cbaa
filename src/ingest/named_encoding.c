#include "named_encoding.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "encoding.h"

/* What separates, dates, numbers and names are made of. */
static const char needed[] =
    "\t\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz|";

static bool is_like_ascii(iconv_t converter)
{
    char out[4 * sizeof needed], text[sizeof needed];
    char *from = text, *to = out;
    size_t n_in = sizeof needed - 1, n_out = sizeof out;
    memcpy(text, needed, sizeof needed);
    bool is_whole = iconv(converter, &from, &n_in, &to, &n_out) != (size_t)-1 &&
                    iconv(converter, NULL, NULL, &to, &n_out) != (size_t)-1;
    return is_whole && (size_t)(to - out) == sizeof needed - 1 && memcmp(out, needed, sizeof needed - 1) == 0;
}

enum strata_status strata_named_encoding_init(struct strata_named_encoding *named, const char *name,
                                              struct strata_error *err)
{
    const size_t n = strlen(name);
    const bool is_name =
        n > 0 && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:") == n;
    *named = (struct strata_named_encoding){0};
    iconv_t converter = is_name ? iconv_open("UTF-8", name) : (iconv_t)-1;
    if (converter == (iconv_t)-1)
        return strata_fail(
            err, STRATA_USAGE,
            "there is no encoding '%.60s': write auto, utf-8, gb18030, utf-16, or a name that iconv -l lists, "
            "such as big5, shift_jis, euc-kr or windows-1252",
            name);
    if (!is_like_ascii(converter)) {
        (void)iconv_close(converter);
        return strata_fail(err, STRATA_USAGE,
                           "the encoding %s does not write letters and digits as ASCII does; convert the text first "
                           "(iconv -f %s -t UTF-8), or, if it is UTF-16, write utf-16",
                           name, name);
    }
    named->converter = converter;
    return STRATA_OK;
}

void strata_named_encoding_release(struct strata_named_encoding *named)
{
    if (named->converter)
        (void)iconv_close(named->converter);
    *named = (struct strata_named_encoding){0};
}

void strata_named_encoding_rewind(struct strata_named_encoding *named)
{
    if (named->converter)
        (void)iconv(named->converter, NULL, NULL, NULL, NULL);
}

size_t strata_named_encoding_decode(struct strata_named_encoding *named, const char *text, size_t n, char *out,
                                    size_t room, size_t *n_out)
{
    union {
        const char *in;
        char *as_iconv_has_it; /* which does not write there */
    } from = {text};
    char *to = out;
    size_t left = n;
    if (n == 0) /* a character that might have been composed with the next one */
        (void)iconv(named->converter, NULL, NULL, &to, &room);
    while (left > 0 && iconv(named->converter, &from.as_iconv_has_it, &left, &to, &room) == (size_t)-1) {
        if (errno != EILSEQ || room == 0)
            break;
        *to++ = STRATA_NO_CHARACTER;
        --room;
        ++from.in;
        --left;
    }
    *n_out = (size_t)(to - out);
    return n - left;
}
