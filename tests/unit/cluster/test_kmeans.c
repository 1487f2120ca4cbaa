/* The public interface: hand-computed cases, degenerate inputs, refused inputs. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixtures.h"

static struct strata_kmeans_options with_k(int k)
{
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    options.k = k;
    return options;
}

Test(kmeans, two_pairs)
{
    float value[] = {0, 0, 0, 2, 10, 0, 10, 4};
    struct matrix matrix = {4, 2, value};
    struct strata_kmeans_options options = with_k(2);
    int32_t labels[4];
    struct strata_kmeans_result result = fit(&matrix, &options, labels);
    cr_expect_eq(result.k, 2);
    cr_expect_eq(labels[0], labels[1]);
    cr_expect_eq(labels[2], labels[3]);
    cr_expect_neq(labels[0], labels[2]);
    cr_expect_eq(result.inertia, 2 * 1.0 + 2 * 4.0);
    cr_expect_eq(gsl_matrix_get(result.centroids, (size_t)labels[0], 0), 0);
    cr_expect_eq(gsl_matrix_get(result.centroids, (size_t)labels[0], 1), 1);
    cr_expect_eq(gsl_matrix_get(result.centroids, (size_t)labels[2], 1), 2);
    cr_expect_eq(result.sizes[0], 2);
    cr_expect_eq(result.sizes[1], 2);
    cr_expect(result.converged);
    strata_kmeans_result_release(&result);
    strata_kmeans_result_release(&result);
}

/* Two centroids start in the same place: the tie goes to the first, and the second is refilled with the farthest row.
 */
Test(kmeans, empty_cluster_takes_the_farthest_row)
{
    float value[] = {0, 1, 2, 9, -9};
    struct matrix matrix = {5, 1, value};
    struct strata_kmeans_options options = with_k(2);
    options.centroids = gsl_matrix_calloc(2, 1);
    options.max_iterations = 1;
    int32_t labels[5];
    struct strata_kmeans_result result = fit(&matrix, &options, labels);
    cr_expect_eq(result.k, 2);
    cr_expect_float_eq(gsl_matrix_get(result.centroids, 0, 0), (0 + 1 + 2 - 9) / 4.0, 1e-15);
    cr_expect_eq(gsl_matrix_get(result.centroids, 1, 0), 9);
    strata_kmeans_result_release(&result);

    /* The weight decides: 5 x 2^2 is less than 1 x 9^2, but 50 x 2^2 is more. */
    const double weights[] = {1, 1, 50, 1, 1};
    struct strata_kmeans_data weighted = as_data(&matrix, weights);
    result = fit_data(&weighted, &options, labels);
    cr_expect_eq(gsl_matrix_get(result.centroids, 1, 0), 2);
    strata_kmeans_result_release(&result);
    gsl_matrix_free((gsl_matrix *)options.centroids);
}

Test(kmeans, one_row)
{
    float value[] = {3, -7};
    struct matrix matrix = {1, 2, value};
    struct strata_kmeans_options options = with_k(5);
    int32_t label = -1;
    struct strata_kmeans_result result = fit(&matrix, &options, &label);
    cr_expect_eq(result.k, 1);
    cr_expect_eq(label, 0);
    cr_expect_eq(result.inertia, 0);
    cr_expect_eq(gsl_matrix_get(result.centroids, 0, 0), 3);
    cr_expect_eq(gsl_matrix_get(result.centroids, 0, 1), -7);
    strata_kmeans_result_release(&result);
}

Test(kmeans, zero_weights_get_labels_and_no_say)
{
    float value[] = {0, 1, 10, 11, 1000};
    const double weights[] = {1, 1, 1, 1, 0};
    struct matrix matrix = {5, 1, value};
    struct strata_kmeans_data data = as_data(&matrix, weights);
    struct strata_kmeans_options options = with_k(2);
    int32_t labels[5];
    struct strata_kmeans_result result = fit_data(&data, &options, labels);
    cr_expect_eq(result.k, 2);
    cr_expect_eq(labels[4], labels[3]);
    cr_expect_float_eq(gsl_matrix_get(result.centroids, (size_t)labels[0], 0), 0.5, 1e-12);
    cr_expect_float_eq(gsl_matrix_get(result.centroids, (size_t)labels[3], 0), 10.5, 1e-12);
    cr_expect_float_eq(result.inertia, 1, 1e-9);
    cr_expect_eq(result.sizes[labels[4]], 3);
    strata_kmeans_result_release(&result);
}

Test(kmeans, extreme_values)
{
    float value[] = {-3e38f, 0, 3e38f, 1e-38f};
    struct matrix matrix = {4, 1, value};
    struct strata_kmeans_options options = with_k(3);
    struct strata_kmeans_result result = fit(&matrix, &options, NULL);
    cr_expect_eq(result.k, 3);
    cr_expect(isfinite(result.inertia));
    strata_kmeans_result_release(&result);

    float tiny[] = {1e-45f, 0, 3e-45f, 1e-44f};
    matrix.value = tiny;
    result = fit(&matrix, &options, NULL);
    cr_expect_eq(result.k, 3);
    cr_expect(isfinite(gsl_matrix_get(result.centroids, 2, 0)));
    strata_kmeans_result_release(&result);
}

Test(kmeans, a_sample_that_misses_a_place_is_made_good)
{
    /* 20,000 rows in three places, one of them a single row; a sample of 16 rows. */
    enum { N = 20000 };
    float *value = calloc(N, sizeof *value);
    for (size_t row = 0; row < N; ++row)
        value[row] = (float)(row % 2);
    value[12345] = 0.5f;
    struct matrix matrix = {N, 1, value};
    struct strata_kmeans_options options = with_k(3);
    options.sample_rows = 16;
    int32_t *labels = malloc(N * sizeof *labels);
    struct strata_kmeans_result result = fit(&matrix, &options, labels);
    cr_expect_eq(result.k, 3);
    cr_expect_eq(result.inertia, 0);
    cr_expect_eq(result.sizes[labels[12345]], 1);
    strata_kmeans_result_release(&result);
    free(labels);
    free(value);
}

Test(kmeans, assign_agrees_with_the_fit)
{
    struct matrix matrix = mixture(3000, 5, 6, 3);
    struct strata_kmeans_options options = with_k(6);
    int32_t *labels = malloc(matrix.n * sizeof *labels), *assigned = malloc(matrix.n * sizeof *assigned);
    struct strata_kmeans_result result = fit(&matrix, &options, labels);
    struct strata_kmeans_data data = as_data(&matrix, NULL);
    struct strata_error err = {0};
    cr_assert_eq(strata_kmeans_assign(&data, result.centroids, 2, assigned, &err), STRATA_OK);
    cr_expect_eq(memcmp(labels, assigned, matrix.n * sizeof *labels), 0);
    matrix.value[17] = NAN;
    cr_expect_eq(strata_kmeans_assign(&data, result.centroids, 2, assigned, &err), STRATA_USAGE);
    cr_expect(strstr(err.message, "row 3, column 2"), "%s", err.message);
    cr_expect_eq(strata_kmeans_assign(&data, result.centroids, -1, assigned, &err), STRATA_USAGE);
    data.n_columns = 4;
    cr_expect_eq(strata_kmeans_assign(&data, result.centroids, 2, assigned, &err), STRATA_USAGE);
    cr_expect(strstr(err.message, "the centroids are 6 x 5"), "%s", err.message);
    data = (struct strata_kmeans_data){.n_rows = 1, .n_columns = 5, .values = matrix.value};
    gsl_matrix_set(result.centroids, 1, 1, INFINITY);
    cr_expect_eq(strata_kmeans_assign(&data, result.centroids, 2, assigned, &err), STRATA_USAGE);
    strata_kmeans_result_release(&result);
    free(labels);
    free(assigned);
    free(matrix.value);
}

static void expect_data_refused(struct strata_kmeans_data data, struct strata_kmeans_options options,
                                const char *message)
{
    struct strata_kmeans_result result;
    struct strata_error err = {0};
    enum strata_status status = strata_kmeans_fit(&data, &options, NULL, &result, &err);
    cr_expect_eq(status, STRATA_USAGE);
    cr_expect(strstr(err.message, message), "\"%s\" is not in \"%s\"", message, err.message);
    cr_expect_null(result.centroids);
    strata_kmeans_result_release(&result);
}

static void expect_refused(size_t n, size_t d, const float *value, struct strata_kmeans_options options,
                           const char *message)
{
    expect_data_refused((struct strata_kmeans_data){.n_rows = n, .n_columns = d, .values = value}, options, message);
}

Test(kmeans, refused)
{
    float good[] = {1, 2, 3, 4, 5, 6}, nan_value[] = {1, 2, 3, NAN, 5, 6}, infinite[] = {1, 2, 3, 4, -INFINITY, 6};
    struct strata_kmeans_options options = with_k(2);
    expect_refused(3, 2, nan_value, options, "row 1, column 1 (from 0) is");
    expect_refused(3, 2, infinite, options, "row 2, column 0 (from 0) is -inf");
    expect_refused(0, 2, good, options, "0 rows");
    expect_refused(3, 0, good, options, "0 columns");
    expect_refused(3, 2, good, with_k(0), "k is 0");
    expect_refused(3, 2, good, with_k(40000), "k is 40000");
    options.restarts = 0;
    expect_refused(3, 2, good, options, "0 restarts");
    options = with_k(2);
    options.max_iterations = 0;
    expect_refused(3, 2, good, options, "0 iterations");
    options = with_k(2);
    options.swaps = -1;
    expect_refused(3, 2, good, options, "-1 swaps");
    options = with_k(2);
    options.tolerance = NAN;
    expect_refused(3, 2, good, options, "tolerance");
    options = with_k(2);
    options.seeding = (enum strata_kmeans_seeding)2;
    expect_refused(3, 2, good, options, "no seeding 2");
    options = with_k(2);
    options.threads = -1;
    expect_refused(3, 2, good, options, "-1 threads");
    options.threads = 100000;
    expect_refused(3, 2, good, options, "100000 threads");

    options = with_k(2);
    const double negative[] = {1, -1, 1}, none[] = {0, 0, 0}, endless[] = {1, 1, INFINITY}, no_number[] = {NAN, 1, 1};
    const double large[] = {1, 1e101, 1}, small[] = {1, 1, 1e-101};
    struct strata_kmeans_data data = {.n_rows = 3, .n_columns = 2, .values = good, .weights = negative};
    expect_data_refused(data, options, "weight of row 1");
    data.weights = none;
    expect_data_refused(data, options, "all weights are 0");
    data.weights = endless;
    expect_data_refused(data, options, "weight of row 2");
    data.weights = no_number;
    expect_data_refused(data, options, "weight of row 0");
    data.weights = large;
    expect_data_refused(data, options, "weight of row 1 (from 0) is 1e+101");
    data.weights = small;
    expect_data_refused(data, options, "weight of row 2 (from 0) is 1e-101");
    data.weights = NULL;
    const double vast[] = {1, 2, 3, 2e100, 5, 6};
    expect_data_refused((struct strata_kmeans_data){3, 2, STRATA_KMEANS_DOUBLE, .values = vast}, options,
                        "row 1, column 1 (from 0) is 2e+100");
    data.type = (enum strata_kmeans_type)7;
    expect_data_refused(data, options, "no type of numbers 7");
    const void *const one_column[] = {good, NULL};
    data = (struct strata_kmeans_data){.n_rows = 3, .n_columns = 2, .columns = one_column};
    expect_data_refused(data, options, "column 1 (from 0) is NULL");
    data = (struct strata_kmeans_data){.n_rows = 3, .n_columns = 2};
    expect_data_refused(data, options, "by values or by columns");
    data.values = good;
    data.columns = (const void *const[]){good, good};
    expect_data_refused(data, options, "by values or by columns");

    options = with_k(2);
    gsl_matrix *centroids = gsl_matrix_calloc(2, 3);
    options.centroids = centroids;
    expect_refused(3, 2, good, options, "2 x 3");
    gsl_matrix_free(centroids);
    centroids = gsl_matrix_calloc(2, 2);
    gsl_matrix_set(centroids, 1, 0, NAN);
    options.centroids = centroids;
    expect_refused(3, 2, good, options, "centroid 1, column 0");
    gsl_matrix_free(centroids);
}
