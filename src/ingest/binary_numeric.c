#include "binary_numeric.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum {
    HEADER_BYTES = 8,
    POSITIVE = 0x0000,
    NEGATIVE = 0x4000,
    NOT_A_NUMBER = 0xC000,
    PLUS_INFINITY = 0xD000,
    MINUS_INFINITY = 0xF000,
    DECIMALS_MAX = 0x3FFF,
    BASE_DIGITS = 4, /* decimal digits in one of base 10000 */
};

struct numeric {
    const char *digits;
    int n_digits, weight, decimals;
    unsigned sign;
};

static unsigned load_16(const char *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return be16toh(value);
}

static bool read_numeric(const char *value, size_t n, struct numeric *out)
{
    if (n < HEADER_BYTES)
        return false;
    *out = (struct numeric){
        .n_digits = (int)load_16(value),
        .weight = (int16_t)load_16(value + 2),
        .sign = load_16(value + 4),
        .decimals = (int)load_16(value + 6),
        .digits = value + HEADER_BYTES,
    };
    if (n - HEADER_BYTES != 2 * (size_t)out->n_digits || out->decimals > DECIMALS_MAX)
        return false;
    for (int i = 0; i < out->n_digits; ++i)
        if (load_16(out->digits + 2 * (size_t)i) > 9999)
            return false;
    return true;
}

/* The digit of base 10000 at a place; there are zeros on both sides. */
static unsigned digit_at(const struct numeric *numeric, int place)
{
    return place >= 0 && place < numeric->n_digits ? load_16(numeric->digits + 2 * (size_t)place) : 0;
}

struct text {
    char *at;
    const char *end;
};

static void put(struct text *text, const char *bytes, int n)
{
    ptrdiff_t room = text->end - text->at;
    if (room > n)
        room = n;
    memcpy(text->at, bytes, (size_t)room);
    text->at += room;
}

/* The four characters of a digit of base 10000, the first one lowest: all of them at once, by reciprocals. */
static uint32_t characters_of(unsigned digit)
{
    uint32_t pairs = digit / 100 | digit % 100 << 16, tens = pairs * 103 >> 10 & 0x000F000F;
    return (tens | (pairs - 10 * tens) << 8) + 0x30303030;
}

/* The last n characters of a digit. */
static void put_last(struct text *text, unsigned digit, int n)
{
    const uint32_t all = htole32(characters_of(digit)), last = htole32(characters_of(digit) >> 8 * (BASE_DIGITS - n));
    if (text->end - text->at < BASE_DIGITS) {
        put(text, (const char *)&all + BASE_DIGITS - n, n);
        return;
    }
    memcpy(text->at, &last, sizeof last);
    text->at += n;
}

/* The first n characters of a digit. */
static void put_first(struct text *text, unsigned digit, int n)
{
    const uint32_t all = htole32(characters_of(digit));
    if (text->end - text->at < BASE_DIGITS) {
        put(text, (const char *)&all, n);
        return;
    }
    memcpy(text->at, &all, sizeof all);
    text->at += n;
}

static void put_whole_part(struct text *text, const struct numeric *numeric)
{
    if (numeric->weight < 0) {
        put(text, "0", 1);
        return;
    }
    unsigned first = digit_at(numeric, 0);
    put_last(text, first, 1 + (first > 9) + (first > 99) + (first > 999));
    for (int i = 1; i <= numeric->weight && text->at < text->end; ++i)
        put_first(text, digit_at(numeric, i), BASE_DIGITS);
}

static void put_decimals(struct text *text, const struct numeric *numeric)
{
    int place = numeric->weight + 1;
    put(text, ".", 1);
    for (int left = numeric->decimals; left > 0 && text->at < text->end; left -= BASE_DIGITS, ++place)
        put_first(text, digit_at(numeric, place), left < BASE_DIGITS ? left : BASE_DIGITS);
}

bool strata_binary_numeric_format(const char *value, size_t n, char *out, size_t capacity, size_t *n_out)
{
    struct numeric numeric;
    struct text text = {out, out + capacity};
    if (!read_numeric(value, n, &numeric))
        return false;
    switch (numeric.sign) {
    case NOT_A_NUMBER: put(&text, "NaN", 3); break;
    case PLUS_INFINITY: put(&text, "Infinity", 8); break;
    case MINUS_INFINITY: put(&text, "-Infinity", 9); break;
    case NEGATIVE: put(&text, "-", 1); /* fall through */
    case POSITIVE:
        put_whole_part(&text, &numeric);
        if (numeric.decimals)
            put_decimals(&text, &numeric);
        break;
    default: return false;
    }
    *n_out = (size_t)(text.at - out);
    return true;
}
