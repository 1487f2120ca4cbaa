#include "grouping.h"

#include <stdlib.h>

#include "check.h"
#include "slabs.h"

enum { LARGE = 4 }; /* times the mean */

void strata_grouping_latch(struct strata_grouping *grouping, enum strata_status status,
                           const struct strata_error *error)
{
    if (status == STRATA_OK)
        return;
#pragma omp critical(strata_ledger_latch)
    if (grouping->status == STRATA_OK) {
        grouping->error = *error;
        __atomic_store_n(&grouping->status, status, __ATOMIC_RELAXED);
    }
}

/* Rows and texts: what is in memory beside what the workers take. */
static uint64_t held_bytes(const struct strata_grouping *grouping)
{
    const struct strata_ledger *ledger = grouping->ledger;
    return ledger->text_bytes +
           (grouping->is_spilled ? ledger->n_returned : __atomic_load_n(&ledger->n_bytes, __ATOMIC_RELAXED));
}

/* Somebody is about to take so many bytes instead of *n_bytes, for a partition of n_rows. */
enum strata_status strata_grouping_take(struct strata_grouping *grouping, uint64_t *taken, uint64_t n_bytes,
                                        size_t n_rows, struct strata_error *err)
{
    const uint64_t limit = grouping->ledger->options.grouping_limit;
    if (n_bytes <= *taken)
        return STRATA_OK;
    const uint64_t all =
        held_bytes(grouping) + __atomic_add_fetch(&grouping->taken_bytes, n_bytes - *taken, __ATOMIC_RELAXED);
    *taken = n_bytes;
    if (!limit || all <= limit)
        return STRATA_OK;
    return strata_fail(err, STRATA_MEMORY,
                       "%zu transactions of one customer, or of few, need %lluM of memory with all that is held beside "
                       "them, and the memory limit leaves %lluM\nraise --memory-limit",
                       n_rows, (unsigned long long)(all >> 20) + 1, (unsigned long long)(limit >> 20));
}

/* What was made for very many rows is not kept while their histories are made. */
static void shrink_loader(struct strata_grouping *grouping, struct strata_grouping_worker *worker)
{
    strata_partition_loader_release(&worker->loader);
    __atomic_sub_fetch(&grouping->taken_bytes, worker->loader_bytes, __ATOMIC_RELAXED);
    worker->loader_bytes = 0;
}

static enum strata_status load_rows(struct strata_grouping *grouping, struct strata_grouping_worker *worker,
                                    struct strata_partition *partition, size_t number, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_ledger *ledger = grouping->ledger;
    const size_t n_rows = strata_partition_count_rows(ledger, number);
    uint64_t taken = partition->capacity;
    STRATA_TRY(strata_grouping_take(grouping, &worker->loader_bytes, strata_partition_loader_bytes(ledger, n_rows),
                                    n_rows, err));
    STRATA_TRY(strata_grouping_take(grouping, &taken, strata_partition_bytes(ledger, n_rows, 0), n_rows, err));
    STRATA_TRY(
        strata_partition_load(partition, &worker->loader, ledger, number, grouping->filter, worker->account, err));
    /* The filter may have left rows out. */
    __atomic_add_fetch(&grouping->taken_bytes, partition->capacity - taken, __ATOMIC_RELAXED);
done:
    return status;
}

/* What the visitor has left of the memory of rows goes back to the system. */
static enum strata_status advance(struct strata_grouping *grouping, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool has_prepared;
    STRATA_TRY(strata_places_advance(&grouping->places, grouping->end, &has_prepared, err));
    if (has_prepared)
        strata_page_pool_release(&grouping->ledger->pages);
done:
    return status;
}

/* A partition is loaded: from now on any thread may hand out its histories. */
static enum strata_status hand_over(struct strata_grouping *grouping, const struct strata_partition *partition,
                                    size_t number, struct strata_error *err)
{
    const size_t home = number / STRATA_LEDGER_NEIGHBOURS;
    strata_places_note(&grouping->places, number, partition->n_customers);
    if (__atomic_add_fetch(&grouping->n_done[home], 1, __ATOMIC_ACQ_REL) == STRATA_LEDGER_NEIGHBOURS)
        strata_ledger_give_back(grouping->ledger, home);
    return advance(grouping, err);
}

enum strata_status strata_grouping_load(struct strata_grouping *grouping, struct strata_grouping_worker *worker,
                                        struct strata_partition *partition, size_t number, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(load_rows(grouping, worker, partition, number, err));
    STRATA_TRY(hand_over(grouping, partition, number, err));
done:
    return status;
}

static uint64_t bytes_of(const struct strata_ledger *ledger, size_t number)
{
    uint64_t bytes = 0;
    for (int t = 0; t < ledger->options.threads; ++t)
        for (int w = 0; w < STRATA_N_WIDTHS; ++w)
            bytes += strata_ledger_list_bytes(&ledger->thread[t].list[w][number]);
    return bytes;
}

static int compare_bytes(const void *a, const void *b)
{
    const struct strata_large_partition *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

void strata_grouping_find_large(struct strata_grouping *grouping, size_t first, size_t n)
{
    uint64_t bytes = 0;
    for (size_t number = first; number < first + n; ++number)
        bytes += bytes_of(grouping->ledger, number);
    grouping->n_large = grouping->next_large = 0;
    for (size_t number = first; number < first + n; ++number) {
        const struct strata_large_partition large = {.bytes = bytes_of(grouping->ledger, number), .number = number};
        grouping->is_large[number] = large.bytes / LARGE > bytes / n;
        if (grouping->is_large[number])
            grouping->large[grouping->n_large++] = large;
    }
    qsort(grouping->large, grouping->n_large, sizeof *grouping->large, compare_bytes);
}

enum strata_status strata_grouping_load_large(struct strata_grouping *grouping, struct strata_grouping_worker *worker,
                                              struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t i;
    while ((i = __atomic_fetch_add(&grouping->next_large, 1, __ATOMIC_RELAXED)) < grouping->n_large) {
        const size_t number = grouping->large[i].number;
        struct strata_partition *partition = &grouping->partition[number];
        STRATA_TRY(load_rows(grouping, worker, partition, number, err));
        shrink_loader(grouping, worker); /* before its histories take memory */
        STRATA_TRY(hand_over(grouping, partition, number, err));
    }
done:
    return status;
}
