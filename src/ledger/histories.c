#include "histories.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "gather.h"
#include "memory.h"

enum { INSERTION_LIMIT = 32, RADIX_MINIMUM = 2048, DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

void strata_history_builder_release(struct strata_history_builder *builder)
{
    free(builder->order_day);
    free(builder->order_amount);
    free(builder->order);
    free(builder->value);
    free(builder->row);
    free(builder->spare);
    *builder = (struct strata_history_builder){0};
}

enum strata_status strata_history_builder_reserve(struct strata_history_builder *builder,
                                                  const struct strata_ledger_layout *layout, size_t n_rows,
                                                  struct strata_error *err)
{
    if (n_rows <= builder->capacity)
        return STRATA_OK;
    const size_t n = n_rows + n_rows / 8 + 64;
    const bool has_orders = layout->order >= 0, has_values = layout->channel >= 0 || layout->category >= 0;
    strata_history_builder_release(builder);
    builder->row = strata_malloc_array(n, sizeof *builder->row);
    builder->spare = strata_malloc_array(n, sizeof *builder->spare);
    bool is_complete = builder->row && builder->spare;
    if (has_orders) {
        builder->order_day = strata_malloc_array(n, sizeof *builder->order_day);
        builder->order_amount = strata_malloc_array(n, sizeof *builder->order_amount);
        builder->order = strata_malloc_array(n, sizeof *builder->order);
        is_complete = is_complete && builder->order_day && builder->order_amount && builder->order;
    }
    if (has_values) {
        builder->value = strata_malloc_array(n, sizeof *builder->value);
        is_complete = is_complete && builder->value;
    }
    if (!is_complete)
        return strata_fail_memory(err, "the history of one customer", n, sizeof *builder->spare);
    builder->capacity = n;
    return STRATA_OK;
}

uint64_t strata_history_builder_bytes(const struct strata_ledger_layout *layout, size_t n_rows)
{
    const struct strata_history_builder *builder = NULL;
    size_t row = 2 * sizeof *builder->row;
    if (layout->order >= 0)
        row += sizeof *builder->order_day + sizeof *builder->order_amount + sizeof *builder->order;
    if (layout->channel >= 0 || layout->category >= 0)
        row += sizeof *builder->value;
    return n_rows * (uint64_t)row;
}

static void insertion_sort(struct strata_history_row *row, size_t n)
{
    for (size_t i = 1; i < n; ++i) {
        struct strata_history_row moving = row[i];
        size_t at = i;
        for (; at > 0 && moving.day < row[at - 1].day; --at)
            row[at] = row[at - 1];
        row[at] = moving;
    }
}

/* Where the ascending run that begins at `from` ends. */
static size_t run_end(const struct strata_history_row *row, size_t n, size_t from)
{
    size_t end = from + 1;
    while (end < n && row[end - 1].day <= row[end].day)
        ++end;
    return end < n ? end : n;
}

/* Merge neighbouring runs from `row` into `spare`. Returns how many runs there are afterwards. */
static size_t merge_runs(const struct strata_history_row *row, struct strata_history_row *spare, size_t n)
{
    size_t n_runs = 0;
    for (size_t from = 0; from < n; ++n_runs) {
        size_t half = run_end(row, n, from), end = half < n ? run_end(row, n, half) : n;
        size_t left = from, right = half;
        for (size_t out = from; out < end; ++out)
            spare[out] = right == end || (left < half && row[left].day <= row[right].day) ? row[left++] : row[right++];
        from = end;
    }
    return n_runs;
}

/* One stable pass over the digit of the days since `first` that begins at bit `shift`. */
static void distribute(const struct strata_history_row *row, struct strata_history_row *to, size_t n, int32_t first,
                       int shift)
{
    size_t next[DIGITS] = {0};
    for (size_t i = 0; i < n; ++i)
        ++next[(uint32_t)(row[i].day - first) >> shift & (DIGITS - 1)];
    for (size_t d = 0, at = 0; d < DIGITS; ++d) {
        size_t count = next[d];
        next[d] = at;
        at += count;
    }
    for (size_t i = 0; i < n; ++i)
        to[next[(uint32_t)(row[i].day - first) >> shift & (DIGITS - 1)]++] = row[i];
}

/* A few years are one pass. */
static struct strata_history_row *radix_sort(struct strata_history_row *row, struct strata_history_row *spare, size_t n)
{
    int32_t first = row[0].day, last = row[0].day;
    for (size_t i = 1; i < n; ++i) {
        first = row[i].day < first ? row[i].day : first;
        last = row[i].day > last ? row[i].day : last;
    }
    for (int shift = 0; (uint32_t)(last - first) >> shift; shift += DIGIT_BITS) {
        distribute(row, spare, n, first, shift);
        struct strata_history_row *sorted = spare;
        spare = row;
        row = sorted;
    }
    return row;
}

/* The rows by day, in `row` or in `spare`. Files that follow each other give few ascending runs, so merging them costs
 * little; very many rows are spread over their days instead. */
static struct strata_history_row *sort_by_day(struct strata_history_row *row, struct strata_history_row *spare,
                                              size_t n)
{
    if (run_end(row, n, 0) == n)
        return row;
    if (n <= INSERTION_LIMIT) {
        insertion_sort(row, n);
        return row;
    }
    if (n >= RADIX_MINIMUM)
        return radix_sort(row, spare, n);
    for (size_t n_runs = 2; n_runs > 1;) {
        n_runs = merge_runs(row, spare, n);
        struct strata_history_row *merged = spare;
        spare = row;
        row = merged;
    }
    return row;
}

/* The optional fields of a customer's rows, by number. */
struct optional {
    const char *first;
    const struct strata_ledger_layout *layout;
};

static const char *optional_of(const struct optional *optional, const struct strata_history_row *row)
{
    return optional->first + (size_t)row->number * (size_t)optional->layout->n_bytes;
}

static int compare_duplicates(const void *a, const void *b, void *context)
{
    const struct strata_history_row *x = a, *y = b;
    const struct optional *optional = context;
    const struct strata_ledger_layout *layout = optional->layout;
    const char *of_x = optional_of(optional, x), *of_y = optional_of(optional, y);
    int order = memcmp(of_x + layout->fingerprint, of_y + layout->fingerprint, sizeof(struct strata_fingerprint));
    if (order)
        return order;
    uint32_t origin_x, origin_y;
    memcpy(&origin_x, of_x + layout->origin, sizeof origin_x);
    memcpy(&origin_y, of_y + layout->origin, sizeof origin_y);
    return (origin_x > origin_y) - (origin_x < origin_y);
}

/* Duplicates are of one day: inside each day sort by fingerprint and origin. */
static void sort_days(struct strata_history_row *row, size_t n, struct optional *optional)
{
    for (size_t from = 0, end; from < n; from = end) {
        for (end = from + 1; end < n && row[end].day == row[from].day;)
            ++end;
        if (end - from > 1)
            qsort_r(row + from, end - from, sizeof *row, compare_duplicates, optional);
    }
}

/* Rows by day: keep the first of each fingerprint. Returns how many remain. */
static size_t drop_duplicates(struct strata_history_row *row, size_t n, struct optional *optional,
                              struct strata_ledger_account *account)
{
    const struct strata_ledger_layout *layout = optional->layout;
    sort_days(row, n, optional);
    size_t kept = 0;
    for (size_t i = 0; i < n; ++i) {
        const char *fields = optional_of(optional, &row[i]);
        if (kept && memcmp(fields + layout->fingerprint, optional_of(optional, &row[kept - 1]) + layout->fingerprint,
                           sizeof(struct strata_fingerprint)) == 0) {
            uint32_t origin;
            memcpy(&origin, fields + layout->origin, sizeof origin);
            ++account[origin].duplicate_rows;
            account[origin].duplicate_amount += row[i].amount;
            continue;
        }
        row[kept++] = row[i];
    }
    return kept;
}

static int compare_order_keys(const void *a, const void *b)
{
    const struct strata_history_order *x = a, *y = b;
    if (x->key.high != y->key.high)
        return x->key.high < y->key.high ? -1 : 1;
    return (x->key.low > y->key.low) - (x->key.low < y->key.low);
}

static int compare_order_days(const void *a, const void *b)
{
    const struct strata_history_order *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

static void sort_orders(struct strata_history_order *order, size_t n, int (*compare)(const void *, const void *))
{
    if (n > INSERTION_LIMIT) {
        qsort(order, n, sizeof *order, compare);
        return;
    }
    for (size_t i = 1; i < n; ++i) {
        struct strata_history_order moving = order[i];
        size_t at = i;
        for (; at > 0 && compare(&moving, &order[at - 1]) < 0; --at)
            order[at] = order[at - 1];
        order[at] = moving;
    }
}

/* Purchases only, so it can only pass the upper end. */
static void add_saturating(int64_t *sum, int64_t amount)
{
    if (__builtin_add_overflow(*sum, amount, sum))
        *sum = INT64_MAX;
}

/* Very many orders into the places that their days have; false if these days are too many to be counted in the memory
 * that rows were sorted with. */
static bool distribute_orders(struct strata_history_builder *builder, size_t n)
{
    const struct strata_history_order *order = builder->order;
    size_t *next = (size_t *)builder->spare;
    int32_t first = order[0].day, last = order[0].day;
    for (size_t i = 1; i < n; ++i) {
        first = order[i].day < first ? order[i].day : first;
        last = order[i].day > last ? order[i].day : last;
    }
    const size_t n_days = (size_t)((int64_t)last - first + 1);
    if (n_days > builder->capacity)
        return false;
    memset(next, 0, n_days * sizeof *next);
    for (size_t i = 0; i < n; ++i)
        ++next[order[i].day - first];
    for (size_t d = 0, at = 0; d < n_days; ++d) {
        size_t count = next[d];
        next[d] = at;
        at += count;
    }
    for (size_t i = 0; i < n; ++i) {
        const size_t at = next[order[i].day - first]++;
        builder->order_day[at] = order[i].day;
        builder->order_amount[at] = order[i].amount;
    }
    return true;
}

/* Distinct orders by day. */
static void place_orders(struct strata_history_builder *builder, size_t n)
{
    struct strata_history_order *order = builder->order;
    if (n >= RADIX_MINIMUM && distribute_orders(builder, n))
        return;
    sort_orders(order, n, compare_order_days);
    for (size_t i = 0; i < n; ++i) {
        builder->order_day[i] = order[i].day;
        builder->order_amount[i] = order[i].amount;
    }
}

/* Purchase rows -> distinct orders by day. An order's day is that of its first row. */
static void build_orders(struct strata_history_builder *builder, const struct strata_history_row *row, size_t n,
                         const struct optional *optional, struct strata_history *history)
{
    struct strata_history_order *order = builder->order;
    size_t n_rows = 0, n_orders = 0;
    for (size_t i = 0; i < n; ++i) {
        if (row[i].amount < 0)
            continue;
        order[n_rows] = (struct strata_history_order){.amount = row[i].amount, .day = row[i].day};
        memcpy(&order[n_rows].key, optional_of(optional, &row[i]) + optional->layout->order, sizeof order[n_rows].key);
        ++n_rows;
    }
    if (n_rows < RADIX_MINIMUM)
        sort_orders(order, n_rows, compare_order_keys);
    else
        strata_gather_orders(order, n_rows);
    for (size_t i = 0; i < n_rows; ++i) {
        if (n_orders && compare_order_keys(&order[n_orders - 1], &order[i]) == 0) {
            add_saturating(&order[n_orders - 1].amount, order[i].amount);
            if (order[i].day < order[n_orders - 1].day)
                order[n_orders - 1].day = order[i].day;
        } else {
            order[n_orders++] = order[i];
        }
    }
    place_orders(builder, n_orders);
    history->n_orders = n_orders;
    history->order_day = builder->order_day;
    history->order_amount = builder->order_amount;
}

static int compare_values(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static size_t count_distinct(struct strata_history_builder *builder, const struct strata_history_row *row, size_t n,
                             const struct optional *optional, int offset)
{
    size_t n_values = 0;
    if (offset < 0)
        return 0;
    for (size_t i = 0; i < n; ++i) {
        memcpy(&builder->value[n_values], optional_of(optional, &row[i]) + offset, sizeof *builder->value);
        n_values += builder->value[n_values] != STRATA_NO_VALUE;
    }
    n = n_values;
    if (n < RADIX_MINIMUM)
        qsort(builder->value, n, sizeof *builder->value, compare_values);
    else
        strata_gather_values(builder->value, n);
    size_t distinct = n > 0;
    for (size_t i = 1; i < n; ++i)
        distinct += builder->value[i] != builder->value[i - 1];
    return distinct;
}

/* Purchases alone, in order of day? Most customers' rows are, and need not be touched. */
static bool is_settled(const int32_t *day, const int64_t *amount, size_t n)
{
    int64_t signs = amount[0];
    bool is_ordered = true;
    for (size_t i = 1; i < n; ++i) {
        signs |= amount[i];
        is_ordered &= day[i - 1] <= day[i];
    }
    return is_ordered && signs >= 0;
}

/* The sorted rows back to where they came from, purchases to the front. */
static void divide_rows(const struct strata_history_row *row, size_t n, int32_t *day, int64_t *amount,
                        struct strata_history *history)
{
    size_t n_purchases = 0, n_returns = 0;
    for (size_t i = 0; i < n; ++i)
        n_purchases += row[i].amount >= 0;
    for (size_t i = 0, purchase = 0; i < n; ++i) {
        const size_t to = row[i].amount >= 0 ? purchase++ : n_purchases + n_returns++;
        day[to] = row[i].day;
        amount[to] = row[i].amount;
    }
    *history = (struct strata_history){
        .n_purchases = n_purchases,
        .day = day,
        .amount = amount,
        .n_orders = n_purchases,
        .order_day = day,
        .order_amount = amount,
        .n_returns = n_returns,
        .return_day = day + n_purchases,
        .return_amount = amount + n_purchases,
    };
}

void strata_history_build(struct strata_history_builder *builder, struct strata_partition *partition, size_t index,
                          const struct strata_ledger *ledger, const struct strata_ledger_filter *filter,
                          struct strata_ledger_account *account, struct strata_history *history)
{
    const struct strata_ledger_layout *layout = &ledger->layout;
    const size_t first = partition->first[index];
    int32_t *day = partition->day + first;
    int64_t *amount = partition->amount + first;
    size_t n = partition->first[index + 1] - first;
    const bool has_fields = layout->order >= 0 || layout->channel >= 0 || layout->category >= 0;
    if (!has_fields && !filter->drop_duplicates && is_settled(day, amount, n)) {
        *history = (struct strata_history){
            .n_purchases = n,
            .day = day,
            .amount = amount,
            .n_orders = n,
            .order_day = day,
            .order_amount = amount,
        };
        return;
    }
    struct optional optional = {partition->rest + first * (size_t)layout->n_bytes, layout};
    struct strata_history_row *row = builder->row;
    for (size_t i = 0; i < n; ++i)
        row[i] = (struct strata_history_row){.amount = amount[i], .day = day[i], .number = (uint32_t)i};
    row = sort_by_day(row, builder->spare, n);
    if (filter->drop_duplicates)
        n = drop_duplicates(row, n, &optional, account);
    divide_rows(row, n, day, amount, history);
    history->n_channels = count_distinct(builder, row, n, &optional, layout->channel);
    history->n_categories = count_distinct(builder, row, n, &optional, layout->category);
    if (layout->order >= 0)
        build_orders(builder, row, n, &optional, history);
}
