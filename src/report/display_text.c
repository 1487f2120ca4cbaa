#include "display_text.h"

#include <string.h>

struct range {
    unsigned first, last;
};

static const struct range unprintable[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x200E, 0x200F}, {0x2028, 0x202E},
                                           {0x2066, 0x2069}, {0xD800, 0xDFFF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFF}};

static const struct range combining[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},
                                         {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},
                                         {0x1DC0, 0x1DFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0x302A, 0x302D},
                                         {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF}};

static const struct range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
                                    {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97C},   {0xAC00, 0xD7A3},
                                    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                                    {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

static int is_in(const struct range *ranges, size_t n, unsigned code_point)
{
    for (size_t i = 0; i < n && code_point >= ranges[i].first; ++i)
        if (code_point <= ranges[i].last)
            return 1;
    return 0;
}

int strata_code_point_width(unsigned code_point)
{
    if (is_in(unprintable, sizeof unprintable / sizeof *unprintable, code_point) || code_point > 0x10FFFF)
        return -1;
    if (is_in(combining, sizeof combining / sizeof *combining, code_point))
        return 0;
    return is_in(wide, sizeof wide / sizeof *wide, code_point) ? 2 : 1;
}

/* The bytes of the first character, 0 if they are no valid UTF-8. `text` is terminated. */
static size_t decode(const char *text, unsigned *code_point)
{
    static const unsigned lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text;
    size_t n = bytes[0] < 0x80                        ? 1
               : bytes[0] >= 0xC2 && bytes[0] <= 0xDF ? 2
               : bytes[0] >= 0xE0 && bytes[0] <= 0xEF ? 3
               : bytes[0] >= 0xF0 && bytes[0] <= 0xF4 ? 4
                                                      : 0;
    if (n == 0)
        return 0;
    unsigned value = n == 1 ? bytes[0] : bytes[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; ++i) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (bytes[i] & 0x3F);
    }
    *code_point = value;
    return value >= lowest[n] ? n : 0;
}

size_t strata_display_text(const char *text, size_t max_columns, char *out, size_t capacity)
{
    static const char more[] = "...";
    size_t n_out = 0, columns = 0;
    size_t cut_out = 0, cut_columns = 0; /* the longest beginning that leaves room for the dots */

    while (*text) {
        unsigned code_point;
        size_t n = decode(text, &code_point);
        int width = n ? strata_code_point_width(code_point) : -1;
        const char *shown = width < 0 ? "?" : text;
        size_t n_shown = width < 0 ? 1 : n, n_columns = width < 0 ? 1 : (size_t)width;
        if (columns + n_columns > max_columns || n_out + n_shown + sizeof more > capacity) {
            memcpy(out + cut_out, more, sizeof more);
            return cut_columns + sizeof more - 1;
        }
        memcpy(out + n_out, shown, n_shown);
        n_out += n_shown;
        columns += n_columns;
        if (columns + sizeof more - 1 <= max_columns) {
            cut_out = n_out;
            cut_columns = columns;
        }
        text += n ? n : 1;
    }
    out[n_out] = '\0';
    return columns;
}
