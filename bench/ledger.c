/* The ledger: bench_ledger [ROWS [CUSTOMERS [THREADS [RUNS [SHARE [ORDERS]]]]]]
 *
 * Synthetic batches of customers drawn uniformly, but for SHARE (0 to 1, by default 0) of the rows, which are one
 * customer's; with ORDERS, as many order ids, and channels and categories beside them; days over two years in no order
 * and amounts, made before the clock starts. Three lines: appending; grouping by customer into histories that nobody
 * looks at; grouping with all features computed into a table. The best of RUNS. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "random.h"
#include "sinks.h"

enum { BATCH_ROWS = 4096, FIRST_DAY = 19723, N_DAYS = 730 };

struct rows {
    size_t n;
    struct strata_key *customer;
    int32_t *day;
    int64_t *amount;
    struct strata_key *order; /* these NULL without orders */
    uint64_t *channel, *category;
};

enum { N_CHANNELS = 6, N_CATEGORIES = 200 };

static int make_orders(struct rows *rows, size_t n_orders)
{
    const size_t n = rows->n;
    rows->order = malloc(n * sizeof *rows->order);
    rows->channel = malloc(n * sizeof *rows->channel);
    rows->category = malloc(n * sizeof *rows->category);
    if (!rows->order || !rows->channel || !rows->category)
        return 0;
#pragma omp parallel for
    for (size_t i = 0; i < n; ++i) {
        char id[24];
        size_t order = (size_t)(strata_uniform_at(1, 5, i) * (double)n_orders);
        rows->order[i] = strata_key_from_short(id, (size_t)snprintf(id, sizeof id, "O%08zu", order % 100000000));
        /* As the hashes that the parser makes. */
        rows->channel[i] = (uint64_t)(strata_uniform_at(1, 6, i) * N_CHANNELS + 1) * 0x9E3779B97F4A7C15u;
        rows->category[i] = (uint64_t)(strata_uniform_at(1, 7, i) * N_CATEGORIES + 1) * 0x9E3779B97F4A7C15u;
    }
    return 1;
}

static int make_rows(struct rows *rows, size_t n, size_t n_customers, double share)
{
    rows->n = n;
    rows->customer = malloc(n * sizeof *rows->customer);
    rows->day = malloc(n * sizeof *rows->day);
    rows->amount = malloc(n * sizeof *rows->amount);
    if (!rows->customer || !rows->day || !rows->amount)
        return 0;
#pragma omp parallel for
    for (size_t i = 0; i < n; ++i) {
        char id[24];
        size_t customer = (size_t)(strata_uniform_at(1, 1, i) * (double)n_customers);
        if (share > 0 && strata_uniform_at(1, 4, i) < share)
            customer = 0;
        int n_bytes = snprintf(id, sizeof id, "C%08zu", customer % 100000000);
        rows->customer[i] = strata_key_from_short(id, (size_t)n_bytes);
        rows->day[i] = FIRST_DAY + (int32_t)(strata_uniform_at(1, 2, i) * N_DAYS);
        rows->amount[i] = (int64_t)(strata_uniform_at(1, 3, i) * 1e6);
    }
    return 1;
}

static enum strata_status append_all(struct strata_ledger *ledger, const struct rows *rows, int threads,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_batches = (rows->n + BATCH_ROWS - 1) / BATCH_ROWS;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 8)
    for (size_t b = 0; b < n_batches; ++b) {
        struct strata_error own = {0};
        size_t first = b * BATCH_ROWS, n = rows->n - first < BATCH_ROWS ? rows->n - first : BATCH_ROWS;
        const struct strata_batch batch = {.n_rows = (uint32_t)n,
                                           .customer = rows->customer + first,
                                           .day = rows->day + first,
                                           .amount = rows->amount + first,
                                           .order = rows->order ? rows->order + first : NULL,
                                           .channel = rows->order ? rows->channel + first : NULL,
                                           .category = rows->order ? rows->category + first : NULL};
        if (strata_ledger_append(ledger, omp_get_thread_num(), &batch, &own) != STRATA_OK)
#pragma omp critical
        {
            *err = own;
            status = own.status;
        }
    }
    return status;
}

static const struct strata_ledger_filter everything = {.first_day = INT32_MIN, .last_day = INT32_MAX};

static enum strata_status group(struct strata_ledger *ledger, bool with_features, size_t *n_customers,
                                struct strata_error *err)
{
    struct sink sink = {.ledger = ledger};
    const struct strata_ledger_visitor visitor = sink_visitor(&sink, with_features);
    enum strata_status status = strata_ledger_group(ledger, &everything, &visitor, NULL, NULL, NULL, err);
    *n_customers = sink.table.n_rows;
    strata_table_release(&sink.table);
    return status;
}

/* Seconds to append, and to group in one way or the other. */
static enum strata_status run_once(const struct rows *rows, int threads, bool with_features, double seconds[2],
                                   size_t *n_customers, struct strata_error *err)
{
    struct strata_ledger ledger = {0};
    const unsigned fields = rows->order ? STRATA_HAS_ORDER | STRATA_HAS_CHANNEL | STRATA_HAS_CATEGORY : 0;
    const struct strata_ledger_options options = {.threads = threads, .fields = fields, .n_origins = 1};
    double began = omp_get_wtime();
    enum strata_status status = strata_ledger_init(&ledger, &options, err);
    if (status == STRATA_OK)
        status = append_all(&ledger, rows, threads, err);
    seconds[0] = omp_get_wtime() - began;
    began = omp_get_wtime();
    if (status == STRATA_OK)
        status = group(&ledger, with_features, n_customers, err);
    seconds[1] = omp_get_wtime() - began;
    strata_ledger_release(&ledger);
    return status;
}

static void print(const char *what, const struct rows *rows, size_t n_customers, int threads, double seconds)
{
    printf("%-19s %d thread%s  %zu rows, %zu customers, %.4f s, %.1f million rows/s\n", what, threads,
           threads == 1 ? " " : "s", rows->n, n_customers, seconds, (double)rows->n / seconds / 1e6);
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 5000000;
    size_t n_wanted = argc > 2 ? strtoull(argv[2], NULL, 10) : 500000, n_customers = 0;
    int threads = argc > 3 ? atoi(argv[3]) : omp_get_max_threads(), runs = argc > 4 ? atoi(argv[4]) : 3;
    struct rows rows = {0};
    struct strata_error err = {0};
    enum strata_status status = STRATA_OK;
    double append = 1e300, group[2] = {1e300, 1e300};
    const size_t n_orders = argc > 6 ? strtoull(argv[6], NULL, 10) : 0;
    if (!make_rows(&rows, n, n_wanted, argc > 5 ? atof(argv[5]) : 0) || (n_orders && !make_orders(&rows, n_orders)))
        return strata_status_exit_code(STRATA_MEMORY);
    for (int run = 0; run < runs && status == STRATA_OK; ++run)
        for (int with_features = 0; with_features < 2 && status == STRATA_OK; ++with_features) {
            double seconds[2];
            status = run_once(&rows, threads, with_features, seconds, &n_customers, &err);
            append = seconds[0] < append ? seconds[0] : append;
            group[with_features] = seconds[1] < group[with_features] ? seconds[1] : group[with_features];
        }
    if (status != STRATA_OK) {
        (void)fprintf(stderr, "bench_ledger: %s\n", err.message);
    } else {
        print("append", &rows, n_customers, threads, append);
        print("group", &rows, n_customers, threads, group[0]);
        print("group and features", &rows, n_customers, threads, group[1]);
    }
    free(rows.customer);
    free(rows.day);
    free(rows.amount);
    free(rows.order);
    free(rows.channel);
    free(rows.category);
    return strata_status_exit_code(status);
}
