/* Identical rows as one point: the same bits as one by one, for everything that is made from them. */
#include "collapse.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "fixtures.h"
#include "random.h"
#include "search.h"
#include "validity.h"

/* d columns of scores 1..levels that go together: those of a row are near each other. */
static struct matrix scores(size_t n, size_t d, int levels, uint64_t seed)
{
    struct matrix matrix = {n, d, malloc(n * d * sizeof(float))};
    for (size_t row = 0; row < n; ++row) {
        double base = strata_uniform_at(seed, 1, row) * levels;
        for (size_t c = 0; c < d; ++c) {
            double place = base + 3 * (strata_uniform_at(seed, 2 + c, row) - 0.5);
            matrix.value[row * d + c] = (float)(1 + floor(fmin(fmax(place, 0), levels - 0.5)));
        }
    }
    return matrix;
}

static struct strata_points collapsed(const struct matrix *matrix, enum strata_collapse how, int threads)
{
    struct strata_points points = as_points(matrix, NULL, 2);
    struct strata_error err = {0};
    cr_assert_eq(strata_points_collapse(&points, how, threads, &err), STRATA_OK);
    return points;
}

static void expect_same_bits(const void *a, const void *b, size_t n_bytes, const char *what, const char *name)
{
    cr_expect_eq(memcmp(a, b, n_bytes), 0, "%s: %s", name, what);
}

static void expect_same_fit(const struct strata_points *points, const struct strata_fit *a, const struct strata_fit *b,
                            const char *name)
{
    cr_assert_eq(a->k, b->k, "%s: %d and %d clusters", name, a->k, b->k);
    size_t k = (size_t)a->k, n_values = k * (size_t)points->d;
    cr_expect_eq(a->iterations, b->iterations, "%s: %d and %d iterations", name, a->iterations, b->iterations);
    cr_expect_eq(a->converged, b->converged, "%s", name);
    expect_same_bits(a->label, b->label, points->n * sizeof *a->label, "labels", name);
    expect_same_bits(a->centroid, b->centroid, n_values * sizeof(double), "centroids", name);
    expect_same_bits(a->mean, b->mean, n_values * sizeof(double), "means", name);
    expect_same_bits(a->size, b->size, k * sizeof *a->size, "sizes", name);
    expect_same_bits(a->within, b->within, k * sizeof(double), "squares", name);
    expect_same_bits(&a->inertia, &b->inertia, sizeof(double), "inertia", name);
}

static struct strata_validity validity_of(const struct strata_points *points, const struct strata_fit *fit, int threads,
                                          enum strata_instructions instructions)
{
    struct strata_validity validity;
    struct strata_error err = {0};
    cr_assert_eq(strata_validity_measure(points, strata_kernels_select(instructions), fit->label, fit->mean,
                                         fit->within, fit->size, fit->k, threads, &validity, &err),
                 STRATA_OK);
    return validity;
}

/* One search on the rows one by one, and on the different rows with each instruction set and several threads. */
static void expect_same_search(const struct matrix *matrix, struct strata_search_options options, const char *name)
{
    static const int threads[] = {1, 3};
    struct strata_error err = {0};
    struct strata_points rows = as_points(matrix, NULL, 2);
    struct strata_fit expected, found;
    options.threads = 2;
    cr_assert_eq(strata_search_run(&rows, &options, &expected, &err), STRATA_OK);
    struct strata_validity wanted = validity_of(&rows, &expected, 2, STRATA_INSTRUCTIONS_BEST);
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; ++t)
        for (int set = STRATA_INSTRUCTIONS_BASELINE; set <= STRATA_INSTRUCTIONS_NEON; ++set) {
            options.threads = threads[t];
            options.instructions = (enum strata_instructions)set;
            if (!strata_kernels_select(options.instructions))
                continue;
            struct strata_points points = collapsed(matrix, STRATA_COLLAPSE_ALWAYS, threads[t]);
            cr_assert_eq(strata_search_run(&points, &options, &found, &err), STRATA_OK);
            expect_same_fit(&rows, &expected, &found, name);
            struct strata_validity validity = validity_of(&points, &found, threads[t], options.instructions);
            expect_same_bits(&validity, &wanted, sizeof validity, "indices", name);
            strata_fit_release(&found);
            strata_points_release(&points);
        }
    strata_fit_release(&expected);
    strata_points_release(&rows);
}

static struct strata_search_options search_for(int k)
{
    return (struct strata_search_options){
        .k = k, .restarts = 3, .swaps = 3, .max_iterations = 50, .tolerance = 1e-6, .seed = 3, .sample_rows = 2000};
}

Test(collapse, searches_have_the_same_bits)
{
    struct matrix few = scores(20011, 3, 5, 1), many = scores(20011, 7, 9, 2), continuous = mixture(3000, 2, 4, 3);
    struct strata_search_options options = search_for(6);
    expect_same_search(&few, options, "sampled");
    expect_same_search(&many, options, "sampled, more columns");
    expect_same_search(&continuous, options, "hardly a row twice");
    options.sample_rows = 0;
    expect_same_search(&few, options, "all rows");
    options.seeding = STRATA_SEEDING_PARALLEL;
    expect_same_search(&many, options, "k-means||");
    options = search_for(1);
    expect_same_search(&few, options, "one cluster");
    options = search_for(6);
    options.max_iterations = 1;
    expect_same_search(&many, options, "one iteration");
    free(few.value);
    free(many.value);
    free(continuous.value);
}

/* Clusters without a row are refilled with single rows of several that are the same. */
Test(collapse, refills_have_the_same_bits)
{
    struct matrix matrix = scores(5000, 2, 4, 4), line = {12, 1, malloc(12 * sizeof(float))};
    struct strata_search_options options = search_for(30);
    expect_same_search(&matrix, options, "more clusters than different rows");
    options = search_for(8);
    double start[16], line_start[] = {INFINITY, -0.5, INFINITY, 0.5};
    for (size_t i = 0; i < 16; ++i)
        start[i] = i < 2 ? -1 : i < 4 ? 1 : INFINITY;
    options.start = start;
    for (int iterations = 1; iterations <= 12; ++iterations) {
        options.max_iterations = iterations;
        options.tolerance = 0;
        expect_same_search(&matrix, options, "clusters without a place");
    }
    /* Equally far, twice each: in the order of the rows. */
    for (size_t row = 0; row < line.n; ++row)
        line.value[row] = (float)(row % 3 == 0 ? 0 : row % 2 ? -8 : 8);
    options.k = 4;
    options.start = line_start;
    for (options.max_iterations = 1; options.max_iterations <= 4; ++options.max_iterations)
        expect_same_search(&line, options, "rows that are equally far");
    free(matrix.value);
    free(line.value);
}

/* Every number of clusters tried, with every index. */
Test(collapse, choices_have_the_same_bits)
{
    enum { MAX_K = 7 };
    struct matrix matrix = scores(30000, 3, 5, 5);
    struct strata_points points[2] = {as_points(&matrix, NULL, 2), collapsed(&matrix, STRATA_COLLAPSE_MEASURED, 2)};
    cr_assert_not_null(points[1].distinct);
    struct strata_fit fit[2];
    struct strata_cluster_trial trial[2][MAX_K];
    int n_trials[2], chosen[2];
    struct strata_error err = {0};
    struct strata_search_options options = search_for(0);
    options.threads = 2;
    options.min_size = 3000;
    memset(trial, 0, sizeof trial);
    for (int i = 0; i < 2; ++i)
        cr_assert_eq(strata_fit_auto(&points[i], &options, MAX_K, STRATA_CRITERION_CALINSKI_HARABASZ, &fit[i], trial[i],
                                     &n_trials[i], &chosen[i], &err),
                     STRATA_OK);
    cr_assert_eq(n_trials[0], MAX_K - 1);
    cr_assert_eq(n_trials[1], n_trials[0]);
    cr_expect_eq(chosen[1], chosen[0]);
    expect_same_bits(trial[0], trial[1], sizeof trial[0], "trials", "choice");
    expect_same_fit(&points[0], &fit[0], &fit[1], "choice");
    for (int i = 0; i < 2; ++i) {
        strata_fit_release(&fit[i]);
        strata_points_release(&points[i]);
    }
    free(matrix.value);
}

Test(collapse, different_rows_are_counted)
{
    float value[] = {1, 2, 3, 4, 1, 2, 1, 3, 3, 4, 1, 2};
    struct matrix matrix = {6, 2, value};
    struct strata_points points = collapsed(&matrix, STRATA_COLLAPSE_ALWAYS, 2);
    static const uint32_t which[] = {0, 1, 0, 2, 1, 0}, count[] = {3, 2, 1};
    cr_assert_not_null(points.distinct);
    cr_assert_eq(points.distinct->n, 3);
    cr_expect_eq(points.distinct->n_rows, 6);
    cr_expect_eq(memcmp(points.distinct_of, which, sizeof which), 0);
    cr_expect_eq(memcmp(points.distinct->count, count, sizeof count), 0);
    for (size_t row = 0; row < 6; ++row)
        for (int c = 0; c < 2; ++c)
            cr_expect_eq(points.tile[strata_points_index(&points, row, c)],
                         points.distinct->tile[strata_points_index(points.distinct, which[row], c)]);
    strata_points_release(&points);
}

/* Labels of rows that are the same may differ if they are anybody's. */
Test(collapse, labels_of_different_rows)
{
    float value[] = {5, 7, 5, 7, 9};
    struct matrix matrix = {5, 1, value};
    struct strata_points points = collapsed(&matrix, STRATA_COLLAPSE_ALWAYS, 1);
    const uint16_t same[16] = {1, 0, 1, 0, 2}, mixed[16] = {1, 0, 1, 2, 2};
    uint16_t label[16];
    cr_expect(strata_collapse_labels(&points, same, 2, label));
    cr_expect_eq(label[0], 1);
    cr_expect_eq(label[1], 0);
    cr_expect_eq(label[2], 2);
    cr_expect_not(strata_collapse_labels(&points, mixed, 2, label));
    strata_points_release(&points);
    points = as_points(&matrix, NULL, 2);
    cr_expect_not(strata_collapse_labels(&points, same, 2, NULL), "the different rows are not known");
    strata_points_release(&points);
}

static size_t distinct_by_measurement(const struct matrix *matrix)
{
    struct strata_points points = collapsed(matrix, STRATA_COLLAPSE_MEASURED, 2);
    size_t n = points.distinct ? points.distinct->n : 0;
    strata_points_release(&points);
    return n;
}

Test(collapse, is_chosen_by_what_a_sample_shows)
{
    enum { N = 40000 };
    struct matrix continuous = mixture(N, 3, 4, 6), few = scores(N, 3, 5, 7), small = scores(500, 3, 5, 7);
    cr_expect_eq(distinct_by_measurement(&continuous), 0);
    size_t n_few = distinct_by_measurement(&few);
    cr_expect(n_few > 5 && n_few <= 125, "%zu", n_few);
    cr_expect_eq(distinct_by_measurement(&small), 0, "nothing is won");
    /* Every other row is like no other. */
    for (size_t row = 0; row < N; row += 2)
        few.value[3 * row] = (float)row;
    cr_expect_eq(distinct_by_measurement(&few), 0);
    free(continuous.value);
    free(few.value);
    free(small.value);
    /* A few rows that the sample cannot know. */
    few = scores(N, 3, 5, 8);
    n_few = distinct_by_measurement(&few);
    for (size_t row = 0; row < N; row += 4000)
        few.value[3 * row] = (float)(100 + row);
    cr_expect_eq(distinct_by_measurement(&few), n_few + 10);
    struct strata_error err = {0};
    double *weight = malloc(N * sizeof *weight);
    for (size_t row = 0; row < N; ++row)
        weight[row] = 1;
    struct strata_points weighted = as_points(&few, weight, 1);
    cr_assert_eq(strata_points_collapse(&weighted, STRATA_COLLAPSE_ALWAYS, 1, &err), STRATA_OK);
    cr_expect_null(weighted.distinct, "weights are of single rows");
    strata_points_release(&weighted);
    free(weight);
    free(few.value);
}
