#include <omp.h>
#include <stdlib.h>

#include "check.h"
#include "grouping.h"
#include "memory.h"
#include "spill.h"
#include "wait.h"

/* Each partition is worked on by one thread while it is in that thread's caches: its rows are loaded, and the ledger's
 * memory of them goes back; its customers get their places in the table, behind those of the partitions before; then
 * come their histories. As long as a partition before it is not loaded, the thread loads further ones. What a customer
 * with very many rows makes large would keep all others waiting, and is loaded before them.
 */

static enum strata_status visit_partition(struct strata_grouping *grouping, struct strata_grouping_worker *worker,
                                          struct strata_partition *partition, size_t first, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_ledger *ledger = grouping->ledger;
    size_t largest = 0;
    for (size_t i = 0; i < partition->n_customers; ++i) {
        size_t n = partition->first[i + 1] - partition->first[i];
        largest = n > largest ? n : largest;
    }
    STRATA_TRY(strata_grouping_take(grouping, &worker->builder_bytes,
                                    strata_history_builder_bytes(&ledger->layout, largest), largest, err));
    STRATA_TRY(strata_history_builder_reserve(&worker->builder, &ledger->layout, largest, err));
    strata_places_hold(&grouping->places);
    for (size_t i = 0; i < partition->n_customers; ++i) {
        struct strata_history history;
        strata_history_build(&worker->builder, partition, i, ledger, grouping->filter, worker->account, &history);
        grouping->visitor->customer(grouping->visitor->context, first + i, partition->customer[i], &history);
    }
    strata_places_let_go(&grouping->places);
done:
    return status;
}

static void report_progress(struct strata_grouping *grouping, const struct strata_partition *partition)
{
    if (!grouping->progress)
        return;
#pragma omp critical(strata_ledger_progress)
    {
        grouping->rows_done += partition->n_rows;
        grouping->progress(grouping->progress_context, grouping->rows_done);
    }
}

/* A partition that the thread has taken, which is loaded unless it is large: that is done by then, or another thread
 * does it. */
static enum strata_status load_next(struct strata_grouping *grouping, struct strata_grouping_worker *worker,
                                    size_t number, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const size_t at = (worker->oldest + worker->n_loaded) % STRATA_MAX_LOADED;
    const bool is_large = grouping->is_large[number];
    struct strata_partition *partition = is_large ? &grouping->partition[number] : &worker->memory[at];
    if (!is_large)
        STRATA_TRY(strata_grouping_load(grouping, worker, partition, number, err));
    worker->loaded[at] = (struct strata_loaded_partition){partition, number};
    ++worker->n_loaded;
done:
    return status;
}

/* Until the partition has its places; false if the grouping fails. */
static bool wait_for_places(const struct strata_grouping *grouping, size_t number)
{
    for (struct strata_wait wait = {0}; !strata_places_has(&grouping->places, number); strata_wait_step(&wait))
        if (strata_grouping_has_failed(grouping))
            return false;
    return true;
}

static enum strata_status visit_oldest(struct strata_grouping *grouping, struct strata_grouping_worker *worker,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_loaded_partition oldest = worker->loaded[worker->oldest];
    if (!wait_for_places(grouping, oldest.number))
        return STRATA_OK;
    --worker->n_loaded;
    worker->oldest =
        worker->n_loaded ? (worker->oldest + 1) % STRATA_MAX_LOADED : 0; /* of memory in the caches, if possible */
    STRATA_TRY(visit_partition(grouping, worker, oldest.partition, grouping->places.first[oldest.number], err));
    report_progress(grouping, oldest.partition);
    if (grouping->is_large[oldest.number]) {
        __atomic_sub_fetch(&grouping->taken_bytes, oldest.partition->capacity, __ATOMIC_RELAXED);
        strata_partition_release(oldest.partition);
    }
done:
    return status;
}

/* One thread's share. */
static enum strata_status work(struct strata_grouping *grouping, struct strata_grouping_worker *worker,
                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(strata_grouping_load_large(grouping, worker, err));
    for (bool has_more = true; (has_more || worker->n_loaded) && !strata_grouping_has_failed(grouping);) {
        const size_t number = has_more ? __atomic_fetch_add(&grouping->next, 1, __ATOMIC_RELAXED) : grouping->end;
        has_more = number < grouping->end;
        if (has_more)
            STRATA_TRY(load_next(grouping, worker, number, err));
        while (worker->n_loaded && !strata_grouping_has_failed(grouping) &&
               (!has_more || worker->n_loaded == STRATA_MAX_LOADED ||
                strata_places_has(&grouping->places, worker->loaded[worker->oldest].number)))
            STRATA_TRY(visit_oldest(grouping, worker, err));
    }
done:
    return status;
}

static void group_partitions(struct strata_grouping *grouping, size_t first, size_t n)
{
    grouping->next = first;
    grouping->end = first + n;
#pragma omp parallel num_threads(grouping->ledger->options.threads)
    {
        struct strata_error error = {0};
        strata_grouping_latch(grouping, work(grouping, &grouping->worker[omp_get_thread_num()], &error), &error);
    }
}

static enum strata_status check(const struct strata_grouping *grouping, struct strata_error *err)
{
    return grouping->status == STRATA_OK ? STRATA_OK
                                         : strata_fail(err, grouping->status, "%s", grouping->error.message);
}

/* Partitions in a temporary file come back a neighbourhood at a time, or as much of one as fits. */
static enum strata_status group(struct strata_grouping *grouping, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ledger *ledger = grouping->ledger;
    for (size_t first = 0, n = STRATA_LEDGER_PARTITIONS; first < STRATA_LEDGER_PARTITIONS; first += n) {
        if (grouping->is_spilled)
            STRATA_TRY(strata_ledger_fetch(ledger, first, &n, err));
        strata_grouping_find_large(grouping, first, n);
        group_partitions(grouping, first, n);
        STRATA_TRY(check(grouping, err));
    }
done:
    return status;
}

static void settle(struct strata_ledger *ledger)
{
    for (int t = 0; t < ledger->options.threads; ++t)
        for (size_t n = 0; n < STRATA_LEDGER_NEIGHBOURHOODS; ++n)
            strata_ledger_settle_neighbourhood(&ledger->thread[t], n);
}

static enum strata_status grouping_init(struct strata_grouping *grouping, struct strata_error *err)
{
    const struct strata_ledger_options *options = &grouping->ledger->options;
    size_t threads = (size_t)options->threads;
    grouping->large = strata_malloc_array(STRATA_LEDGER_PARTITIONS, sizeof *grouping->large);
    grouping->partition = strata_calloc_array(STRATA_LEDGER_PARTITIONS, sizeof *grouping->partition);
    grouping->worker = strata_calloc_array(threads, sizeof *grouping->worker);
    bool is_complete = grouping->large && grouping->partition && grouping->worker;
    for (size_t t = 0; is_complete && t < threads; ++t) {
        struct strata_grouping_worker *worker = &grouping->worker[t];
        worker->account = strata_calloc_array(options->n_origins, sizeof *worker->account);
        is_complete = worker->account;
    }
    return is_complete ? STRATA_OK : strata_fail(err, STRATA_MEMORY, "out of memory while grouping");
}

static void grouping_release(struct strata_grouping *grouping)
{
    for (size_t p = 0; grouping->partition && p < STRATA_LEDGER_PARTITIONS; ++p)
        strata_partition_release(&grouping->partition[p]);
    for (int t = 0; grouping->worker && t < grouping->ledger->options.threads; ++t) {
        struct strata_grouping_worker *worker = &grouping->worker[t];
        strata_partition_loader_release(&worker->loader);
        for (size_t i = 0; i < STRATA_MAX_LOADED; ++i)
            strata_partition_release(&worker->memory[i]);
        strata_history_builder_release(&worker->builder);
        free(worker->account);
    }
    strata_places_release(&grouping->places);
    free(grouping->large);
    free(grouping->partition);
    free(grouping->worker);
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
    struct strata_grouping grouping = {
        .ledger = ledger,
        .filter = filter,
        .visitor = visitor,
        .is_spilled = strata_ledger_spilled_bytes(ledger) > 0,
        .progress = progress,
        .progress_context = progress_context,
    };
    STRATA_TRY(strata_places_init(&grouping.places, visitor, err));
    STRATA_TRY(grouping_init(&grouping, err));
    if (grouping.is_spilled)
        STRATA_TRY(strata_ledger_spill_rest(ledger, err));
    else
        settle(ledger);
    STRATA_TRY(group(&grouping, err));
    for (int t = 0; account && t < ledger->options.threads; ++t)
        add_account(account, grouping.worker[t].account, ledger->options.n_origins);
done:
    grouping_release(&grouping);
    return status;
}
