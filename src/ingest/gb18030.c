#include "gb18030.h"

#include <stdlib.h>
#include <string.h>

#include "digits.h"
#include "encoding.h"
#include "memory.h"

/* One or two pairs of bytes can be anything, a slip in UTF-8 too. */
enum { LIKELY_CHARACTERS = 4 };

enum { FIRST_LEAD = 0x81, LAST_LEAD = 0xfe, N_LEADS = LAST_LEAD - FIRST_LEAD + 1, N_TRAILS = 256 };

/* The UTF-8 of one character, its first byte lowest; 0 if iconv knows none. */
static uint32_t convert(iconv_t converter, const unsigned char *character, size_t n)
{
    char in[4], out[4];
    char *from = in, *to = out;
    size_t n_in = n, n_out = sizeof out;
    uint32_t utf8 = 0;
    memcpy(in, character, n);
    (void)iconv(converter, NULL, NULL, NULL, NULL);
    if (iconv(converter, &from, &n_in, &to, &n_out) != 0 || n_in != 0)
        return 0;
    for (size_t i = sizeof out - n_out; i-- > 0;)
        utf8 = utf8 << 8 | (unsigned char)out[i];
    return utf8;
}

static bool is_lead(unsigned char byte) { return byte >= FIRST_LEAD && byte <= LAST_LEAD; }

static bool is_trail(unsigned char byte) { return byte >= 0x40 && byte <= 0xfe && byte != 0x7f; }

static uint32_t *entry(const struct strata_gb18030 *gb, unsigned char lead, unsigned char trail)
{
    return &gb->two_bytes[(size_t)(lead - FIRST_LEAD) * N_TRAILS + trail];
}

enum strata_status strata_gb18030_init(struct strata_gb18030 *gb, struct strata_error *err)
{
    iconv_t converter = iconv_open("UTF-8", "GB18030");
    *gb = (struct strata_gb18030){0};
    if (converter == (iconv_t)-1)
        return strata_fail(err, STRATA_IO,
                           "this system's iconv does not know GB18030; convert the file to UTF-8 first");
    gb->converter = converter;
    gb->two_bytes = strata_calloc_array((size_t)N_LEADS * N_TRAILS, sizeof *gb->two_bytes);
    if (!gb->two_bytes) {
        strata_gb18030_release(gb);
        return strata_fail_memory(err, "reading GB18030", (size_t)N_LEADS * N_TRAILS, sizeof *gb->two_bytes);
    }
    for (unsigned lead = FIRST_LEAD; lead <= LAST_LEAD; ++lead)
        for (unsigned trail = 0; trail < N_TRAILS; ++trail) {
            const unsigned char character[] = {(unsigned char)lead, (unsigned char)trail};
            if (is_trail(character[1]))
                *entry(gb, character[0], character[1]) = convert(converter, character, 2);
        }
    return STRATA_OK;
}

void strata_gb18030_release(struct strata_gb18030 *gb)
{
    if (gb->converter)
        (void)iconv_close(gb->converter);
    free(gb->two_bytes);
    *gb = (struct strata_gb18030){0};
}

/* The bytes of the character at text[0], beyond ASCII, and its UTF-8; 0 bytes if it is cut off, 1 with UTF-8 of 0 if
 * it is none. */
static size_t take_character(const struct strata_gb18030 *gb, const unsigned char *text, size_t n, uint32_t *utf8)
{
    *utf8 = 0;
    if (!is_lead(text[0]))
        return 1;
    if (n < 2)
        return 0;
    if (is_trail(text[1])) {
        *utf8 = *entry(gb, text[0], text[1]);
        return *utf8 ? 2 : 1;
    }
    if (!strata_is_digit((char)text[1]) || (n > 2 && !is_lead(text[2])) || (n > 3 && !strata_is_digit((char)text[3])))
        return 1;
    if (n < 4)
        return 0;
    *utf8 = convert(gb->converter, text, 4);
    return *utf8 ? 4 : 1;
}

size_t strata_gb18030_decode(const struct strata_gb18030 *gb, const char *text, size_t n, char *out, size_t *n_out)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;
    char *to = out;
    while (at < n) {
        if (n - at >= 8 && !(strata_load_8(text + at) & UINT64_C(0x8080808080808080))) {
            memcpy(to, text + at, 8);
            to += 8;
            at += 8;
            continue;
        }
        if (bytes[at] < 0x80) {
            *to++ = text[at++];
            continue;
        }
        uint32_t utf8;
        size_t taken = take_character(gb, bytes + at, n - at, &utf8);
        if (taken == 0)
            break;
        at += taken;
        if (!utf8)
            *to++ = STRATA_NO_CHARACTER;
        for (; utf8; utf8 >>= 8)
            *to++ = (char)(utf8 & 0xff);
    }
    *n_out = (size_t)(to - out);
    return at;
}

bool strata_gb18030_is_likely(const struct strata_gb18030 *gb, const char *text, size_t n)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t n_usual = 0, n_other = 0;
    for (size_t at = 0; at < n;) {
        if (bytes[at] < 0x80) {
            ++at;
            continue;
        }
        uint32_t utf8;
        size_t taken = take_character(gb, bytes + at, n - at, &utf8);
        if (taken == 0)
            break;
        if (!utf8)
            return false;
        bool is_usual = taken == 2 && bytes[at] > 0xa0 && bytes[at] < 0xf8 && bytes[at + 1] > 0xa0;
        *(is_usual ? &n_usual : &n_other) += 1;
        at += taken;
    }
    return n_usual >= LIKELY_CHARACTERS && n_usual >= 3 * n_other;
}
