#include "used_rows.h"

uint64_t strata_used_rows_wanted(const struct strata_converter *converter, const int64_t *amount, uint64_t good)
{
    const struct strata_ingest_options *options = converter->options;
    if (!options->exclude_returns && !options->exclude_zero_amounts)
        return good;
    for (uint64_t rest = good; rest; rest &= rest - 1) {
        size_t i = strata_used_rows_first(rest);
        bool is_unwanted =
            (options->exclude_returns && amount[i] < 0) || (options->exclude_zero_amounts && amount[i] == 0);
        good &= ~((uint64_t)is_unwanted << i);
    }
    return good;
}

/* The good ones of the n rows behind those of the batch come together. */
static void keep_good(struct strata_batch_builder *builder, size_t n, uint64_t good)
{
    size_t to = builder->batch.n_rows;
    for (size_t from = to, end = to + n; from < end; ++from, good >>= 1) {
        if (!(good & 1))
            continue;
        builder->customer[to] = builder->customer[from];
        builder->day[to] = builder->day[from];
        builder->amount[to] = builder->amount[from];
        if (builder->order)
            builder->order[to] = builder->order[from];
        if (builder->channel)
            builder->channel[to] = builder->channel[from];
        if (builder->category)
            builder->category[to] = builder->category[from];
        ++to;
    }
}

/* Of the n amounts. */
static strata_amount_total sum_of(const int64_t *amount, size_t n)
{
    const uint64_t bias = UINT64_C(1) << 63; /* makes them positive, so that halves can be added up */
    uint64_t low = 0, high = 0;
    for (size_t i = 0; i < n; ++i) {
        uint64_t biased = (uint64_t)amount[i] ^ bias;
        low += biased & UINT32_MAX;
        high += biased >> 32;
    }
    return ((strata_amount_total)high << 32) + low - (strata_amount_total)bias * n;
}

void strata_used_rows_add(struct strata_converter *converter, size_t n, uint64_t good)
{
    struct strata_batch_builder *builder = converter->builder;
    const size_t n_used = (size_t)__builtin_popcountll(good);
    if (n_used < n)
        keep_good(builder, n, good);
    const strata_amount_total sum = sum_of(builder->amount + builder->batch.n_rows, n_used);
    builder->batch.n_rows += (uint32_t)n_used;
    converter->account.read += n_used;
    converter->account.used += n_used;
    converter->account.amount_read += sum;
    converter->account.amount_used += sum;
}
