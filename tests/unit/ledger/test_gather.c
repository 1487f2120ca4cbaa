#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "gather.h"
#include "ledger.h"
#include "random_source.h"

enum { MOST = 50000 };

static struct strata_key order_key(uint64_t number)
{
    char id[24];
    return strata_key_from_short(id, (size_t)snprintf(id, sizeof id, "%llu", (unsigned long long)number));
}

static int compare_values(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static size_t count_changes(const uint64_t *value, size_t n)
{
    size_t changes = n > 0;
    for (size_t i = 1; i < n; ++i)
        changes += value[i] != value[i - 1];
    return changes;
}

/* Gathered and sorted they are the same values, and change as often. */
static void check_values(size_t n, uint64_t n_different, uint64_t factor)
{
    static uint64_t value[MOST], wanted[MOST];
    struct random_source source = {.seed = n + n_different};
    for (size_t i = 0; i < n; ++i)
        value[i] = wanted[i] = random_below(&source, n_different) * factor;
    strata_gather_values(value, n);
    qsort(wanted, n, sizeof *wanted, compare_values);
    cr_assert_eq(count_changes(value, n), count_changes(wanted, n), "%zu values", n);
    qsort(value, n, sizeof *value, compare_values);
    cr_assert_arr_eq(value, wanted, n * sizeof *value);
}

Test(gather, values)
{
    static const uint64_t factors[] = {0x9E3779B97F4A7C15u, 1, (uint64_t)1 << 48};
    for (size_t n = 0; n <= MOST; n = n * 3 + 1)
        for (uint64_t n_different = 1; n_different <= MOST; n_different *= 7)
            for (size_t f = 0; f < sizeof factors / sizeof *factors; ++f)
                check_values(n, n_different, factors[f]);
}

static int compare_orders(const void *a, const void *b)
{
    const struct strata_history_order *x = a, *y = b;
    const int order = strata_key_compare(x->key, y->key);
    return order ? order : (x->amount > y->amount) - (x->amount < y->amount);
}

Test(gather, orders)
{
    static struct strata_history_order order[MOST], wanted[MOST];
    for (size_t n = 0; n <= MOST; n = n * 3 + 1)
        for (uint64_t n_different = 1; n_different <= MOST; n_different *= 7) {
            struct random_source source = {.seed = n + n_different};
            size_t changes = 0, wanted_changes = 0;
            for (size_t i = 0; i < n; ++i)
                order[i] = wanted[i] =
                    (struct strata_history_order){.key = order_key(random_below(&source, n_different)),
                                                  .amount = (int64_t)i,
                                                  .day = (int32_t)i};
            strata_gather_orders(order, n);
            qsort(wanted, n, sizeof *wanted, compare_orders);
            for (size_t i = 1; i < n; ++i) {
                changes += !strata_key_equal(order[i].key, order[i - 1].key);
                wanted_changes += !strata_key_equal(wanted[i].key, wanted[i - 1].key);
            }
            cr_assert_eq(changes, wanted_changes, "%zu orders", n);
            qsort(order, n, sizeof *order, compare_orders);
            for (size_t i = 0; i < n; ++i)
                cr_assert(strata_key_equal(order[i].key, wanted[i].key) && order[i].amount == wanted[i].amount &&
                          order[i].day == wanted[i].day);
        }
}

/* What the history of one customer with very many rows says of orders, channels and categories. */
enum { ROWS = 30000, BATCH = 3000, ORDERS = 7000, CHANNELS = 5, CATEGORIES = 900 };

struct expected {
    int64_t amount[ORDERS];
    int32_t day[ORDERS];
    size_t n_orders;
};

static struct expected expected;

static enum strata_status expect_one(void *context, size_t n, struct strata_error *err)
{
    (void)context, (void)err;
    cr_assert_geq(n, 1u);
    return STRATA_OK;
}

static int compare_pairs(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    if (x[0] != y[0])
        return x[0] < y[0] ? -1 : 1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

static void check_history(void *context, size_t index, struct strata_key id, const struct strata_history *history)
{
    static int64_t found[ORDERS][2], wanted[ORDERS][2];
    (void)context;
    (void)index, (void)id;
    size_t n = 0;
    for (size_t o = 0; o < ORDERS; ++o)
        if (expected.day[o] != INT32_MAX) {
            wanted[n][0] = expected.day[o];
            wanted[n++][1] = expected.amount[o];
        }
    cr_assert_eq(history->n_orders, n);
    cr_assert_eq(history->n_channels, (size_t)CHANNELS);
    cr_assert_eq(history->n_categories, (size_t)CATEGORIES);
    for (size_t i = 0; i < n; ++i) {
        cr_assert(i == 0 || history->order_day[i - 1] <= history->order_day[i]);
        found[i][0] = history->order_day[i];
        found[i][1] = history->order_amount[i];
    }
    qsort(found, n, sizeof *found, compare_pairs);
    qsort(wanted, n, sizeof *wanted, compare_pairs);
    cr_assert_arr_eq(found, wanted, n * sizeof *wanted);
}

static void check_large_customer(uint64_t n_days)
{
    static struct strata_key customer[BATCH], order[BATCH];
    static int32_t day[BATCH];
    static int64_t amount[BATCH];
    static uint64_t channel[BATCH], category[BATCH];
    struct random_source source = {.seed = 5};
    struct strata_ledger ledger;
    struct strata_error err = {0};
    const struct strata_ledger_options options = {.threads = 1,
                                                  .fields = STRATA_HAS_ORDER | STRATA_HAS_CHANNEL | STRATA_HAS_CATEGORY,
                                                  .n_origins = 1};
    const struct strata_ledger_filter everything = {INT32_MIN, INT32_MAX, false};
    const struct strata_ledger_visitor visitor = {NULL, expect_one, expect_one, check_history, NULL};
    for (size_t o = 0; o < ORDERS; ++o) {
        expected.day[o] = INT32_MAX;
        expected.amount[o] = 0;
    }
    cr_assert_eq(strata_ledger_init(&ledger, &options, &err), STRATA_OK);
    for (size_t row = 0; row < ROWS; row += BATCH) {
        for (size_t i = 0; i < BATCH; ++i) {
            const uint64_t number = random_below(&source, ORDERS);
            customer[i] = order_key(1);
            order[i] = order_key(number);
            day[i] = (int32_t)random_below(&source, n_days) - 1000;
            amount[i] = (int64_t)random_below(&source, 1000) - 100;
            channel[i] = (random_below(&source, CHANNELS) + 1) * 0x9E3779B97F4A7C15u;
            category[i] = (random_below(&source, CATEGORIES) + 1) * 0x9E3779B97F4A7C15u;
            if (amount[i] < 0)
                continue;
            expected.amount[number] += amount[i];
            expected.day[number] = day[i] < expected.day[number] ? day[i] : expected.day[number];
        }
        const struct strata_batch batch = {.n_rows = BATCH,
                                           .customer = customer,
                                           .day = day,
                                           .amount = amount,
                                           .order = order,
                                           .channel = channel,
                                           .category = category};
        cr_assert_eq(strata_ledger_append(&ledger, 0, &batch, &err), STRATA_OK);
    }
    cr_assert_eq(strata_ledger_group(&ledger, &everything, &visitor, NULL, NULL, NULL, &err), STRATA_OK, "%s",
                 err.message);
    strata_ledger_release(&ledger);
}

Test(gather, a_customer_with_very_many_rows)
{
    check_large_customer(730);
    check_large_customer(1);
    check_large_customer(3000000); /* more days than rows */
}
