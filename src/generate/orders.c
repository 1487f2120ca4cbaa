#include "orders.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "check.h"
#include "memory.h"
#include "random.h"

enum { CUSTOMERS_PER_CHUNK = 1 << 14, MOST_CHUNKS = 1024 };

/* Seconds of a day are sorted by two digits. */
enum { LOW_BITS = 9, HIGH_BITS = 8, LOW_SIZE = 1 << LOW_BITS, HIGH_SIZE = 1 << HIGH_BITS };

struct walk {
    struct strata_behaviour behaviour;
    const struct strata_season *season;
    uint64_t customers, customers_per_chunk;
    size_t n_chunks, n_days;
    int threads;
    gsl_rng *rng;       /* two per thread */
    uint8_t *rng_state; /* theirs: gsl_rng_alloc would call GSL's error handler */
    uint64_t *place;    /* n_chunks x n_days: first the counts, then where the next order of that chunk and day goes */
    uint64_t *day_end;  /* n_days */
};

static void walk_release(struct walk *walk)
{
    free(walk->rng);
    free(walk->rng_state);
    free(walk->place);
    free(walk->day_end);
    *walk = (struct walk){0};
}

static enum strata_status walk_init(struct walk *walk, const struct strata_generate_options *options,
                                    const struct strata_season *season, int threads, struct strata_error *err)
{
    *walk = (struct walk){.season = season, .customers = options->customers, .threads = threads};
    strata_behaviour_init(&walk->behaviour, options);
    walk->n_days = (size_t)season->days;
    walk->customers_per_chunk = (walk->customers + MOST_CHUNKS - 1) / MOST_CHUNKS;
    if (walk->customers_per_chunk < CUSTOMERS_PER_CHUNK)
        walk->customers_per_chunk = CUSTOMERS_PER_CHUNK;
    walk->n_chunks = (size_t)((walk->customers + walk->customers_per_chunk - 1) / walk->customers_per_chunk);

    size_t n_rng = 2 * (size_t)threads, state_size = (strata_rng_philox->size + 63) / 64 * 64;
    walk->rng = strata_calloc_array(n_rng, sizeof *walk->rng);
    walk->rng_state = strata_calloc_array(n_rng, state_size);
    walk->place = strata_calloc_array(walk->n_chunks * walk->n_days, sizeof *walk->place);
    walk->day_end = strata_calloc_array(walk->n_days, sizeof *walk->day_end);
    if (!walk->rng || !walk->rng_state || !walk->place || !walk->day_end) {
        walk_release(walk);
        return strata_fail_memory(err, "the orders per day", walk->n_chunks * walk->n_days, sizeof *walk->place);
    }
    for (size_t i = 0; i < n_rng; ++i)
        walk->rng[i] = (gsl_rng){.type = strata_rng_philox, .state = walk->rng_state + i * state_size};
    return STRATA_OK;
}

/* All orders of one chunk: counted if `into` is NULL, else placed. */
static void walk_chunk(struct walk *walk, size_t chunk, struct strata_order *into)
{
    gsl_rng *rng = &walk->rng[2 * omp_get_thread_num()];
    struct strata_shopper_streams streams = {.times = &rng[0], .details = into ? &rng[1] : NULL};
    uint64_t *place = &walk->place[chunk * walk->n_days];
    uint64_t first = chunk * walk->customers_per_chunk, last = first + walk->customers_per_chunk;
    if (last > walk->customers)
        last = walk->customers;
    for (uint64_t customer = first; customer < last; ++customer) {
        struct strata_shopper shopper;
        struct strata_order order;
        strata_shopper_begin(&shopper, &walk->behaviour, walk->season, streams, (uint32_t)customer);
        while (strata_shopper_next(&shopper, &order)) {
            uint64_t position = place[order.second / STRATA_SECONDS_PER_DAY]++;
            if (into)
                into[position] = order;
        }
    }
}

static void walk_all(struct walk *walk, struct strata_order *into)
{
#pragma omp parallel for schedule(dynamic) num_threads(walk->threads)
    for (size_t chunk = 0; chunk < walk->n_chunks; ++chunk)
        walk_chunk(walk, chunk, into);
}

/* Counts -> places, by day, then by chunk. Returns the number of orders. */
static uint64_t places_from_counts(struct walk *walk)
{
    uint64_t total = 0;
    for (size_t day = 0; day < walk->n_days; ++day) {
        for (size_t chunk = 0; chunk < walk->n_chunks; ++chunk) {
            uint64_t *place = &walk->place[chunk * walk->n_days + day];
            uint64_t count = *place;
            *place = total;
            total += count;
        }
        walk->day_end[day] = total;
    }
    return total;
}

static void scatter(const struct strata_order *from, struct strata_order *into, size_t n, uint32_t size, uint32_t shift,
                    uint32_t base)
{
    size_t next[LOW_SIZE] = {0};
    uint32_t mask = size - 1;
    for (size_t i = 0; i < n; ++i)
        ++next[(from[i].second - base) >> shift & mask];
    size_t before = 0;
    for (uint32_t digit = 0; digit < size; ++digit) {
        size_t count = next[digit];
        next[digit] = before;
        before += count;
    }
    for (size_t i = 0; i < n; ++i)
        into[next[(from[i].second - base) >> shift & mask]++] = from[i];
}

static enum strata_status sort_days(struct strata_orders *orders, const struct walk *walk, struct strata_error *err)
{
    size_t largest = 0;
    for (size_t day = 0, begin = 0; day < walk->n_days; begin = walk->day_end[day++])
        if (walk->day_end[day] - begin > largest)
            largest = walk->day_end[day] - begin;
    int threads = walk->n_days < (size_t)walk->threads ? (int)walk->n_days : walk->threads;
    struct strata_order *scratch = strata_malloc_array(largest * (size_t)threads, sizeof *scratch);
    if (!scratch)
        return strata_fail_memory(err, "sorting the orders of a day", largest, sizeof *scratch);
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (size_t day = 0; day < walk->n_days; ++day) {
        struct strata_order *mine = scratch + largest * (size_t)omp_get_thread_num();
        size_t begin = day ? walk->day_end[day - 1] : 0, n = walk->day_end[day] - begin;
        uint32_t base = (uint32_t)day * STRATA_SECONDS_PER_DAY;
        scatter(orders->order + begin, mine, n, LOW_SIZE, 0, base);
        scatter(mine, orders->order + begin, n, HIGH_SIZE, LOW_BITS, base);
    }
    free(scratch);
    return STRATA_OK;
}

enum strata_status strata_orders_init(struct strata_orders *orders, const struct strata_generate_options *options,
                                      const struct strata_season *season, int threads, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct walk walk = {0};
    *orders = (struct strata_orders){0};

    STRATA_TRY(walk_init(&walk, options, season, threads, err));
    walk_all(&walk, NULL);
    orders->n = (size_t)places_from_counts(&walk);
    orders->order = strata_malloc_array(orders->n, sizeof *orders->order);
    if (!orders->order) {
        status = strata_fail_memory(err, "the orders", orders->n, sizeof *orders->order);
        goto done;
    }
    walk_all(&walk, orders->order);
    STRATA_TRY(sort_days(orders, &walk, err));
done:
    walk_release(&walk);
    if (status != STRATA_OK)
        strata_orders_release(orders);
    return status;
}

void strata_orders_release(struct strata_orders *orders)
{
    free(orders->order);
    *orders = (struct strata_orders){0};
}
