#include "moments.h"

#include <math.h>

/* Chan, Golub, LeVeque 1979. */
static void merge(struct strata_moments *into, const struct strata_moments *other)
{
    if (other->n == 0)
        return;
    if (into->n == 0) {
        *into = *other;
        return;
    }
    double n = into->n + other->n, delta = other->mean - into->mean;
    into->squares += other->squares + delta * delta * into->n * other->n / n;
    into->mean += delta * other->n / n;
    into->min = fmin(into->min, other->min);
    into->max = fmax(into->max, other->max);
    into->n = n;
}

static struct strata_moments measure_chunk(const struct strata_placing *placing, int c, size_t first, size_t end,
                                           const int16_t *label)
{
    struct strata_moments chunk = {.min = INFINITY, .max = -INFINITY};
    double value[STRATA_BLOCK_ROWS];
    for (size_t start = first; start < end; start += STRATA_BLOCK_ROWS) {
        size_t n = end - start < STRATA_BLOCK_ROWS ? end - start : STRATA_BLOCK_ROWS, kept = 0;
        struct strata_moments block = {.min = INFINITY, .max = -INFINITY};
        strata_placing_transform(placing, c, start, n, value);
        for (size_t i = 0; i < n; ++i)
            if (label[start + i] == 0)
                value[kept++] = value[i];
        block.n = (double)kept;
        for (size_t i = 0; i < kept; ++i) {
            block.mean += value[i] / block.n;
            block.min = fmin(block.min, value[i]);
            block.max = fmax(block.max, value[i]);
        }
        for (size_t i = 0; i < kept; ++i)
            block.squares += (value[i] - block.mean) * (value[i] - block.mean);
        merge(&chunk, &block);
    }
    return chunk;
}

struct strata_moments strata_moments_measure(const struct strata_placing *placing, int c,
                                             const struct strata_row_chunks *chunks, const int16_t *label,
                                             struct strata_moments *scratch, int threads)
{
    struct strata_moments all = {.min = INFINITY, .max = -INFINITY};
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks->n_chunks; ++chunk)
        scratch[chunk] = measure_chunk(placing, c, strata_row_chunk_start(chunks, chunk),
                                       strata_row_chunk_start(chunks, chunk + 1), label);
    for (size_t chunk = 0; chunk < chunks->n_chunks; ++chunk)
        merge(&all, &scratch[chunk]);
    return all;
}
