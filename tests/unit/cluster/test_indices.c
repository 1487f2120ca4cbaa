/* The indices that look at a sample: the Euclidean silhouette and the gap. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "copies.h"
#include "fixtures.h"
#include "gap.h"
#include "random.h"
#include "silhouette_sample.h"

enum { MOST_CLUSTERS = 40 };

struct labelled {
    struct strata_points points;
    uint16_t *label; /* with room for the last tile */
    uint64_t size[MOST_CLUSTERS];
    int k;
};

static struct labelled labelled(const struct matrix *matrix, int k, uint16_t (*label_of)(size_t row))
{
    struct labelled data = {.label = calloc(matrix->n + STRATA_TILE_ROWS, sizeof(uint16_t)), .k = k};
    data.points = as_points(matrix, NULL, 1);
    for (size_t row = 0; row < matrix->n; ++row) {
        data.label[row] = label_of(row);
        ++data.size[data.label[row]];
    }
    return data;
}

static void release(struct labelled *data)
{
    strata_points_release(&data->points);
    free(data->label);
}

static struct strata_silhouette silhouette_of(const struct labelled *data, uint64_t seed, int threads)
{
    struct strata_silhouette silhouette;
    struct strata_error err = {0};
    cr_assert_eq(strata_silhouette_measure(&data->points, data->label, data->size, data->k, seed, threads, &silhouette,
                                           &err),
                 STRATA_OK, "%s", err.message);
    return silhouette;
}

/* The silhouette over some rows by the definition, each cluster weighted by its size. */
static double by_definition(const struct matrix *matrix, const struct labelled *data, const size_t *start,
                            const size_t *row)
{
    double total = 0;
    for (int own = 0; own < data->k; ++own) {
        double sum = 0;
        size_t n_own = start[own + 1] - start[own];
        for (size_t i = start[own]; i < start[own + 1]; ++i) {
            double inside = 0, nearest = INFINITY;
            for (int j = 0; j < data->k; ++j) {
                double distances = 0;
                for (size_t o = start[j]; o < start[j + 1]; ++o) {
                    double square = 0;
                    for (size_t c = 0; c < matrix->d; ++c) {
                        double difference = (double)matrix->value[row[i] * matrix->d + c] -
                                            (double)matrix->value[row[o] * matrix->d + c];
                        square += difference * difference;
                    }
                    distances += sqrt(square);
                }
                if (j == own)
                    inside = distances / (double)(n_own - 1);
                else
                    nearest = fmin(nearest, distances / (double)(start[j + 1] - start[j]));
            }
            if (n_own > 1 && fmax(inside, nearest) > 0)
                sum += (nearest - inside) / fmax(inside, nearest);
        }
        total += sum / (double)n_own * (double)data->size[own] / (double)matrix->n;
    }
    return total;
}

static uint16_t halves(size_t row) { return row >= 2; }

Test(silhouette, by_hand)
{
    float value[] = {0, 2, 10, 12};
    struct matrix matrix = {4, 1, value};
    struct labelled data = labelled(&matrix, 2, halves);
    struct strata_silhouette silhouette = silhouette_of(&data, 1, 1);
    cr_expect_float_eq(silhouette.value, (9.0 / 11 + 7.0 / 9) / 2, 1e-7);
    /* The lowest and the highest that four draws can give. */
    cr_expect(silhouette.low >= 7.0 / 9 - 1e-7 && silhouette.low < silhouette.value);
    cr_expect(silhouette.high <= 9.0 / 11 + 1e-7 && silhouette.high > silhouette.value);
    release(&data);
}

static uint16_t one_alone(size_t row) { return (uint16_t)(row < 2 ? row : 2); }

Test(silhouette, alone_and_alike)
{
    /* 0 and 1 are alone: 0. The others lie on one another: 1. */
    float value[] = {0, 5, 9, 9};
    struct matrix matrix = {4, 1, value};
    struct labelled data = labelled(&matrix, 3, one_alone);
    cr_expect_float_eq(silhouette_of(&data, 1, 1).value, 0.5, 1e-12);
    release(&data);
    /* All on one place: 0. */
    float same[] = {3, 3, 3, 3};
    struct matrix constant = {4, 1, same};
    data = labelled(&constant, 2, halves);
    cr_expect_eq(silhouette_of(&data, 1, 1).value, 0);
    data.k = 1;
    cr_expect(isnan(silhouette_of(&data, 1, 1).value) && isnan(silhouette_of(&data, 1, 1).low));
    release(&data);
}

/* One of 20,000 rows in cluster 2, a few in cluster 1. */
static uint16_t uneven(size_t row) { return (uint16_t)(row == 777 ? 2 : row % 1999 == 5 ? 1 : row % 3 ? 0 : 3); }
static uint16_t eight(size_t row) { return (uint16_t)(row % 8); }

Test(silhouette, sample_is_stratified)
{
    struct matrix matrix = mixture(20000, 3, 4, 7);
    struct labelled data = labelled(&matrix, 4, uneven);
    size_t start[5], *row = NULL;
    double mass[4];
    struct strata_error err = {0};
    strata_copies_weigh(&data.points, data.label, data.size, 4, mass);
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        cr_assert_eq(strata_silhouette_draw(&data.points, data.label, mass, 4, seed, start, &row, &err), STRATA_OK);
        for (int j = 0; j < 4; ++j) {
            uint64_t share = STRATA_SILHOUETTE_ROWS * data.size[j] / matrix.n;
            uint64_t least = data.size[j] < STRATA_SILHOUETTE_LEAST ? data.size[j] : STRATA_SILHOUETTE_LEAST;
            cr_expect_eq(start[j + 1] - start[j], share > least ? share : least);
            for (size_t i = start[j]; i < start[j + 1]; ++i) {
                cr_assert_eq(data.label[row[i]], j);
                cr_assert(i == start[j] || row[i] > row[i - 1], "a row comes twice");
            }
        }
        struct strata_silhouette silhouette = silhouette_of(&data, seed, 1);
        cr_expect_float_eq(silhouette.value, by_definition(&matrix, &data, start, row), 1e-6);
        cr_expect(silhouette.low < silhouette.value && silhouette.value < silhouette.high);
        free(row);
    }
    struct strata_silhouette one = silhouette_of(&data, 1, 1), three = silhouette_of(&data, 1, 3);
    cr_expect_eq(memcmp(&one, &three, sizeof one), 0);
    release(&data);
    free(matrix.value);
}

/* Sampled, it is near that of all points, and the interval mostly covers it. */
Test(silhouette, near_the_whole)
{
    struct matrix matrix = mixture(6000, 2, 1, 3);
    for (size_t row = 0; row < matrix.n; ++row)
        matrix.value[row * 2] += (float)(row % 8) * 2;
    struct labelled data = labelled(&matrix, 8, eight);
    size_t start[9], *all = malloc(matrix.n * sizeof *all), n = 0;
    for (size_t j = 0; j < 8; ++j) {
        start[j] = n;
        for (size_t row = j; row < matrix.n; row += 8)
            all[n++] = row;
    }
    start[8] = n;
    double whole = by_definition(&matrix, &data, start, all);
    int covered = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        struct strata_silhouette silhouette = silhouette_of(&data, seed, 2);
        cr_expect_float_eq(silhouette.value, whole, 0.03);
        covered += silhouette.low <= whole && whole <= silhouette.high;
    }
    cr_expect_geq(covered, 32, "%d of 40", covered);
    free(all);
    release(&data);
    free(matrix.value);
}

static int gaps_of(const struct matrix *matrix, int max_k, int threads, struct strata_gap *gap)
{
    struct strata_points points = as_points(matrix, NULL, 1);
    struct strata_error err = {0};
    int n;
    cr_assert_eq(strata_gap_measure(&points, max_k, 1, STRATA_INSTRUCTIONS_BEST, threads, gap, &n, &err), STRATA_OK,
                 "%s", err.message);
    strata_points_release(&points);
    return n;
}

Test(gap, rule)
{
    const struct strata_gap rising[] = {{0.1, 0.01}, {0.3, 0.01}, {0.8, 0.01}};
    const struct strata_gap peak[] = {{0.1, 0.01}, {0.5, 0.01}, {0.52, 0.03}, {0.9, 0.01}};
    cr_expect_eq(strata_gap_choose(rising, 3), 3);
    cr_expect_eq(strata_gap_choose(peak, 4), 2);
    cr_expect_eq(strata_gap_choose(peak, 1), 1);
    const struct strata_gap perfect[] = {{0.1, 0.01}, {0.5, 0.01}, {INFINITY, 0.01}};
    cr_expect_eq(strata_gap_choose(perfect, 3), 3);
}

/* One column from 0 to 1: k equal pieces have 1 / k^2 of the inertia, whether the points are a grid or drawn. */
Test(gap, even_points_have_none)
{
    struct matrix matrix = {1000, 1, malloc(1000 * sizeof(float))};
    struct strata_gap gap[5];
    for (size_t i = 0; i < 1000; ++i)
        matrix.value[i] = (float)i;
    cr_assert_eq(gaps_of(&matrix, 5, 1, gap), 5);
    for (int k = 0; k < 5; ++k) {
        cr_expect_float_eq(gap[k].value, 0, 0.05, "%d: %g", k + 1, gap[k].value);
        cr_expect(gap[k].error > 0 && gap[k].error < 0.1);
    }
    cr_expect_eq(strata_gap_choose(gap, 5), 1);
    free(matrix.value);
}

/* Two places 1 apart, each blurred by a hair: ln W falls by ln(W_1 / W_2), the references' by ln 4. */
Test(gap, two_places)
{
    struct matrix matrix = {1000, 1, malloc(1000 * sizeof(float))};
    struct strata_gap gap[3], again[3];
    for (size_t i = 0; i < 1000; ++i)
        matrix.value[i] = (float)(i % 2) + (float)(i % 10 / 2) / 64;
    cr_assert_eq(gaps_of(&matrix, 3, 1, gap), 3);
    cr_expect_eq(strata_gap_choose(gap, 3), 2);
    /* Within a place the variance is 2 / 64^2, between them 1/4. */
    double within = 2.0 / 4096, rise = log((0.25 + within) / within) - log(4);
    cr_expect_float_eq(gap[1].value - gap[0].value, rise, 0.05, "%g, not %g", gap[1].value - gap[0].value, rise);
    cr_assert_eq(gaps_of(&matrix, 3, 3, again), 3);
    cr_expect_eq(memcmp(gap, again, sizeof gap), 0);
    free(matrix.value);
}

/* A turned cloud has the same gaps: the boxes follow its axes. */
Test(gap, turned)
{
    struct matrix matrix = mixture(3000, 2, 1, 5);
    struct strata_gap straight[4], turned[4];
    for (size_t i = 0; i < matrix.n; ++i)
        matrix.value[2 * i] = 20 * matrix.value[2 * i] + (float)(i % 3) * 300;
    cr_assert_eq(gaps_of(&matrix, 4, 2, straight), 4);
    for (size_t i = 0; i < matrix.n; ++i) {
        float x = matrix.value[2 * i], y = matrix.value[2 * i + 1];
        matrix.value[2 * i] = 0.6f * x - 0.8f * y;
        matrix.value[2 * i + 1] = 0.8f * x + 0.6f * y;
    }
    cr_assert_eq(gaps_of(&matrix, 4, 2, turned), 4);
    for (int k = 0; k < 4; ++k)
        cr_expect_float_eq(straight[k].value, turned[k].value, 0.03, "%d: %g %g", k + 1, straight[k].value,
                           turned[k].value);
    cr_expect_eq(strata_gap_choose(straight, 4), 3);
    free(matrix.value);
}

Test(gap, few_places)
{
    float value[] = {1, 1, 2, 2, 2, 3, 3, 3, 3, 3};
    struct matrix matrix = {10, 1, value};
    struct strata_gap gap[8];
    cr_expect_eq(gaps_of(&matrix, 8, 1, gap), 3);
    cr_expect(isinf(gap[2].value) && gap[2].value > 0);
    struct matrix wide = mixture(10, STRATA_GAP_MOST_COLUMNS + 1, 1, 1);
    cr_expect_eq(gaps_of(&wide, 3, 1, gap), 0);
    free(wide.value);
}
