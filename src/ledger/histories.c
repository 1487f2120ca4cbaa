#include "histories.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "gather.h"
#include "memory.h"

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

static int compare_values(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static size_t count_distinct(struct strata_history_builder *builder, const struct strata_history_row *row, size_t n,
                             const struct strata_history_fields *fields, int offset)
{
    size_t n_values = 0;
    if (offset < 0)
        return 0;
    for (size_t i = 0; i < n; ++i) {
        memcpy(&builder->value[n_values], strata_history_fields_of(fields, &row[i]) + offset, sizeof *builder->value);
        n_values += builder->value[n_values] != STRATA_NO_VALUE;
    }
    n = n_values;
    if (n < STRATA_HISTORY_MANY)
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
    struct strata_history_fields fields = {partition->rest + first * (size_t)layout->n_bytes, layout};
    struct strata_history_row *row = builder->row;
    for (size_t i = 0; i < n; ++i)
        row[i] = (struct strata_history_row){.amount = amount[i], .day = day[i], .number = (uint32_t)i};
    row = strata_history_rows_sort(row, builder->spare, n);
    if (filter->drop_duplicates)
        n = strata_history_rows_drop_duplicates(row, n, &fields, account);
    divide_rows(row, n, day, amount, history);
    history->n_channels = count_distinct(builder, row, n, &fields, layout->channel);
    history->n_categories = count_distinct(builder, row, n, &fields, layout->category);
    if (layout->order >= 0)
        strata_history_orders_build(builder, row, n, &fields, history);
}
