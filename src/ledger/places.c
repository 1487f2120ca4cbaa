#include "places.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

/* How many customers there will be is judged by so many partitions at least. */
enum { SAMPLE = STRATA_LEDGER_PARTITIONS / 64 };

/* Partitions that the visitor prepares for at a time: at first few, of which it has the memory, then twice as many each
 * time. */
enum { FIRST_STRETCH = SAMPLE, LAST_STRETCH = STRATA_LEDGER_PARTITIONS / 16 };

enum strata_status strata_places_init(struct strata_ledger_places *places, const struct strata_ledger_visitor *visitor,
                                      struct strata_error *err)
{
    *places = (struct strata_ledger_places){.visitor = visitor};
    (void)pthread_mutex_init(&places->lock, NULL);
    (void)pthread_rwlock_init(&places->moving, NULL);
    places->count = strata_malloc_array(STRATA_LEDGER_PARTITIONS, sizeof *places->count);
    places->first = strata_malloc_array(STRATA_LEDGER_PARTITIONS, sizeof *places->first);
    if (!places->count || !places->first)
        return strata_fail_memory(err, "grouping", STRATA_LEDGER_PARTITIONS, sizeof *places->first);
    memset(places->count, 0xFF, STRATA_LEDGER_PARTITIONS * sizeof *places->count);
    return STRATA_OK;
}

void strata_places_release(struct strata_ledger_places *places)
{
    if (!places->visitor)
        return;
    free(places->count);
    free(places->first);
    (void)pthread_mutex_destroy(&places->lock);
    (void)pthread_rwlock_destroy(&places->moving);
    *places = (struct strata_ledger_places){0};
}

void strata_places_note(struct strata_ledger_places *places, size_t partition, size_t n_customers)
{
    __atomic_store_n(&places->count[partition], (uint32_t)n_customers, __ATOMIC_RELEASE);
}

static uint32_t count_of(const struct strata_ledger_places *places, size_t partition)
{
    return __atomic_load_n(&places->count[partition], __ATOMIC_ACQUIRE);
}

/* The partitions of which all is known, and their customers. */
static size_t count_known(const struct strata_ledger_places *places, size_t *n_customers)
{
    size_t n = places->turn;
    *n_customers = places->n_customers;
    for (; n < STRATA_LEDGER_PARTITIONS && count_of(places, n) != STRATA_COUNT_UNKNOWN; ++n)
        *n_customers += count_of(places, n);
    return n;
}

/* How many customers there will be. Hashes spread them evenly: by a few more than their standard deviation, more are
 * not to be expected. */
static size_t expect_customers(const struct strata_ledger_places *places)
{
    size_t n_customers;
    const size_t n = count_known(places, &n_customers);
    if (n == STRATA_LEDGER_PARTITIONS)
        return n_customers;
    const double so_far = (double)n_customers, share = (double)n / STRATA_LEDGER_PARTITIONS;
    return (size_t)((so_far + 4 * sqrt(so_far)) / share) + 1;
}

static enum strata_status make_room(struct strata_ledger_places *places, struct strata_error *err)
{
    const struct strata_ledger_visitor *visitor = places->visitor;
    const size_t n_customers = expect_customers(places);
    (void)pthread_rwlock_wrlock(&places->moving);
    const enum strata_status status = visitor->reserve(visitor->context, n_customers, err);
    (void)pthread_rwlock_unlock(&places->moving);
    if (status == STRATA_OK)
        places->room = n_customers;
    return status;
}

static void prepare(struct strata_ledger_places *places)
{
    const struct strata_ledger_visitor *visitor = places->visitor;
    size_t stretch = places->prepared < FIRST_STRETCH ? FIRST_STRETCH : places->prepared;
    stretch = stretch < LAST_STRETCH ? stretch : LAST_STRETCH;
    places->prepared += stretch;
    const double share = (double)places->prepared / STRATA_LEDGER_PARTITIONS;
    visitor->prepare(visitor->context, (size_t)((double)places->room * share));
}

/* Places for n customers of the partition whose turn it is. */
static enum strata_status place(struct strata_ledger_places *places, size_t n, bool *has_prepared,
                                struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_ledger_visitor *visitor = places->visitor;
    if (n > places->room - places->n_customers)
        STRATA_TRY(make_room(places, err));
    if (visitor->prepare && places->turn >= places->prepared) {
        prepare(places);
        *has_prepared = true;
    }
    STRATA_TRY(visitor->add(visitor->context, n, err));
    places->n_customers += n;
done:
    return status;
}

enum strata_status strata_places_advance(struct strata_ledger_places *places, size_t end, bool *has_prepared,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_customers;
    *has_prepared = false;
    (void)pthread_mutex_lock(&places->lock);
    if (places->turn == 0 && count_known(places, &n_customers) < (end < SAMPLE ? end : SAMPLE))
        goto done;
    for (size_t turn = places->turn; turn < STRATA_LEDGER_PARTITIONS; ++turn) {
        const uint32_t n = count_of(places, turn);
        if (n == STRATA_COUNT_UNKNOWN)
            break;
        places->first[turn] = places->n_customers;
        if (n > 0)
            STRATA_TRY(place(places, n, has_prepared, err));
        __atomic_store_n(&places->turn, turn + 1, __ATOMIC_RELEASE);
    }
done:
    (void)pthread_mutex_unlock(&places->lock);
    return status;
}

void strata_places_hold(struct strata_ledger_places *places) { (void)pthread_rwlock_rdlock(&places->moving); }

void strata_places_let_go(struct strata_ledger_places *places) { (void)pthread_rwlock_unlock(&places->moving); }
