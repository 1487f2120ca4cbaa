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

static inline enum strata_status sink_reserve_ids(void *context, size_t n_customers, struct strata_error *err)
{
    return strata_table_reserve(&((struct sink *)context)->table, n_customers, err);
}

static inline enum strata_status sink_reserve_features(void *context, size_t n_customers, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct sink *sink = context;
    if (sink->table.n_rows == 0)
        STRATA_TRY(strata_features_begin(&sink->table, &sink_window, err));
    STRATA_TRY(sink_reserve_ids(sink, n_customers, err));
done:
    return status;
}

static inline enum strata_status sink_add(void *context, size_t n, struct strata_error *err)
{
    return strata_table_grow(&((struct sink *)context)->table, n, err);
}

static inline void sink_keep_id(void *context, size_t index, struct strata_key id, const struct strata_history *history)
{
    (void)history;
    ((struct sink *)context)->table.customer[index] = id;
}

static inline void sink_compute(void *context, size_t index, struct strata_key id, const struct strata_history *history)
{
    sink_keep_id(context, index, id, history);
    strata_features_set(&((struct sink *)context)->table, &sink_window, index, history);
}

static inline void sink_prepare(void *context, size_t n_customers)
{
    struct sink *sink = context;
    strata_table_fill(&sink->table, n_customers, &sink->ledger->pages);
}

/* A visitor that fills the sink. */
static inline struct strata_ledger_visitor sink_visitor(struct sink *sink, bool with_features)
{
    return (struct strata_ledger_visitor){
        .context = sink,
        .reserve = with_features ? sink_reserve_features : sink_reserve_ids,
        .add = sink_add,
        .customer = with_features ? sink_compute : sink_keep_id,
        .prepare = sink_prepare,
    };
}

#endif
