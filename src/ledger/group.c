#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "histories.h"
#include "ledger.h"
#include "memory.h"
#include "spill.h"

/* Partitions in the order in which threads take them. First those that a customer with very many rows makes large: the
 * other threads work on the rest meanwhile. Then one neighbourhood after the other, so that the table's pages come into
 * use while the ledger's go; inside a neighbourhood the largest first, so that no large one is left for its end.
 */
enum { LARGE = 4 }; /* times the mean */

struct partition_size {
    uint64_t bytes;
    size_t number;
    bool is_large;
};

static int compare_sizes(const void *a, const void *b)
{
    const struct partition_size *x = a, *y = b;
    if (x->is_large != y->is_large)
        return x->is_large ? -1 : 1;
    size_t x_home = x->number / STRATA_LEDGER_NEIGHBOURS, y_home = y->number / STRATA_LEDGER_NEIGHBOURS;
    if (!x->is_large && x_home != y_home)
        return x_home < y_home ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* `n` partitions from `first` on. */
struct range {
    size_t first, n;
};

static void order_partitions(const struct strata_ledger *ledger, struct range range, struct partition_size *order)
{
    struct partition_size *size = order + range.first;
    uint64_t total = 0;
    for (size_t i = 0; i < range.n; ++i) {
        size[i] = (struct partition_size){.number = range.first + i};
        struct strata_ledger_chunks chunks = {.ledger = ledger, .number = range.first + i};
        for (const struct strata_ledger_chunk *chunk; (chunk = strata_ledger_next_chunk(&chunks)) != NULL;)
            size[i].bytes += chunk->used;
        total += size[i].bytes;
    }
    for (size_t i = 0; i < range.n; ++i)
        size[i].is_large = size[i].bytes / LARGE > total / range.n;
    qsort(size, range.n, sizeof *size, compare_sizes);
}

/* What one thread works with. */
struct worker {
    struct strata_numbering_scratch scratch;
    struct strata_partition_rows rows;
    struct strata_history_builder builder;
    struct strata_ledger_account *account;
    uint64_t n_bytes; /* of all this, as far as it grows with the rows */
};

/* One grouping: what all threads share. */
struct grouping {
    struct strata_ledger *ledger;
    const struct strata_ledger_filter *filter;
    const struct strata_ledger_visitor *visitor;
    struct partition_size *order; /* of the partitions */
    struct worker *worker;
    struct strata_numbering *numbering; /* one per partition */
    size_t *offset;                     /* of a partition's first customer */
    size_t n_customers;
    uint64_t held_bytes;  /* rows, texts, numbers of rows: what is in memory while histories are made */
    uint64_t taken_bytes; /* by the workers beside that; updated atomically */
    enum strata_status status;
    struct strata_error error; /* the first */
    bool is_spilled;
    void (*progress)(void *context, uint64_t rows);
    void *progress_context;
    uint64_t rows_done;
    int n_done[STRATA_LEDGER_NEIGHBOURHOODS]; /* partitions that have been visited */
};

static void latch(struct grouping *grouping, enum strata_status status, const struct strata_error *error)
{
    if (status == STRATA_OK)
        return;
#pragma omp critical(strata_ledger_latch)
    if (grouping->status == STRATA_OK) {
        grouping->error = *error;
        __atomic_store_n(&grouping->status, status, __ATOMIC_RELAXED);
    }
}

static bool has_failed(const struct grouping *grouping)
{
    return __atomic_load_n(&grouping->status, __ATOMIC_RELAXED) != STRATA_OK;
}

/* First step: who the customers are. */
static void number_partitions(struct grouping *grouping, struct range range)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(grouping->ledger->options.threads)
    for (size_t i = range.first; i < range.first + range.n; ++i) {
        if (has_failed(grouping) || grouping->order[i].bytes == 0)
            continue;
        struct worker *worker = &grouping->worker[omp_get_thread_num()];
        struct strata_error error = {0};
        size_t number = grouping->order[i].number;
        latch(grouping,
              strata_numbering_make(&grouping->numbering[number], &worker->scratch, grouping->ledger, number,
                                    grouping->filter, worker->account, &error),
              &error);
    }
}

static uint64_t held_bytes(const struct grouping *grouping, struct range range)
{
    const struct strata_ledger *ledger = grouping->ledger;
    uint64_t n_bytes = ledger->text_bytes + (grouping->is_spilled ? ledger->n_returned : ledger->n_bytes);
    for (size_t p = range.first; p < range.first + range.n; ++p) {
        const struct strata_numbering *numbering = &grouping->numbering[p];
        n_bytes += numbering->n_rows * (numbering->row_customer_short ? sizeof *numbering->row_customer_short
                                                                      : sizeof *numbering->row_customer);
    }
    return n_bytes;
}

/* The worker is about to take so many bytes in all, for a partition of n_rows. */
static enum strata_status take(struct grouping *grouping, struct worker *worker, uint64_t n_bytes, size_t n_rows,
                               struct strata_error *err)
{
    const uint64_t limit = grouping->ledger->options.grouping_limit;
    if (n_bytes <= worker->n_bytes)
        return STRATA_OK;
    uint64_t all =
        grouping->held_bytes + __atomic_add_fetch(&grouping->taken_bytes, n_bytes - worker->n_bytes, __ATOMIC_RELAXED);
    worker->n_bytes = n_bytes;
    if (!limit || all <= limit)
        return STRATA_OK;
    return strata_fail(err, STRATA_MEMORY,
                       "%zu transactions of one customer, or of few, need %lluM of memory with all that is held beside "
                       "them, and the memory limit leaves %lluM\nraise --memory-limit",
                       n_rows, (unsigned long long)(all >> 20) + 1, (unsigned long long)(limit >> 20));
}

/* Between the steps: the partitions' customers one after the other. */
static enum strata_status announce(struct grouping *grouping, struct range range, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const size_t first = grouping->n_customers;
    struct strata_key *customer = NULL;
    for (size_t p = range.first; p < range.first + range.n; ++p) {
        grouping->offset[p] = grouping->n_customers;
        grouping->n_customers += grouping->numbering[p].n_customers;
    }
    grouping->held_bytes = held_bytes(grouping, range);
    if (grouping->n_customers == first)
        return STRATA_OK;
    STRATA_TRY(grouping->visitor->make_room(grouping->visitor->context, grouping->n_customers - first, &customer, err));
    for (size_t p = range.first; p < range.first + range.n; ++p) {
        struct strata_numbering *numbering = &grouping->numbering[p];
        if (numbering->n_customers)
            memcpy(customer + (grouping->offset[p] - first), numbering->customer,
                   numbering->n_customers * sizeof *customer);
        free(numbering->customer);
        numbering->customer = NULL;
    }
done:
    return status;
}

static enum strata_status visit_partition(struct grouping *grouping, struct worker *worker, size_t number,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_partition_rows *rows = &worker->rows;
    size_t largest = 0, n_rows = grouping->numbering[number].n_rows;
    const uint64_t row_bytes = strata_partition_rows_bytes(grouping->ledger, n_rows);
    STRATA_TRY(take(grouping, worker, row_bytes, n_rows, err));
    STRATA_TRY(strata_partition_rows_load(rows, grouping->ledger, number, &grouping->numbering[number], err));
    for (size_t i = 0; i < rows->n_customers; ++i) {
        size_t n = rows->first[i + 1] - rows->first[i];
        largest = n > largest ? n : largest;
    }
    const uint64_t builder_bytes = strata_history_builder_bytes(&grouping->ledger->layout, largest);
    STRATA_TRY(take(grouping, worker, row_bytes + builder_bytes, n_rows, err));
    STRATA_TRY(strata_history_builder_reserve(&worker->builder, &grouping->ledger->layout, largest, err));
    for (size_t i = 0; i < rows->n_customers; ++i) {
        struct strata_history history;
        strata_history_build(&worker->builder, rows, i, grouping->ledger, grouping->filter, worker->account, &history);
        grouping->visitor->customer(grouping->visitor->context, grouping->offset[number] + i, &history);
    }
done:
    return status;
}

/* Second step: the histories. A neighbourhood that is done gives its memory back. */
static void visit_partitions(struct grouping *grouping, struct range range)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(grouping->ledger->options.threads)
    for (size_t i = range.first; i < range.first + range.n; ++i) {
        if (has_failed(grouping))
            continue;
        size_t number = grouping->order[i].number, home = number / STRATA_LEDGER_NEIGHBOURS;
        struct strata_error error = {0};
        if (grouping->numbering[number].n_customers)
            latch(grouping, visit_partition(grouping, &grouping->worker[omp_get_thread_num()], number, &error), &error);
        size_t n_rows = grouping->numbering[number].n_rows;
        strata_numbering_release(&grouping->numbering[number]);
        if (__atomic_add_fetch(&grouping->n_done[home], 1, __ATOMIC_ACQ_REL) == STRATA_LEDGER_NEIGHBOURS) {
            strata_ledger_give_back(grouping->ledger, home);
            if (grouping->visitor->rest)
                grouping->visitor->rest(grouping->visitor->context);
        }
        if (!grouping->progress || n_rows == 0)
            continue;
#pragma omp critical(strata_ledger_progress)
        {
            grouping->rows_done += n_rows;
            grouping->progress(grouping->progress_context, grouping->rows_done);
        }
    }
}

static enum strata_status check(const struct grouping *grouping, struct strata_error *err)
{
    return grouping->status == STRATA_OK ? STRATA_OK
                                         : strata_fail(err, grouping->status, "%s", grouping->error.message);
}

/* All partitions: at once if they are in memory, else neighbourhood by neighbourhood, or as much of one as fits. */
static enum strata_status group(struct grouping *grouping, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct range range = {0, STRATA_LEDGER_PARTITIONS};
    for (; range.first < STRATA_LEDGER_PARTITIONS; range.first += range.n) {
        if (grouping->is_spilled)
            STRATA_TRY(strata_ledger_fetch(grouping->ledger, range.first, &range.n, err));
        order_partitions(grouping->ledger, range, grouping->order);
        number_partitions(grouping, range);
        STRATA_TRY(check(grouping, err));
        STRATA_TRY(announce(grouping, range, err));
        visit_partitions(grouping, range);
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

static enum strata_status grouping_init(struct grouping *grouping, struct strata_error *err)
{
    const struct strata_ledger_options *options = &grouping->ledger->options;
    size_t threads = (size_t)options->threads;
    grouping->order = strata_malloc_array(STRATA_LEDGER_PARTITIONS, sizeof *grouping->order);
    grouping->numbering = strata_calloc_array(STRATA_LEDGER_PARTITIONS, sizeof *grouping->numbering);
    grouping->offset = strata_calloc_array(STRATA_LEDGER_PARTITIONS, sizeof *grouping->offset);
    grouping->worker = strata_calloc_array(threads, sizeof *grouping->worker);
    bool is_complete = grouping->order && grouping->numbering && grouping->offset && grouping->worker;
    for (size_t t = 0; is_complete && t < threads; ++t) {
        struct worker *worker = &grouping->worker[t];
        worker->account = strata_calloc_array(options->n_origins, sizeof *worker->account);
        is_complete = worker->account;
    }
    return is_complete ? STRATA_OK : strata_fail(err, STRATA_MEMORY, "out of memory while grouping");
}

static void grouping_release(struct grouping *grouping)
{
    for (size_t p = 0; grouping->numbering && p < STRATA_LEDGER_PARTITIONS; ++p)
        strata_numbering_release(&grouping->numbering[p]);
    for (int t = 0; grouping->worker && t < grouping->ledger->options.threads; ++t) {
        struct worker *worker = &grouping->worker[t];
        strata_numbering_scratch_release(&worker->scratch);
        strata_partition_rows_release(&worker->rows);
        strata_history_builder_release(&worker->builder);
        free(worker->account);
    }
    free(grouping->order);
    free(grouping->numbering);
    free(grouping->offset);
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
    struct grouping grouping = {
        .ledger = ledger,
        .filter = filter,
        .visitor = visitor,
        .is_spilled = strata_ledger_spilled_bytes(ledger) > 0,
        .progress = progress,
        .progress_context = progress_context,
    };
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
