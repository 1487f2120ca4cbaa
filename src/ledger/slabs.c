#include "slabs.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "check.h"
#include "memory.h"
#include "spill.h"

enum {
    RESERVE_BYTES = 32 << 20, /* of address space at a time */
    FIRST_STEP_BYTES = 16 << 10,
    LAST_STEP_BYTES = 256 << 10,
    LEAST_SHARE = 8, /* a thread with less than 1/8 of its share of the limit does not spill */
    STEPS_SHARE = 8, /* the last steps of all neighbourhoods take up to 1/8 of the limit */
};

void strata_ledger_free_slabs(struct strata_ledger_slab **slabs)
{
    for (struct strata_ledger_slab *slab = *slabs, *next; slab; slab = next) {
        next = slab->next;
        (void)munmap(slab->memory, STRATA_LEDGER_SLAB_BYTES);
        free(slab);
    }
    *slabs = NULL;
}

void strata_ledger_release_reserve(struct strata_ledger_thread *thread)
{
    if (thread->reserve_bytes)
        (void)munmap(thread->reserve, thread->reserve_bytes);
    thread->reserve_bytes = 0;
}

void strata_ledger_give_back(struct strata_ledger *ledger, size_t neighbourhood)
{
    for (int t = 0; t < ledger->options.threads; ++t) {
        struct strata_ledger_slab **slabs = &ledger->thread[t].slabs[neighbourhood];
        for (struct strata_ledger_slab *slab = *slabs, *next; slab; slab = next) {
            const size_t n_bytes = strata_round_to_pages(slab->n_bytes);
            next = slab->next;
            __atomic_sub_fetch(&ledger->n_bytes, slab->n_bytes, __ATOMIC_RELAXED);
            if (n_bytes < STRATA_LEDGER_SLAB_BYTES)
                (void)munmap(slab->memory + n_bytes, STRATA_LEDGER_SLAB_BYTES - n_bytes);
            strata_page_pool_give(&ledger->pages, slab->memory, n_bytes);
            free(slab);
        }
        *slabs = NULL;
        strata_ledger_forget(&ledger->thread[t], neighbourhood);
    }
}

static bool is_beyond_limit(const struct strata_ledger *ledger, size_t more)
{
    const uint64_t rows = __atomic_load_n(&ledger->n_bytes, __ATOMIC_RELAXED),
                   texts = __atomic_load_n(&ledger->text_bytes, __ATOMIC_RELAXED);
    return rows + texts + more > ledger->options.memory_limit;
}

/* Is it this thread's turn to spill? One that holds little of what is held leaves it to the others: it would write
 * little at a time. */
static bool must_spill(const struct strata_ledger *ledger, const struct strata_ledger_thread *thread, size_t n_bytes)
{
    const uint64_t limit = ledger->options.memory_limit;
    return limit && thread->n_bytes && is_beyond_limit(ledger, n_bytes) &&
           thread->n_bytes >= limit / ((uint64_t)ledger->options.threads * LEAST_SHARE);
}

/* By how much a neighbourhood grows: it doubles up to a limit, so that small inputs stay small; and a step of every
 * neighbourhood and thread is a small part of the memory limit. */
static size_t next_step(const struct strata_ledger *ledger, const struct strata_ledger_slab *newest)
{
    size_t most = LAST_STEP_BYTES, n_bytes = newest ? newest->n_bytes : 0;
    const uint64_t limit = ledger->options.memory_limit, threads = (uint64_t)ledger->options.threads;
    while (limit && most > FIRST_STEP_BYTES && most * threads * STRATA_LEDGER_NEIGHBOURHOODS > limit / STEPS_SHARE)
        most /= 2;
    if (n_bytes > most || (newest && newest->next))
        return most;
    return n_bytes > FIRST_STEP_BYTES ? n_bytes : FIRST_STEP_BYTES;
}

/* Address space for a slab. Threads that map memory wait for each other, and for those that the system is giving pages
 * to: they do it rarely. NULL if there is none. */
static char *cut_from_reserve(struct strata_ledger_thread *thread)
{
    if (thread->reserve_bytes == 0) {
        void *reserve =
            mmap(NULL, RESERVE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (reserve == MAP_FAILED)
            return NULL;
        thread->reserve = reserve;
        thread->reserve_bytes = RESERVE_BYTES;
    }
    char *memory = thread->reserve;
    thread->reserve += STRATA_LEDGER_SLAB_BYTES;
    thread->reserve_bytes -= STRATA_LEDGER_SLAB_BYTES;
    return memory;
}

static enum strata_status add_slab(struct strata_ledger_thread *thread, size_t neighbourhood, struct strata_error *err)
{
    struct strata_ledger_slab *slab = malloc(sizeof *slab);
    char *memory = slab ? cut_from_reserve(thread) : NULL;
    if (!memory) {
        free(slab);
        return strata_fail_memory(err, "transactions", 1, STRATA_LEDGER_SLAB_BYTES);
    }
    *slab = (struct strata_ledger_slab){.next = thread->slabs[neighbourhood], .memory = memory};
    thread->slabs[neighbourhood] = slab;
    return STRATA_OK;
}

/* Steps come with their pages: one call for many instead of a page fault for each. */
static void extend(struct strata_ledger *ledger, struct strata_ledger_thread *thread, struct strata_ledger_slab *slab,
                   size_t n_bytes)
{
    if (n_bytes > STRATA_LEDGER_SLAB_BYTES - slab->n_bytes)
        n_bytes = STRATA_LEDGER_SLAB_BYTES - slab->n_bytes;
#if defined(MADV_POPULATE_WRITE)
    (void)madvise(slab->memory + slab->n_bytes, n_bytes,
                  MADV_POPULATE_WRITE); /* systems that do not know it give pages as they are touched */
#endif
    slab->n_bytes += n_bytes;
    thread->n_bytes += n_bytes;
    __atomic_add_fetch(&ledger->n_bytes, n_bytes, __ATOMIC_RELAXED);
}

/* Texts of ids take the place of rows: slabs that have been spilled go back to the system, except one. */
static void give_back_spare(struct strata_ledger *ledger, struct strata_ledger_thread *thread)
{
    struct strata_ledger_slab *kept = thread->spare;
    while (kept && kept->next && is_beyond_limit(ledger, 0)) {
        struct strata_ledger_slab *slab = kept->next;
        kept->next = slab->next;
        slab->next = NULL;
        thread->n_bytes -= slab->n_bytes;
        __atomic_sub_fetch(&ledger->n_bytes, slab->n_bytes, __ATOMIC_RELAXED);
        strata_ledger_free_slabs(&slab);
    }
}

static enum strata_status grow(struct strata_ledger *ledger, struct strata_ledger_thread *thread, size_t neighbourhood,
                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ledger_slab **slabs = &thread->slabs[neighbourhood];
    if (!thread->spare && must_spill(ledger, thread, next_step(ledger, *slabs))) {
        STRATA_TRY(strata_ledger_spill_largest(ledger, thread, err));
        give_back_spare(ledger, thread);
    }
    if (thread->spare) {
        struct strata_ledger_slab *slab = thread->spare;
        thread->spare = slab->next;
        slab->next = *slabs;
        *slabs = slab;
        goto done;
    }
    const size_t step = next_step(ledger, *slabs);
    if (!*slabs || (*slabs)->n_bytes == STRATA_LEDGER_SLAB_BYTES)
        STRATA_TRY(add_slab(thread, neighbourhood, err));
    extend(ledger, thread, *slabs, step);
done:
    return status;
}

enum strata_status strata_ledger_cut(struct strata_ledger *ledger, struct strata_ledger_thread *thread,
                                     size_t neighbourhood, size_t n_bytes, void **memory, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ledger_slab **slabs = &thread->slabs[neighbourhood];
    if (!*slabs || (*slabs)->n_bytes - (*slabs)->used < n_bytes)
        STRATA_TRY(grow(ledger, thread, neighbourhood, err));
    *memory = (*slabs)->memory + (*slabs)->used;
    (*slabs)->used += n_bytes;
done:
    return status;
}
