#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "random.h"

/* A plain copy of every transaction, and of what grouping gives back. */
struct entry {
    struct strata_key customer;
    int32_t day;
    int64_t amount;
};

struct seen {
    struct strata_key customer;
    size_t n_purchases, n_orders, n_returns, n_channels;
    int64_t spent, returned;
    int32_t first, last;
    bool is_ordered;
};

struct collector {
    size_t n, room, n_reserved, n_prepared;
    struct seen *seen; /* n */
};

static enum strata_status reserve(void *context, size_t n_customers, struct strata_error *err)
{
    (void)err;
    struct collector *collector = context;
    cr_assert_gt(n_customers, collector->room);
    struct seen *moved = calloc(n_customers, sizeof *moved);
    if (collector->n)
        memcpy(moved, collector->seen, collector->n * sizeof *moved);
    free(collector->seen);
    collector->seen = moved;
    collector->room = n_customers;
    ++collector->n_reserved;
    return STRATA_OK;
}

static enum strata_status add(void *context, size_t n, struct strata_error *err)
{
    (void)err;
    struct collector *collector = context;
    cr_assert_gt(n, 0u);
    cr_assert_leq(n, collector->room - collector->n);
    collector->n += n;
    return STRATA_OK;
}

static void prepare(void *context, size_t n_customers)
{
    struct collector *collector = context;
    cr_assert_geq(n_customers, collector->n_prepared);
    collector->n_prepared = n_customers;
}

static void visit(void *context, size_t index, struct strata_key id, const struct strata_history *history)
{
    struct seen *seen = &((struct collector *)context)->seen[index];
    seen->customer = id;
    seen->n_purchases = history->n_purchases;
    seen->n_orders = history->n_orders;
    seen->n_returns = history->n_returns;
    seen->n_channels = history->n_channels;
    seen->is_ordered = true;
    for (size_t i = 0; i < history->n_purchases; ++i) {
        seen->spent += history->amount[i];
        seen->is_ordered = seen->is_ordered && history->amount[i] >= 0;
        seen->is_ordered = seen->is_ordered && (i == 0 || history->day[i - 1] <= history->day[i]);
    }
    for (size_t i = 0; i < history->n_returns; ++i)
        seen->returned += history->return_amount[i];
    for (size_t i = 1; i < history->n_orders; ++i)
        seen->is_ordered = seen->is_ordered && history->order_day[i - 1] <= history->order_day[i];
    if (history->n_purchases) {
        seen->first = history->day[0];
        seen->last = history->day[history->n_purchases - 1];
    }
}

enum { MAX_ROWS = 60000, BATCH = 512 };

static const struct strata_ledger_filter everything = {.first_day = INT32_MIN, .last_day = INT32_MAX};

/* Feed the entries, batch i to thread i modulo threads, and group them. */
static struct collector collect(const struct entry *entry, size_t n_entries, int threads)
{
    struct strata_ledger ledger;
    struct strata_error err = {0};
    struct collector collector = {0};
    const struct strata_ledger_options options = {.threads = threads, .n_origins = 1};
    cr_assert_eq(strata_ledger_init(&ledger, &options, &err), STRATA_OK);
    struct strata_key key[BATCH];
    int32_t day[BATCH];
    int64_t amount[BATCH];
    for (size_t from = 0; from < n_entries; from += BATCH) {
        size_t n = n_entries - from < BATCH ? n_entries - from : BATCH;
        for (size_t i = 0; i < n; ++i) {
            key[i] = entry[from + i].customer;
            day[i] = entry[from + i].day;
            amount[i] = entry[from + i].amount;
        }
        const struct strata_batch batch = {.n_rows = (uint32_t)n, .customer = key, .day = day, .amount = amount};
        cr_assert_eq(strata_ledger_append(&ledger, (int)(from / BATCH) % threads, &batch, &err), STRATA_OK);
    }
    cr_assert_eq(strata_ledger_rows(&ledger), n_entries);
    const struct strata_ledger_visitor visitor = {&collector, reserve, add, visit, prepare};
    cr_assert_eq(strata_ledger_group(&ledger, &everything, &visitor, NULL, NULL, NULL, &err), STRATA_OK);
    strata_ledger_release(&ledger);
    return collector;
}

static struct seen *group(const struct entry *entry, size_t n_entries, int threads, size_t *n_customers)
{
    const struct collector collector = collect(entry, n_entries, threads);
    *n_customers = collector.n;
    return collector.seen;
}

static struct entry *random_entries(size_t n, size_t n_customers, uint64_t seed)
{
    struct entry *entry = calloc(n, sizeof *entry);
    for (size_t i = 0; i < n; ++i) {
        char id[16];
        double whale = strata_uniform_at(seed, 1, i);
        size_t customer = whale < 0.1 ? 0 : (size_t)(strata_uniform_at(seed, 2, i) * (double)n_customers);
        static const char *const formats[] = {"C%zu", "C%08zu", "C%09zu", "customer%zu"};
        int length = snprintf(id, sizeof id, formats[customer % 4], customer);
        if (customer % 11 == 0)
            id[length - 1] = '\0'; /* a byte like any other */
        entry[i].customer = strata_key_from_short(id, (size_t)length);
        entry[i].day = (int32_t)(strata_uniform_at(seed, 3, i) * 1000);
        entry[i].amount = (int64_t)(strata_uniform_at(seed, 4, i) * 1000) - 50;
        if (i % 50 == 0)
            entry[i].amount *= (int64_t)1 << 33; /* beyond a narrow row */
        if (i % 70 == 0)
            entry[i].day += i % 4 ? 70000 : -5000; /* too */
    }
    return entry;
}

static int by_customer(const void *a, const void *b)
{
    return strata_key_compare(((const struct entry *)a)->customer, ((const struct entry *)b)->customer);
}

/* Every customer's counts, sums and days are those of a plain sort. */
Test(ledger, agrees_with_a_sort)
{
    struct entry *entry = random_entries(MAX_ROWS, 5000, 11);
    size_t n_customers;
    struct seen *seen = group(entry, MAX_ROWS, 3, &n_customers);
    qsort(entry, MAX_ROWS, sizeof *entry, by_customer);
    size_t n_distinct = 0;
    for (size_t i = 0; i < MAX_ROWS;) {
        struct seen expected = {.customer = entry[i].customer, .first = INT32_MAX, .last = INT32_MIN};
        for (; i < MAX_ROWS && strata_key_equal(entry[i].customer, expected.customer); ++i) {
            if (entry[i].amount < 0) {
                ++expected.n_returns;
                expected.returned += entry[i].amount;
                continue;
            }
            ++expected.n_purchases;
            expected.spent += entry[i].amount;
            expected.first = entry[i].day < expected.first ? entry[i].day : expected.first;
            expected.last = entry[i].day > expected.last ? entry[i].day : expected.last;
        }
        ++n_distinct;
        size_t found = 0;
        while (found < n_customers && !strata_key_equal(seen[found].customer, expected.customer))
            ++found;
        cr_assert(found < n_customers);
        cr_assert(seen[found].is_ordered);
        cr_assert_eq(seen[found].n_purchases, expected.n_purchases);
        cr_assert_eq(seen[found].n_returns, expected.n_returns);
        cr_assert_eq(seen[found].spent, expected.spent);
        cr_assert_eq(seen[found].returned, expected.returned);
        if (expected.n_purchases) {
            cr_assert_eq(seen[found].first, expected.first);
            cr_assert_eq(seen[found].last, expected.last);
        }
    }
    cr_assert_eq(n_customers, n_distinct);
    free(seen);
    free(entry);
}

/* Neither the threads nor the order of the rows show. */
Test(ledger, order_of_customers_is_canonical)
{
    struct entry *entry = random_entries(MAX_ROWS, 5000, 12);
    size_t n_one, n_other;
    struct seen *one = group(entry, MAX_ROWS, 1, &n_one);
    for (int threads = 2; threads <= 8; threads += 3) {
        for (size_t i = 0; i < MAX_ROWS / 2; ++i) {
            struct entry swapped = entry[i];
            entry[i] = entry[MAX_ROWS - 1 - i];
            entry[MAX_ROWS - 1 - i] = swapped;
        }
        struct seen *other = group(entry, MAX_ROWS, threads, &n_other);
        cr_assert_eq(n_one, n_other);
        for (size_t i = 0; i < n_one; ++i) {
            cr_assert(strata_key_equal(one[i].customer, other[i].customer));
            cr_assert_eq(one[i].spent, other[i].spent);
        }
        free(other);
    }
    for (size_t i = 1; i < n_one; ++i) {
        uint64_t a = strata_key_hash(one[i - 1].customer) >> (64 - STRATA_LEDGER_BUCKET_BITS);
        uint64_t b = strata_key_hash(one[i].customer) >> (64 - STRATA_LEDGER_BUCKET_BITS);
        cr_assert(a < b || (a == b && strata_key_compare(one[i - 1].customer, one[i].customer) < 0));
    }
    free(one);
    free(entry);
}

/* One customer, seven rows in two files: orders, channels, days and duplicates by hand. */
struct by_hand {
    struct strata_ledger ledger;
    struct strata_ledger_account account[2];
    struct collector collector;
};

static void append_by_hand(struct by_hand *hand, unsigned fields)
{
    static const int32_t day[] = {10, 10, 12, 40, 10, 41, 10};
    static const int64_t amount[] = {100, 200, 300, 50, 100, -70, 100};
    static const char *const order[] = {"A", "A", "A", "B", "A", "R", "A"};
    static const uint64_t channel[] = {1, 1, STRATA_NO_VALUE, 2, 1, 1, STRATA_NO_VALUE};
    static const uint64_t fingerprint[] = {1, 2, 3, 4, 1, 6, 1};
    struct strata_error err = {0};
    const struct strata_ledger_options options = {.threads = 1, .fields = fields, .n_origins = 2};
    cr_assert_eq(strata_ledger_init(&hand->ledger, &options, &err), STRATA_OK);
    for (uint32_t i = 0; i < 7; ++i) {
        const struct strata_key customer = strata_key_from_short("x", 1);
        const struct strata_key order_key = strata_key_from_short(order[i], 1);
        const struct strata_fingerprint print = {0, fingerprint[i]};
        const struct strata_batch batch = {
            .n_rows = 1,
            .origin = i >= 4,
            .customer = &customer,
            .day = &day[i],
            .amount = &amount[i],
            .order = &order_key,
            .channel = &channel[i],
            .fingerprint = &print,
        };
        cr_assert_eq(strata_ledger_append(&hand->ledger, 0, &batch, &err), STRATA_OK);
    }
}

static struct seen group_by_hand(struct by_hand *hand, const struct strata_ledger_filter *filter)
{
    struct strata_error err = {0};
    const struct strata_ledger_visitor visitor = {&hand->collector, reserve, add, visit, NULL};
    cr_assert_eq(strata_ledger_group(&hand->ledger, filter, &visitor, hand->account, NULL, NULL, &err), STRATA_OK);
    struct seen *all = hand->collector.seen, seen = all ? *all : (struct seen){0};
    free(all);
    strata_ledger_release(&hand->ledger);
    return seen;
}

Test(ledger, orders_and_channels)
{
    struct by_hand hand = {0};
    append_by_hand(&hand, STRATA_HAS_ORDER | STRATA_HAS_CHANNEL);
    struct seen seen = group_by_hand(&hand, &everything);
    cr_assert_eq(seen.n_purchases, 6u);
    cr_assert_eq(seen.n_orders, 2u);
    cr_assert_eq(seen.n_returns, 1u);
    cr_assert_eq(seen.n_channels, 2u);
    cr_assert_eq(seen.spent, 850);
}

Test(ledger, duplicates_are_charged_to_the_later_file)
{
    struct by_hand hand = {0};
    const struct strata_ledger_filter filter = {INT32_MIN, INT32_MAX, true};
    append_by_hand(&hand, STRATA_HAS_ORDER | STRATA_HAS_ORIGIN | STRATA_HAS_FINGERPRINT);
    struct seen seen = group_by_hand(&hand, &filter);
    cr_assert_eq(seen.n_purchases, 4u);
    cr_assert_eq(seen.spent, 650);
    cr_assert_eq(hand.account[0].duplicate_rows, 0u);
    cr_assert_eq(hand.account[1].duplicate_rows, 2u);
    cr_assert(hand.account[1].duplicate_amount == 200);
}

Test(ledger, days_outside_are_left_out_per_file)
{
    struct by_hand hand = {0};
    const struct strata_ledger_filter filter = {11, 40, false};
    append_by_hand(&hand, STRATA_HAS_ORIGIN);
    struct seen seen = group_by_hand(&hand, &filter);
    cr_assert_eq(seen.n_purchases, 2u);
    cr_assert_eq(seen.spent, 350);
    cr_assert_eq(hand.account[0].excluded_rows, 2u);
    cr_assert_eq(hand.account[1].excluded_rows, 3u);
    cr_assert(hand.account[0].excluded_amount == 300 && hand.account[1].excluded_amount == 130);
}

Test(ledger, nothing_left_is_no_customer)
{
    struct by_hand hand = {0};
    const struct strata_ledger_filter filter = {1000, 2000, false};
    append_by_hand(&hand, STRATA_HAS_ORIGIN);
    struct seen seen = group_by_hand(&hand, &filter);
    cr_assert_eq(seen.n_purchases + seen.n_returns, 0u);
}

static enum strata_status refuse(void *context, size_t n, struct strata_error *err)
{
    (void)context, (void)n;
    return strata_fail(err, STRATA_MEMORY, "refused");
}

static void check_refused(const struct strata_ledger_visitor *visitor)
{
    struct strata_ledger ledger;
    struct strata_error err = {0};
    const struct strata_ledger_options options = {.threads = 2, .n_origins = 1};
    cr_assert_eq(strata_ledger_init(&ledger, &options, &err), STRATA_OK);
    struct entry *entry = random_entries(1000, 100, 13);
    for (size_t i = 0; i < 1000; ++i) {
        const struct strata_batch batch = {.n_rows = 1,
                                           .customer = &entry[i].customer,
                                           .day = &entry[i].day,
                                           .amount = &entry[i].amount};
        cr_assert_eq(strata_ledger_append(&ledger, (int)(i % 2), &batch, &err), STRATA_OK);
    }
    cr_assert_eq(strata_ledger_group(&ledger, &everything, visitor, NULL, NULL, NULL, &err), STRATA_MEMORY);
    cr_assert_str_eq(err.message, "refused");
    strata_ledger_release(&ledger);
    free(entry);
}

Test(ledger, a_visitor_that_fails_ends_the_grouping)
{
    struct collector collector = {0};
    check_refused(&(struct strata_ledger_visitor){.reserve = refuse, .add = add, .customer = visit});
    check_refused(
        &(struct strata_ledger_visitor){.context = &collector, .reserve = reserve, .add = refuse, .customer = visit});
    free(collector.seen);
}

/* Does the key go to one of the first partitions, by which the number of customers is estimated? */
static bool is_in_sample(struct strata_key key)
{
    return strata_key_hash(key) >> (64 - STRATA_LEDGER_PARTITION_BITS) < STRATA_LEDGER_PARTITIONS / 64;
}

/* A log whose customers are almost all behind the first partitions: more room than was expected is needed while others
 * visit, and all is there in the end. */
Test(ledger, more_customers_than_expected)
{
    enum { N = 40000 };
    struct entry *entry = random_entries(N, N, 19), *kept = calloc(N, sizeof *kept);
    size_t n = 0, n_sampled = 0;
    for (size_t i = 0; i < N; ++i) {
        n_sampled += is_in_sample(entry[i].customer);
        if (!is_in_sample(entry[i].customer) || n_sampled == 1)
            kept[n++] = entry[i];
    }
    const struct collector collector = collect(kept, n, 3);
    cr_assert_gt(collector.n_reserved, 1u);
    qsort(kept, n, sizeof *kept, by_customer);
    size_t n_distinct = 0, n_rows = 0;
    for (size_t i = 0; i < n; ++i)
        n_distinct += i == 0 || !strata_key_equal(kept[i].customer, kept[i - 1].customer);
    cr_assert_eq(collector.n, n_distinct);
    for (size_t i = 0; i < collector.n; ++i)
        n_rows += collector.seen[i].n_purchases + collector.seen[i].n_returns;
    cr_assert_eq(n_rows, n);
    free(collector.seen);
    free(kept);
    free(entry);
}

/* Very many rows of one customer, over more days than a purchase log has, in no order. */
Test(ledger, one_customer_over_all_of_the_calendar)
{
    enum { N = 20000 };
    struct entry *entry = random_entries(N, 1, 17);
    struct seen wanted = {.first = INT32_MAX, .last = INT32_MIN};
    for (size_t i = 0; i < N; ++i) {
        entry[i].customer = entry[0].customer;
        entry[i].day = (int32_t)(strata_uniform_at(17, 5, i) * 3.6e6) - 719162;
        const bool is_purchase = entry[i].amount >= 0;
        *(is_purchase ? &wanted.spent : &wanted.returned) += entry[i].amount;
        wanted.n_purchases += is_purchase;
        wanted.n_returns += !is_purchase;
        wanted.first = is_purchase && entry[i].day < wanted.first ? entry[i].day : wanted.first;
        wanted.last = is_purchase && entry[i].day > wanted.last ? entry[i].day : wanted.last;
    }
    for (int threads = 1; threads <= 3; ++threads) {
        size_t n_customers;
        struct seen *seen = group(entry, N, threads, &n_customers);
        cr_assert_eq(n_customers, 1u);
        cr_assert(seen->is_ordered);
        cr_assert_eq(seen->n_purchases, wanted.n_purchases);
        cr_assert_eq(seen->n_returns, wanted.n_returns);
        cr_assert_eq(seen->spent, wanted.spent);
        cr_assert_eq(seen->returned, wanted.returned);
        cr_assert_eq(seen->first, wanted.first);
        cr_assert_eq(seen->last, wanted.last);
        free(seen);
    }
    free(entry);
}
