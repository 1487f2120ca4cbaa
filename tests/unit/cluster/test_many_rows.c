/* More rows in a cluster than float32 counts, more values than int32 counts. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "fixtures.h"
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
