#include <stdlib.h>

#include "check.h"
#include "memory.h"
#include "method.h"

enum { CHUNK_ROWS = 1024 };

/* The threshold of border i is the goodness of the last customer below it. */
static enum strata_status find_edges(const struct strata_scoring *scoring, const struct strata_order *order,
                                     struct strata_score_edges *edges, struct strata_error *err)
{
    uint64_t rank[STRATA_MAX_LEVELS - 1];
    for (int i = 0; i < edges->n; ++i)
        rank[i] = strata_ntile_border(order->count[0], scoring->options->levels, i + 1);
    return strata_score_select(scoring, order, rank, edges, err);
}

/* All customers of one value, a threshold. */
struct tie {
    double value;
    uint64_t n_worse; /* customers before them in the order of goodness */
    uint64_t n;
};

static void count_tie(const struct strata_scoring *scoring, struct tie *tie)
{
    size_t n_rows = scoring->table->n_rows;
    double sign = scoring->lower_is_better ? -1.0 : 1.0, tied = tie->value * sign;
    uint64_t n_worse = 0, n = 0;
#pragma omp parallel for schedule(static) num_threads(scoring->options->threads) reduction(+ : n_worse, n)
    for (size_t first = 0; first < n_rows; first += CHUNK_ROWS) {
        double value[CHUNK_ROWS];
        size_t n_here = n_rows - first < CHUNK_ROWS ? n_rows - first : CHUNK_ROWS;
        strata_table_read(scoring->column, first, n_here, value);
        for (size_t i = 0; i < n_here; ++i) {
            n_worse += value[i] * sign < tied;
            n += value[i] == tie->value;
        }
    }
    tie->n_worse = n_worse;
    tie->n = n;
}

/* The rows of a tie, in any order. */
static void collect_tie(const struct strata_scoring *scoring, const struct tie *tie, size_t *row)
{
    size_t n_rows = scoring->table->n_rows, n_found = 0;
#pragma omp parallel for schedule(static) num_threads(scoring->options->threads)
    for (size_t first = 0; first < n_rows; first += CHUNK_ROWS) {
        double value[CHUNK_ROWS];
        size_t found[CHUNK_ROWS], n = 0, at;
        size_t n_here = n_rows - first < CHUNK_ROWS ? n_rows - first : CHUNK_ROWS;
        strata_table_read(scoring->column, first, n_here, value);
        for (size_t i = 0; i < n_here; ++i) {
            found[n] = first + i;
            n += value[i] == tie->value;
        }
        if (n == 0)
            continue;
#pragma omp atomic capture
        {
            at = n_found;
            n_found += n;
        }
        for (size_t i = 0; i < n; ++i)
            row[at + i] = found[i];
    }
}

static void swap_rows(size_t *a, size_t *b)
{
    size_t row = *a;
    *a = *b;
    *b = row;
}

/* The `wanted` smallest ids to the front of row[0..n-1], in any order (Hoare: Algorithm 65, Find. CACM 4, 1961). The
 * pivots are at pseudo-random places, so that no order of the input is slow. */
static void select_by_id(const struct strata_key *id, size_t *row, size_t n, size_t wanted)
{
    uint64_t state = 0x9E3779B97F4A7C15u;
    ptrdiff_t left = 0, right = (ptrdiff_t)n - 1, last = (ptrdiff_t)wanted - 1;
    while (left < right) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        struct strata_key pivot = id[row[left + (ptrdiff_t)((state >> 32) % (uint64_t)(right - left + 1))]];
        ptrdiff_t low = left, high = right;
        while (low <= high) {
            while (strata_key_compare(id[row[low]], pivot) < 0)
                ++low;
            while (strata_key_compare(pivot, id[row[high]]) < 0)
                --high;
            if (low <= high)
                swap_rows(&row[low++], &row[high--]);
        }
        if (high < last)
            left = low;
        if (last < low)
            right = high;
    }
}

/* Where borders cut a tie: how many of its customers stay below each of them. */
static int find_splits(const struct strata_scoring *scoring, const struct strata_order *order, const struct tie *tie,
                       uint64_t *split)
{
    int levels = scoring->options->levels, n_splits = 0;
    for (int i = 1; i < levels; ++i) {
        uint64_t border = strata_ntile_border(order->count[0], levels, i);
        if (border > tie->n_worse && border < tie->n_worse + tie->n)
            split[n_splits++] = border - tie->n_worse;
    }
    return n_splits;
}

static enum strata_status split_tie(const struct strata_scoring *scoring, const struct tie *tie, const uint64_t *split,
                                    int n_splits, int8_t *score, struct strata_error *err)
{
    size_t *row = strata_malloc_array(tie->n, sizeof *row), done = 0;
    if (!row)
        return strata_fail_memory(err, "customers of equal value at the border of a score", tie->n, sizeof *row);
    collect_tie(scoring, tie, row);
    for (int i = 0; i < n_splits; ++i) {
        select_by_id(scoring->table->customer, row + done, tie->n - done, split[i] - done);
        done = split[i];
        for (size_t j = done; j < tie->n; ++j)
            ++score[row[j]];
    }
    free(row);
    return STRATA_OK;
}

static enum strata_status split_ties(const struct strata_scoring *scoring, const struct strata_order *order,
                                     const struct strata_score_edges *edges, int8_t *score, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int i = 0; i < edges->n && status == STRATA_OK; ++i) {
        if (i > 0 && edges->value[i] == edges->value[i - 1])
            continue;
        struct tie tie = {.value = edges->value[i]};
        uint64_t split[STRATA_MAX_LEVELS - 1];
        count_tie(scoring, &tie);
        int n_splits = find_splits(scoring, order, &tie, split);
        if (n_splits > 0)
            status = split_tie(scoring, &tie, split, n_splits, score, err);
    }
    return status;
}

const struct strata_scorer strata_scorer_ntile = {
    .lowest = 1,
    .higher = {false, "score = 1 + thresholds below the value; customers at a threshold are divided by their id"},
    .lower = {false, "score = 1 + thresholds above the value; customers at a threshold are divided by their id"},
    .find_edges = find_edges,
    .split_ties = split_ties,
};
