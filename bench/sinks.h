/* Where the benchmarks let histories go: into a table with all features, or into one of ids alone. */
#ifndef STRATA_BENCH_SINKS_H
#define STRATA_BENCH_SINKS_H

#include "check.h"
#include "feature_table.h"
#include "ledger.h"

static const struct strata_window sink_window = {.as_of_day = 30000,
                                                 .returns = STRATA_RETURNS_NET,
                                                 .amount_decimals = 4};

static inline enum strata_status sink_make_ids(void *context, size_t n, size_t n_expected, struct strata_key **customer,
                                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_table *table = context;
    const size_t first = table->n_rows;
    if (first == 0)
        STRATA_TRY(strata_table_reserve(table, n_expected, err));
    STRATA_TRY(strata_table_grow(table, n, err));
    *customer = table->customer + first;
done:
    return status;
}

static inline enum strata_status sink_make_features(void *context, size_t n, size_t n_expected,
                                                    struct strata_key **customer, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_table *table = context;
    if (table->n_rows == 0)
        STRATA_TRY(strata_features_begin(table, &sink_window, err));
    STRATA_TRY(sink_make_ids(table, n, n_expected, customer, err));
done:
    return status;
}

static inline void sink_ignore(void *context, size_t index, const struct strata_history *history)
{
    (void)context, (void)index, (void)history;
}

static inline void sink_compute(void *context, size_t index, const struct strata_history *history)
{
    strata_features_set(context, &sink_window, index, history);
}

/* A visitor that fills the table. */
static inline struct strata_ledger_visitor sink_visitor(struct strata_table *table, bool with_features)
{
    return (struct strata_ledger_visitor){
        .context = table,
        .make_room = with_features ? sink_make_features : sink_make_ids,
        .customer = with_features ? sink_compute : sink_ignore,
    };
}

#endif
