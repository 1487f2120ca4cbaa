/* More rows in a cluster than float32 counts, more values than int32 counts. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "fixtures.h"
#include "memory_budget.h"
#include "points.h"

Test(many_rows, counts_and_sums_are_exact)
{
    const size_t n_large = ((size_t)1 << 24) + 12346, n_small = 10, n = n_large + n_small;
    struct matrix matrix = {n, 1, malloc(n * sizeof(float))};
    double squares = 0;
    cr_assert(matrix.value);
    /* On both sides of 2, too many different ones to be counted together. */
    for (size_t row = 0; row < n_large; ++row) {
        float away = 1 + (float)(row / 2 % ((size_t)1 << 20)) * 0x1p-21f;
        matrix.value[row] = row % 2 ? 2 + away : 2 - away;
        squares += (double)away * (double)away;
    }
    for (size_t row = n_large; row < n; ++row)
        matrix.value[row] = 1001;
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    options.k = 2;
    struct matrix start = {2, 1, (float[]){0, 900}};
    options.centroids = as_centroids(&start, 2);
    struct strata_kmeans_result result = fit(&matrix, &options, NULL);
    cr_expect_eq(result.sizes[0], n_large);
    cr_expect_eq(result.sizes[1], n_small);
    cr_expect_float_eq(gsl_matrix_get(result.centroids, 0, 0), 2, 1e-12);
    cr_expect_float_eq(gsl_matrix_get(result.centroids, 1, 0), 1001, 1e-9);
    cr_expect_float_eq(result.inertia / squares, 1, 1e-9);
    strata_kmeans_result_release(&result);
    gsl_matrix_free((gsl_matrix *)options.centroids);
    free(matrix.value);
}

Test(many_rows, places_beyond_int32)
{
    const struct strata_points points = {.n = 20000017, .d = 200, .chunk_tiles = 1221, .n_chunks = 1024};
    cr_expect_eq(strata_points_index(&points, 20000000, 150), (size_t)4000002400);
    cr_expect_eq(strata_points_index(&points, 20000016, 199), (size_t)4000003200 + 199 * 16);
    cr_expect_eq(strata_points_chunk_start(&points, 1023), (size_t)1023 * 1221 * 16);
    cr_expect_eq(strata_points_chunk_start(&points, 1024), (size_t)20000017);
}

/* Sanitizers take a multiple of the memory and the time. */
#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* What can be had without taking it from others. */
static uint64_t bytes_to_spare(void)
{
    char line[256];
    unsigned long long kilobytes = 0;
    FILE *file = fopen("/proc/meminfo", "r");
    while (file && kilobytes == 0 && fgets(line, sizeof line, file))
        (void)sscanf(line, "MemAvailable: %llu", &kilobytes);
    if (file)
        fclose(file);
    uint64_t here = strata_memory_budget_here().n_bytes, free_bytes = (uint64_t)kilobytes << 10;
    return here && here < free_bytes ? here : free_bytes;
}

/* Rows of three kinds, in 1025 columns that are one of two: so the caller's numbers are few, and the matrix is whole.
 */
Test(many_rows, more_than_2_to_the_31_values, .disabled = SANITIZED)
{
    enum { D = 1025, K = 3 };
    const size_t n = ((size_t)1 << 21) + 1001;
    if (bytes_to_spare() < (uint64_t)14 << 30)
        cr_skip("skipped: needs 14 GiB of free memory");
    cr_assert_gt(n * D, (size_t)1 << 31);
    float *even = malloc(n * sizeof *even), *odd = malloc(n * sizeof *odd);
    int32_t *labels = malloc(n * sizeof *labels), *again = malloc(n * sizeof *again);
    const void *columns[D];
    double mean[K][2] = {{0}}, squares = 0;
    cr_assert(even && odd && labels && again);
    for (size_t row = 0; row < n; ++row) {
        size_t kind = row % K;
        even[row] = (float)(8 * kind) + (float)(row * 2654435761u >> 8 & 1023) / 1024;
        odd[row] = (float)(kind == 1 ? 8 : 0) + (float)(row * 40503u >> 4 & 1023) / 1024;
        mean[kind][0] += (double)even[row];
        mean[kind][1] += (double)odd[row];
    }
    for (size_t kind = 0; kind < K; ++kind)
        for (int c = 0; c < 2; ++c)
            mean[kind][c] /= (double)((n + K - 1 - kind) / K);
    for (size_t row = 0; row < n; ++row)
        squares += pow((double)even[row] - mean[row % K][0], 2) * ((D + 1) / 2) +
                   pow((double)odd[row] - mean[row % K][1], 2) * (D / 2);
    for (size_t c = 0; c < D; ++c)
        columns[c] = c % 2 ? odd : even;
    const struct strata_kmeans_data data = {.n_rows = n, .n_columns = D, .columns = columns};
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    options.k = K;
    options.restarts = 1;
    options.swaps = 0;
    options.sample_rows = 4096;
    struct strata_kmeans_result result = fit_data(&data, &options, labels);
    cr_expect(result.converged);
    cr_expect_float_eq(result.inertia / squares, 1, 1e-9);
    for (size_t kind = 0; kind < K; ++kind)
        for (size_t c = 0; c < D; ++c)
            cr_assert_float_eq(gsl_matrix_get(result.centroids, (size_t)labels[kind], c), mean[kind][c % 2], 1e-9);
    struct strata_error err = {0};
    cr_assert_eq(strata_kmeans_assign(&data, result.centroids, 0, again, &err), STRATA_OK, "%s", err.message);
    for (size_t row = 0; row < n; ++row)
        cr_assert(labels[row] == labels[row % K] && again[row] == labels[row], "%zu", row);
    strata_kmeans_result_release(&result);
    free(even);
    free(odd);
    free(labels);
    free(again);
}
