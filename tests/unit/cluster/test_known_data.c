/* Published sums of squares. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "fixtures.h"

/* In how many of N_SEEDS searches with the defaults the best sum of squares is reached. */
enum { N_SEEDS = 100, REACHED = 95, N_PARALLEL_SEEDS = 10 };

static void expect_reached(const struct matrix *points, struct strata_kmeans_options *options, double expected,
                           const char *name)
{
    int n_reached = 0;
    for (options->seed = 1; options->seed <= N_SEEDS; ++options->seed) {
        struct strata_kmeans_result result = fit(points, options, NULL);
        n_reached += result.inertia <= expected * (1 + 1e-6);
        strata_kmeans_result_release(&result);
    }
    cr_expect_geq(n_reached, REACHED, "%s, k %d: %d of %d seeds reach it", name, options->k, n_reached, N_SEEDS);
}

static void check_from_truth(const char *data, const char *truth, double expected)
{
    struct matrix points = read_test_data(data, 2), centres = read_test_data(truth, 2);
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    options.k = (int)centres.n;
    options.centroids = as_centroids(&centres, centres.n);
    struct strata_kmeans_result result = fit(&points, &options, NULL);
    cr_expect_float_eq(result.inertia / expected, 1, 1e-6, "%s: %.9g", data, result.inertia);
    cr_expect_eq(result.k, options.k);
    strata_kmeans_result_release(&result);
    gsl_matrix_free((gsl_matrix *)options.centroids);

    options.centroids = NULL;
    expect_reached(&points, &options, expected, data);
    options.seeding = STRATA_SEEDING_PARALLEL;
    for (options.seed = 1; options.seed <= N_PARALLEL_SEEDS; ++options.seed) {
        result = fit(&points, &options, NULL);
        cr_expect_leq(result.inertia, expected * (1 + 1e-4), "%s, k-means||, seed %d: %.9g", data, (int)options.seed,
                      result.inertia);
        strata_kmeans_result_release(&result);
    }
    free(points.value);
    free(centres.value);
}

Test(known_data, s1) { check_from_truth("s1.txt", "s1-cb.txt", 8.917650e12); }
Test(known_data, a1) { check_from_truth("a1.txt", "a1-ga-cb.txt", 1.214634e10); }
Test(known_data, unbalance) { check_from_truth("unbalance.txt", "unbalance-gt.txt", 2.144921e11); }

Test(known_data, iris)
{
    static const double best_known[] = {[2] = 152.347952, 78.851441, 57.228473, 46.446182, 39.039987};
    struct matrix iris = read_matrix("/usr/lib/python3/dist-packages/sklearn/datasets/data/iris.csv", 4, 1);
    if (!iris.value)
        cr_skip("skipped: data not found");
    cr_assert_eq(iris.n, 150);
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    for (options.k = 2; options.k <= 6; ++options.k)
        expect_reached(&iris, &options, best_known[options.k], "Iris");
    free(iris.value);
}
