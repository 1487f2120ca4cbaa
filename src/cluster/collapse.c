#include "collapse.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "kernel.h"
#include "memory.h"
#include "random.h"
#include "streams.h"

enum { LEAST_SAMPLE = 1 << 12, MOST_SAMPLE = 1 << 17, ROWS_PER_SAMPLED = 64, GAIN = 4 };

enum { FIRST_ROOM = 1 << 10 };

#define NOWHERE UINT32_MAX

/* The different rows so far, by a hash of their values: open addressing, at most half full. */
struct finding {
    const struct strata_points *points;
    size_t n, room, most;
    uint32_t *count; /* room */
    float *value;    /* room x d */
    uint32_t *slot;  /* mask + 1: a row's number, or NOWHERE */
    uint32_t mask;
};

static void release(struct finding *finding)
{
    free(finding->count);
    free(finding->value);
    free(finding->slot);
}

static uint32_t mix(uint32_t hash, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = (hash ^ bits) * 0x9E3779B1U;
    return bits ^ bits >> 15;
}

static uint32_t hash_value(const float *value, size_t d)
{
    uint32_t hash = 0;
    for (size_t c = 0; c < d; ++c)
        hash = mix(hash, value[c]);
    return hash;
}

/* The same of the rows of a tile, all at once. */
static void hash_tile(const struct strata_points *points, size_t tile, uint32_t *hash)
{
    const float *value = points->tile + tile * (size_t)points->d * STRATA_TILE_ROWS;
    memset(hash, 0, STRATA_TILE_ROWS * sizeof *hash);
    for (int c = 0; c < points->d; ++c)
        for (int lane = 0; lane < STRATA_TILE_ROWS; ++lane)
            hash[lane] = mix(hash[lane], value[c * STRATA_TILE_ROWS + lane]);
}

/* The row's number among the different ones, or NOWHERE; *slot: where it is, or would be. */
static uint32_t find(const struct finding *finding, const float *value, size_t stride, uint32_t hash, uint32_t *slot)
{
    size_t d = (size_t)finding->points->d;
    for (*slot = hash & finding->mask; finding->slot[*slot] != NOWHERE; *slot = (*slot + 1) & finding->mask) {
        const float *other = finding->value + finding->slot[*slot] * d;
        size_t c = 0;
        while (c < d && value[c * stride] == other[c])
            ++c;
        if (c == d)
            break;
    }
    return finding->slot[*slot];
}

/* Room for more different rows. */
static enum strata_status grow(struct finding *finding, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t d = (size_t)finding->points->d, room = finding->room ? 2 * finding->room : FIRST_ROOM;
    struct finding next = {finding->points,         finding->n, room, finding->most, NULL, NULL, NULL,
                           (uint32_t)(2 * room - 1)};
    next.count = strata_calloc_array(room, sizeof *next.count);
    next.value = strata_malloc_array(room, d * sizeof *next.value);
    next.slot = strata_malloc_array(room, 2 * sizeof *next.slot);
    if (!next.count || !next.value || !next.slot)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu different rows in %zu columns", room, d);
    memset(next.slot, 0xFF, 2 * room * sizeof *next.slot);
    if (finding->n > 0) {
        memcpy(next.count, finding->count, finding->n * sizeof *next.count);
        memcpy(next.value, finding->value, finding->n * d * sizeof *next.value);
    }
    for (size_t i = 0; i < finding->n; ++i) {
        uint32_t slot = hash_value(next.value + i * d, d) & next.mask;
        while (next.slot[slot] != NOWHERE)
            slot = (slot + 1) & next.mask;
        next.slot[slot] = (uint32_t)i;
    }
    release(finding);
    *finding = next;
    next = (struct finding){0};
done:
    release(&next);
    return status;
}

/* Count a row in; *number is NOWHERE if that were too many. */
static enum strata_status add(struct finding *finding, size_t row, uint32_t *number, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_points *points = finding->points;
    size_t d = (size_t)points->d;
    const float *value = points->tile + strata_points_index(points, row, 0);
    uint32_t hash[STRATA_TILE_ROWS], slot;
    if (finding->n == finding->room)
        STRATA_TRY(grow(finding, err));
    hash_tile(points, row / STRATA_TILE_ROWS, hash);
    *number = find(finding, value, STRATA_TILE_ROWS, hash[row % STRATA_TILE_ROWS], &slot);
    if (*number == NOWHERE && finding->n < finding->most) {
        *number = finding->slot[slot] = (uint32_t)finding->n++;
        for (size_t c = 0; c < d; ++c)
            finding->value[*number * d + c] = value[c * STRATA_TILE_ROWS];
    }
    if (*number != NOWHERE)
        ++finding->count[*number];
done:
    return status;
}

/* One row of each of equally long stretches: are the rows worth collapsing? */
static enum strata_status sample(struct finding *finding, bool *is_worth, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n = finding->points->n, n_sampled = n / ROWS_PER_SAMPLED, n_alone = 0;
    n_sampled = n_sampled < LEAST_SAMPLE ? LEAST_SAMPLE : n_sampled > MOST_SAMPLE ? MOST_SAMPLE : n_sampled;
    size_t stretch = n / n_sampled;
    *is_worth = false;
    if (stretch < GAIN)
        return STRATA_OK;
    for (size_t i = 0; i < n_sampled; ++i) {
        size_t place = (size_t)(strata_uniform_at(0, STRATA_STREAM_COLLAPSE, i) * (double)stretch);
        uint32_t number;
        STRATA_TRY(add(finding, i * stretch + place, &number, err));
        if (number == NOWHERE)
            goto done;
        n_alone += finding->count[number] == 1;
        n_alone -= finding->count[number] == 2;
        /* Rows that all differ need not be looked at to the end. */
        if (i + 1 == LEAST_SAMPLE && n_alone > LEAST_SAMPLE - LEAST_SAMPLE / 64)
            goto done;
    }
    double share_new = (double)n_alone / (double)n_sampled;
    *is_worth = (double)finding->n + share_new * (double)n <= (double)finding->most;
done:
    return status;
}

/* Number all rows: what the sample has shown, on all threads; then what is new. */
static enum strata_status number_rows(struct finding *finding, int threads, uint32_t *number, bool *are_few,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_points *points = finding->points;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t tile = 0; tile < points->n_tiles; ++tile) {
        uint32_t hash[STRATA_TILE_ROWS], slot;
        size_t first = tile * STRATA_TILE_ROWS;
        const float *value = points->tile + first * (size_t)points->d;
        hash_tile(points, tile, hash);
        for (size_t lane = 0; lane < STRATA_TILE_ROWS && first + lane < points->n; ++lane)
            number[first + lane] = find(finding, value + lane, STRATA_TILE_ROWS, hash[lane], &slot);
    }
    memset(finding->count, 0, finding->room * sizeof *finding->count);
    *are_few = true;
    for (size_t row = 0; row < points->n && *are_few; ++row) {
        if (number[row] != NOWHERE) {
            ++finding->count[number[row]];
            continue;
        }
        STRATA_TRY(add(finding, row, &number[row], err));
        *are_few = number[row] != NOWHERE;
    }
done:
    return status;
}

static enum strata_status fill_distinct(const struct finding *finding, struct strata_points *distinct,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_points *points = finding->points;
    size_t d = (size_t)points->d;
    STRATA_TRY(strata_points_init(distinct, finding->n, points->d, false, false, err));
    distinct->n_rows = points->n;
    distinct->unit = points->unit;
    distinct->squares = points->squares;
    distinct->mean_variance = points->mean_variance;
    memcpy(distinct->shift, points->shift, d * sizeof *distinct->shift);
    distinct->count = strata_malloc_array(finding->n, sizeof *distinct->count);
    if (!distinct->count)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu different rows", finding->n);
    memcpy(distinct->count, finding->count, finding->n * sizeof *distinct->count);
    for (size_t i = 0; i < finding->n; ++i)
        for (size_t c = 0; c < d; ++c)
            distinct->tile[strata_points_index(distinct, i, (int)c)] = finding->value[i * d + c];
done:
    return status;
}

/* How many different rows are worth having. */
static size_t most_distinct(const struct strata_points *points, enum strata_collapse how)
{
    size_t by_memory = points->n / ((size_t)points->d + 1);
    if (how == STRATA_COLLAPSE_ALWAYS)
        return points->n;
    return by_memory < points->n / GAIN ? by_memory : points->n / GAIN;
}

enum strata_status strata_points_collapse(struct strata_points *points, enum strata_collapse how, int threads,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct finding finding = {.points = points, .most = most_distinct(points, how)};
    uint32_t *number = NULL;
    struct strata_points *distinct = NULL;
    bool is_worth = true;
    if (points->weight || points->wide || points->n >= NOWHERE)
        return STRATA_OK;
    STRATA_TRY(grow(&finding, err));
    if (how == STRATA_COLLAPSE_MEASURED)
        STRATA_TRY(sample(&finding, &is_worth, err));
    if (!is_worth)
        goto done;
    number = strata_malloc_array(points->n, sizeof *number);
    distinct = strata_calloc_array(1, sizeof *distinct);
    if (!number || !distinct)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the different ones of %zu rows", points->n);
    STRATA_TRY(number_rows(&finding, threads, number, &is_worth, err));
    if (!is_worth)
        goto done;
    STRATA_TRY(fill_distinct(&finding, distinct, err));
    points->distinct = distinct;
    points->distinct_of = number;
    distinct = NULL;
    number = NULL;
done:
    release(&finding);
    if (distinct)
        strata_points_release(distinct);
    free(distinct);
    free(number);
    return status;
}

bool strata_collapse_labels(const struct strata_points *points, const uint16_t *label, int threads,
                            uint16_t *distinct_label)
{
    size_t n_different = 0;
    if (!points->distinct)
        return false;
    memset(distinct_label, 0xFF, points->distinct->n_tiles * STRATA_TILE_ROWS * sizeof *distinct_label);
    for (size_t row = 0; row < points->n; ++row)
        distinct_label[points->distinct_of[row]] = label[row];
#pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : n_different)
    for (size_t row = 0; row < points->n; ++row)
        n_different += distinct_label[points->distinct_of[row]] != label[row];
    return n_different == 0;
}
