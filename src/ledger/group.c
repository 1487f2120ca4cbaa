#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "histories.h"
#include "ledger.h"
#include "memory.h"
#include "slabs.h"
#include "spill.h"

/* Partitions are worked on in waves of neighbouring ones: first the rows of each are loaded, and the ledger's memory of
 * them goes back; then the table gets room for their customers; then come the histories, while what has been loaded is
 * still in the caches. A wave has enough partitions to keep the other threads busy beside one that is made large by a
 * customer with very many rows, which comes first; inside a neighbourhood the largest come first, so that no large one
 * is left for its end.
 */
enum {
    LARGE = 4, /* times the mean */
    WAVE_PER_THREAD = 4 * STRATA_LEDGER_NEIGHBOURS,
};

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

static void order_partitions(const struct strata_ledger *ledger, struct range range, struct partition_size *size)
{
    const uint64_t row = STRATA_NARROW_HEAD + (uint64_t)ledger->layout.n_bytes;
    const uint64_t mean = strata_ledger_rows(ledger) * row / STRATA_LEDGER_PARTITIONS;
    for (size_t i = 0; i < range.n; ++i) {
        size[i] = (struct partition_size){.number = range.first + i};
        for (int t = 0; t < ledger->options.threads; ++t)
            for (int w = 0; w < STRATA_N_WIDTHS; ++w)
                size[i].bytes += strata_ledger_list_bytes(&ledger->thread[t].list[w][range.first + i]);
        size[i].is_large = size[i].bytes / LARGE > mean;
    }
    qsort(size, range.n, sizeof *size, compare_sizes);
}

/* What one thread works with. */
struct worker {
    struct strata_partition_loader loader;
    struct strata_history_builder builder;
    struct strata_ledger_account *account;
    uint64_t loader_bytes, builder_bytes; /* as far as they grow with the rows */
};

/* One grouping: what all threads share. */
struct grouping {
    struct strata_ledger *ledger;
    const struct strata_ledger_filter *filter;
    const struct strata_ledger_visitor *visitor;
    struct partition_size *order; /* of a wave's partitions */
    struct worker *worker;
    struct strata_partition *partition; /* of a wave; their memory is used again by the next */
    size_t *offset;                     /* of a partition's first customer, by number */
    size_t n_customers;                 /* of the waves so far */
    size_t first_customer;              /* of the wave */
    struct strata_key *customer;        /* where the visitor wants the wave's ids */
    uint64_t held_bytes;                /* rows and texts: what is in memory beside what the workers take */
    uint64_t taken_bytes;               /* by the workers; updated atomically */
    enum strata_status status;
    struct strata_error error; /* the first */
    bool is_spilled;
    void (*progress)(void *context, uint64_t rows);
    void *progress_context;
    uint64_t rows_done;
    int n_done[STRATA_LEDGER_NEIGHBOURHOODS]; /* partitions that have been loaded */
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

/* Somebody is about to take so many bytes instead of *n_bytes, for a partition of n_rows. */
static enum strata_status take(struct grouping *grouping, uint64_t *taken, uint64_t n_bytes, size_t n_rows,
                               struct strata_error *err)
{
    const uint64_t limit = grouping->ledger->options.grouping_limit;
    if (n_bytes <= *taken)
        return STRATA_OK;
    uint64_t all =
        grouping->held_bytes + __atomic_add_fetch(&grouping->taken_bytes, n_bytes - *taken, __ATOMIC_RELAXED);
    *taken = n_bytes;
    if (!limit || all <= limit)
        return STRATA_OK;
    return strata_fail(err, STRATA_MEMORY,
                       "%zu transactions of one customer, or of few, need %lluM of memory with all that is held beside "
                       "them, and the memory limit leaves %lluM\nraise --memory-limit",
                       n_rows, (unsigned long long)(all >> 20) + 1, (unsigned long long)(limit >> 20));
}

/* What was made for very many rows is not kept while their histories are made. */
static void shrink_loader(struct grouping *grouping, struct worker *worker)
{
    strata_partition_loader_release(&worker->loader);
    __atomic_sub_fetch(&grouping->taken_bytes, worker->loader_bytes, __ATOMIC_RELAXED);
    worker->loader_bytes = 0;
}

static enum strata_status load_partition(struct grouping *grouping, struct worker *worker,
                                         struct strata_partition *partition, size_t number, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_ledger *ledger = grouping->ledger;
    const size_t n_rows = strata_partition_count_rows(ledger, number);
    uint64_t taken = partition->capacity;
    STRATA_TRY(take(grouping, &worker->loader_bytes, strata_partition_loader_bytes(ledger, n_rows), n_rows, err));
    STRATA_TRY(take(grouping, &taken, strata_partition_bytes(ledger, n_rows, 0), n_rows, err));
    STRATA_TRY(
        strata_partition_load(partition, &worker->loader, ledger, number, grouping->filter, worker->account, err));
    /* The filter may have left rows out. */
    __atomic_add_fetch(&grouping->taken_bytes, partition->capacity - taken, __ATOMIC_RELAXED);
done:
    return status;
}

/* First step: the rows of each customer together. A neighbourhood that is done gives its memory back. */
static void load_partitions(struct grouping *grouping, struct range range)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(grouping->ledger->options.threads)
    for (size_t i = 0; i < range.n; ++i) {
        if (has_failed(grouping))
            continue;
        const size_t number = grouping->order[i].number, home = number / STRATA_LEDGER_NEIGHBOURS;
        struct worker *worker = &grouping->worker[omp_get_thread_num()];
        struct strata_error error = {0};
        latch(grouping, load_partition(grouping, worker, &grouping->partition[number - range.first], number, &error),
              &error);
        if (grouping->order[i].is_large)
            shrink_loader(grouping, worker);
        if (__atomic_add_fetch(&grouping->n_done[home], 1, __ATOMIC_ACQ_REL) == STRATA_LEDGER_NEIGHBOURS)
            strata_ledger_give_back(grouping->ledger, home);
    }
}

/* Between the steps: the partitions' customers one after the other. */
static enum strata_status make_room(struct grouping *grouping, struct range range, struct strata_error *err)
{
    grouping->first_customer = grouping->n_customers;
    for (size_t p = 0; p < range.n; ++p) {
        grouping->offset[range.first + p] = grouping->n_customers;
        grouping->n_customers += grouping->partition[p].n_customers;
    }
    const size_t n = grouping->n_customers - grouping->first_customer, n_partitions = range.first + range.n;
    if (n == 0)
        return STRATA_OK;
    /* Hashes spread customers evenly: by a few more than their standard deviation, more are not to be expected. */
    const double so_far = (double)grouping->n_customers, share = (double)n_partitions / STRATA_LEDGER_PARTITIONS;
    const size_t n_expected = n_partitions == STRATA_LEDGER_PARTITIONS
                                  ? grouping->n_customers
                                  : (size_t)((so_far + 4 * sqrt(so_far)) / share) + 1;
    return grouping->visitor->make_room(grouping->visitor->context, n, n_expected, &grouping->customer, err);
}

static enum strata_status visit_partition(struct grouping *grouping, struct worker *worker,
                                          struct strata_partition *partition, size_t offset, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_ledger *ledger = grouping->ledger;
    size_t largest = 0;
    for (size_t i = 0; i < partition->n_customers; ++i) {
        size_t n = partition->first[i + 1] - partition->first[i];
        largest = n > largest ? n : largest;
    }
    STRATA_TRY(
        take(grouping, &worker->builder_bytes, strata_history_builder_bytes(&ledger->layout, largest), largest, err));
    STRATA_TRY(strata_history_builder_reserve(&worker->builder, &ledger->layout, largest, err));
    memcpy(grouping->customer + (offset - grouping->first_customer), partition->customer,
           partition->n_customers * sizeof *partition->customer);
    for (size_t i = 0; i < partition->n_customers; ++i) {
        struct strata_history history;
        strata_history_build(&worker->builder, partition, i, ledger, grouping->filter, worker->account, &history);
        grouping->visitor->customer(grouping->visitor->context, offset + i, &history);
    }
done:
    return status;
}

static void report_progress(struct grouping *grouping, const struct strata_partition *partition)
{
    if (!grouping->progress)
        return;
#pragma omp critical(strata_ledger_progress)
    {
        grouping->rows_done += partition->n_rows;
        grouping->progress(grouping->progress_context, grouping->rows_done);
    }
}

/* Second step: the ids and the histories. Meanwhile one thread gives the system what the visitor has left of the
 * memory of rows. */
static void visit_partitions(struct grouping *grouping, struct range range)
{
#pragma omp parallel num_threads(grouping->ledger->options.threads)
    {
#pragma omp single nowait
        strata_page_pool_release(&grouping->ledger->pages);
#pragma omp for schedule(dynamic, 1)
        for (size_t i = 0; i < range.n; ++i) {
            const size_t number = grouping->order[i].number;
            struct strata_partition *partition = &grouping->partition[number - range.first];
            struct strata_error error = {0};
            if (has_failed(grouping) || partition->n_customers == 0)
                continue;
            latch(grouping,
                  visit_partition(grouping, &grouping->worker[omp_get_thread_num()], partition,
                                  grouping->offset[number], &error),
                  &error);
            report_progress(grouping, partition);
        }
    }
    if (grouping->visitor->rest)
        grouping->visitor->rest(grouping->visitor->context);
}

static enum strata_status check(const struct grouping *grouping, struct strata_error *err)
{
    return grouping->status == STRATA_OK ? STRATA_OK
                                         : strata_fail(err, grouping->status, "%s", grouping->error.message);
}

/* Partitions of a wave. Those in a temporary file come back a neighbourhood at a time, or as much of one as fits. */
static size_t wave_of(const struct grouping *grouping)
{
    const size_t n = (size_t)grouping->ledger->options.threads * WAVE_PER_THREAD;
    return n < STRATA_LEDGER_PARTITIONS ? n : STRATA_LEDGER_PARTITIONS;
}

static enum strata_status group(struct grouping *grouping, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ledger *ledger = grouping->ledger;
    struct range range = {0, wave_of(grouping)};
    for (; range.first < STRATA_LEDGER_PARTITIONS; range.first += range.n) {
        if (range.n > STRATA_LEDGER_PARTITIONS - range.first)
            range.n = STRATA_LEDGER_PARTITIONS - range.first;
        if (grouping->is_spilled)
            STRATA_TRY(strata_ledger_fetch(ledger, range.first, &range.n, err));
        grouping->held_bytes = ledger->text_bytes + (grouping->is_spilled ? ledger->n_returned : ledger->n_bytes);
        order_partitions(ledger, range, grouping->order);
        load_partitions(grouping, range);
        STRATA_TRY(check(grouping, err));
        STRATA_TRY(make_room(grouping, range, err));
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
    grouping->partition = strata_calloc_array(STRATA_LEDGER_PARTITIONS, sizeof *grouping->partition);
    grouping->offset = strata_calloc_array(STRATA_LEDGER_PARTITIONS, sizeof *grouping->offset);
    grouping->worker = strata_calloc_array(threads, sizeof *grouping->worker);
    bool is_complete = grouping->order && grouping->partition && grouping->offset && grouping->worker;
    for (size_t t = 0; is_complete && t < threads; ++t) {
        struct worker *worker = &grouping->worker[t];
        worker->account = strata_calloc_array(options->n_origins, sizeof *worker->account);
        is_complete = worker->account;
    }
    return is_complete ? STRATA_OK : strata_fail(err, STRATA_MEMORY, "out of memory while grouping");
}

static void grouping_release(struct grouping *grouping)
{
    for (size_t p = 0; grouping->partition && p < STRATA_LEDGER_PARTITIONS; ++p)
        strata_partition_release(&grouping->partition[p]);
    for (int t = 0; grouping->worker && t < grouping->ledger->options.threads; ++t) {
        struct worker *worker = &grouping->worker[t];
        strata_partition_loader_release(&worker->loader);
        strata_history_builder_release(&worker->builder);
        free(worker->account);
    }
    free(grouping->order);
    free(grouping->partition);
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
