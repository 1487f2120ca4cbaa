#include "history_orders.h"

#include <stdbool.h>
#include <stdlib.h>

#include "gather.h"
#include "histories.h"

enum { INSERTION_LIMIT = 32 };

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
    if (n >= STRATA_HISTORY_MANY && distribute_orders(builder, n))
        return;
    sort_orders(order, n, compare_order_days);
    for (size_t i = 0; i < n; ++i) {
        builder->order_day[i] = order[i].day;
        builder->order_amount[i] = order[i].amount;
    }
}

void strata_history_orders_build(struct strata_history_builder *builder, const struct strata_history_row *row, size_t n,
                                 const struct strata_history_fields *fields, struct strata_history *history)
{
    struct strata_history_order *order = builder->order;
    size_t n_rows = 0, n_orders = 0;
    for (size_t i = 0; i < n; ++i) {
        if (row[i].amount < 0)
            continue;
        order[n_rows] = (struct strata_history_order){.amount = row[i].amount, .day = row[i].day};
        memcpy(&order[n_rows].key, strata_history_fields_of(fields, &row[i]) + fields->layout->order,
               sizeof order[n_rows].key);
        ++n_rows;
    }
    if (n_rows < STRATA_HISTORY_MANY)
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
