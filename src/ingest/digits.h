/* Eight decimal digits at a time, in a 64-bit word whose lowest byte is the first character. */
#ifndef STRATA_INGEST_DIGITS_H
#define STRATA_INGEST_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define STRATA_ASCII_ZEROS UINT64_C(0x3030303030303030)

static inline uint64_t strata_load_8(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint32_t strata_load_4(const char *text)
{
    uint32_t word;
    memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

static inline uint32_t strata_load_2(const char *text)
{
    return (uint32_t)(unsigned char)text[0] | (uint32_t)(unsigned char)text[1] << 8;
}

/* Is every byte at most 0x7f - (that byte of) `room`? With 0x76 in a byte of `room`: is it at most 9? */
static inline bool strata_bytes_fit(uint64_t word, uint64_t room)
{
    return (((word + room) | word) & UINT64_C(0x8080808080808080)) == 0;
}

static inline bool strata_is_8_digits(uint64_t word)
{
    return strata_bytes_fit(word ^ STRATA_ASCII_ZEROS, UINT64_C(0x7676767676767676));
}

/* The value of eight ASCII digits: pairs, then fours, then the whole, by multiplications. */
static inline uint32_t strata_value_of_8_digits(uint64_t word)
{
    word -= STRATA_ASCII_ZEROS;
    word = word * 10 + (word >> 8);
    word = ((word & UINT64_C(0x000000ff000000ff)) * (100 + (UINT64_C(1000000) << 32)) +
            ((word >> 16) & UINT64_C(0x000000ff000000ff)) * (1 + (UINT64_C(10000) << 32))) >>
           32;
    return (uint32_t)word;
}

/* The last eight of ASCII zeros followed by `n` (1..8) characters. Reads nothing beyond them. */
static inline uint64_t strata_load_padded(const char *text, size_t n)
{
    uint64_t word;

    if (n == 8)
        return strata_load_8(text);
    if (n >= 4) /* two overlapping halves */
        word = strata_load_4(text) | (uint64_t)strata_load_4(text + n - 4) << (8 * (n - 4));
    else if (n >= 2)
        word = strata_load_2(text) | (uint64_t)strata_load_2(text + n - 2) << (8 * (n - 2));
    else
        word = (unsigned char)text[0];
    return word << (64 - 8 * n) | STRATA_ASCII_ZEROS >> (8 * n);
}

static inline bool strata_is_digit(char c) { return (unsigned char)(c - '0') < 10; }

/* The length of the run of digits that `text` begins with. */
static inline size_t strata_count_digits(const char *text, size_t n)
{
    size_t count = 0;

    while (count < n && strata_is_digit(text[count]))
        count++;
    return count;
}

/* The value of `n` characters that are known to be digits, n at most 18. */
static inline int64_t strata_value_of_digits(const char *text, size_t n)
{
    int64_t value = 0;

    for (; n >= 8; text += 8, n -= 8)
        value = value * 100000000 + strata_value_of_8_digits(strata_load_8(text));
    for (; n > 0; text++, n--)
        value = value * 10 + (*text - '0');
    return value;
}

#endif
