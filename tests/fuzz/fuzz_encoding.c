/* GB18030 and UTF-16: within the promised room, the same whole or in two pieces, and what the system's iconv makes of
 * text that it takes. The first byte chooses the encoding and where the pieces part. */
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "encoding.h"
#include "fuzz.h"
#include "gb18030.h"
#include "utf16.h"

enum which { GB18030, UTF_16_LITTLE, UTF_16_BIG, N_ENCODINGS };

static struct strata_gb18030 gb;

static size_t decode(enum which which, const char *text, size_t n, char *out, size_t *n_out)
{
    if (which == GB18030)
        return strata_gb18030_decode(&gb, text, n, out, n_out);
    return strata_utf16_decode(text, n, which == UTF_16_BIG, out, n_out);
}

/* All of a text in a buffer that ends where the promised room does. */
static char *decode_all(enum which which, const char *text, size_t n, size_t *taken, size_t *n_out)
{
    char *copy = fuzz_copy(text, n, 0), *out = malloc(2 * n + 4);
    *taken = decode(which, copy, n, out, n_out);
    FUZZ_CHECK(*taken <= n && n - *taken < 4, "%zu of %zu bytes", *taken, n);
    FUZZ_CHECK(*n_out <= 2 * n + 4, "%zu bytes of %zu", *n_out, n);
    free(copy);
    return out;
}

static void check_iconv(enum which which, const char *text, size_t n, const char *found, size_t n_found)
{
    static const char *const names[N_ENCODINGS] = {"GB18030", "UTF-16LE", "UTF-16BE"};
    iconv_t converter = iconv_open("UTF-8", names[which]);
    char *wanted = malloc(4 * n + 4), *from = (char *)text, *to = wanted;
    size_t left = n, room = 4 * n + 4;
    FUZZ_CHECK(converter != (iconv_t)-1, "%s", names[which]);
    if (iconv(converter, &from, &left, &to, &room) != (size_t)-1) {
        size_t n_wanted = (size_t)(to - wanted);
        FUZZ_CHECK(n_found == n_wanted && memcmp(found, wanted, n_found) == 0, "%zu bytes, not %zu", n_found, n_wanted);
        FUZZ_CHECK(!memchr(found, STRATA_NO_CHARACTER, n_found), "a character that is none");
    }
    (void)iconv_close(converter);
    free(wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct strata_error error;
    size_t taken, n_whole, taken_first, n_first, taken_rest, n_rest;
    if (n < 1)
        return -1;
    if (!gb.two_bytes)
        FUZZ_CHECK(strata_gb18030_init(&gb, &error) == STRATA_OK, "%s", error.message);
    const enum which which = data[0] % N_ENCODINGS;
    const char *text = (const char *)data + 1;
    const size_t cut = --n ? (data[0] / N_ENCODINGS) % n : 0;
    char *whole = decode_all(which, text, n, &taken, &n_whole);
    check_iconv(which, text, taken, whole, n_whole);
    char *first = decode_all(which, text, cut, &taken_first, &n_first);
    char *rest = decode_all(which, text + taken_first, n - taken_first, &taken_rest, &n_rest);
    FUZZ_CHECK(taken_first + taken_rest == taken && n_first + n_rest == n_whole, "%zu and %zu of %zu bytes",
               taken_first, taken_rest, taken);
    FUZZ_CHECK(memcmp(first, whole, n_first) == 0 && memcmp(rest, whole + n_first, n_rest) == 0, "cut at %zu", cut);
    (void)strata_gb18030_is_likely(&gb, text, n);
    free(whole);
    free(first);
    free(rest);
    return 0;
}
