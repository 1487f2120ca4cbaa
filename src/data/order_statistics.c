#include "order_statistics.h"

#include <assert.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

/* A chunk of keys and groups stays in the first-level cache; a thread's histograms in the second. */
enum { CHUNK_ROWS = 1024, MAX_DIGIT_BITS = 16, MIN_DIGIT_BITS = 4, HISTOGRAM_BITS = 17, FILTER_BITS = 12 };

/* All values of a group whose keys begin with a prefix: where one or more ranks lie. */
struct slot {
    uint32_t group;
    uint64_t prefix;
};

/* A rank on its way to its value. */
struct target {
    size_t slot;
    uint64_t rank; /* within the slot */
};

struct selection {
    const struct strata_order *order;
    size_t n_slots;
    struct slot *slot;             /* ascending by group, prefix */
    struct slot *next_slot;        /* the same, of the pass after this one */
    size_t *first_slot;            /* n_groups + 1: the slots of each group */
    bool filter[1 << FILTER_BITS]; /* by hash of the slots: turns most values away */
    size_t n_targets;
    struct target *target;
    int threads;
    size_t stride; /* counters of one thread */
    uint64_t *histogram;
};

static uint64_t key_from_value(double value)
{
    double unsigned_zero = value + 0.0;
    uint64_t bits;
    memcpy(&bits, &unsigned_zero, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double value_from_key(uint64_t key)
{
    uint64_t bits = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static size_t chunks_of(size_t n_rows) { return n_rows / CHUNK_ROWS + (n_rows % CHUNK_ROWS != 0); }

/* Keys and groups of the values of one chunk that take part; their number. Without groups all are of group 0, and
 * `group` stays as it is. */
static size_t load_chunk(const struct strata_order_source *source, size_t chunk, uint64_t *key, uint32_t *group)
{
    double value[CHUNK_ROWS];
    size_t first = chunk * CHUNK_ROWS;
    size_t n = source->n_rows - first < CHUNK_ROWS ? source->n_rows - first : CHUNK_ROWS;
    strata_table_read(source->column, first, n, value);
    size_t kept = 0;
    if (!source->group) {
        for (size_t i = 0; i < n; ++i) {
            key[kept] = key_from_value(value[i]);
            kept += isnan(value[i]) ? 0 : 1;
        }
        return kept;
    }
    for (size_t i = 0; i < n; ++i) {
        const uint32_t g = (uint32_t)(source->group[first + i] - source->first_group);
        key[kept] = key_from_value(value[i]);
        group[kept] = g;
        kept += g < (uint32_t)source->n_groups && !isnan(value[i]);
    }
    return kept;
}

enum strata_status strata_order_init(struct strata_order *order, const struct strata_order_source *source,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_groups = (size_t)source->n_groups, n_chunks = chunks_of(source->n_rows);
    int threads = n_chunks < (size_t)source->threads ? (n_chunks ? (int)n_chunks : 1) : source->threads;
    uint64_t *partial = strata_calloc_array(n_groups * (size_t)threads, sizeof *partial);
    *order = (struct strata_order){.source = *source, .count = strata_calloc_array(n_groups, sizeof *order->count)};
    if (!partial || !order->count) {
        status = strata_fail_memory(err, "counts of values", n_groups, sizeof *partial);
        goto done;
    }

    uint64_t lowest = UINT64_MAX, highest = 0, any = 0, all = UINT64_MAX;
#pragma omp parallel num_threads(threads) reduction(min : lowest) reduction(max : highest) reduction(| : any)          \
    reduction(& : all)
    {
        uint64_t *count = partial + n_groups * (size_t)omp_get_thread_num();
        uint64_t key[CHUNK_ROWS];
        uint32_t group[CHUNK_ROWS] = {0};
#pragma omp for schedule(static)
        for (size_t chunk = 0; chunk < n_chunks; ++chunk) {
            size_t n = load_chunk(source, chunk, key, group);
            for (size_t i = 0; i < n; ++i) {
                ++count[group[i]];
                lowest = key[i] < lowest ? key[i] : lowest;
                highest = key[i] > highest ? key[i] : highest;
                any |= key[i];
                all &= key[i];
            }
        }
    }
    for (size_t i = 0; i < n_groups * (size_t)threads; ++i)
        order->count[i % n_groups] += partial[i];
    if (lowest < highest) {
        order->low_bits = __builtin_ctzll(any ^ all);
        order->n_bits = 64 - __builtin_clzll(highest - lowest) - order->low_bits;
    }
    order->lowest_key = lowest;
done:
    free(partial);
    if (status != STRATA_OK)
        strata_order_release(order);
    return status;
}

void strata_order_release(struct strata_order *order)
{
    free(order->count);
    *order = (struct strata_order){0};
}

static size_t filter_index(uint32_t group, uint64_t prefix)
{
    return (size_t)(((prefix ^ (uint64_t)group << 40) * 0x9E3779B97F4A7C15u) >> (64 - FILTER_BITS));
}

/* One slot per group that has ranks, holding all of its values. */
static void start(struct selection *selection, const struct strata_order_rank *rank)
{
    for (size_t t = 0; t < selection->n_targets; ++t) {
        uint32_t group = (uint32_t)rank[t].group;
        assert(rank[t].rank < selection->order->count[group]);
        assert(t == 0 || rank[t].group > rank[t - 1].group ||
               (rank[t].group == rank[t - 1].group && rank[t].rank >= rank[t - 1].rank));
        if (selection->n_slots == 0 || selection->slot[selection->n_slots - 1].group != group)
            selection->slot[selection->n_slots++] = (struct slot){.group = group};
        selection->target[t] = (struct target){selection->n_slots - 1, rank[t].rank};
    }
}

static void index_slots(struct selection *selection)
{
    memset(selection->filter, 0, sizeof selection->filter);
    size_t s = 0;
    for (size_t group = 0; group < (size_t)selection->order->source.n_groups; ++group) {
        selection->first_slot[group] = s;
        for (; s < selection->n_slots && selection->slot[s].group == group; ++s)
            selection->filter[filter_index((uint32_t)group, selection->slot[s].prefix)] = true;
    }
    selection->first_slot[selection->order->source.n_groups] = s;
}

/* SIZE_MAX: there is none. */
static inline size_t find_slot(const struct selection *selection, uint32_t group, uint64_t prefix)
{
    if (!selection->filter[filter_index(group, prefix)])
        return SIZE_MAX;
    size_t low = selection->first_slot[group], high = selection->first_slot[group + 1];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (selection->slot[middle].prefix == prefix)
            return middle;
        if (selection->slot[middle].prefix < prefix)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

/* Histograms, per slot, of the `width` bits below the top; `left` bits are not yet known. */
static void count_digits(struct selection *selection, int left, int width)
{
    const struct strata_order *order = selection->order;
    size_t n_chunks = chunks_of(order->source.n_rows), n_counters = selection->n_slots << width;
    uint64_t mask = ((uint64_t)1 << width) - 1;
    uint64_t *histogram = selection->histogram;
#pragma omp parallel num_threads(selection->threads)
    {
#pragma omp for schedule(static)
        for (int t = 0; t < selection->threads; ++t)
            memset(histogram + selection->stride * (size_t)t, 0, n_counters * sizeof *histogram);

        uint64_t *mine = histogram + selection->stride * (size_t)omp_get_thread_num();
        uint64_t key[CHUNK_ROWS];
        uint32_t group[CHUNK_ROWS] = {0};
#pragma omp for schedule(static)
        for (size_t chunk = 0; chunk < n_chunks; ++chunk) {
            size_t n = load_chunk(&order->source, chunk, key, group);
            for (size_t i = 0; i < n; ++i) {
                uint64_t bits = (key[i] - order->lowest_key) >> order->low_bits;
                uint64_t prefix = left < 64 ? bits >> left : 0;
                size_t s = find_slot(selection, group[i], prefix);
                if (s != SIZE_MAX)
                    ++mine[s << width | (bits >> (left - width) & mask)];
            }
        }

#pragma omp for schedule(static)
        for (size_t c = 0; c < n_counters; ++c)
            for (int t = 1; t < selection->threads; ++t)
                histogram[c] += histogram[selection->stride * (size_t)t + c];
    }
}

/* Every target moves to the longer prefix that its rank falls into. */
static void narrow(struct selection *selection, int width)
{
    size_t n_slots = 0, last_slot = SIZE_MAX;
    uint64_t digit = 0, below = 0;
    for (size_t t = 0; t < selection->n_targets; ++t) {
        struct target *target = &selection->target[t];
        const struct slot *slot = &selection->slot[target->slot];
        const uint64_t *count = selection->histogram + (target->slot << width);
        if (target->slot != last_slot)
            digit = below = 0;
        last_slot = target->slot;
        while (below + count[digit] <= target->rank)
            below += count[digit++];

        struct slot longer = {slot->group, slot->prefix << width | digit};
        const struct slot *last = n_slots ? &selection->next_slot[n_slots - 1] : NULL;
        if (!last || last->group != longer.group || last->prefix != longer.prefix)
            selection->next_slot[n_slots++] = longer;
        *target = (struct target){n_slots - 1, target->rank - below};
    }
    struct slot *old = selection->slot;
    selection->slot = selection->next_slot;
    selection->next_slot = old;
    selection->n_slots = n_slots;
}

/* As many bits as the histograms of all slots allow, and no more than are left. */
static int digit_width(size_t n_slots, int left)
{
    int width = MAX_DIGIT_BITS;
    while (width > MIN_DIGIT_BITS && n_slots << width > (size_t)1 << HISTOGRAM_BITS)
        --width;
    return width < left ? width : left;
}

enum strata_status strata_order_select(const struct strata_order *order, const struct strata_order_rank *rank,
                                       size_t n_ranks, double *value, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_chunks = chunks_of(order->source.n_rows), counters = (size_t)1 << HISTOGRAM_BITS;
    if (n_ranks << MIN_DIGIT_BITS > counters)
        counters = n_ranks << MIN_DIGIT_BITS;
    struct selection selection = {
        .order = order,
        .slot = strata_malloc_array(n_ranks, sizeof *selection.slot),
        .next_slot = strata_malloc_array(n_ranks, sizeof *selection.next_slot),
        .first_slot = strata_malloc_array((size_t)order->source.n_groups + 1, sizeof *selection.first_slot),
        .n_targets = n_ranks,
        .target = strata_malloc_array(n_ranks, sizeof *selection.target),
        .threads = n_chunks < (size_t)order->source.threads ? (int)n_chunks : order->source.threads,
        .stride = counters,
    };
    if (n_ranks == 0)
        goto done;
    selection.histogram = strata_malloc_array(counters * (size_t)selection.threads, sizeof *selection.histogram);
    if (!selection.slot || !selection.next_slot || !selection.first_slot || !selection.target || !selection.histogram) {
        status = strata_fail_memory(err, "histograms for order statistics", counters * (size_t)selection.threads,
                                    sizeof *selection.histogram);
        goto done;
    }

    start(&selection, rank);
    for (int left = order->n_bits; left > 0;) {
        int width = digit_width(selection.n_slots, left);
        index_slots(&selection);
        count_digits(&selection, left, width);
        narrow(&selection, width);
        left -= width;
    }
    for (size_t t = 0; t < n_ranks; ++t) {
        uint64_t bits = selection.slot[selection.target[t].slot].prefix;
        value[t] = value_from_key(order->lowest_key + (bits << order->low_bits));
    }
done:
    free(selection.slot);
    free(selection.next_slot);
    free(selection.first_slot);
    free(selection.target);
    free(selection.histogram);
    return status;
}
