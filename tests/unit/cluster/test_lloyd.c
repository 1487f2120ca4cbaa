/* Lloyd's iteration against a plain one: bounds, packed rows and gathered sums may change nothing. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collapse.h"
#include "fixtures.h"
#include "lloyd.h"

/* Centroids and labels after so many iterations, row by row. */
struct plain {
    double *centroid; /* k x d */
    uint16_t *label;  /* n */
    int emptied;      /* a cluster lost all its rows, which is not followed here */
};

static uint16_t nearest_of(const struct strata_points *points, size_t row, const double *centroid, int k)
{
    float best = INFINITY;
    uint16_t nearest = 0;
    for (int j = 0; j < k; ++j) {
        float distance = 0;
        for (int c = 0; c < points->d; ++c) {
            float difference = points->tile[strata_points_index(points, row, c)] - (float)centroid[j * points->d + c];
            distance = fmaf(difference, difference, distance);
        }
        if (distance < best) {
            best = distance;
            nearest = (uint16_t)j;
        }
    }
    return nearest;
}

/* Returns whether labels still moved. */
static int plain_pass(const struct strata_points *points, struct plain *plain, int k)
{
    int moved = 0;
    for (size_t row = 0; row < points->n; ++row) {
        uint16_t now = nearest_of(points, row, plain->centroid, k);
        moved |= now != plain->label[row];
        plain->label[row] = now;
    }
    return moved;
}

static void plain_means(const struct strata_points *points, struct plain *plain, int k)
{
    size_t width = strata_sums_width(points), d = (size_t)points->d;
    strata_int128 *sum = calloc((size_t)k * width, sizeof *sum);
    for (size_t row = 0; row < points->n; ++row)
        strata_sums_move(points, row, NULL, sum + plain->label[row] * width);
    for (size_t j = 0; j < (size_t)k; ++j) {
        plain->emptied |= sum[j * width + d] == 0;
        for (size_t c = 0; c < d && !plain->emptied; ++c)
            plain->centroid[j * d + c] = (double)sum[j * width + c] / (double)sum[j * width + d] / 0x1p50;
    }
    free(sum);
}

static int plain_run(const struct strata_points *points, struct plain *plain, int k, int max_iterations)
{
    int iterations = 0;
    plain->emptied = 0;
    memset(plain->label, 0xFF, points->n * sizeof *plain->label);
    while (!plain->emptied && plain_pass(points, plain, k) && iterations < max_iterations) {
        plain_means(points, plain, k);
        ++iterations;
    }
    return iterations;
}

/* k different points. */
static void choose_start(const struct strata_points *points, int k, double *start)
{
    size_t d = (size_t)points->d, row = 0;
    for (size_t j = 0; j < (size_t)k; ++row) {
        cr_assert_lt(row, points->n);
        for (size_t c = 0; c < d; ++c)
            start[j * d + c] = (double)points->tile[strata_points_index(points, row, (int)c)];
        size_t twin = 0;
        while (twin < j && memcmp(start + twin * d, start + j * d, d * sizeof *start) != 0)
            ++twin;
        j += twin == j;
    }
}

/* step > 0: values on a grid, where many distances tie. Returns whether it could be done. */
static int compare_with_plain(size_t n, size_t d, int k, float step, int weighted, int threads)
{
    struct matrix matrix = mixture(n, d, 1, n + d); /* one cloud: slow to settle */
    for (size_t i = 0; step > 0 && i < n * d; ++i)
        matrix.value[i] = roundf(matrix.value[i] / step) * step;
    double *weights = malloc(n * sizeof *weights);
    for (size_t row = 0; row < n; ++row)
        weights[row] = 1 + (double)(row % 5) / 3;
    struct strata_points points = as_points(&matrix, weighted ? weights : NULL, 1);
    struct strata_error err = {0};
    size_t n_values = (size_t)k * d;
    double *start = malloc(n_values * sizeof *start);
    choose_start(&points, k, start);
    struct plain plain = {malloc(n_values * sizeof(double)), malloc(n * sizeof(uint16_t)), 0};
    memcpy(plain.centroid, start, n_values * sizeof *start);
    int iterations = plain_run(&points, &plain, k, 40);
    for (int set = STRATA_INSTRUCTIONS_BASELINE; !plain.emptied && set <= STRATA_INSTRUCTIONS_NEON; ++set) {
        const struct strata_kernels *kernels = strata_kernels_select((enum strata_instructions)set);
        if (!kernels)
            continue;
        struct strata_lloyd lloyd;
        cr_assert_eq(strata_lloyd_init(&lloyd, &points, kernels, k, threads, true, &err), STRATA_OK);
        strata_lloyd_run(&lloyd, start, k, 40, 0);
        cr_expect_eq(lloyd.iterations, iterations);
        cr_expect_eq(memcmp(lloyd.centroid, plain.centroid, n_values * sizeof *start), 0, "n %zu d %zu k %d set %d", n,
                     d, k, set);
        cr_expect_eq(memcmp(lloyd.label, plain.label, n * sizeof *plain.label), 0);
        strata_lloyd_release(&lloyd);
    }
    free(plain.centroid);
    free(plain.label);
    free(start);
    free(weights);
    strata_points_release(&points);
    free(matrix.value);
    return !plain.emptied;
}

Test(lloyd, is_that_of_a_plain_one)
{
    static const struct {
        size_t n, d;
        int k;
    } cases[] = {{3001, 1, 5}, {9000, 3, 16}, {6000, 8, 12}, {4000, 16, 12}, {1800, 33, 24}, {40, 2, 3}};
    int n_compared = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i)
        for (int weighted = 0; weighted <= 1; ++weighted) {
            n_compared += compare_with_plain(cases[i].n, cases[i].d, cases[i].k, 0, weighted, 1 + (int)i % 3);
            n_compared += compare_with_plain(cases[i].n, cases[i].d, cases[i].k, 0.5f, weighted, 1);
        }
    cr_expect_geq(n_compared, 18);
}

/* Limits that could not be kept, or rows missing among those that were gathered, would show where points lie within
 * rounding of the border between two clusters. weighted: there are limits. */
static void compare_on_the_border(bool weighted)
{
    enum { N = 4096, D = 12 };
    double weights[N];
    struct matrix matrix = mixture(N, D, 2, 4);
    for (size_t row = 0; row < N; ++row)
        matrix.value[row * D] = (float)(row % 2 ? 1 : -1) * (row < N / 2 ? 1e-6f * (float)row : 1 + (float)(row % 97));
    for (size_t row = 0; row < N; ++row)
        weights[row] = 1;
    struct strata_points points = as_points(&matrix, weighted ? weights : NULL, 1);
    struct strata_error err = {0};
    double start[2 * D] = {0};
    start[0] = 0.1;
    start[D] = -0.1;
    struct plain plain = {malloc(sizeof start), malloc(N * sizeof(uint16_t)), 0};
    memcpy(plain.centroid, start, sizeof start);
    int iterations = plain_run(&points, &plain, 2, 300);
    struct strata_lloyd lloyd;
    cr_assert_eq(strata_lloyd_init(&lloyd, &points, strata_kernels_select(STRATA_INSTRUCTIONS_BEST), 2, 1, true, &err),
                 STRATA_OK);
    cr_expect_eq(lloyd.bounds.limit != NULL, weighted);
    cr_expect_eq(lloyd.bounds.bordered, !weighted);
    strata_lloyd_run(&lloyd, start, 2, 300, 0);
    cr_expect_eq(lloyd.iterations, iterations);
    cr_expect_eq(memcmp(lloyd.label, plain.label, N * sizeof(uint16_t)), 0);
    strata_lloyd_release(&lloyd);
    free(plain.centroid);
    free(plain.label);
    strata_points_release(&points);
    free(matrix.value);
}

Test(lloyd, points_on_the_border)
{
    compare_on_the_border(false);
    compare_on_the_border(true);
}

/* Runs of 1, 2, ... iterations; counts those whose last pass gathered rows, and those that would go on with them. */
static void compare_gathered(const struct strata_points *points, int k, int threads, enum strata_instructions set,
                             int *n_gathered, int *n_bordered)
{
    struct strata_error err = {0};
    size_t n_values = (size_t)k * (size_t)points->d;
    double *start = malloc(n_values * sizeof *start);
    struct plain plain = {malloc(n_values * sizeof(double)), malloc(points->n * sizeof(uint16_t)), 0};
    struct strata_lloyd lloyd;
    choose_start(points, k, start);
    memcpy(plain.centroid, start, n_values * sizeof *start);
    memset(plain.label, 0xFF, points->n * sizeof *plain.label);
    cr_assert_eq(strata_lloyd_init(&lloyd, points, strata_kernels_select(set), k, threads, true, &err), STRATA_OK);
    cr_assert(lloyd.bounds.bordered);
    plain_pass(points, &plain, k);
    for (int iterations = 1, moved = 1; iterations <= 40 && moved; ++iterations) {
        plain_means(points, &plain, k);
        moved = plain_pass(points, &plain, k);
        strata_lloyd_run(&lloyd, start, k, iterations, 0);
        cr_expect_eq(memcmp(lloyd.centroid, plain.centroid, n_values * sizeof *start), 0);
        cr_expect_eq(memcmp(lloyd.label, plain.label, points->n * sizeof *plain.label), 0, "%d", iterations);
        *n_bordered += lloyd.bounds.mode == STRATA_ASSIGN_BORDER;
        *n_gathered += lloyd.bounds.mode == STRATA_ASSIGN_BORDER && lloyd.bounds.reached[0] == 0;
    }
    strata_lloyd_release(&lloyd);
    free(plain.centroid);
    free(plain.label);
    free(start);
}

/* In every instruction set, with parts of chunks, and gathered anew when centroids have shifted too far. */
Test(lloyd, gathered_rows_are_enough)
{
    struct matrix matrix = mixture(4801, 3, 4, 5);
    struct strata_points points = as_points(&matrix, NULL, 1);
    for (int set = STRATA_INSTRUCTIONS_BASELINE; set <= STRATA_INSTRUCTIONS_NEON; ++set) {
        if (!strata_kernels_select((enum strata_instructions)set))
            continue;
        int n_gathered = 0, n_bordered = 0;
        compare_gathered(&points, 8, set, (enum strata_instructions)set, &n_gathered, &n_bordered);
        cr_expect_geq(n_gathered, 2);
        cr_expect_geq(n_bordered, 10);
    }
    strata_points_release(&points);
    free(matrix.value);
}

/* Runs that share their passes end at different times, and one of them has clusters to refill. */
static void compare_together(const struct strata_points *points, bool bounded, int threads)
{
    enum { N_RUNS = STRATA_LLOYD_TOGETHER, MAX_K = 9 };
    static const int k[N_RUNS] = {2, MAX_K, 5, 5};
    const struct strata_kernels *kernels = strata_kernels_select(STRATA_INSTRUCTIONS_BEST);
    struct strata_error err = {0};
    struct strata_lloyd together[N_RUNS], alone;
    size_t d = (size_t)points->d;
    double *start[N_RUNS];
    for (int i = 0; i < N_RUNS; ++i) {
        start[i] = malloc(MAX_K * d * sizeof(double));
        choose_start(points, k[i], start[i]);
        cr_assert_eq(strata_lloyd_init(&together[i], points, kernels, MAX_K, threads, bounded, &err), STRATA_OK);
    }
    for (size_t c = 0; c < 2 * d; ++c)
        start[2][d + c] = INFINITY;
    for (int iterations = 1; iterations <= 81; iterations += 40) {
        strata_lloyd_run_together(together, N_RUNS, (const double *const *)start, k, iterations, 0);
        for (int i = 0; i < N_RUNS; ++i) {
            cr_assert_eq(strata_lloyd_init(&alone, points, kernels, MAX_K, 1, true, &err), STRATA_OK);
            strata_lloyd_run(&alone, start[i], k[i], iterations, 0);
            cr_expect_eq(together[i].k, alone.k);
            cr_expect_eq(together[i].iterations, alone.iterations);
            cr_expect_eq(together[i].converged, alone.converged);
            cr_expect_eq(strata_lloyd_inertia(&together[i]), strata_lloyd_inertia(&alone));
            cr_expect_eq(memcmp(together[i].centroid, alone.centroid, (size_t)alone.k * d * sizeof(double)), 0);
            strata_lloyd_label_rows(&together[i]);
            strata_lloyd_label_rows(&alone);
            cr_expect_eq(memcmp(together[i].label, alone.label, points->n * sizeof *alone.label), 0);
            strata_lloyd_release(&alone);
        }
    }
    for (int i = 0; i < N_RUNS; ++i) {
        strata_lloyd_release(&together[i]);
        free(start[i]);
    }
}

Test(lloyd, together_is_as_alone)
{
    struct matrix matrix = mixture(9000, 3, 2, 21);
    struct strata_points points;
    struct strata_error err = {0};
    for (int rounded = 0; rounded <= 1; ++rounded) {
        points = as_points(&matrix, NULL, 1);
        if (rounded)
            cr_assert_eq(strata_points_collapse(&points, STRATA_COLLAPSE_ALWAYS, 1, &err), STRATA_OK);
        compare_together(&points, true, 1);
        compare_together(&points, false, 3);
        strata_points_release(&points);
        for (size_t i = 0; i < matrix.n * 3; ++i)
            matrix.value[i] = roundf(matrix.value[i] / 4);
    }
    free(matrix.value);
}
