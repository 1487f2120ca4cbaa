/* Transforms, scalings and missing values of columns; assigning rows by what was settled. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assign_table.h"
#include "cluster.h"
#include "fixtures.h"
#include "prepare.h"
#include "random.h"
#include "transforms.h"

enum { N = 3000, MOST_COLUMNS = 4 };

static const char *const names[MOST_COLUMNS] = {"a", "b", "c", "monetary"};

/* Long tails, ties, a few missing values in the third column. */
static struct strata_table customers(size_t n, uint64_t seed)
{
    struct strata_table table = {0};
    double *value = malloc(n * sizeof *value);
    for (uint64_t c = 0; c < MOST_COLUMNS; ++c) {
        for (size_t i = 0; i < n; ++i) {
            double u = strata_uniform_at(seed, c, i);
            value[i] = c == 1 ? floor(1 + 5 * u * u) : exp(3 * u + (c == 3 ? strata_uniform_at(seed, 0, i) : 0));
            if (c == 2 && strata_uniform_at(seed, 9, i) < 0.05)
                value[i] = i % 3 ? (double)NAN : (double)INFINITY;
        }
        table_add(&table, names[c], value, n);
    }
    free(value);
    return table;
}

static struct strata_cluster_options options_of(int transform, int scaling, int missing)
{
    struct strata_cluster_options options;
    strata_cluster_options_init(&options);
    options.columns = names;
    options.n_columns = MOST_COLUMNS;
    options.k = 6;
    options.restarts = 2;
    options.swaps = 0;
    options.transform = (enum strata_cluster_transform)transform;
    options.scaling = (enum strata_cluster_scaling)scaling;
    options.missing = (enum strata_cluster_missing)missing;
    return options;
}

static struct strata_preparation one_column(enum strata_cluster_transform transform, int n_quantiles)
{
    struct strata_preparation preparation;
    cr_assert_eq(strata_preparation_init(&preparation, 1, transform, STRATA_SCALING_NONE, n_quantiles, NULL),
                 STRATA_OK);
    return preparation;
}

static double forward(const struct strata_preparation *preparation, double x)
{
    strata_transforms[preparation->transform].forward(preparation, 0, &x, 1);
    return x;
}

Test(preparation, powers_by_hand)
{
    struct strata_preparation yeo_johnson = one_column(STRATA_TRANSFORM_YEO_JOHNSON, 0);
    struct strata_preparation box_cox = one_column(STRATA_TRANSFORM_BOX_COX, 0);
    static const struct {
        double lambda, x, yeo_johnson, box_cox;
    } cases[] = {
        {1, 3, 3, 2},
        {2, 3, 7.5, 4},
        {0.5, 8, 4, 2 * (2.8284271247461903 - 1)},
        {-1, 3, 0.75, 2 / 3.0},
        {0, 1, 0.6931471805599453, 0},
        {0, 7, 2.0794415416798357, 1.9459101490553132},
        {1, -3, -3, (double)NAN},
        {2, -3, -1.3862943611198906, (double)NAN},
        {0, -1, -1.5, (double)NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        yeo_johnson.lambda[0] = box_cox.lambda[0] = cases[i].lambda;
        cr_expect_float_eq(forward(&yeo_johnson, cases[i].x), cases[i].yeo_johnson, 1e-12, "%zu", i);
        if (cases[i].x > 0)
            cr_expect_float_eq(forward(&box_cox, cases[i].x), cases[i].box_cox, 1e-12, "%zu", i);
    }
    /* What doubles cannot hold ends at a finite value. */
    yeo_johnson.lambda[0] = box_cox.lambda[0] = 5;
    cr_expect(isfinite(forward(&yeo_johnson, 1e99)) && isfinite(forward(&box_cox, 1e99)));
    yeo_johnson.lambda[0] = -5;
    cr_expect(isfinite(forward(&yeo_johnson, -1e99)));
    cr_expect(isfinite(strata_yeo_johnson_back(&yeo_johnson, 0, 1)));
    strata_preparation_release(&yeo_johnson);
    strata_preparation_release(&box_cox);
}

Test(preparation, every_transform_rises_and_comes_back)
{
    for (int t = 0; t < STRATA_N_TRANSFORMS; ++t) {
        const struct strata_transform *transform = &strata_transforms[t];
        for (int power = -20; power <= 20; ++power) {
            struct strata_preparation preparation = one_column((enum strata_cluster_transform)t, 5);
            preparation.lambda[0] = power / 4.0;
            preparation.lower[0] = 1;
            preparation.upper[0] = 40;
            for (int q = 0; q < 5; ++q)
                preparation.quantile[q] = 1 + q * q;
            double before = -INFINITY;
            for (int i = t == STRATA_TRANSFORM_BOX_COX ? 1 : -60; i <= 60; ++i) {
                double x = i / 4.0, y = x;
                if (transform->forward)
                    transform->forward(&preparation, 0, &y, 1);
                cr_assert(y >= before, "%d %d %g", t, power, x);
                before = y;
                double back = transform->back ? transform->back(&preparation, 0, y) : y;
                double wanted = t == STRATA_TRANSFORM_WINSOR || t >= STRATA_TRANSFORM_QUANTILE
                                    ? fmin(fmax(x, 1), t == STRATA_TRANSFORM_WINSOR ? 40 : 17)
                                    : x;
                cr_assert_float_eq(back, wanted, 1e-4 * (1 + fabs(x)), "%d %d: %g -> %g -> %g", t, power, x, y, back);
            }
            strata_preparation_release(&preparation);
        }
    }
}

/* Of Box-Cox, straight from its definition. */
static double log_likelihood(const double *x, size_t n, double lambda)
{
    double mean = 0, squares = 0, logs = 0;
    for (size_t i = 0; i < n; ++i)
        mean += (pow(x[i], lambda) - 1) / lambda / (double)n;
    for (size_t i = 0; i < n; ++i) {
        double difference = (pow(x[i], lambda) - 1) / lambda - mean;
        squares += difference * difference;
        logs += log(x[i]);
    }
    return (lambda - 1) * logs - (double)n / 2 * log(squares / (double)n);
}

Test(preparation, power_of_highest_likelihood)
{
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        enum { FEW = 500 };
        double x[FEW];
        struct strata_table table = {0};
        for (int i = 0; i < FEW; ++i)
            x[i] = exp((double)seed * strata_uniform_at(seed, 1, (uint64_t)i)) + (double)(seed % 2);
        table_add(&table, "x", x, FEW);
        struct strata_order order;
        struct strata_preparation preparation = one_column(STRATA_TRANSFORM_BOX_COX, 0);
        const struct strata_order_source source = {.column = table.columns, .n_rows = FEW, .n_groups = 1, .threads = 1};
        cr_assert_eq(strata_order_init(&order, &source, NULL), STRATA_OK);
        cr_assert_eq(strata_box_cox_fit(&(struct strata_transform_source){.order = &order}, &preparation, 0, NULL),
                     STRATA_OK);
        double lambda = preparation.lambda[0], best = log_likelihood(x, FEW, lambda);
        cr_expect(fabs(lambda) < 5);
        cr_expect_geq(best, log_likelihood(x, FEW, lambda + 1e-3));
        cr_expect_geq(best, log_likelihood(x, FEW, lambda - 1e-3));
        strata_order_release(&order);
        strata_preparation_release(&preparation);
        strata_table_release(&table);
    }
}

/* The rows that the clusters were made of get the same labels, and sizes, for any number of threads. */
static void assert_assigned(const struct strata_table *table, const struct strata_cluster_options *options)
{
    struct strata_clustering clustering;
    struct strata_error err = {0};
    int16_t *label = malloc(table->n_rows * sizeof *label), *again = malloc(table->n_rows * sizeof *again);
    cr_assert_eq(strata_cluster_table(table, options, &clustering, label, &err), STRATA_OK, "%s", err.message);
    uint64_t *size = malloc((size_t)clustering.k * sizeof *size), n_missing = clustering.n_missing;
    memcpy(size, clustering.size, (size_t)clustering.k * sizeof *size);
    for (int threads = 1; threads <= 3; ++threads) {
        cr_assert_eq(strata_cluster_assign(table, &clustering, threads, again, &err), STRATA_OK, "%s", err.message);
        cr_assert_eq(memcmp(label, again, table->n_rows * sizeof *label), 0, "%s %s",
                     strata_transform_names[options->transform], strata_scaling_names[options->scaling]);
        cr_assert_eq(memcmp(size, clustering.size, (size_t)clustering.k * sizeof *size), 0);
        cr_assert_eq(n_missing, clustering.n_missing);
    }
    free(size);
    free(label);
    free(again);
    strata_clustering_release(&clustering);
}

Test(preparation, own_rows_keep_their_labels)
{
    for (uint64_t seed = 1; seed <= 2; ++seed) {
        struct strata_table table = customers(N, seed);
        for (int transform = 0; transform < STRATA_N_TRANSFORMS; ++transform)
            for (int scaling = 0; scaling < STRATA_N_SCALINGS; ++scaling)
                for (int missing = 0; missing < STRATA_N_MISSING; ++missing) {
                    if (missing == STRATA_MISSING_REFUSE ||
                        (missing == STRATA_MISSING_ZERO && transform == STRATA_TRANSFORM_BOX_COX))
                        continue;
                    struct strata_cluster_options options = options_of(transform, scaling, missing);
                    options.precision = (transform + scaling) % 2 ? STRATA_PRECISION_FLOAT64 : STRATA_PRECISION_FLOAT32;
                    assert_assigned(&table, &options);
                }
        strata_table_release(&table);
    }
}

/* A grid: most rows share their place, and many are as far from one centroid as from another. */
Test(preparation, ties_are_decided_the_same_way)
{
    struct strata_table table = {0};
    double x[400], y[400];
    for (int i = 0; i < 400; ++i) {
        x[i] = 1e6 + i % 5;
        y[i] = i / 5 % 5;
    }
    table_add(&table, "a", x, 400);
    table_add(&table, "b", y, 400);
    for (int k = 1; k <= 25; ++k) {
        struct strata_cluster_options options = options_of(STRATA_TRANSFORM_NONE, k % 2, STRATA_MISSING_DROP);
        options.n_columns = 2;
        options.k = k;
        options.max_iterations = 1 + k % 3;
        options.precision = k % 5 == 4 ? STRATA_PRECISION_FLOAT64 : STRATA_PRECISION_FLOAT32;
        assert_assigned(&table, &options);
    }
    strata_table_release(&table);
}

Test(preparation, whitened_columns_are_uncorrelated)
{
    struct strata_table table = customers(N, 3);
    struct strata_prepared prepared;
    struct strata_error err = {0};
    int16_t *label = malloc(N * sizeof *label);
    const struct strata_prepare_options options = {.columns = names,
                                                   .n_columns = MOST_COLUMNS,
                                                   .transform = STRATA_TRANSFORM_LOG1P,
                                                   .scaling = STRATA_SCALING_WHITEN,
                                                   .missing = STRATA_MISSING_MEDIAN,
                                                   .winsor_upper = 1,
                                                   .threads = 2};
    cr_assert_eq(strata_prepare(&table, &options, label, &prepared, &err), STRATA_OK, "%s", err.message);
    const struct strata_points *points = &prepared.points;
    cr_assert_eq(points->n, (size_t)N);
    for (int a = 0; a < points->d; ++a)
        for (int b = 0; b <= a; ++b) {
            double sum = 0;
            for (size_t i = 0; i < points->n; ++i)
                sum += (double)points->tile[strata_points_index(points, i, a)] *
                       (double)points->tile[strata_points_index(points, i, b)];
            cr_expect_float_eq(sum * points->unit * points->unit / (N - 1), a == b, 1e-5, "%d %d", a, b);
        }
    strata_prepared_release(&prepared);
    strata_prepared_release(&prepared);
    strata_table_release(&table);
    free(label);
}

Test(preparation, refusals)
{
    struct strata_table table = customers(50, 1), few = {0};
    struct strata_clustering clustering;
    struct strata_error err = {0};
    int16_t label[50];
    struct strata_cluster_options options =
        options_of(STRATA_TRANSFORM_NONE, STRATA_SCALING_NONE, STRATA_MISSING_REFUSE);
    cr_expect_eq(strata_cluster_table(&table, &options, &clustering, label, &err), STRATA_REJECTED);
    cr_expect(strstr(err.message, "column c has no usable value in "), "%s", err.message);
    options = options_of(STRATA_TRANSFORM_BOX_COX, STRATA_SCALING_NONE, STRATA_MISSING_ZERO);
    cr_expect_eq(strata_cluster_table(&table, &options, &clustering, label, &err), STRATA_USAGE);
    options = options_of(STRATA_TRANSFORM_NONE, STRATA_SCALING_NONE, STRATA_MISSING_DROP);
    cr_assert_eq(strata_cluster_table(&table, &options, &clustering, label, &err), STRATA_OK, "%s", err.message);
    double value[50] = {0};
    table_add(&few, "a", value, 50);
    cr_expect_eq(strata_cluster_assign(&few, &clustering, 1, label, &err), STRATA_USAGE);
    cr_expect(strstr(err.message, "there is no column b"), "%s", err.message);
    strata_clustering_release(&clustering);
    strata_table_release(&table);
    strata_table_release(&few);
}

Test(preparation, too_many_columns_to_whiten)
{
    enum { MANY = 513 };
    struct strata_table table = {0};
    struct strata_clustering clustering;
    struct strata_error err = {0};
    static char name[MANY][16];
    const char *columns[MANY];
    for (int c = 0; c < MANY; ++c) {
        snprintf(name[c], sizeof name[c], "x%d", c);
        columns[c] = name[c];
        table_add(&table, name[c], (double[]){c, 1, 5}, 3);
    }
    int16_t label[3];
    struct strata_cluster_options options =
        options_of(STRATA_TRANSFORM_NONE, STRATA_SCALING_WHITEN, STRATA_MISSING_DROP);
    options.columns = columns;
    options.n_columns = MANY;
    options.k = 1;
    cr_expect_eq(strata_cluster_table(&table, &options, &clustering, label, &err), STRATA_USAGE);
    cr_expect(strstr(err.message, "512"), "%s", err.message);
    strata_table_release(&table);
}
