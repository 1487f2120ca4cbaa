/* Numbers against a reading digit by digit in 128 bits, and their text read again. The first byte has the decimals. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "fuzz.h"

static enum strata_decimal_result read_plainly(const char *text, size_t n, int decimals, int64_t *out)
{
    if (n == 0)
        return STRATA_DECIMAL_EMPTY;
    size_t at = text[0] == '-' || text[0] == '+', n_digits = 0;
    int n_kept = -1; /* decimals so far; -1: before the point */
    bool too_many = false, too_large = false;
    strata_int128 value = 0;
    for (; at < n; ++at) {
        if (text[at] == '.' && n_kept < 0) {
            n_kept = 0;
            continue;
        }
        if (text[at] < '0' || text[at] > '9')
            return STRATA_DECIMAL_MALFORMED;
        ++n_digits;
        if (n_kept >= 0 && n_kept == decimals) {
            too_many = too_many || text[at] != '0';
            continue;
        }
        n_kept += n_kept >= 0;
        if (!too_large)
            value = value * 10 + (text[at] - '0');
        too_large = too_large || value > INT64_MAX;
    }
    if (n_digits == 0)
        return STRATA_DECIMAL_MALFORMED;
    for (int i = n_kept < 0 ? 0 : n_kept; i < decimals; ++i)
        value *= 10;
    if (too_many)
        return STRATA_DECIMAL_TOO_MANY_DECIMALS;
    if (too_large || value > INT64_MAX)
        return STRATA_DECIMAL_OUT_OF_RANGE;
    *out = (int64_t)(text[0] == '-' ? -value : value);
    return STRATA_DECIMAL_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    int decimals = data[0] % (STRATA_DECIMALS_MAX + 1);
    char *text = fuzz_copy(data + 1, n - 1, 0);
    int64_t value = 0, expected = 0, again = 0, product = 0;
    enum strata_decimal_result result = strata_decimal_parse(text, n - 1, decimals, &value);
    enum strata_decimal_result plain = read_plainly(text, n - 1, decimals, &expected);
    FUZZ_CHECK(result == plain, "result %d, not %d", (int)result, (int)plain);
    FUZZ_CHECK(value == expected, "%lld, not %lld", (long long)value, (long long)expected);
    if (result == STRATA_DECIMAL_OK) {
        char written[STRATA_DECIMAL_TEXT];
        strata_decimal_format(value, decimals, written);
        result = strata_decimal_parse(written, strlen(written), decimals, &again);
        FUZZ_CHECK(result == STRATA_DECIMAL_OK && again == value, "%s", written);
        int64_t scale = 1;
        for (int i = 0; i < decimals; ++i)
            scale *= 10;
        const struct strata_decimal number = {value, decimals}, one = {scale, decimals};
        result = strata_decimal_multiply(number, one, decimals, false, &product);
        FUZZ_CHECK(result == STRATA_DECIMAL_OK && product == value, "%s", written);
        result = strata_decimal_multiply(number, number, decimals, false, &product);
        strata_int128 square = (strata_int128)value * value;
        FUZZ_CHECK(result != STRATA_DECIMAL_OK || (strata_int128)product * scale == square, "%s", written);
    }
    free(text);
    return 0;
}
