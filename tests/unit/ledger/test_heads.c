#include "heads.h"

#include <criterion/criterion.h>
#include <string.h>

#include "random_source.h"

enum { MAX_ROWS = 200 };

/* Ids of all lengths, with zeros among their bytes; amounts and days around the borders of what is narrow. */
static struct strata_key random_key(struct random_source *source)
{
    char text[16] = {0};
    const size_t n = random_below(source, 16);
    for (size_t i = 0; i < n; ++i)
        text[i] = (char)(random_once_in(source, 6) ? 0 : '0' + random_below(source, 10));
    if (random_once_in(source, 20)) /* a reference to a text, whose address does not count */
        return (struct strata_key){random_below(source, 1 << 30), random_below(source, 4) << 8 | STRATA_KEY_LONG_TAG};
    return strata_key_from_short(text, n);
}

static int64_t random_amount(struct random_source *source)
{
    static const int64_t borders[] = {0, INT32_MAX, INT32_MIN, INT64_MAX / 2, INT64_MIN / 2};
    return borders[random_below(source, random_once_in(source, 8) ? 5 : 1)] + (int64_t)random_below(source, 5) - 2;
}

static int32_t random_day(struct random_source *source)
{
    static const int32_t borders[] = {20000, 0, UINT16_MAX, -700000, 2900000};
    return borders[random_below(source, random_once_in(source, 8) ? 5 : 1)] + (int32_t)random_below(source, 5) - 2;
}

/* A narrow head holds what it is made of. */
static void check_head(struct strata_ledger_narrow head, struct strata_key key, int64_t amount, int32_t day)
{
    const uint16_t suffix = strata_ledger_narrow_suffix(head);
    const struct strata_key again = strata_key_from_hash(head.hash, strata_ledger_low(suffix));
    cr_assert_eq(again.high, key.high);
    cr_assert_eq(again.low, key.low);
    cr_assert_eq(strata_ledger_narrow_amount(head), amount);
    cr_assert_eq(strata_ledger_narrow_day(head), day);
}

Test(heads, hold_their_rows_and_are_the_same_in_all_variants)
{
    struct random_source source = {.seed = 5};
    const struct strata_ledger_heads_variant *variant;
    const size_t n_variants = strata_ledger_heads_variants(&variant);
    size_t n_narrow = 0, n_wide = 0;
    cr_assert_str_eq(variant[n_variants - 1].name, "portable");
    for (int round = 0; round < 500; ++round) {
        struct strata_key customer[MAX_ROWS];
        int64_t amount[MAX_ROWS];
        int32_t day[MAX_ROWS];
        for (size_t i = 0; i < MAX_ROWS; ++i) {
            customer[i] = random_key(&source);
            amount[i] = random_amount(&source);
            day[i] = random_day(&source);
        }
        const struct strata_batch batch = {.customer = customer, .amount = amount, .day = day};
        const size_t n = 1 + random_below(&source, STRATA_HEADS), first = random_below(&source, MAX_ROWS - n + 1);
        struct strata_ledger_heads wanted;
        variant[n_variants - 1].make(&batch, first, n, &wanted);
        for (size_t i = 0; i < n; ++i) {
            const bool is_wide = wanted.wide >> i & 1;
            cr_assert_eq(wanted.narrow[i].hash, strata_key_hash(customer[first + i]));
            if (!is_wide)
                check_head(wanted.narrow[i], customer[first + i], amount[first + i], day[first + i]);
            n_wide += is_wide;
            n_narrow += !is_wide;
        }
        for (size_t v = 0; v + 1 < n_variants; ++v) {
            struct strata_ledger_heads found;
            variant[v].make(&batch, first, n, &found);
            cr_assert_eq(found.wide, wanted.wide, "%s", variant[v].name);
            cr_assert_eq(memcmp(found.narrow, wanted.narrow, n * sizeof *found.narrow), 0, "%s", variant[v].name);
        }
    }
    cr_assert(n_narrow > 1000 && n_wide > 1000, "%zu narrow, %zu wide", n_narrow, n_wide);
}
