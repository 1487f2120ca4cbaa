/* The parts behind the public interface: instruction sets, threads, sampling, the silhouette. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coreset.h"
#include "fixtures.h"
#include "search.h"
#include "seeding.h"
#include "validity.h"

static struct strata_search_options search_options(int k, int threads, enum strata_instructions instructions)
{
    return (struct strata_search_options){.k = k,
                                          .restarts = 3,
                                          .swaps = 3,
                                          .max_iterations = 50,
                                          .threads = threads,
                                          .tolerance = 1e-6,
                                          .seed = 7,
                                          .sample_rows = 2000,
                                          .instructions = instructions};
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

/* Every instruction set and number of threads against the baseline on one thread, with and without weights; d on both
 * sides of the loops for a fixed number of columns. */
Test(engine, same_bits_everywhere)
{
    static const int threads[] = {1, 2, 3, 8};
    struct strata_error err = {0};
    for (size_t d = 1; d <= 11; ++d)
        for (int weighted = 0; weighted <= 1; ++weighted) {
            struct matrix matrix = mixture(5003, d, 6, d);
            double *weights = malloc(matrix.n * sizeof *weights);
            for (size_t row = 0; row < matrix.n; ++row)
                weights[row] = (double)(row % 7) / 3;
            struct strata_points reference = as_points(&matrix, weighted ? weights : NULL, 1);
            struct strata_search_options options = search_options(6, 1, STRATA_INSTRUCTIONS_BASELINE);
            struct strata_fit expected;
            cr_assert_eq(strata_search_run(&reference, &options, &expected, &err), STRATA_OK);
            struct strata_validity validity;
            cr_assert_eq(strata_validity_measure(&reference, strata_kernels_select(STRATA_INSTRUCTIONS_BASELINE),
                                                 expected.label, expected.mean, expected.within, expected.size,
                                                 expected.k, 1, &validity, &err),
                         STRATA_OK);
            for (int set = STRATA_INSTRUCTIONS_BEST; set <= STRATA_INSTRUCTIONS_NEON; ++set)
                for (size_t t = 0; t < sizeof threads / sizeof threads[0]; ++t) {
                    if (!strata_kernels_select((enum strata_instructions)set))
                        continue;
                    struct strata_points points = as_points(&matrix, weighted ? weights : NULL, threads[t]);
                    options = search_options(6, threads[t], (enum strata_instructions)set);
                    struct strata_fit found;
                    cr_assert_eq(strata_search_run(&points, &options, &found, &err), STRATA_OK);
                    expect_same_fit(&points, &expected, &found);
                    struct strata_validity again;
                    cr_assert_eq(strata_validity_measure(&points, strata_kernels_select((enum strata_instructions)set),
                                                         found.label, found.mean, found.within, found.size, found.k,
                                                         threads[t], &again, &err),
                                 STRATA_OK);
                    cr_expect_eq(memcmp(&again, &validity, sizeof again), 0);
                    strata_fit_release(&found);
                    strata_points_release(&points);
                }
            strata_fit_release(&expected);
            strata_points_release(&reference);
            free(weights);
            free(matrix.value);
        }
}

/* A search on fewer rows ends close to one on all, with the same bits everywhere: a cloud without clusters, in which
 * many outcomes are close to the best. */
static void expect_close_search(size_t n, size_t sample_rows, double share)
{
    struct matrix matrix = mixture(n, 3, 1, 8);
    struct strata_error err = {0};
    struct strata_points points = as_points(&matrix, NULL, 1);
    struct strata_search_options options = search_options(7, 1, STRATA_INSTRUCTIONS_BASELINE);
    options.restarts = 8;
    struct strata_fit reference, sampled, again;
    options.sample_rows = 0;
    cr_assert_eq(strata_search_run(&points, &options, &reference, &err), STRATA_OK);
    options.sample_rows = sample_rows;
    cr_assert_eq(strata_search_run(&points, &options, &sampled, &err), STRATA_OK);
    cr_expect_leq(sampled.inertia, (1 + share) * reference.inertia);
    options.threads = 3;
    options.instructions = STRATA_INSTRUCTIONS_BEST;
    cr_assert_eq(strata_search_run(&points, &options, &again, &err), STRATA_OK);
    expect_same_fit(&points, &sampled, &again);
    strata_fit_release(&reference);
    strata_fit_release(&sampled);
    strata_fit_release(&again);
    strata_points_release(&points);
    free(matrix.value);
}

Test(engine, outcomes_are_judged_by_a_larger_sample) { expect_close_search(40009, 1000, 2e-2); }

Test(engine, outcomes_are_judged_by_all_rows) { expect_close_search(40009, 9000, 2e-3); }

Test(engine, restarts_run_on_fewer_rows_than_the_sample) { expect_close_search(90001, 45000, 1e-3); }

Test(engine, an_instruction_set_that_is_not_there_is_refused)
{
    struct matrix matrix = mixture(10, 2, 2, 1);
    struct strata_points points = as_points(&matrix, NULL, 1);
    struct strata_search_options options = search_options(2, 1, (enum strata_instructions)99);
    struct strata_fit fit_of;
    struct strata_error err = {0};
    cr_expect_eq(strata_search_run(&points, &options, &fit_of, &err), STRATA_USAGE);
    strata_fit_release(&fit_of);
    strata_points_release(&points);
    free(matrix.value);
}

Test(engine, points_stand_for_their_rows)
{
    struct matrix matrix = mixture(37, 3, 2, 5);
    for (size_t i = 0; i < matrix.n * matrix.d; ++i)
        matrix.value[i] += 1000;
    struct strata_points points = as_points(&matrix, NULL, 1);
    double variance = 0;
    for (size_t c = 0; c < 3; ++c) {
        double sum = 0, squares = 0;
        for (size_t row = 0; row < matrix.n; ++row) {
            float value = points.tile[strata_points_index(&points, row, (int)c)];
            cr_expect_leq(fabsf(value), 1);
            cr_expect_float_eq(points.shift[c] + points.unit * (double)value, (double)matrix.value[row * 3 + c], 1e-12);
            sum += (double)value;
            squares += (double)value * (double)value;
        }
        variance += squares / 37 - sum / 37 * (sum / 37);
    }
    cr_expect_float_eq(points.mean_variance, variance / 3, 1e-12);
    strata_points_release(&points);
    strata_points_release(&points);
    free(matrix.value);
}

Test(engine, silhouette_is_that_of_all_pairs)
{
    struct matrix matrix = mixture(200, 3, 4, 11);
    matrix.value[0] = 500; /* alone in its cluster */
    struct strata_points points = as_points(&matrix, NULL, 1);
    struct strata_search_options options = search_options(5, 1, STRATA_INSTRUCTIONS_BEST);
    options.tolerance = 0;
    struct strata_fit found;
    struct strata_error err = {0};
    cr_assert_eq(strata_search_run(&points, &options, &found, &err), STRATA_OK);
    double expected = 0;
    for (size_t i = 0; i < matrix.n; ++i) {
        double sum[5] = {0};
        for (size_t j = 0; j < matrix.n; ++j)
            for (size_t c = 0; c < 3; ++c) {
                double difference = (double)matrix.value[i * 3 + c] - (double)matrix.value[j * 3 + c];
                sum[found.label[j]] += difference * difference;
            }
        int own = found.label[i];
        double inside = sum[own] / (double)(found.size[own] - 1), outside = INFINITY;
        for (int j = 0; j < 5; ++j)
            if (j != own)
                outside = fmin(outside, sum[j] / (double)found.size[j]);
        expected += found.size[own] == 1 ? 0 : (outside - inside) / fmax(inside, outside);
    }
    struct strata_validity validity;
    cr_assert_eq(strata_validity_measure(&points, strata_kernels_select(STRATA_INSTRUCTIONS_BEST), found.label,
                                         found.mean, found.within, found.size, 5, 2, &validity, &err),
                 STRATA_OK);
    cr_expect_float_eq(validity.silhouette, expected / 200, 1e-5, "%.9g %.9g", validity.silhouette, expected / 200);
    strata_fit_release(&found);
    strata_points_release(&points);
    free(matrix.value);
}

/* A coreset stands for all rows: its weighted mean and its cost of any centre are about theirs, and it keeps whales. */
Test(engine, coreset_stands_for_all_rows)
{
    struct matrix matrix = mixture(60000, 2, 5, 2);
    matrix.value[2 * 54321] = 3000;
    struct strata_points points = as_points(&matrix, NULL, 1), coreset[2];
    struct strata_error err = {0};
    for (int threads = 1; threads <= 2; ++threads)
        cr_assert_eq(strata_coreset_draw(&coreset[threads - 1], &points, 4000, 9, threads, &err), STRATA_OK);
    cr_assert_eq(coreset[0].n, coreset[1].n);
    cr_expect_leq(coreset[0].n, 4000);
    cr_expect_geq(coreset[0].n, 2000);
    cr_expect_eq(memcmp(coreset[0].weight, coreset[1].weight, coreset[0].n * sizeof(double)), 0);
    cr_expect_eq(memcmp(coreset[0].tile, coreset[1].tile, coreset[0].n_tiles * 32 * sizeof(float)), 0);
    double weight = 0, cost = 0, full_cost = 0, largest = 0;
    for (size_t i = 0; i < coreset[0].n; ++i) {
        double x = (double)coreset[0].tile[strata_points_index(&coreset[0], i, 0)];
        double y = (double)coreset[0].tile[strata_points_index(&coreset[0], i, 1)];
        double w = coreset[0].weight[i] * coreset[0].weight_unit;
        weight += w;
        cost += w * ((x - 0.002) * (x - 0.002) + y * y);
        largest = fmax(largest, x);
    }
    for (size_t i = 0; i < points.n; ++i) {
        double x = (double)points.tile[strata_points_index(&points, i, 0)];
        double y = (double)points.tile[strata_points_index(&points, i, 1)];
        full_cost += (x - 0.002) * (x - 0.002) + y * y;
    }
    cr_expect_float_eq(cost / weight / (full_cost / 60000), 1, 0.05);
    cr_expect_gt(largest, 0.5);
    strata_points_release(&coreset[0]);
    strata_points_release(&coreset[1]);
    strata_points_release(&points);
    free(matrix.value);
}

Test(engine, seeding_takes_rows_and_stops_when_all_are_covered)
{
    float value[] = {1, 1, 5, 5, 5, 9, 9, 1};
    struct matrix matrix = {8, 1, value};
    struct strata_points points = as_points(&matrix, NULL, 1);
    struct strata_seeding seeding;
    struct strata_error err = {0};
    cr_assert_eq(strata_seeding_init(&seeding, &points, strata_kernels_select(STRATA_INSTRUCTIONS_BEST), &err),
                 STRATA_OK);
    for (int restart = 0; restart < 20; ++restart) {
        double centroid[6], product = 1;
        cr_assert_eq(strata_seeding_run(&seeding, 6, 1, restart, centroid), 3);
        for (int j = 0; j < 3; ++j)
            product *= points.shift[0] + points.unit * centroid[j];
        cr_expect_eq(product, 45);
        cr_expect_eq(strata_seeding_survey(&seeding, centroid, 3), 0, "no swap can gain");
        cr_expect_eq(strata_seeding_survey(&seeding, centroid, 2), 1);
        double left = points.shift[0] + points.unit * centroid[2];
        strata_seeding_swap(&seeding, centroid, 2, 1, restart, 0);
        double first = points.shift[0] + points.unit * centroid[0];
        double second = points.shift[0] + points.unit * centroid[1];
        cr_expect((first == left) != (second == left), "the place without a centroid is the only one to take");
    }
    strata_seeding_release(&seeding);
    strata_points_release(&points);
}
