/* Points of doubles: the same engine, for structure that floats do not resolve. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixtures.h"
#include "given.h"
#include "lloyd.h"
#include "random.h"
#include "search.h"
#include "validity.h"

/* k clouds 1e-9 wide in a range of 1, far from 0. */
static double *fine_rows(size_t n, size_t d, size_t k)
{
    double *value = malloc(n * d * sizeof *value);
    for (size_t row = 0; row < n; ++row)
        for (size_t c = 0; c < d; ++c) {
            double cloud = (double)((row % k * 7 + c * 3) % 5), far = row == n / 2 ? 1 : 0;
            value[row * d + c] = 8 + far + 1e-8 * cloud + 1e-9 * strata_uniform_at(5, c, row);
        }
    return value;
}

static struct strata_points wide_points(const double *value, size_t n, size_t d, const double *weights, int threads)
{
    struct strata_kmeans_data data = {
        .n_rows = n, .n_columns = d, .type = STRATA_KMEANS_DOUBLE, .values = value, .weights = weights};
    struct strata_points points;
    struct strata_error err = {0};
    cr_assert_eq(strata_given_settle(&data, &data, &err), STRATA_OK);
    cr_assert_eq(strata_given_place(&data, true, threads, &points, &err), STRATA_OK, "%s", err.message);
    return points;
}

static void expect_same_fit(const struct strata_points *points, const struct strata_fit *a, const struct strata_fit *b)
{
    size_t n_values = (size_t)a->k * (size_t)points->d;
    cr_assert_eq(a->k, b->k);
    cr_expect_eq(a->iterations, b->iterations);
    cr_expect_eq(memcmp(&a->inertia, &b->inertia, sizeof a->inertia), 0);
    cr_expect_eq(memcmp(a->centroid, b->centroid, n_values * sizeof *a->centroid), 0);
    cr_expect_eq(memcmp(a->mean, b->mean, n_values * sizeof *a->mean), 0);
    cr_expect_eq(memcmp(a->size, b->size, (size_t)a->k * sizeof *a->size), 0);
    cr_expect_eq(memcmp(a->label, b->label, points->n * sizeof *a->label), 0);
}

Test(float64, same_bits_everywhere)
{
    enum { N = 5003 };
    static const int threads[] = {1, 2, 3, 8};
    static const size_t columns[] = {1, 3, 9};
    struct strata_error err = {0};
    double weights[N];
    for (size_t row = 0; row < N; ++row)
        weights[row] = (double)(row % 7) / 3;
    for (int seeding = STRATA_SEEDING_CORESET; seeding <= STRATA_SEEDING_PARALLEL; ++seeding)
        for (size_t i = 0; i < 6; ++i) {
            size_t d = columns[i / 2];
            double *value = fine_rows(N, d, 5);
            struct strata_fit fits[2];
            struct strata_validity validity[2];
            for (int set = STRATA_INSTRUCTIONS_BASELINE, n_fits = 0; set <= STRATA_INSTRUCTIONS_NEON; ++set)
                for (size_t t = 0; t < 4; ++t) {
                    enum strata_instructions instructions = (enum strata_instructions)set;
                    if (!strata_kernels_select(instructions))
                        continue;
                    struct strata_points points = wide_points(value, N, d, i % 2 ? weights : NULL, threads[t]);
                    struct strata_search_options options = {.k = 6,
                                                            .restarts = 3,
                                                            .swaps = 3,
                                                            .max_iterations = 50,
                                                            .threads = threads[t],
                                                            .tolerance = 1e-6,
                                                            .seed = 7,
                                                            .seeding = (enum strata_kmeans_seeding)seeding,
                                                            .sample_rows = 2000,
                                                            .instructions = instructions};
                    struct strata_fit *found = &fits[n_fits > 0];
                    cr_assert_eq(strata_search_run(&points, &options, found, &err), STRATA_OK);
                    cr_assert_eq(strata_validity_measure(&points, strata_kernels_for(&points, instructions),
                                                         found->label, found->mean, found->within, found->size,
                                                         found->k, threads[t], &validity[n_fits > 0], &err),
                                 STRATA_OK);
                    if (n_fits++ > 0) {
                        expect_same_fit(&points, &fits[0], found);
                        cr_expect_eq(memcmp(&validity[0], &validity[1], sizeof validity[0]), 0);
                        strata_fit_release(found);
                    }
                    strata_points_release(&points);
                }
            strata_fit_release(&fits[0]);
            free(value);
        }
}

/* Every label is that of the nearest centroid in doubles, bounded or not, and every centroid the mean of its rows. */
Test(float64, labels_are_of_the_nearest)
{
    enum { N = 6000, D = 4, K = 9 };
    double *value = fine_rows(N, D, 1), start[K * D];
    struct strata_points points = wide_points(value, N, D, NULL, 2);
    struct strata_error err = {0};
    for (size_t j = 0; j < K; ++j)
        for (size_t c = 0; c < D; ++c)
            start[j * D + c] = strata_points_value(&points, 17 * j, (int)c);
    struct strata_lloyd lloyd[2];
    for (int i = 0; i < 2; ++i) {
        cr_assert_eq(strata_lloyd_init(&lloyd[i], &points, strata_kernels_for(&points, STRATA_INSTRUCTIONS_BEST), K, 2,
                                       i == 0, &err),
                     STRATA_OK);
        strata_lloyd_run(&lloyd[i], start, K, 200, 0);
    }
    cr_expect_eq(lloyd[0].iterations, lloyd[1].iterations);
    cr_expect_gt(lloyd[0].iterations, 5);
    cr_expect_eq(memcmp(lloyd[0].centroid, lloyd[1].centroid, sizeof start), 0);
    cr_expect_eq(memcmp(lloyd[0].label, lloyd[1].label, N * sizeof(uint16_t)), 0);
    double sum[K * D] = {0};
    for (size_t row = 0; row < N; ++row) {
        double best = INFINITY;
        size_t nearest = 0;
        for (size_t j = 0; j < K; ++j) {
            double distance = 0;
            for (size_t c = 0; c < D; ++c) {
                double difference = strata_points_value(&points, row, (int)c) - lloyd[0].centroid[j * D + c];
                distance += difference * difference;
            }
            if (distance < best) {
                best = distance;
                nearest = j;
            }
        }
        cr_expect_eq(lloyd[0].label[row], nearest);
        for (size_t c = 0; c < D; ++c)
            sum[nearest * D + c] += strata_points_value(&points, row, (int)c);
    }
    for (size_t i = 0; i < K * D; ++i)
        cr_expect_float_eq(lloyd[0].centroid[i], sum[i] / (double)strata_lloyd_size(&lloyd[0], (int)(i / D)), 1e-15);
    strata_lloyd_release(&lloyd[0]);
    strata_lloyd_release(&lloyd[1]);
    strata_points_release(&points);
    free(value);
}

/* Two places 2^-40 apart in a range of 1: a float of that range has steps of 2^-24. */
Test(float64, by_hand)
{
    const double fine = 0x1p-40, value[] = {5, 5, 5 + fine, 5 + fine, 5 + 3 * fine, 6};
    struct strata_kmeans_data data = {.n_rows = 6, .n_columns = 1, .type = STRATA_KMEANS_DOUBLE, .values = value};
    struct strata_kmeans_options options;
    struct strata_kmeans_result result;
    struct strata_error err = {0};
    int32_t labels[6];
    strata_kmeans_options_init(&options);
    options.k = 3;
    options.tolerance = 0;
    options.precision = STRATA_KMEANS_FLOAT64;
    cr_assert_eq(strata_kmeans_fit(&data, &options, labels, &result, &err), STRATA_OK);
    cr_assert_eq(result.k, 3);
    cr_expect(labels[0] == labels[1] && labels[0] == labels[2] && labels[0] == labels[3]);
    cr_expect(labels[4] != labels[0] && labels[5] != labels[0] && labels[4] != labels[5]);
    cr_expect_eq(gsl_matrix_get(result.centroids, (size_t)labels[0], 0), 5 + fine / 2);
    cr_expect_eq(gsl_matrix_get(result.centroids, (size_t)labels[4], 0), 5 + 3 * fine);
    cr_expect_eq(gsl_matrix_get(result.centroids, (size_t)labels[5], 0), 6);
    cr_expect_eq(result.inertia, fine * fine);
    strata_kmeans_result_release(&result);
    options.precision = STRATA_KMEANS_FLOAT32;
    cr_assert_eq(strata_kmeans_fit(&data, &options, NULL, &result, &err), STRATA_OK);
    cr_expect_eq(result.k, 2, "floats tell two places apart");
    strata_kmeans_result_release(&result);
    options.precision = (enum strata_kmeans_precision)2;
    cr_expect_eq(strata_kmeans_fit(&data, &options, NULL, &result, &err), STRATA_USAGE);
}
