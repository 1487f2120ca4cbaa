#include "utf8.h"

#include <stdint.h>
#include <string.h>

static bool is_ascii(const char *text, size_t n)
{
    uint64_t high = 0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        high |= word;
    }
    for (; i < n; ++i)
        high |= (uint64_t)(unsigned char)text[i];
    return (high & 0x8080808080808080u) == 0;
}

size_t strata_utf8_character(const char *characters, size_t n)
{
    const unsigned char *text = (const unsigned char *)characters;
    unsigned char lead = text[0];
    if (lead < 0x80)
        return 1;
    size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length > n)
        return 0;
    for (size_t i = 1; i < length; ++i)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    bool is_overlong = (lead == 0xE0 && text[1] < 0xA0) || (lead == 0xF0 && text[1] < 0x90);
    bool is_surrogate = lead == 0xED && text[1] >= 0xA0;
    bool is_beyond = lead == 0xF4 && text[1] >= 0x90;
    return is_overlong || is_surrogate || is_beyond ? 0 : length;
}

bool strata_utf8_is_valid(const char *text, size_t n)
{
    if (is_ascii(text, n))
        return true;
    for (size_t i = 0; i < n;) {
        size_t length = strata_utf8_character(text + i, n - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

void strata_utf8_make_printable(char *text, size_t n)
{
    bool is_text = strata_utf8_is_valid(text, n);
    for (size_t i = 0; i < n; ++i) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_text))
            text[i] = '?';
    }
}

size_t strata_utf8_cut(const char *text, size_t n, size_t limit)
{
    if (n <= limit)
        return n;
    size_t cut = limit;
    while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
        --cut;
    return cut;
}
