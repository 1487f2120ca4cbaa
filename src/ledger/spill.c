#include "spill.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "memory.h"
#include "slabs.h"

/* What is sifted goes through so much; of the limit for grouping, rows that come back take one part of so many. */
enum { SIEVE_BYTES = 1 << 20, GROUPING_SHARE = 4 };

/* What one thread wrote of one neighbourhood at once: slabs, one after the other, each full of chunks. */
struct strata_ledger_extent {
    uint64_t offset, n_bytes;
    size_t neighbourhood;
};

static uint64_t bytes_of(const struct strata_ledger_slab *slab)
{
    uint64_t n_bytes = 0;
    for (; slab; slab = slab->next)
        n_bytes += slab->used;
    return n_bytes;
}

static enum strata_status open_once(struct strata_ledger *ledger, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
#pragma omp critical(strata_ledger_spill_open)
    if (!ledger->spill.is_open)
        status = strata_temporary_file_open(&ledger->spill, ledger->options.temp_dir, err);
    return status;
}

/* How much of each partition leaves. */
static void count_partitions(struct strata_ledger_thread *thread, size_t neighbourhood)
{
    const size_t first = neighbourhood * STRATA_LEDGER_NEIGHBOURS;
    for (int w = 0; w < STRATA_N_WIDTHS; ++w)
        for (size_t p = first; p < first + STRATA_LEDGER_NEIGHBOURS; ++p)
            for (const struct strata_ledger_chunk *chunk = thread->list[w][p].oldest; chunk; chunk = chunk->next)
                thread->spilled[p] += chunk->n_bytes;
}

static enum strata_status spill_neighbourhood(struct strata_ledger *ledger, struct strata_ledger_thread *thread,
                                              size_t neighbourhood, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ledger_slab *newest = thread->slabs[neighbourhood], *oldest = newest;
    if (!newest)
        return STRATA_OK;
    STRATA_TRY(open_once(ledger, err));
    void *extents = thread->extents;
    status = strata_grow_array(&extents, &thread->extent_capacity, thread->n_extents + 1, sizeof *thread->extents, err);
    thread->extents = extents;
    if (status != STRATA_OK)
        return status;
    strata_ledger_settle_neighbourhood(thread, neighbourhood);
    count_partitions(thread, neighbourhood);
    uint64_t n_bytes = bytes_of(newest), offset = strata_temporary_file_reserve(&ledger->spill, n_bytes), at = offset;
    for (struct strata_ledger_slab *slab = newest; slab; slab = slab->next) {
        STRATA_TRY(strata_temporary_file_write(&ledger->spill, slab->memory, slab->used, at, err));
        at += slab->used;
        slab->used = 0;
        oldest = slab;
    }
    thread->extents[thread->n_extents++] =
        (struct strata_ledger_extent){.offset = offset, .n_bytes = n_bytes, .neighbourhood = neighbourhood};
    oldest->next = thread->spare;
    thread->spare = newest;
    thread->slabs[neighbourhood] = NULL;
    strata_ledger_forget(thread, neighbourhood);
done:
    return status;
}

enum strata_status strata_ledger_spill_largest(struct strata_ledger *ledger, struct strata_ledger_thread *thread,
                                               struct strata_error *err)
{
    size_t largest = 0;
    uint64_t most = 0;
    for (size_t n = 0; n < STRATA_LEDGER_NEIGHBOURHOODS; ++n) {
        uint64_t n_bytes = bytes_of(thread->slabs[n]);
        if (n_bytes > most) {
            most = n_bytes;
            largest = n;
        }
    }
    return spill_neighbourhood(ledger, thread, largest, err);
}

enum strata_status strata_ledger_spill_rest(struct strata_ledger *ledger, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
#pragma omp parallel for schedule(dynamic, 1) num_threads(ledger->options.threads)
    for (int t = 0; t < ledger->options.threads; ++t) {
        struct strata_ledger_thread *thread = &ledger->thread[t];
        struct strata_error error = {0};
        enum strata_status own = STRATA_OK;
        for (size_t n = 0; own == STRATA_OK && n < STRATA_LEDGER_NEIGHBOURHOODS; ++n)
            own = spill_neighbourhood(ledger, thread, n, &error);
        strata_ledger_free_slabs(&thread->spare);
        if (own != STRATA_OK)
#pragma omp critical(strata_ledger_spill_latch)
            status = strata_fail(err, own, "%s", error.message);
    }
    return status;
}

/* The chunks of an extent join the lists of the thread that wrote it. */
static void link_chunks(struct strata_ledger_thread *thread, char *memory, uint64_t n_bytes)
{
    for (uint64_t at = 0; at < n_bytes;) {
        struct strata_ledger_chunk *chunk = (void *)(memory + at);
        struct strata_ledger_list *list = &thread->list[chunk->width][chunk->partition];
        at += chunk->n_bytes;
        strata_ledger_link(list, chunk);
    }
}

/* One extent on its way back. */
struct strata_ledger_return {
    struct strata_ledger_thread *thread;
    struct strata_ledger_extent extent;
    char *memory;
};

/* How many extents a neighbourhood has; with `returns`, which. */
static size_t find_extents(const struct strata_ledger *ledger, size_t neighbourhood,
                           struct strata_ledger_return *returns)
{
    size_t n = 0;
    for (int t = 0; t < ledger->options.threads; ++t) {
        struct strata_ledger_thread *thread = &ledger->thread[t];
        for (size_t e = 0; e < thread->n_extents; ++e) {
            if (thread->extents[e].neighbourhood != neighbourhood)
                continue;
            if (returns)
                returns[n] = (struct strata_ledger_return){.thread = thread, .extent = thread->extents[e]};
            ++n;
        }
    }
    return n;
}

/* Room for the neighbourhood; the last one's is kept if it is enough. */
static enum strata_status reserve(struct strata_ledger *ledger, uint64_t n_bytes, struct strata_error *err)
{
    if (n_bytes <= ledger->n_returned)
        return STRATA_OK;
    const uint64_t limit = ledger->options.grouping_limit, needed = n_bytes + ledger->text_bytes;
    if (limit && needed > limit)
        return strata_fail(err, STRATA_MEMORY,
                           "transactions that come back from a temporary file take %lluM at a time with the texts of "
                           "customer ids, and the memory limit leaves %lluM for them\nraise --memory-limit",
                           (unsigned long long)(needed >> 20) + 1, (unsigned long long)(limit >> 20));
    free(ledger->returned);
    ledger->n_returned = 0;
    ledger->returned = strata_malloc_array(n_bytes, 1);
    if (!ledger->returned)
        return strata_fail_memory(err, "transactions that come back from a temporary file", n_bytes, 1);
    ledger->n_returned = n_bytes;
    return STRATA_OK;
}

static enum strata_status read_extents(const struct strata_ledger *ledger, const struct strata_ledger_return *returns,
                                       size_t n, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
#pragma omp parallel for schedule(dynamic, 1) num_threads(ledger->options.threads)
    for (size_t i = 0; i < n; ++i) {
        struct strata_error error = {0};
        const struct strata_ledger_extent extent = returns[i].extent;
        enum strata_status own =
            strata_temporary_file_read(&ledger->spill, returns[i].memory, extent.n_bytes, extent.offset, &error);
        if (own != STRATA_OK)
#pragma omp critical(strata_ledger_spill_latch)
            status = strata_fail(err, own, "%s", error.message);
    }
    return status;
}

/* The next neighbourhood is read by the kernel while this one is worked on. */
static void announce(const struct strata_ledger *ledger, size_t neighbourhood)
{
    for (int t = 0; t < ledger->options.threads; ++t)
        for (size_t e = 0; e < ledger->thread[t].n_extents; ++e) {
            const struct strata_ledger_extent *extent = &ledger->thread[t].extents[e];
            if (extent->neighbourhood == neighbourhood)
                strata_temporary_file_announce(&ledger->spill, extent->offset, extent->n_bytes);
        }
}

/* Where parts of extents go. */
struct strata_ledger_sieve {
    size_t first, n; /* partitions */
    char *memory;    /* the next free */
};

/* The chunks of an extent that are of these partitions, one after the other, through a buffer. */
static enum strata_status sift_extent(const struct strata_ledger *ledger, const struct strata_ledger_extent *extent,
                                      char *buffer, struct strata_ledger_sieve *sieve, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    uint64_t from = 0;
    size_t n = 0;
    for (uint64_t at = 0; at < extent->n_bytes;) {
        const struct strata_ledger_chunk *chunk = (const void *)(buffer + (at - from));
        size_t left = (size_t)(from + n - at);
        if (left < sizeof *chunk || left < chunk->n_bytes) {
            const uint64_t rest = extent->n_bytes - at;
            from = at;
            n = rest < SIEVE_BYTES ? (size_t)rest : SIEVE_BYTES;
            STRATA_TRY(strata_temporary_file_read(&ledger->spill, buffer, n, extent->offset + at, err));
            continue;
        }
        if (chunk->partition >= sieve->first && chunk->partition - sieve->first < sieve->n) {
            memcpy(sieve->memory, chunk, chunk->n_bytes);
            sieve->memory += chunk->n_bytes;
        }
        at += chunk->n_bytes;
    }
done:
    return status;
}

/* Some partitions of a neighbourhood of which not all can come at once. */
static enum strata_status sift(struct strata_ledger *ledger, struct strata_ledger_return *returns, size_t n_returns,
                               size_t first, size_t n, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ledger_sieve sieve = {.first = first, .n = n, .memory = ledger->returned};
    char *buffer = strata_malloc_array(SIEVE_BYTES, 1);
    if (!buffer)
        return strata_fail_memory(err, "transactions that come back from a temporary file", SIEVE_BYTES, 1);
    for (size_t i = 0; i < n_returns; ++i) {
        returns[i].memory = sieve.memory;
        STRATA_TRY(sift_extent(ledger, &returns[i].extent, buffer, &sieve, err));
        returns[i].extent.n_bytes = (uint64_t)(sieve.memory - returns[i].memory);
    }
done:
    free(buffer);
    return status;
}

static uint64_t bytes_of_partitions(const struct strata_ledger *ledger, size_t first, size_t n)
{
    uint64_t n_bytes = 0;
    for (int t = 0; t < ledger->options.threads; ++t)
        for (size_t p = first; p < first + n; ++p)
            n_bytes += ledger->thread[t].spilled[p];
    return n_bytes;
}

/* As many partitions as leave room for what grouping makes of them. Their number is halved, so that those of a
 * neighbourhood, to which each reading goes through, come in few. */
static size_t count_fitting(const struct strata_ledger *ledger, size_t first)
{
    const uint64_t limit = ledger->options.grouping_limit, texts = ledger->text_bytes;
    const uint64_t share = limit > texts ? (limit - texts) / GROUPING_SHARE : 0;
    size_t n = STRATA_LEDGER_NEIGHBOURS - first % STRATA_LEDGER_NEIGHBOURS;
    while (limit && n > 1 && bytes_of_partitions(ledger, first, n) > share)
        n = (n + 1) / 2;
    return n;
}

enum strata_status strata_ledger_fetch(struct strata_ledger *ledger, size_t first, size_t *n_partitions,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const size_t neighbourhood = first / STRATA_LEDGER_NEIGHBOURS;
    size_t n = find_extents(ledger, neighbourhood, NULL);
    struct strata_ledger_return *returns = strata_malloc_array(n, sizeof *returns);
    if (!returns)
        return strata_fail_memory(err, "an index of a temporary file", n, sizeof *returns);
    *n_partitions = count_fitting(ledger, first);
    (void)find_extents(ledger, neighbourhood, returns);
    STRATA_TRY(reserve(ledger, bytes_of_partitions(ledger, first, *n_partitions), err));
    if (*n_partitions == STRATA_LEDGER_NEIGHBOURS) {
        char *memory = ledger->returned;
        for (size_t i = 0; i < n; ++i) {
            returns[i].memory = memory;
            memory += returns[i].extent.n_bytes;
        }
        STRATA_TRY(read_extents(ledger, returns, n, err));
    } else {
        STRATA_TRY(sift(ledger, returns, n, first, *n_partitions, err));
    }
    if ((first + *n_partitions) % STRATA_LEDGER_NEIGHBOURS == 0)
        announce(ledger, neighbourhood + 1);
    for (int t = 0; t < ledger->options.threads; ++t)
        strata_ledger_forget(&ledger->thread[t], neighbourhood);
    for (size_t i = 0; i < n; ++i)
        link_chunks(returns[i].thread, returns[i].memory, returns[i].extent.n_bytes);
done:
    free(returns);
    return status;
}
