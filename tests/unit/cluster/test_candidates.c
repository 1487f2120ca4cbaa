/* Seeding by k-means||. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "candidates.h"
#include "fixtures.h"
#include "sums.h"

static struct strata_points candidates_of(const struct strata_points *points, int k, uint64_t seed, int threads,
                                          enum strata_instructions instructions)
{
    struct strata_points candidates;
    struct strata_error err = {0};
    cr_assert_eq(strata_candidates_draw(&candidates, points, strata_kernels_select(instructions), k, seed, threads,
                                        &err),
                 STRATA_OK, "%s", err.message);
    return candidates;
}

/* Summed as the kernels do, so that ties are theirs. */
static size_t nearest_of(const struct strata_points *points, size_t row, const struct strata_points *candidates)
{
    float best = INFINITY;
    size_t nearest = 0;
    for (size_t i = 0; i < candidates->n; ++i) {
        float distance = 0;
        for (int c = 0; c < points->d; ++c) {
            float difference = points->tile[strata_points_index(points, row, c)] -
                               candidates->tile[strata_points_index(candidates, i, c)];
            distance = fmaf(difference, difference, distance);
        }
        if (distance < best) {
            best = distance;
            nearest = i;
        }
    }
    return nearest;
}

/* A candidate weighs as much as the rows that are nearest to it; about 10 k of them, each a row. */
Test(candidates, weigh_what_is_nearest)
{
    for (uint64_t seed = 1; seed <= 6; ++seed) {
        int weighted = seed % 2 == 0;
        struct matrix matrix = mixture(5003, 1 + seed, 5, seed);
        double *weights = malloc(matrix.n * sizeof *weights);
        for (size_t row = 0; row < matrix.n; ++row)
            weights[row] = (double)(row % 4);
        struct strata_points points = as_points(&matrix, weighted ? weights : NULL, 1);
        struct strata_points candidates = candidates_of(&points, 7, seed, 2, STRATA_INSTRUCTIONS_BEST);
        cr_expect(candidates.n > 40 && candidates.n < 110, "%zu", candidates.n);
        double *count = calloc(candidates.n, sizeof *count);
        for (size_t row = 0; row < matrix.n; ++row)
            count[nearest_of(&points, row, &candidates)] += weighted ? weights[row] : 1;
        double per_count = 0, total = 0;
        for (size_t i = 0; i < candidates.n; ++i) {
            per_count += candidates.weight[i] * candidates.weight_unit;
            total += count[i];
        }
        per_count /= total;
        for (size_t i = 0; i < candidates.n; ++i)
            cr_expect_float_eq(candidates.weight[i] * candidates.weight_unit / per_count, count[i], 1e-9);
        if (!weighted)
            cr_expect_eq(per_count, 1);
        free(count);
        free(weights);
        strata_points_release(&candidates);
        strata_points_release(&points);
        free(matrix.value);
    }
}

Test(candidates, same_bits_everywhere)
{
    static const int threads[] = {1, 2, 3, 8};
    for (size_t d = 1; d <= 9; d += 2) {
        struct matrix matrix = mixture(20011, d, 6, d);
        struct strata_points points = as_points(&matrix, NULL, 1);
        struct strata_points expected = candidates_of(&points, 6, 3, 1, STRATA_INSTRUCTIONS_BASELINE);
        for (int set = STRATA_INSTRUCTIONS_BEST; set <= STRATA_INSTRUCTIONS_NEON; ++set)
            for (size_t t = 0; t < sizeof threads / sizeof threads[0]; ++t) {
                if (!strata_kernels_select((enum strata_instructions)set))
                    continue;
                struct strata_points found = candidates_of(&points, 6, 3, threads[t], (enum strata_instructions)set);
                cr_assert_eq(found.n, expected.n);
                cr_expect_eq(memcmp(found.weight, expected.weight, found.n * sizeof *found.weight), 0);
                cr_expect_eq(memcmp(found.tile, expected.tile,
                                    found.n_tiles * STRATA_TILE_ROWS * d * sizeof *found.tile),
                             0);
                strata_points_release(&found);
            }
        struct strata_points other = candidates_of(&points, 6, 4, 1, STRATA_INSTRUCTIONS_BEST);
        cr_expect(other.n != expected.n ||
                      memcmp(other.tile, expected.tile, other.n_tiles * STRATA_TILE_ROWS * d * sizeof(float)) != 0,
                  "another seed takes other rows");
        strata_points_release(&other);
        strata_points_release(&expected);
        strata_points_release(&points);
        free(matrix.value);
    }
}

/* Few different rows, a row of weight 0, one row: no candidate twice, none that counts for nothing. */
Test(candidates, differ_and_count)
{
    float value[] = {1, 1, 5, 5, 5, 9, 9, 1, 77};
    double weights[] = {1, 1, 1, 1, 1, 1, 1, 1, 0};
    struct matrix matrix = {9, 1, value};
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        struct strata_points points = as_points(&matrix, weights, 1);
        struct strata_points candidates = candidates_of(&points, 6, seed, 1, STRATA_INSTRUCTIONS_BEST);
        double product = 1;
        cr_assert_eq(candidates.n, 3);
        for (size_t i = 0; i < 3; ++i)
            product *= points.shift[0] + points.unit * (double)candidates.tile[i];
        cr_expect_eq(product, 45);
        strata_points_release(&candidates);
        strata_points_release(&points);
    }
    struct matrix one = {1, 1, value};
    struct strata_points points = as_points(&one, NULL, 1);
    struct strata_points candidates = candidates_of(&points, 3, 1, 3, STRATA_INSTRUCTIONS_BEST);
    cr_expect_eq(candidates.n, 1);
    strata_points_release(&candidates);
    strata_points_release(&points);
}

/* A whole fit: the bits do not depend on the threads, and the start is good enough for Lloyd to end near the best. */
Test(candidates, fit_from_candidates)
{
    struct matrix matrix = mixture(30000, 3, 9, 4);
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    options.k = 9;
    struct strata_kmeans_result best = fit(&matrix, &options, NULL);
    options.seeding = STRATA_SEEDING_PARALLEL;
    options.threads = 1;
    struct strata_kmeans_result one = fit(&matrix, &options, NULL);
    cr_expect_eq(one.k, 9);
    cr_expect_leq(one.inertia, 1.01 * best.inertia);
    static const int threads[] = {2, 3, 8};
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; ++t) {
        options.threads = threads[t];
        struct strata_kmeans_result other = fit(&matrix, &options, NULL);
        cr_expect(same_result(&one, &other), "%d threads", options.threads);
        strata_kmeans_result_release(&other);
    }
    strata_kmeans_result_release(&one);
    strata_kmeans_result_release(&best);
    free(matrix.value);
}
