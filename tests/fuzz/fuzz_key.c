/* Ids: their keys have the same text, are equal where the texts are, and compare as the texts do; UTF-8 against a plain
 * reading. The input is two ids, parted by its last newline. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "key.h"
#include "utf8.h"

enum { PADDING = 16 };

static bool is_utf8_plainly(const unsigned char *text, size_t n)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    for (size_t i = 0; i < n;) {
        unsigned char lead = text[i++];
        size_t more = lead < 0x80 ? 0 : (lead & 0xE0) == 0xC0 ? 1 : (lead & 0xF0) == 0xE0 ? 2 : 3;
        if (lead >= 0x80 && (more == 3 ? (lead & 0xF8) != 0xF0 : lead < 0xC0))
            return false;
        uint32_t character = more == 0 ? lead : lead & (0x3Fu >> more);
        for (size_t k = 0; k < more; ++k, ++i) {
            if (i == n || (text[i] & 0xC0) != 0x80)
                return false;
            character = character << 6 | (text[i] & 0x3Fu);
        }
        if (character < least[more] || character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
            return false;
    }
    return true;
}

static struct strata_key encode(const char *text, size_t n, struct strata_key_arena *arena)
{
    struct strata_key key;
    struct strata_error error;
    static char back[STRATA_KEY_MAX_BYTES];
    enum strata_status status = strata_key_encode(text, n, arena, &key, &error);
    FUZZ_CHECK(status == STRATA_OK, "%s", error.message);
    size_t length = strata_key_text(key, back);
    FUZZ_CHECK(length == n && memcmp(back, text, n) == 0, "%zu bytes become %zu", n, length);
    return key;
}

static void check_alone(const char *text, size_t n, struct strata_key key)
{
    FUZZ_CHECK(strata_utf8_is_valid(text, n) == is_utf8_plainly((const unsigned char *)text, n), "%zu bytes", n);
    size_t cut = strata_utf8_cut(text, n, n / 2);
    FUZZ_CHECK(cut <= n / 2, "cut at %zu", cut);
    if (n >= sizeof key)
        return;
    char *padded = fuzz_copy(text, n, PADDING);
    struct strata_key quick = strata_key_from_padded(padded, n);
    FUZZ_CHECK(strata_key_equal(quick, key), "%zu bytes", n);
    bool is_plain = n > 0;
    for (size_t i = 0; i < n; ++i)
        is_plain = is_plain && text[i] > 0;
    FUZZ_CHECK(n == 0 || strata_key_is_plain(quick) == is_plain, "%zu bytes", n);
    free(padded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    size_t split = n;
    while (split > 0 && data[split - 1] != '\n')
        --split;
    size_t n_a = split ? split - 1 : 0, n_b = n - split;
    if (n_a > STRATA_KEY_MAX_BYTES || n_b > STRATA_KEY_MAX_BYTES)
        return 0;
    char *a = fuzz_copy(data, n_a, 0), *b = fuzz_copy(data + split, n_b, 0);
    struct strata_key_arena arena[2] = {0};
    struct strata_key key_a = encode(a, n_a, &arena[0]), key_b = encode(b, n_b, &arena[1]);
    int order = memcmp(a, b, n_a < n_b ? n_a : n_b);
    if (order == 0)
        order = (n_a > n_b) - (n_a < n_b);
    FUZZ_CHECK(strata_key_equal(key_a, key_b) == (order == 0), "order %d", order);
    FUZZ_CHECK((strata_key_compare(key_a, key_b) > 0) == (order > 0), "order %d", order);
    FUZZ_CHECK((strata_key_compare(key_a, key_b) < 0) == (order < 0), "order %d", order);
    FUZZ_CHECK(order != 0 || strata_key_hash(key_a) == strata_key_hash(key_b), "two hashes");
    check_alone(a, n_a, key_a);
    check_alone(b, n_b, key_b);
    free(a);
    free(b);
    strata_key_arena_release(&arena[0]);
    strata_key_arena_release(&arena[1]);
    return 0;
}
