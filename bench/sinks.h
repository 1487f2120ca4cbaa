/* Where the benchmarks let histories go: into a table with all features, or into one of ids alone. */
#ifndef STRATA_BENCH_SINKS_H
#define STRATA_BENCH_SINKS_H

#include "check.h"
#include "feature_table.h"
#include "ledger.h"

static const struct strata_window sink_window = {.as_of_day = 30000,
                                                 .returns = STRATA_RETURNS_NET,
                                                 .amount_decimals = 4};

struct sink {
    struct strata_table table;
    struct strata_ledger *ledger; /* whose histories these are */
};

static inline enum strata_status sink_make_ids(void *context, size_t n, size_t n_expected, struct strata_key **customer,
                                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct sink *sink = context;
    struct strata_table *table = &sink->table;
    const size_t first = table->n_rows;
    if (first == 0)
        STRATA_TRY(strata_table_reserve(table, n_expected, err));
    STRATA_TRY(strata_table_grow(table, n, err));
    strata_table_fill(table, first, n, &sink->ledger->pages);
    *customer = table->customer + first;
done:
    return status;
}

static inline enum strata_status sink_make_features(void *context, size_t n, size_t n_expected,
                                                    struct strata_key **customer, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct sink *sink = context;
    if (sink->table.n_rows == 0)
        STRATA_TRY(strata_features_begin(&sink->table, &sink_window, err));
    STRATA_TRY(sink_make_ids(sink, n, n_expected, customer, err));
done:
    return status;
}

static inline void sink_ignore(void *context, size_t index, const struct strata_history *history)
{
    (void)context, (void)index, (void)history;
}

static inline void sink_compute(void *context, size_t index, const struct strata_history *history)
{
    strata_features_set(&((struct sink *)context)->table, &sink_window, index, history);
}

/* A visitor that fills the sink. */
static inline struct strata_ledger_visitor sink_visitor(struct sink *sink, bool with_features)
{
    return (struct strata_ledger_visitor){
        .context = sink,
        .make_room = with_features ? sink_make_features : sink_make_ids,
        .customer = with_features ? sink_compute : sink_ignore,
    };
}

#endif
