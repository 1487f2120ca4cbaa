/* Amounts in declared notations: what is taken keeps all its digits and reads as a number, a plain number reads as
 * ever, and a number that is written in the notation reads as itself. The first byte has the notation, the next eight a
 * number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amount_format.h"
#include "decimal.h"
#include "fuzz.h"

enum { DECIMALS = 4, N_STYLES = STRATA_AMOUNT_GROUPED_COMMA + 1 };

/* The digits of a text, in their order. */
static size_t keep_digits(const char *text, size_t n, char *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; ++i)
        if (text[i] >= '0' && text[i] <= '9')
            out[kept++] = text[i];
    return kept;
}

static void check_taken(const char *text, size_t n, const char *out, size_t n_out)
{
    char digits[STRATA_AMOUNT_TEXT_BYTES], found[STRATA_AMOUNT_TEXT_BYTES];
    size_t n_digits = keep_digits(text, n, digits), n_found = keep_digits(out, n_out, found);
    const char *point = memchr(out, '.', n_out);
    FUZZ_CHECK(n_digits == n_found && memcmp(digits, found, n_found) == 0, "%.*s", (int)n_out, out);
    FUZZ_CHECK(n_out == n_found + (out[0] == '-') + (point != NULL), "%.*s", (int)n_out, out);
}

/* A number with group marks, a decimal mark and signs. */
static size_t write_number(const struct strata_amount_format *format, int64_t value, unsigned variant, char *out)
{
    static const char *const marks[] = {" ", "'", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x99", "\xe2\x80\x89"};
    const bool is_comma = format->style == STRATA_AMOUNT_GROUPED_COMMA, is_negative = value < 0;
    const char *mark = variant % 8 < 6 ? marks[variant % 8] : is_comma ? "." : ",";
    char whole[32], *to = out;
    const uint64_t size = is_negative ? 0 - (uint64_t)value : (uint64_t)value;
    int n = sprintf(whole, "%llu", (unsigned long long)(size / 10000));
    const bool in_parentheses = is_negative && format->has_signs && variant & 8;
    if (is_negative)
        *to++ = in_parentheses ? '(' : '-';
    if (format->has_signs && variant & 16)
        to += sprintf(to, "%s", variant & 32 ? "€ " : "$");
    for (int i = 0; i < n; ++i) {
        if (i > 0 && (n - i) % 3 == 0 && format->style != STRATA_AMOUNT_PLAIN)
            to += sprintf(to, "%s", mark);
        *to++ = whole[i];
    }
    to += sprintf(to, "%c%04u", is_comma ? ',' : '.', (unsigned)(size % 10000));
    if (in_parentheses)
        *to++ = ')';
    return (size_t)(to - out);
}

static void check_written(const struct strata_amount_format *format, int64_t value, unsigned variant)
{
    char text[256], out[STRATA_AMOUNT_TEXT_BYTES];
    size_t n = write_number(format, value, variant, text), n_out;
    uint64_t ruled_out = 0;
    int64_t found = 0;
    FUZZ_CHECK(strata_amount_rewrite(format, text, n, out, &n_out, &ruled_out), "%.*s", (int)n, text);
    FUZZ_CHECK(strata_decimal_parse(out, n_out, DECIMALS, &found) == STRATA_DECIMAL_OK && found == value,
               "%.*s is not %lld", (int)n, text, (long long)value);
    FUZZ_CHECK(ruled_out != STRATA_CURRENCIES_ALL, "%.*s", (int)n, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    int64_t value, plain = 0, found = 0;
    if (n < 1 + sizeof value)
        return -1;
    memcpy(&value, data + 1, sizeof value);
    const struct strata_amount_format format = {.decimals = DECIMALS,
                                                .style = data[0] % N_STYLES,
                                                .has_signs = data[0] / N_STYLES % 2};
    if (value != INT64_MIN)
        check_written(&format, value, data[0] / (N_STYLES * 2u) + (unsigned)value % 64);
    char *text = fuzz_copy(data + 1 + sizeof value, n - 1 - sizeof value, 0), out[STRATA_AMOUNT_TEXT_BYTES];
    size_t n_text = n - 1 - sizeof value, n_out;
    uint64_t ruled_out = 0;
    const bool is_taken = strata_amount_rewrite(&format, text, n_text, out, &n_out, &ruled_out);
    if (is_taken)
        check_taken(text, n_text, out, n_out);
    if (format.style != STRATA_AMOUNT_GROUPED_COMMA && n_text < STRATA_AMOUNT_TEXT_BYTES &&
        strata_decimal_parse(text, n_text, DECIMALS, &plain) == STRATA_DECIMAL_OK) {
        FUZZ_CHECK(is_taken, "%.*s", (int)n_text, text);
        FUZZ_CHECK(strata_decimal_parse(out, n_out, DECIMALS, &found) == STRATA_DECIMAL_OK && found == plain, "%.*s",
                   (int)n_text, text);
    }
    free(text);
    return 0;
}
