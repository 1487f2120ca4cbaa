/* All indices of labels that the caller brings. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixtures.h"

static struct strata_kmeans_validity validity_of(const struct matrix *matrix, const int32_t *labels, int k, int threads)
{
    struct strata_kmeans_data data = as_data(matrix, NULL);
    struct strata_kmeans_validity validity;
    struct strata_error err = {0};
    cr_assert_eq(strata_kmeans_validity(&data, labels, k, 1, threads, &validity, &err), STRATA_OK, "%s", err.message);
    return validity;
}

Test(kmeans_validity, by_hand)
{
    float value[] = {0, 10, 2, 12};
    const int32_t labels[] = {1, 0, 1, 0}, one[] = {0, 0, 0, 0}, crossed[] = {0, 0, 1, 1};
    struct matrix matrix = {4, 1, value};
    struct strata_kmeans_validity validity = validity_of(&matrix, labels, 2, 1);
    cr_expect_float_eq(validity.inertia, 4, 1e-12);
    cr_expect_float_eq(validity.silhouette, (118.0 / 122 + 78.0 / 82) / 2, 1e-6);
    cr_expect_float_eq(validity.simplified_silhouette, (10.0 / 11 + 8.0 / 9) / 2, 1e-7);
    cr_expect_float_eq(validity.calinski_harabasz, 50, 1e-10);
    cr_expect_float_eq(validity.davies_bouldin, 0.2, 1e-7);
    cr_expect_float_eq(validity.euclidean_silhouette, (9.0 / 11 + 7.0 / 9) / 2, 1e-6);
    /* Means 5 and 7, and 25 on every side. */
    validity = validity_of(&matrix, crossed, 2, 1);
    cr_expect_float_eq(validity.inertia, 100, 1e-10);
    cr_expect_float_eq(validity.calinski_harabasz, 4 / (100.0 / 2), 1e-10);
    cr_expect_float_eq(validity.davies_bouldin, 5, 1e-6);
    validity = validity_of(&matrix, one, 1, 1);
    cr_expect_float_eq(validity.inertia, 104, 1e-10);
    cr_expect(isnan(validity.silhouette) && isnan(validity.euclidean_silhouette) && isfinite(validity.bic) &&
              isfinite(validity.gap));
}

/* What scikit-learn 1.2.1 gives for the species of Iris. */
Test(kmeans_validity, iris_as_scikit_learn)
{
    struct matrix iris = read_matrix("/usr/lib/python3/dist-packages/sklearn/datasets/data/iris.csv", 4, 1);
    int32_t labels[150];
    if (!iris.value)
        cr_skip("skipped: data not found");
    for (int i = 0; i < 150; ++i)
        labels[i] = i / 50;
    struct strata_kmeans_validity validity = validity_of(&iris, labels, 3, 2);
    cr_expect_float_eq(validity.euclidean_silhouette, 0.503477446299, 1e-6, "%.10g", validity.euclidean_silhouette);
    cr_expect_float_eq(validity.silhouette, 0.656667027737, 1e-6, "%.10g", validity.silhouette);
    cr_expect_float_eq(validity.calinski_harabasz / 487.330894725, 1, 1e-6);
    cr_expect_float_eq(validity.davies_bouldin / 0.751370698623, 1, 1e-6);
    cr_expect(validity.euclidean_silhouette_low < validity.euclidean_silhouette &&
              validity.euclidean_silhouette < validity.euclidean_silhouette_high);
    free(iris.value);
}

/* To the bit; all members are doubles. */
static bool are_same(const struct strata_kmeans_validity *a, const struct strata_kmeans_validity *b)
{
    uint64_t bits[2][sizeof *a / sizeof(double)];
    _Static_assert(sizeof bits[0] == sizeof *a, "nothing is left over");
    memcpy(bits[0], a, sizeof *a);
    memcpy(bits[1], b, sizeof *b);
    return memcmp(bits[0], bits[1], sizeof bits[0]) == 0;
}

/* The fit's own inertia; the same bits for any number of threads. */
Test(kmeans_validity, of_a_fit)
{
    struct matrix matrix = mixture(30000, 3, 5, 2);
    int32_t *labels = malloc(matrix.n * sizeof *labels);
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    options.k = 5;
    options.tolerance = 0;
    struct strata_kmeans_result result = fit(&matrix, &options, labels);
    struct strata_kmeans_validity one = validity_of(&matrix, labels, 5, 1), three = validity_of(&matrix, labels, 5, 3);
    cr_expect_float_eq(one.inertia / result.inertia, 1, 1e-9);
    cr_expect(are_same(&one, &three));
    strata_kmeans_result_release(&result);
    free(labels);
    free(matrix.value);
}

Test(kmeans_validity, what_it_refuses)
{
    float value[] = {0, 1, 2, NAN};
    const int32_t good[] = {0, 1, 1, 0}, high[] = {0, 1, 2, 0}, low[] = {0, -1, 1, 0}, none[] = {0, 0, 0, 0};
    struct strata_kmeans_data data = {.n_rows = 4, .n_columns = 1, .values = value};
    struct strata_kmeans_validity validity;
    struct strata_error err = {0};
    cr_expect_eq(strata_kmeans_validity(&data, good, 2, 1, 1, &validity, &err), STRATA_USAGE);
    cr_expect(strstr(err.message, "row 3"), "%s", err.message);
    value[3] = 3;
    cr_expect_eq(strata_kmeans_validity(&data, high, 2, 1, 1, &validity, &err), STRATA_USAGE);
    cr_expect(strstr(err.message, "row 2 (from 0) is 2"), "%s", err.message);
    cr_expect_eq(strata_kmeans_validity(&data, low, 2, 1, 1, &validity, &err), STRATA_USAGE);
    cr_expect_eq(strata_kmeans_validity(&data, none, 2, 1, 1, &validity, &err), STRATA_USAGE);
    cr_expect(strstr(err.message, "cluster 1"), "%s", err.message);
    cr_expect_eq(strata_kmeans_validity(&data, good, 0, 1, 1, &validity, &err), STRATA_USAGE);
    cr_expect_eq(strata_kmeans_validity(&data, good, 5, 1, 1, &validity, &err), STRATA_USAGE);
    cr_expect_eq(strata_kmeans_validity(&data, good, 2, 1, -1, &validity, &err), STRATA_USAGE);
    const double weights[] = {1, 0, 0, 1}, negative[] = {1, 1, 1, -1};
    data.weights = weights;
    cr_expect_eq(strata_kmeans_validity(&data, good, 2, 1, 1, &validity, &err), STRATA_USAGE);
    cr_expect(strstr(err.message, "cluster 1 (from 0) have the weight 0"), "%s", err.message);
    data.weights = negative;
    cr_expect_eq(strata_kmeans_validity(&data, good, 2, 1, 1, &validity, &err), STRATA_USAGE);
    data.n_rows = 0;
    cr_expect_eq(strata_kmeans_validity(&data, good, 1, 1, 1, &validity, &err), STRATA_USAGE);
}

/* Weights that sum to less than the clusters say nothing about a number of rows. */
Test(kmeans_validity, weights_that_are_no_numbers_of_rows)
{
    float value[] = {0, 10, 2, 12};
    const int32_t labels[] = {1, 0, 1, 0};
    const double weights[] = {0.25, 0.25, 0.25, 0.25};
    struct matrix matrix = {4, 1, value};
    struct strata_kmeans_data data = as_data(&matrix, weights);
    struct strata_kmeans_validity validity;
    struct strata_error err = {0};
    cr_assert_eq(strata_kmeans_validity(&data, labels, 2, 1, 1, &validity, &err), STRATA_OK, "%s", err.message);
    cr_expect_float_eq(validity.inertia, 1, 1e-12);
    cr_expect_float_eq(validity.davies_bouldin, 0.2, 1e-7);
    cr_expect(isnan(validity.calinski_harabasz) && isnan(validity.bic) && isnan(validity.gap));
    cr_expect(isnan(validity.silhouette) && isnan(validity.simplified_silhouette));
    cr_expect(isnan(validity.euclidean_silhouette) && isnan(validity.euclidean_silhouette_low));
}

/* Weights that say what matters more may be of any size: beyond the rows that can be counted, samples stay samples. */
Test(kmeans_validity, weights_of_any_size)
{
    enum { N = 3000, K = 3 };
    static double weights[N];
    static int32_t labels[N];
    struct matrix matrix = mixture(N, 2, K, 5);
    struct strata_kmeans_data data = as_data(&matrix, weights);
    struct strata_kmeans_options options;
    struct strata_error err = {0};
    struct strata_kmeans_validity of_one = {0};
    strata_kmeans_options_init(&options);
    options.k = K;
    static const double sizes[] = {1, 1e10, 1e30, 1e99, 1e-99};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s) {
        for (int i = 0; i < N; ++i)
            weights[i] = sizes[s] * (1 + i % 3);
        struct strata_kmeans_validity validity;
        struct strata_kmeans_result result = fit_data(&data, &options, labels);
        cr_assert_eq(strata_kmeans_validity(&data, labels, K, 1, 2, &validity, &err), STRATA_OK, "%s", err.message);
        cr_expect_float_eq(result.inertia / validity.inertia, 1, 1e-6);
        strata_kmeans_result_release(&result);
        if (s == 0)
            of_one = validity;
        cr_expect_float_eq(validity.inertia / sizes[s] / of_one.inertia, 1, 1e-6);
        cr_expect_float_eq(validity.davies_bouldin, of_one.davies_bouldin, 1e-6);
        if (sizes[s] < 1) {
            cr_expect(isnan(validity.silhouette) && isnan(validity.simplified_silhouette));
            cr_expect(isnan(validity.euclidean_silhouette) && isnan(validity.bic) && isnan(validity.gap));
            continue;
        }
        cr_expect_float_eq(validity.silhouette, of_one.silhouette, 1e-3);
        cr_expect_float_eq(validity.simplified_silhouette, of_one.simplified_silhouette, 1e-6);
        cr_expect_float_eq(validity.euclidean_silhouette, of_one.euclidean_silhouette, 0.02);
        cr_expect_leq(validity.euclidean_silhouette_low, validity.euclidean_silhouette);
        cr_expect_geq(validity.euclidean_silhouette_high, validity.euclidean_silhouette);
        cr_expect_float_eq(validity.gap, of_one.gap, 0.2);
        cr_expect(validity.bic > 0 && validity.calinski_harabasz > 0, "%g", sizes[s]);
    }
    free(matrix.value);
}
