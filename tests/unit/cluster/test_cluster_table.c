/* The stage: columns of a table to labelled, named clusters. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "fixtures.h"
#include "memory.h"

enum { N = 12 };

static char warnings[4096];

static void note(void *context, const struct strata_event *event)
{
    (void)context;
    size_t length = strlen(warnings);
    snprintf(warnings + length, sizeof warnings - length, "%s: %s\n", event->stage, event->text);
}

static const struct strata_observer observer = {note, NULL};

static struct strata_cluster_options options_for(int k)
{
    struct strata_cluster_options options;
    strata_cluster_options_init(&options);
    options.k = k;
    options.observer = &observer;
    return options;
}

static struct strata_clustering cluster(const struct strata_table *table, const struct strata_cluster_options *options,
                                        int16_t *label)
{
    struct strata_clustering out;
    struct strata_error err = {0};
    warnings[0] = '\0';
    cr_assert_eq(strata_cluster_table(table, options, &out, label, &err), STRATA_OK, "%s", err.message);
    uint64_t rows = out.n_missing;
    for (int j = 0; j < out.k; ++j) {
        rows += out.size[j];
        cr_expect_eq(out.label[j].value, j + 1);
        for (int other = 0; other < j; ++other) {
            cr_expect_str_neq(out.label[j].name, out.label[other].name);
            cr_expect_str_neq(out.label[j].name_zh, out.label[other].name_zh);
        }
        for (int c = 0; c < out.d; ++c)
            cr_expect(isfinite(out.centroid[j * out.d + c]) && isfinite(out.centroid_scaled[j * out.d + c]));
    }
    cr_expect_eq(rows, table->n_rows);
    cr_expect_eq(out.labels.n_labels, out.k);
    cr_expect(isfinite(out.inertia));
    return out;
}

/* Two kinds of customers: recent, frequent, dear; and not. */
static struct strata_table two_kinds(void)
{
    struct strata_table table = {0};
    double recency[N], frequency[N], monetary[N];
    for (int i = 0; i < N; ++i) {
        recency[i] = i % 2 ? 3 + i : 300 + i;
        frequency[i] = i % 2 ? 20 + i : 1;
        monetary[i] = i % 2 ? 1000 + i : 10 + i;
    }
    table_add(&table, "recency", recency, N);
    table_add(&table, "frequency", frequency, N);
    table_add(&table, "monetary", monetary, N);
    return table;
}

Test(cluster_table, two_kinds)
{
    struct strata_table table = two_kinds();
    struct strata_cluster_options options = options_for(0);
    int16_t label[N];
    struct strata_clustering out = cluster(&table, &options, label);
    cr_expect_eq(out.k, 2);
    for (int i = 0; i < N; ++i)
        cr_expect_eq(label[i], i % 2 ? 1 : 2);
    cr_expect_str_eq(out.label[0].name, "recent, frequent, high value");
    cr_expect_str_eq(out.label[0].name_zh, "近期、高频、高价值");
    cr_expect_str_eq(out.label[1].name, "long ago, rare, low value");
    cr_expect_eq(out.preparation.transform, STRATA_TRANSFORM_LOG1P);
    cr_expect_eq(out.preparation.scaling, STRATA_SCALING_STANDARD);
    cr_expect_eq(out.n_trials, 9);
    for (int t = 0; t < out.n_trials; ++t) {
        cr_expect_eq(out.trial[t].k, t + 2);
        cr_expect_leq(out.trial[t].silhouette, out.trial[0].silhouette);
        cr_expect(t == 0 || out.trial[t].inertia <= out.trial[t - 1].inertia);
    }
    cr_expect_eq(out.inertia, out.trial[0].inertia);
    /* The centroid in raw units: the mean of log1p undone. */
    double mean = 0;
    for (int i = 1; i < N; i += 2)
        mean += log1p(1000 + i) / 6;
    cr_expect_float_eq(out.centroid[2], expm1(mean), 1e-3);
    cr_expect_float_eq((mean - out.preparation.shift[2]) / out.preparation.divisor[2], out.centroid_scaled[2], 1e-6);
    cr_expect_str_eq(out.column[2], "monetary");
    cr_expect_eq(out.preparation.lower[2], -INFINITY);
    cr_expect_str_empty(warnings);
    strata_clustering_release(&out);
    strata_clustering_release(&out);
    strata_table_release(&table);
}

Test(cluster_table, raw_columns_and_canonical_order)
{
    struct strata_table table = {0};
    double age[N], spend[N];
    for (int i = 0; i < N; ++i) {
        age[i] = 1000000 + 10 * (i / 4);
        spend[i] = i % 4;
    }
    table_add(&table, "age", age, N);
    table_add(&table, "spend", spend, N);
    struct strata_cluster_options options = options_for(3);
    options.columns = (const char *const[]){"age", "spend"};
    options.n_columns = 2;
    options.transform = STRATA_TRANSFORM_NONE;
    options.scaling = STRATA_SCALING_NONE;
    int16_t label[N];
    struct strata_clustering out = cluster(&table, &options, label);
    for (int i = 0; i < N; ++i)
        cr_expect_eq(label[i], 3 - i / 4);
    for (int j = 0; j < 3; ++j) {
        cr_expect_float_eq(out.centroid[2 * j], 1000020 - 10 * j, 1e-6);
        cr_expect_float_eq(out.centroid[2 * j + 1], 1.5, 1e-6);
        cr_expect_eq(out.size[j], 4);
    }
    cr_expect_float_eq(out.inertia, 3 * 5, 1e-5);
    cr_expect_eq(out.preparation.shift[0], 0);
    cr_expect_eq(out.preparation.divisor[0], 1);
    cr_expect_str_eq(out.label[0].name, "high age, middle spend");
    cr_expect_str_eq(out.label[2].name_zh, "age 低、spend 中");
    cr_expect_eq(out.n_trials, 1);
    strata_clustering_release(&out);
    strata_table_release(&table);
}

Test(cluster_table, winsor_clips_to_order_statistics)
{
    enum { MANY = 1001 };
    struct strata_table table = {0};
    double *value = malloc(MANY * sizeof *value);
    int16_t *label = malloc(MANY * sizeof *label);
    for (int i = 0; i < MANY; ++i)
        value[i] = i == 500 ? 1e9 : (i * 5) % MANY;
    table_add(&table, "monetary", value, MANY);
    struct strata_cluster_options options = options_for(2);
    options.columns = (const char *const[]){"monetary"};
    options.n_columns = 1;
    options.transform = STRATA_TRANSFORM_WINSOR;
    struct strata_clustering out = cluster(&table, &options, label);
    cr_expect_eq(out.preparation.lower[0], 10);
    cr_expect_eq(out.preparation.upper[0], 991);
    cr_expect_eq(label[500], 1);
    cr_expect_float_eq(out.centroid[0], 745, 10);
    cr_expect_float_eq(out.centroid[1], 255, 10);
    strata_clustering_release(&out);
    strata_table_release(&table);
    free(value);
    free(label);
}

Test(cluster_table, negative_values_and_log1p)
{
    struct strata_table table = {0};
    double value[N];
    for (int i = 0; i < N; ++i)
        value[i] = i < 6 ? -100 : 100;
    table_add(&table, "monetary", value, N);
    struct strata_cluster_options options = options_for(2);
    options.columns = (const char *const[]){"monetary"};
    options.n_columns = 1;
    int16_t label[N];
    struct strata_clustering out = cluster(&table, &options, label);
    cr_expect_float_eq(out.centroid[0], 100, 1e-4);
    cr_expect_float_eq(out.centroid[1], -100, 1e-4);
    cr_expect_eq(out.inertia, 0);
    strata_clustering_release(&out);
    strata_table_release(&table);
}

Test(cluster_table, missing_values_get_no_cluster)
{
    struct strata_table table = two_kinds();
    ((double *)table.columns[0].values)[4] = NAN;
    ((double *)table.columns[2].values)[7] = INFINITY;
    int32_t *orders = strata_malloc_array(N, sizeof *orders);
    for (int i = 0; i < N; ++i)
        orders[i] = i == 9 ? STRATA_MISSING_I32 : i % 2;
    struct strata_error err = {0};
    struct strata_column about = {.name = "orders", .type = STRATA_I32, .unit = "1", .description = "orders"};
    cr_assert_eq(strata_table_add_column(&table, &about, NULL, orders, &err), STRATA_OK);
    struct strata_cluster_options options = options_for(2);
    options.columns = (const char *const[]){"recency", "monetary", "orders"};
    int16_t label[N];
    struct strata_clustering out = cluster(&table, &options, label);
    cr_expect_eq(out.n_missing, 3);
    for (int i = 0; i < N; ++i)
        cr_expect_eq(label[i], i == 4 || i == 7 || i == 9 ? INT16_MIN : i % 2 ? 1 : 2);
    strata_clustering_release(&out);
    strata_table_release(&table);
}

Test(cluster_table, nobody_has_all_values)
{
    struct strata_table table = {0};
    double none[3] = {NAN, NAN, NAN};
    table_add(&table, "monetary", none, 3);
    struct strata_cluster_options options = options_for(0);
    options.columns = (const char *const[]){"monetary"};
    options.n_columns = 1;
    int16_t label[3];
    struct strata_clustering out = cluster(&table, &options, label);
    cr_expect_eq(out.k, 0);
    cr_expect_eq(out.n_missing, 3);
    cr_expect_eq(label[1], INT16_MIN);
    cr_expect(strstr(warnings, "no customer has a value"));
    strata_clustering_release(&out);
    table.n_rows = 0;
    out = cluster(&table, &options, label);
    cr_expect_eq(out.k, 0);
    strata_clustering_release(&out);
    table.n_rows = 3;
    strata_table_release(&table);
}

Test(cluster_table, constant_columns_are_left_out)
{
    struct strata_table table = two_kinds();
    for (int i = 0; i < N; ++i)
        ((double *)table.columns[1].values)[i] = 4;
    struct strata_cluster_options options = options_for(2);
    int16_t label[N];
    struct strata_clustering out = cluster(&table, &options, label);
    cr_expect_eq(out.d, 2);
    cr_expect_str_eq(out.column[1], "monetary");
    cr_expect_str_eq(out.label[0].name, "recent, high value");
    cr_expect(strstr(warnings, "clusters: column frequency is the same for all customers"), "%s", warnings);
    strata_clustering_release(&out);
    strata_table_release(&table);
}

Test(cluster_table, all_alike)
{
    struct strata_table table = {0};
    double value[N], zero[N] = {0};
    for (int i = 0; i < N; ++i)
        value[i] = 7;
    table_add(&table, "recency", zero, N);
    table_add(&table, "frequency", value, N);
    table_add(&table, "monetary", value, N);
    for (int k = 0; k <= 3; ++k) {
        struct strata_cluster_options options = options_for(k);
        int16_t label[N];
        struct strata_clustering out = cluster(&table, &options, label);
        cr_expect_eq(out.k, 1);
        cr_expect_eq(out.d, 3);
        cr_expect_eq(out.size[0], N);
        cr_expect_eq(label[N - 1], 1);
        cr_expect_float_eq(out.centroid[1], 7, 1e-6);
        cr_expect_eq(out.inertia, 0);
        cr_expect_str_eq(out.label[0].name, "all customers");
        cr_expect_eq(strstr(warnings, "all customers are alike") != NULL, k != 1);
        strata_clustering_release(&out);
    }
    strata_table_release(&table);
}

Test(cluster_table, few_customers)
{
    double value[] = {1, 5, 100};
    for (size_t n = 1; n <= 3; ++n)
        for (int k = 0; k <= 5; ++k) {
            struct strata_table table = {0};
            table_add(&table, "monetary", value, n);
            struct strata_cluster_options options = options_for(k);
            options.columns = (const char *const[]){"monetary"};
            options.n_columns = 1;
            int16_t label[3];
            struct strata_clustering out = cluster(&table, &options, label);
            int expected = k == 0 ? (n == 3 ? 2 : 1) : k < (int)n ? k : (int)n;
            cr_expect_eq(out.k, expected, "n %zu, k %d: %d", n, k, out.k);
            cr_expect_eq(label[n - 1], 1);
            if (k > (int)n && n > 1)
                cr_expect(strstr(warnings, "clusters asked for"), "%s", warnings);
            strata_clustering_release(&out);
            strata_table_release(&table);
        }
}

Test(cluster_table, starts_from_given_centroids)
{
    struct strata_table table = two_kinds();
    struct strata_cluster_options options = options_for(2);
    gsl_matrix *start = gsl_matrix_calloc(2, 3);
    const double rows[2][3] = {{300, 1, 10}, {5, 30, 1000}};
    for (size_t j = 0; j < 2; ++j)
        for (size_t c = 0; c < 3; ++c)
            gsl_matrix_set(start, j, c, rows[j][c]);
    options.centroids = start;
    int16_t label[N];
    struct strata_clustering out = cluster(&table, &options, label);
    cr_expect_eq(label[0], 2);
    cr_expect_eq(label[1], 1);
    cr_expect_eq(out.restarts, 1);
    strata_clustering_release(&out);
    gsl_matrix_free(start);
    strata_table_release(&table);
}

Test(cluster_table, same_bytes_for_any_number_of_threads)
{
    enum { MANY = 30000 };
    struct matrix matrix = mixture(MANY, 3, 6, 4);
    double *value = malloc(MANY * sizeof *value);
    struct strata_table table = {0};
    static const char *const names[] = {"recency", "frequency", "monetary"};
    for (size_t c = 0; c < 3; ++c) {
        for (size_t row = 0; row < MANY; ++row)
            value[row] = row % 97 == c ? NAN : exp(0.3 * (double)matrix.value[row * 3 + c]);
        table_add(&table, names[c], value, MANY);
    }
    int16_t *first = malloc(MANY * sizeof *first), *label = malloc(MANY * sizeof *label);
    static const int threads[] = {1, 2, 3, 8};
    for (int transform = STRATA_TRANSFORM_NONE; transform <= STRATA_TRANSFORM_WINSOR; ++transform) {
        struct strata_cluster_options options = options_for(0);
        options.transform = (enum strata_cluster_transform)transform;
        options.sample_rows = 8192;
        options.threads = 1;
        struct strata_clustering expected = cluster(&table, &options, first);
        for (size_t t = 0; t < 4; ++t) {
            options.threads = threads[t];
            struct strata_clustering out = cluster(&table, &options, label);
            cr_assert_eq(out.k, expected.k);
            cr_expect_eq(memcmp(first, label, MANY * sizeof *label), 0);
            cr_expect_eq(memcmp(out.centroid, expected.centroid, (size_t)out.k * 3 * sizeof(double)), 0);
            cr_expect_eq(memcmp(out.trial, expected.trial, (size_t)out.n_trials * sizeof *out.trial), 0);
            strata_clustering_release(&out);
        }
        strata_clustering_release(&expected);
    }
    free(first);
    free(label);
    free(value);
    free(matrix.value);
    strata_table_release(&table);
}

static void expect_refused(const struct strata_cluster_options *options, const char *message)
{
    struct strata_table table = two_kinds();
    struct strata_clustering out;
    struct strata_error err = {0};
    int16_t label[N];
    cr_expect_eq(strata_cluster_table(&table, options, &out, label, &err), STRATA_USAGE);
    cr_expect(strstr(err.message, message), "\"%s\" is not in \"%s\"", message, err.message);
    strata_clustering_release(&out);
    strata_table_release(&table);
}

Test(cluster_table, refused)
{
    struct strata_cluster_options options = options_for(2);
    options.columns = (const char *const[]){"recency", "height", "monetary"};
    expect_refused(&options, "there is no column height");
    options.columns = (const char *const[]){"recency", "monetary", "recency"};
    expect_refused(&options, "column recency is named twice");
    options = options_for(2);
    options.n_columns = 0;
    expect_refused(&options, "no column");
    options = options_for(-1);
    expect_refused(&options, "-1 clusters");
    options = options_for(0);
    options.max_k = 1;
    expect_refused(&options, "auto cannot try up to 1");
    options = options_for(2);
    options.restarts = 0;
    expect_refused(&options, "0 restarts");
    options = options_for(2);
    options.tolerance = -1;
    expect_refused(&options, "tolerance");
    options = options_for(2);
    options.winsor_lower = 0.99;
    expect_refused(&options, "winsor limits 0.99 and 0.99");
    gsl_matrix *start = gsl_matrix_calloc(2, 2);
    options = options_for(2);
    options.centroids = start;
    expect_refused(&options, "2 x 2");
    gsl_matrix_free(start);
    start = gsl_matrix_calloc(2, 3);
    gsl_matrix_set(start, 1, 2, NAN);
    options.centroids = start;
    expect_refused(&options, "centroid 2 has no finite value for monetary");
    gsl_matrix_free(start);
}
