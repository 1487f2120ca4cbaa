#include "key.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_source.h"

/* From memory that ends where the text ends, so that a read beyond is seen by the sanitizers. */
static struct strata_key encode(struct strata_key_arena *arena, const char *text, size_t n)
{
    struct strata_error error;
    struct strata_key key;
    char *exact = malloc(n ? n : 1);
    memcpy(exact, text, n);
    cr_assert_eq(strata_key_encode(exact, n, arena, &key, &error), STRATA_OK);
    free(exact);
    return key;
}

static void assert_text(struct strata_key key, const char *text, size_t n)
{
    char *out = malloc(STRATA_KEY_MAX_BYTES);
    cr_assert_eq(strata_key_text(key, out), n);
    cr_assert_eq(memcmp(out, text, n), 0);
    free(out);
}

/* Few different bytes, so that ids often share a beginning; or UUIDs, or nearly. */
static size_t random_id(struct random_source *source, char out[STRATA_KEY_MAX_BYTES])
{
    static const char bytes[] = {0, 1, 'a', 'b', '7', '0', (char)0x80, (char)0xff};
    size_t n = random_below(source, 20);
    if (random_once_in(source, 4)) {
        for (size_t i = 0; i < 36; ++i)
            out[i] = (random_once_in(source, 2) ? "0123456789abcdef" : "0123456789ABCDEF")[random_below(source, 16)];
        for (size_t i = 8; i < 24; i += 5)
            out[i] = '-';
        if (!random_once_in(source, 4))
            for (size_t i = 0; i < 36; ++i)
                if (out[i] >= 'A' && out[i] <= 'F')
                    out[i] = (char)(out[i] - 'A' + 'a');
        return random_once_in(source, 20) ? 35 : 36;
    }
    if (random_once_in(source, 5))
        n = random_below(source, random_once_in(source, 10) ? STRATA_KEY_MAX_BYTES + 1 : 60);
    for (size_t i = 0; i < n; ++i)
        out[i] = bytes[random_below(source, sizeof bytes)];
    return n;
}

static int order_of(const char *a, size_t n_a, const char *b, size_t n_b)
{
    int order = memcmp(a, b, n_a < n_b ? n_a : n_b);
    return order ? order : (n_a > n_b) - (n_a < n_b);
}

static int sign(int value) { return (value > 0) - (value < 0); }

Test(key, round_trip_equality_and_order)
{
    struct random_source source = {.seed = 1};
    struct strata_key_arena arenas[2] = {0};
    static char a[STRATA_KEY_MAX_BYTES], b[STRATA_KEY_MAX_BYTES];
    for (int round = 0; round < 50000; ++round) {
        size_t n_a = random_id(&source, a), n_b = random_id(&source, b);
        if (random_once_in(&source, 4)) { /* the same, or the same but for the end */
            memcpy(b, a, n_a);
            n_b = random_once_in(&source, 2) || n_a == 0 ? n_a : n_a - 1;
        }
        struct strata_key key_a = encode(&arenas[0], a, n_a), key_b = encode(&arenas[1], b, n_b);
        assert_text(key_a, a, n_a);
        assert_text(key_b, b, n_b);
        int order = order_of(a, n_a, b, n_b);
        cr_assert_eq(strata_key_equal(key_a, key_b), order == 0, "round %d", round);
        cr_assert_eq(sign(strata_key_compare(key_a, key_b)), sign(order), "round %d", round);
        if (order == 0)
            cr_assert_eq(strata_key_hash(key_a), strata_key_hash(key_b));
    }
    strata_key_arena_release(&arenas[0]);
    strata_key_arena_release(&arenas[1]);
}

Test(key, every_length)
{
    struct strata_key_arena arena = {0};
    static char text[STRATA_KEY_MAX_BYTES];
    for (size_t n = 0; n <= STRATA_KEY_MAX_BYTES; n += n < 100 ? 1 : 37) {
        memset(text, 'x', n);
        assert_text(encode(&arena, text, n), text, n);
    }
    memset(text, 'y', sizeof text);
    assert_text(encode(&arena, text, sizeof text), text, sizeof text);
    strata_key_arena_release(&arena);
}

Test(key, digits_are_no_numbers)
{
    struct strata_key_arena arena = {0};
    const char *const ids[] = {"7", "07", "007", "7 ", "7.0", "+7", ""};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; ++i)
        for (size_t j = 0; j < sizeof ids / sizeof ids[0]; ++j)
            cr_assert_eq(strata_key_equal(encode(&arena, ids[i], strlen(ids[i])),
                                          encode(&arena, ids[j], strlen(ids[j]))),
                         i == j, "'%s' and '%s'", ids[i], ids[j]);
    cr_assert_eq(arena.n_bytes, 0, "short ids take memory");
    strata_key_arena_release(&arena);
}

Test(key, uuids)
{
    const struct {
        const char *text;
        bool is_in_place;
    } cases[] = {
        {"123e4567-e89b-12d3-a456-426614174000", true},   {"123E4567-E89B-12D3-A456-426614174000", true},
        {"00000000-0000-0000-8000-000000000000", true},   {"ffffffff-ffff-ffff-bfff-ffffffffffff", true},
        {"FFFFFFFF-FFFF-FFFF-BFFF-FFFFFFFFFFFF", true},   {"123e4567-e89b-12d3-a456-42661417400G", false},
        {"123E4567-e89b-12d3-a456-426614174000", false},  {"123e4567-e89b-12d3-c456-426614174000", false},
        {"123e4567-e89b-12d3-0456-426614174000", false},  {"123e4567+e89b-12d3-a456-426614174000", false},
        {"123e4567-e89b-12d3-a456-4266141740000", false},
    };
    struct strata_key_arena arena = {0};
    struct strata_key keys[sizeof cases / sizeof cases[0]];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        keys[i] = encode(&arena, cases[i].text, strlen(cases[i].text));
        assert_text(keys[i], cases[i].text, strlen(cases[i].text));
        cr_assert_eq(strata_key_is_long(keys[i]), !cases[i].is_in_place, "%s", cases[i].text);
        for (size_t j = 0; j < i; ++j)
            cr_assert_not(strata_key_equal(keys[i], keys[j]), "%s, %s", cases[i].text, cases[j].text);
    }
    strata_key_arena_release(&arena);
}

Test(key, digests)
{
    struct random_source source = {.seed = 2};
    struct strata_key_arena arena = {0};
    static char a[STRATA_KEY_MAX_BYTES], b[STRATA_KEY_MAX_BYTES];
    for (int round = 0; round < 20000; ++round) {
        size_t n_a = random_id(&source, a), n_b = random_id(&source, b);
        struct strata_key key_a = strata_key_digest(a, n_a), key_b = strata_key_digest(b, n_b);
        cr_assert_eq(key_a.high == key_b.high && key_a.low == key_b.low, order_of(a, n_a, b, n_b) == 0);
        struct strata_key encoded = encode(&arena, a, n_a);
        if (!strata_key_is_long(encoded))
            cr_assert(strata_key_equal(encoded, key_a), "what fits in place is the same key");
    }
    strata_key_arena_release(&arena);
}

static size_t numbered_id(char out[64], unsigned number)
{
    return (size_t)snprintf(out, 64, "a-customer-id-of-many-bytes-%08u", number);
}

/* A long id that comes again is the same copy; memory stays as it is. */
Test(key, long_ids_are_kept_once)
{
    enum { IDS = 20000 };
    struct strata_key_arena arena = {0};
    struct strata_key *first = calloc(IDS, sizeof *first);
    char text[64];
    for (unsigned i = 0; i < IDS; ++i)
        first[i] = encode(&arena, text, numbered_id(text, i));
    cr_assert_eq(arena.n_keys, IDS);
    size_t n_bytes = arena.n_bytes;
    for (int again = 0; again < 5; ++again)
        for (unsigned i = 0; i < IDS; ++i) {
            struct strata_key key = encode(&arena, text, numbered_id(text, i));
            cr_assert(key.high == first[i].high && key.low == first[i].low, "id %u", i);
        }
    cr_assert_eq(arena.n_bytes, n_bytes);
    cr_assert_eq(arena.n_keys, IDS);
    for (unsigned i = 0; i < IDS; ++i) {
        size_t n = numbered_id(text, i);
        assert_text(first[i], text, n);
    }
    free(first);
    strata_key_arena_release(&arena);
    cr_assert_eq(arena.n_bytes, 0);
    strata_key_arena_release(&arena);
}

/* The steps of the hash can be taken back. */
Test(key, comes_back_from_its_hash)
{
    struct random_source source = {.seed = 23};
    char id[STRATA_KEY_MAX_BYTES];
    for (int i = 0; i < 20000; ++i) {
        const size_t n = random_id(&source, id);
        struct strata_key_arena arena = {0};
        const struct strata_key key = encode(&arena, id, n);
        if (!strata_key_is_long(key)) {
            const struct strata_key again = strata_key_from_hash(strata_key_hash(key), key.low);
            cr_assert_eq(again.high, key.high);
            cr_assert_eq(again.low, key.low);
        }
        strata_key_arena_release(&arena);
    }
}
