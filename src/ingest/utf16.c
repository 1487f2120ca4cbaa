#include "utf16.h"

#include <stdint.h>

#include "encoding.h"

static uint32_t unit_at(const char *text, bool is_big_endian)
{
    unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
    return is_big_endian ? (uint32_t)(first << 8 | second) : (uint32_t)(second << 8 | first);
}

static char *write_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    int n_more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    *out++ = (char)((0xff00 >> (n_more + 1) & 0xff) | code >> 6 * n_more);
    while (n_more-- > 0)
        *out++ = (char)(0x80 | (code >> 6 * n_more & 0x3f));
    return out;
}

static bool is_high(uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }

static bool is_low(uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

size_t strata_utf16_decode(const char *text, size_t n, bool is_big_endian, char *out, size_t *n_out)
{
    size_t at = 0;
    char *to = out;
    while (n - at >= 2) {
        uint32_t unit = unit_at(text + at, is_big_endian);
        if (is_high(unit)) {
            if (n - at < 4)
                break;
            uint32_t low = unit_at(text + at + 2, is_big_endian);
            if (is_low(low)) {
                to = write_utf8(to, 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00)));
                at += 4;
                continue;
            }
        }
        if (is_high(unit) || is_low(unit))
            *to++ = STRATA_NO_CHARACTER;
        else
            to = write_utf8(to, unit);
        at += 2;
    }
    *n_out = (size_t)(to - out);
    return at;
}
