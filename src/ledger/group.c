#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "histories.h"
#include "ledger.h"
#include "memory.h"

/* Partitions in the order in which threads take them: the largest first, so that none is left for the end. */
struct partition_size {
    uint64_t bytes;
    size_t number;
};

static int compare_sizes(const void *a, const void *b)
{
    const struct partition_size *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static void order_partitions(const struct strata_ledger *ledger, struct partition_size *size)
{
    for (size_t p = 0; p < STRATA_LEDGER_PARTITIONS; ++p) {
        size[p] = (struct partition_size){0, p};
        for (int t = 0; t < ledger->options.threads; ++t)
            for (const struct strata_ledger_chunk *chunk = ledger->thread[t].oldest[p]; chunk; chunk = chunk->next)
                size[p].bytes += chunk->used;
    }
    qsort(size, STRATA_LEDGER_PARTITIONS, sizeof *size, compare_sizes);
}

/* Hand the pages of a grouped partition back to the system: the table grows while the ledger shrinks. */
static void give_back(struct strata_ledger *ledger, size_t partition)
{
    for (int t = 0; t < ledger->options.threads; ++t) {
        struct strata_ledger_chunk *next;
        for (struct strata_ledger_chunk *chunk = ledger->thread[t].oldest[partition]; chunk; chunk = next) {
            next = chunk->next;
            (void)madvise(chunk, chunk->n_bytes, MADV_DONTNEED);
        }
        ledger->thread[t].oldest[partition] = ledger->thread[t].newest[partition] = NULL;
    }
}

/* What one thread works with. */
struct worker {
    struct strata_partition partition;
    struct strata_history_builder builder;
    struct strata_ledger_account *account;
};

static enum strata_status visit_partition(struct worker *worker, struct strata_ledger *ledger, size_t number,
                                          const struct strata_ledger_filter *filter,
                                          const struct strata_ledger_visitor *visitor, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_partition *partition = &worker->partition;
    STRATA_TRY(strata_partition_load(partition, ledger, number, filter, worker->account, err));
    if (partition->n_customers == 0)
        goto done;
    size_t largest = 0;
    for (size_t i = 0; i < partition->n_customers; ++i) {
        size_t n = partition->first_row[i + 1] - partition->first_row[i];
        largest = n > largest ? n : largest;
    }
    STRATA_TRY(strata_history_builder_reserve(&worker->builder, largest, err));
    STRATA_TRY(visitor->begin(visitor->context, number, partition->n_customers, partition->customer, err));
    for (size_t i = 0; i < partition->n_customers; ++i) {
        struct strata_history history;
        strata_history_build(&worker->builder, partition, i, ledger, filter, worker->account, &history);
        visitor->customer(visitor->context, number, i, &history);
    }
done:
    return status;
}

static void add_account(struct strata_ledger_account *sum, const struct strata_ledger_account *part, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        sum[i].excluded_rows += part[i].excluded_rows;
        sum[i].excluded_amount += part[i].excluded_amount;
        sum[i].duplicate_rows += part[i].duplicate_rows;
        sum[i].duplicate_amount += part[i].duplicate_amount;
    }
}

enum strata_status strata_ledger_group(struct strata_ledger *ledger, const struct strata_ledger_filter *filter,
                                       const struct strata_ledger_visitor *visitor,
                                       struct strata_ledger_account *account,
                                       void (*progress)(void *context, uint64_t rows), void *progress_context,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const int threads = ledger->options.threads;
    const uint32_t n_origins = ledger->options.n_origins;
    uint64_t rows_done = 0;
    struct strata_error first_error = {0};
    struct partition_size *size = strata_malloc_array(STRATA_LEDGER_PARTITIONS, sizeof *size);
    struct worker *worker = strata_calloc_array((size_t)threads, sizeof *worker);
    if (!size || !worker)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory while grouping");
    for (int t = 0; t < threads; ++t) {
        worker[t].account = strata_calloc_array(n_origins, sizeof *account);
        if (!worker[t].account)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory while grouping");
    }
    strata_ledger_settle(ledger);
    order_partitions(ledger, size);

#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t i = 0; i < STRATA_LEDGER_PARTITIONS; ++i) {
        enum strata_status stopped;
#pragma omp atomic read
        stopped = status;
        if (stopped != STRATA_OK || size[i].bytes == 0)
            continue;
        struct worker *own = &worker[omp_get_thread_num()];
        struct strata_error error = {0};
        enum strata_status result = visit_partition(own, ledger, size[i].number, filter, visitor, &error);
        give_back(ledger, size[i].number);
#pragma omp critical(strata_ledger_group)
        {
            if (result != STRATA_OK && status == STRATA_OK) {
                first_error = error;
#pragma omp atomic write
                status = result;
            }
            rows_done += size[i].bytes / (uint64_t)ledger->layout.stride;
            if (progress)
                progress(progress_context, rows_done);
        }
    }
    if (status != STRATA_OK && err)
        *err = first_error;
    for (int t = 0; account && t < threads; ++t)
        add_account(account, worker[t].account, n_origins);
done:
    for (int t = 0; worker && t < threads; ++t) {
        strata_partition_release(&worker[t].partition);
        strata_history_builder_release(&worker[t].builder);
        free(worker[t].account);
    }
    free(worker);
    free(size);
    return status;
}
