#include <omp.h>

#include "check.h"
#include "run_state.h"

static enum strata_status reserve(void *context, size_t n_customers, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_run_state *run = context;
    if (run->table.n_rows == 0) {
        STRATA_TRY(strata_features_begin(&run->table, &run->window, err));
        strata_run_place_table(run, n_customers);
    }
    STRATA_TRY(strata_table_reserve(&run->table, n_customers, err));
done:
    return status;
}

static enum strata_status add(void *context, size_t n, struct strata_error *err)
{
    struct strata_run_state *run = context;
    return strata_table_grow(&run->table, n, err);
}

/* Pages of the ledger for the rows to come; those of a table in files are written out. */
static void prepare(void *context, size_t n_customers)
{
    struct strata_run_state *run = context;
    strata_table_rest(&run->table);
    strata_table_fill(&run->table, n_customers, &run->ledger.pages);
}

static void compute(void *context, size_t index, struct strata_key id, const struct strata_history *history)
{
    struct strata_run_state *run = context;
    run->table.customer[index] = id;
    strata_features_set(&run->table, &run->window, index, history);
}

static void report_progress(void *context, uint64_t rows)
{
    const struct strata_run_state *run = context;
    if (!run->observer)
        return;
    const struct strata_event event = {
        .kind = STRATA_EVENT_PROGRESS,
        .stage = "features",
        .rows = rows,
        .share = (double)rows / (double)strata_ledger_rows(&run->ledger),
        .seconds = omp_get_wtime() - run->features_started,
    };
    run->observer->notify(run->observer->context, &event);
}

/* The days that count: up to the as-of date, and back to the beginning of the window. */
static struct strata_ledger_filter settle_days(struct strata_run_state *run)
{
    const struct strata_config *config = run->config;
    struct strata_ledger_filter filter = {
        .first_day = INT32_MIN,
        .last_day = INT32_MAX,
        .drop_duplicates = config->duplicates == STRATA_CONFIG_DUPLICATES_DROP,
    };
    int32_t first, last;
    (void)strata_ledger_days(&run->ledger, &first, &last);
    run->window = (struct strata_window){
        .as_of_day = config->as_of_day == STRATA_CONFIG_AS_OF_AUTO ? last + 1 : config->as_of_day,
        .returns = (enum strata_returns_policy)config->returns,
        .fields = run->ingest.fields,
        .amount_decimals = (int)config->amount.decimals,
    };
    if (config->as_of_day != STRATA_CONFIG_AS_OF_AUTO)
        filter.last_day = run->window.as_of_day;
    if (config->window_days != STRATA_CONFIG_AUTO) {
        int64_t from = run->window.as_of_day - config->window_days;
        filter.first_day = from < STRATA_DAY_MIN ? STRATA_DAY_MIN : (int32_t)from;
    }
    return filter;
}

/* The calendar ends on 9999-12-31, which some logs write for "never": no day comes after it. */
static enum strata_status check_last_day(const struct strata_run_state *run, struct strata_error *err)
{
    int32_t first, last;
    if (run->config->as_of_day != STRATA_CONFIG_AS_OF_AUTO || !strata_ledger_days(&run->ledger, &first, &last) ||
        last < STRATA_DAY_MAX)
        return STRATA_OK;
    return strata_fail(err, STRATA_REJECTED,
                       "the last transaction is on 9999-12-31, and no day comes after it to count recency to; give the "
                       "day with --as-of, later transactions are then left out");
}

/* Every used row must be in exactly one customer's features. */
static enum strata_status check_rows(const struct strata_run_state *run, struct strata_error *err)
{
    const int32_t *transactions = strata_table_find(&run->table, "transactions")->values;
    const int32_t *returns = strata_table_find(&run->table, "returns")->values;
    const size_t n = run->table.n_rows;
    uint64_t rows = 0;
#pragma omp parallel for schedule(static) num_threads(strata_run_table_threads(run)) reduction(+ : rows)
    for (size_t i = 0; i < n; ++i)
        rows += (uint64_t)transactions[i] + (uint64_t)returns[i];
    uint64_t used = strata_run_total_account(run).used;
    if (rows != used)
        return strata_fail(err, STRATA_INTERNAL, "%llu rows were used, but the features hold %llu; please report this",
                           (unsigned long long)used, (unsigned long long)rows);
    return STRATA_OK;
}

enum strata_status strata_run_compute_features(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(check_last_day(run, err));
    run->features_started = omp_get_wtime();
    const struct strata_ledger_filter filter = settle_days(run);
    const struct strata_ledger_visitor visitor = {
        .context = run,
        .reserve = reserve,
        .add = add,
        .customer = compute,
        .prepare = prepare,
    };
    STRATA_TRY(strata_ledger_group(&run->ledger, &filter, &visitor, run->left_out, report_progress, run, err));
    run->memory.spilled_bytes = strata_ledger_spilled_bytes(&run->ledger);
    strata_ledger_release(&run->ledger);
    if (run->table.n_rows == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "no transactions: all rows lie outside the days that --as-of and --window leave");
    STRATA_TRY(check_rows(run, err));
    strata_table_rest(&run->table);
    STRATA_TRY(strata_run_check_memory(run, err));
    strata_run_log(run, STRATA_EVENT_LOG, "features", "%zu customers, %zu features", run->table.n_rows,
                   run->table.n_columns);
done:
    return status;
}
