/* Laws that k-means keeps on any data. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <strata/kmeans.h>
#include <string.h>

#include "random.h"

struct data {
    size_t n, d;
    float *value;
};

/* Blobs of different sizes; every third set is made of integers, with many equal rows and exact ties. */
static struct data random_data(uint64_t seed)
{
    struct data data = {.n = 50 + (size_t)(strata_uniform_at(seed, 1, 0) * 3000),
                        .d = 1 + (size_t)(strata_uniform_at(seed, 1, 1) * 10)};
    data.value = malloc(data.n * data.d * sizeof *data.value);
    for (size_t row = 0; row < data.n; ++row) {
        double blob = floor(5 * pow(strata_uniform_at(seed, 2, row), 2));
        for (size_t c = 0; c < data.d; ++c) {
            double centre = 10 * strata_uniform_at(seed, 3, (uint64_t)blob * 100 + c);
            double value = centre + 3 * strata_uniform_at(seed, 4, row * data.d + c);
            data.value[row * data.d + c] = (float)(seed % 3 == 0 ? floor(value) : value);
        }
    }
    return data;
}

static struct strata_kmeans_options options_for(int k)
{
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    options.k = k;
    options.tolerance = 0;
    options.restarts = 3;
    return options;
}

static struct strata_kmeans_result fit_weighted(const struct data *data, const double *weights,
                                                const struct strata_kmeans_options *options, int32_t *labels)
{
    struct strata_kmeans_data given = {.n_rows = data->n,
                                       .n_columns = data->d,
                                       .values = data->value,
                                       .weights = weights};
    struct strata_kmeans_result result;
    struct strata_error err = {0};
    enum strata_status status = strata_kmeans_fit(&given, options, labels, &result, &err);
    cr_assert_eq(status, STRATA_OK, "%s", err.message);
    return result;
}

static struct strata_kmeans_result fit(const struct data *data, const struct strata_kmeans_options *options,
                                       int32_t *labels)
{
    return fit_weighted(data, NULL, options, labels);
}

/* The first rows as centroids: anybody can start from them. */
static gsl_matrix *first_rows(const struct data *data, size_t k)
{
    gsl_matrix *centroids = gsl_matrix_alloc(k, data->d);
    for (size_t j = 0; j < k; ++j)
        for (size_t c = 0; c < data->d; ++c)
            gsl_matrix_set(centroids, j, c, (double)data->value[j * data->d + c]);
    return centroids;
}

static int same_centroids(const struct strata_kmeans_result *a, const struct strata_kmeans_result *b, size_t d)
{
    return a->k == b->k && memcmp(a->centroids->data, b->centroids->data, (size_t)a->k * d * sizeof(double)) == 0;
}

#define FOR_RANDOM_DATA(data, n_sets)                                                                                  \
    for (uint64_t set = 1; set <= (n_sets); ++set)                                                                     \
        for (struct data data = random_data(set); data.value; free(data.value), data.value = NULL)

Test(kmeans_laws, permuted_rows_give_permuted_labels)
{
    FOR_RANDOM_DATA(data, 12)
    {
        struct strata_kmeans_options options = options_for(6);
        gsl_matrix *start = first_rows(&data, 6);
        options.centroids = start;
        int32_t *labels = malloc(data.n * sizeof *labels), *moved = malloc(data.n * sizeof *moved);
        struct data reversed = {data.n, data.d, malloc(data.n * data.d * sizeof(float))};
        for (size_t row = 0; row < data.n; ++row)
            memcpy(reversed.value + row * data.d, data.value + (data.n - 1 - row) * data.d, data.d * sizeof(float));
        struct strata_kmeans_result a = fit(&data, &options, labels), b = fit(&reversed, &options, moved);
        cr_expect(same_centroids(&a, &b, data.d));
        cr_expect_eq(a.iterations, b.iterations);
        cr_expect_float_eq(a.inertia, b.inertia, 1e-12 * a.inertia);
        for (size_t row = 0; row < data.n; ++row)
            cr_assert_eq(labels[row], moved[data.n - 1 - row]);
        strata_kmeans_result_release(&a);
        strata_kmeans_result_release(&b);
        gsl_matrix_free(start);
        free(reversed.value);
        free(labels);
        free(moved);
    }
}

/* Rows of weight 1 to 4, and the same with each row as often as it weighs, next to one another. */
static struct data copied_rows(const struct data *data, uint64_t set, double *weights)
{
    struct data copies = {0, data->d, malloc(4 * data->n * data->d * sizeof(float))};
    for (size_t row = 0; row < data->n; ++row) {
        weights[row] = 1 + floor(4 * strata_uniform_at(set, 5, row));
        for (int copy = 0; copy < (int)weights[row]; ++copy)
            memcpy(copies.value + copies.n++ * data->d, data->value + row * data->d, data->d * sizeof(float));
    }
    return copies;
}

Test(kmeans_laws, weight_w_equals_w_copies)
{
    FOR_RANDOM_DATA(data, 12)
    {
        struct strata_kmeans_options options = options_for(5);
        gsl_matrix *start = first_rows(&data, 5);
        options.centroids = start;
        double *weights = malloc(data.n * sizeof *weights);
        struct data copies = copied_rows(&data, set, weights);
        int32_t *labels = malloc(data.n * sizeof *labels), *copied = malloc(copies.n * sizeof *copied);
        struct strata_kmeans_result b = fit(&copies, &options, copied);
        for (double scale = 1; scale <= 4; scale *= 4) {
            for (size_t row = 0; row < data.n; ++row)
                weights[row] *= scale;
            struct strata_kmeans_result a = fit_weighted(&data, weights, &options, labels);
            cr_expect(same_centroids(&a, &b, data.d));
            cr_expect_float_eq(a.inertia, scale * b.inertia, 1e-12 * a.inertia);
            for (size_t row = 0, place = 0; row < data.n; place += (size_t)(weights[row++] / scale))
                cr_assert_eq(labels[row], copied[place]);
            strata_kmeans_result_release(&a);
        }
        strata_kmeans_result_release(&b);
        gsl_matrix_free(start);
        free(copies.value);
        free(weights);
        free(labels);
        free(copied);
    }
}

static struct strata_kmeans_validity validity_of(const struct data *data, const double *weights, const int32_t *labels,
                                                 int k)
{
    struct strata_kmeans_data given = {.n_rows = data->n,
                                       .n_columns = data->d,
                                       .values = data->value,
                                       .weights = weights};
    struct strata_kmeans_validity validity;
    struct strata_error err = {0};
    cr_assert_eq(strata_kmeans_validity(&given, labels, k, 1, 2, &validity, &err), STRATA_OK, "%s", err.message);
    return validity;
}

/* All indices, the sampled ones too: the draws fall on the copies. */
Test(kmeans_laws, validity_of_weight_w_equals_that_of_w_copies)
{
    FOR_RANDOM_DATA(data, 12)
    {
        int k = 2 + (int)(set % 5);
        double *weights = malloc(data.n * sizeof *weights);
        struct data copies = copied_rows(&data, set, weights);
        int32_t *labels = malloc(data.n * sizeof *labels), *copied = malloc(copies.n * sizeof *copied);
        for (size_t row = 0, place = 0; row < data.n; ++row) {
            labels[row] = row < (size_t)k ? (int32_t)row : (int32_t)(strata_uniform_at(set, 6, row) * k);
            for (int copy = 0; copy < (int)weights[row]; ++copy)
                copied[place++] = labels[row];
        }
        struct strata_kmeans_validity a = validity_of(&data, weights, labels, k);
        struct strata_kmeans_validity b = validity_of(&copies, NULL, copied, k);
        cr_expect_float_eq(a.inertia, b.inertia, 1e-12 * b.inertia);
        cr_expect_float_eq(a.silhouette, b.silhouette, 1e-7);
        cr_expect_float_eq(a.simplified_silhouette, b.simplified_silhouette, 1e-7);
        cr_expect_float_eq(a.calinski_harabasz, b.calinski_harabasz, 1e-10 * b.calinski_harabasz);
        cr_expect_float_eq(a.davies_bouldin, b.davies_bouldin, 1e-10 * b.davies_bouldin);
        cr_expect_float_eq(a.bic, b.bic, 1e-10 * fabs(b.bic));
        cr_expect_float_eq(a.euclidean_silhouette, b.euclidean_silhouette, 1e-12);
        cr_expect_float_eq(a.euclidean_silhouette_low, b.euclidean_silhouette_low, 1e-12);
        cr_expect_float_eq(a.euclidean_silhouette_high, b.euclidean_silhouette_high, 1e-12);
        cr_expect_eq(a.gap, b.gap, "%.17g %.17g", a.gap, b.gap);
        cr_expect_eq(a.gap_error, b.gap_error);
        free(copies.value);
        free(weights);
        free(labels);
        free(copied);
    }
}

Test(kmeans_laws, a_power_of_two_scales)
{
    FOR_RANDOM_DATA(data, 8)
    {
        struct strata_kmeans_options options = options_for(4);
        int32_t *labels = malloc(data.n * sizeof *labels), *scaled = malloc(data.n * sizeof *scaled);
        struct strata_kmeans_result a = fit(&data, &options, labels);
        for (size_t i = 0; i < data.n * data.d; ++i)
            data.value[i] *= 0x1p-9f;
        struct strata_kmeans_result b = fit(&data, &options, scaled);
        cr_assert_eq(a.k, b.k);
        cr_expect_eq(a.inertia * 0x1p-18, b.inertia);
        cr_expect_eq(memcmp(labels, scaled, data.n * sizeof *labels), 0);
        for (size_t i = 0; i < (size_t)a.k * data.d; ++i)
            cr_expect_eq(a.centroids->data[i] * 0x1p-9, b.centroids->data[i]);
        strata_kmeans_result_release(&a);
        strata_kmeans_result_release(&b);
        free(labels);
        free(scaled);
    }
}

Test(kmeans_laws, the_sum_of_squares_never_rises)
{
    FOR_RANDOM_DATA(data, 12)
    {
        struct strata_kmeans_options options = options_for(7);
        gsl_matrix *start = first_rows(&data, 7);
        options.centroids = start;
        double before = INFINITY;
        for (options.max_iterations = 1; options.max_iterations < 40; ++options.max_iterations) {
            struct strata_kmeans_result result = fit(&data, &options, NULL);
            cr_expect_leq(result.inertia, before * (1 + 1e-6));
            before = result.inertia;
            strata_kmeans_result_release(&result);
        }
        gsl_matrix_free(start);
    }
}

/* Total = within + between, counts add up, centroids are means, labels are nearest. */
Test(kmeans_laws, decomposition)
{
    FOR_RANDOM_DATA(data, 12)
    {
        struct strata_kmeans_options options = options_for(2 + (int)(set % 6));
        int32_t *labels = malloc(data.n * sizeof *labels);
        struct strata_kmeans_result result = fit(&data, &options, labels);
        size_t k = (size_t)result.k, d = data.d;
        double *mean = calloc((k + 1) * d, sizeof *mean), *count = calloc(k + 1, sizeof *count);
        for (size_t row = 0; row < data.n; ++row) {
            ++count[labels[row]];
            for (size_t c = 0; c < d; ++c) {
                mean[(size_t)labels[row] * d + c] += (double)data.value[row * d + c];
                mean[k * d + c] += (double)data.value[row * d + c] / (double)data.n;
            }
        }
        double total = 0, between = 0, n_counted = 0;
        for (size_t j = 0; j < k; ++j) {
            cr_expect_eq((double)result.sizes[j], count[j]);
            n_counted += count[j];
            for (size_t c = 0; c < d; ++c) {
                double centroid = gsl_matrix_get(result.centroids, j, c);
                cr_expect_float_eq(centroid, mean[j * d + c] / count[j], 1e-6);
                between += count[j] * (centroid - mean[k * d + c]) * (centroid - mean[k * d + c]);
            }
        }
        cr_expect_eq(n_counted, (double)data.n);
        for (size_t row = 0; row < data.n; ++row)
            for (size_t c = 0; c < d; ++c) {
                double difference = (double)data.value[row * d + c] - mean[k * d + c];
                total += difference * difference;
            }
        cr_expect_float_eq(total, result.inertia + between, 1e-6 * total);
        free(mean);
        free(count);
        free(labels);
        strata_kmeans_result_release(&result);
    }
}

Test(kmeans_laws, one_cluster_is_the_mean)
{
    FOR_RANDOM_DATA(data, 6)
    {
        struct strata_kmeans_options options = options_for(1);
        struct strata_kmeans_result result = fit(&data, &options, NULL);
        cr_expect_eq(result.k, 1);
        for (size_t c = 0; c < data.d; ++c) {
            double mean = 0;
            for (size_t row = 0; row < data.n; ++row)
                mean += (double)data.value[row * data.d + c] / (double)data.n;
            cr_expect_float_eq(gsl_matrix_get(result.centroids, 0, c), mean, 1e-6);
        }
        strata_kmeans_result_release(&result);
    }
}

Test(kmeans_laws, as_many_clusters_as_distinct_rows)
{
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        enum { N = 60, DISTINCT = 17 };
        float value[2 * N];
        for (size_t row = 0; row < N; ++row) {
            size_t place = row < DISTINCT ? row : (size_t)(strata_uniform_at(seed, 6, row) * DISTINCT);
            value[2 * row] = (float)(place * place % 7);
            value[2 * row + 1] = (float)place * 0.37f;
        }
        struct data data = {N, 2, value};
        int32_t labels[N];
        static const int ks[] = {DISTINCT, DISTINCT + 1, N, 3 * N};
        for (size_t i = 0; i < sizeof ks / sizeof ks[0]; ++i) {
            struct strata_kmeans_options options = options_for(ks[i]);
            options.seed = seed;
            struct strata_kmeans_result result = fit(&data, &options, labels);
            cr_expect_eq(result.k, DISTINCT);
            cr_expect_float_eq(result.inertia, 0, 1e-10);
            for (size_t a = 0; a < N; ++a)
                for (size_t b = 0; b < a; ++b)
                    cr_assert_eq(labels[a] == labels[b], value[2 * a + 1] == value[2 * b + 1]);
            strata_kmeans_result_release(&result);
        }
        data.n = DISTINCT;
        struct strata_kmeans_options options = options_for(DISTINCT);
        struct strata_kmeans_result result = fit(&data, &options, labels);
        cr_expect_eq(result.k, DISTINCT, "k = n");
        for (int j = 0; j < result.k; ++j)
            cr_expect_eq(result.sizes[j], 1);
        strata_kmeans_result_release(&result);
    }
}

Test(kmeans_laws, identical_rows_are_one_cluster)
{
    float value[300];
    for (size_t i = 0; i < 300; ++i)
        value[i] = i % 3 == 0 ? 0.1f : i % 3 == 1 ? -1e6f : 0;
    struct data data = {100, 3, value};
    struct strata_kmeans_options options = options_for(8);
    struct strata_kmeans_result result = fit(&data, &options, NULL);
    cr_expect_eq(result.k, 1);
    cr_expect_eq(result.inertia, 0);
    cr_expect_eq((float)gsl_matrix_get(result.centroids, 0, 0), 0.1f);
    strata_kmeans_result_release(&result);
}

/* Values on a grid of 1/16 are exact in float32 near 1e6, so the offset may change nothing but the centroids. */
Test(kmeans_laws, an_offset_of_a_million)
{
    FOR_RANDOM_DATA(data, 9)
    {
        for (size_t i = 0; i < data.n * data.d; ++i)
            data.value[i] = roundf(data.value[i] * 16) / 16;
        struct strata_kmeans_options options = options_for(5);
        int32_t *labels = malloc(data.n * sizeof *labels), *moved = malloc(data.n * sizeof *moved);
        gsl_matrix *start = first_rows(&data, 5);
        options.centroids = start;
        struct strata_kmeans_result a = fit(&data, &options, labels);
        for (size_t i = 0; i < data.n * data.d; ++i)
            data.value[i] += 1e6f;
        for (size_t i = 0; i < 5 * data.d; ++i)
            start->data[i] += 1e6;
        struct strata_kmeans_result b = fit(&data, &options, moved);
        cr_assert_eq(a.k, b.k);
        /* Integers tie exactly, and centring may break a tie either way: the outcome is then equal in kind alone. */
        cr_expect_float_eq(a.inertia, b.inertia, (set % 3 == 0 ? 0.2 : 1e-6) * a.inertia);
        for (size_t i = 0; set % 3 != 0 && i < (size_t)a.k * data.d; ++i)
            cr_expect_float_eq(a.centroids->data[i] + 1e6, b.centroids->data[i], 1e-6);
        strata_kmeans_result_release(&a);
        strata_kmeans_result_release(&b);
        gsl_matrix_free(start);
        free(labels);
        free(moved);
    }
}

Test(kmeans_laws, one_whale_leaves_the_others_apart)
{
    enum { N = 2001 };
    float value[N];
    for (size_t row = 0; row < N; ++row)
        value[row] = (float)((row % 2 ? 10 : 0) + strata_uniform_at(8, 8, row));
    value[1000] = 1e6f;
    struct data data = {N, 1, value};
    int32_t labels[N];
    struct strata_kmeans_options options = options_for(3);
    options.sample_rows = 500;
    struct strata_kmeans_result result = fit(&data, &options, labels);
    cr_assert_eq(result.k, 3);
    cr_expect_eq(result.sizes[labels[1000]], 1);
    cr_expect_eq(gsl_matrix_get(result.centroids, (size_t)labels[1000], 0), 1e6);
    for (size_t row = 2; row < N; ++row)
        if (row != 1000)
            cr_assert_eq(labels[row], labels[row % 2]);
    cr_expect_neq(labels[0], labels[1]);
    strata_kmeans_result_release(&result);
}

Test(kmeans_laws, threads_change_nothing)
{
    static const int threads[] = {1, 2, 3, 8};
    FOR_RANDOM_DATA(data, 6)
    {
        struct data many = {data.n * 8, data.d, malloc(8 * data.n * data.d * sizeof(float))};
        for (size_t i = 0; i < many.n * many.d; ++i)
            many.value[i] = data.value[i % (data.n * data.d)] + (float)strata_uniform_at(set, 9, i);
        int32_t *first = malloc(many.n * sizeof *first), *labels = malloc(many.n * sizeof *labels);
        struct strata_kmeans_options options = options_for(6);
        options.sample_rows = 1000;
        options.threads = 1;
        struct strata_kmeans_result expected = fit(&many, &options, first);
        for (size_t t = 0; t < 4; ++t) {
            options.threads = threads[t];
            struct strata_kmeans_result result = fit(&many, &options, labels);
            cr_expect(same_centroids(&expected, &result, many.d));
            cr_expect_eq(memcmp(&expected.inertia, &result.inertia, sizeof result.inertia), 0);
            cr_expect_eq(memcmp(first, labels, many.n * sizeof *labels), 0);
            cr_expect_eq(expected.iterations, result.iterations);
            strata_kmeans_result_release(&result);
        }
        strata_kmeans_result_release(&expected);
        free(first);
        free(labels);
        free(many.value);
    }
}

/* Where sums and counts in float32 stop growing. */
Test(kmeans_laws, more_than_2_to_the_24_rows_in_a_cluster)
{
    size_t n = ((size_t)1 << 24) + 1001;
    struct data data = {n, 1, malloc(n * sizeof(float))};
    for (size_t row = 0; row < n; ++row)
        data.value[row] = row < 1000 ? 1000 : row % 2 ? 1.5f : 0.5f;
    struct strata_kmeans_options options = options_for(2);
    gsl_matrix *start = first_rows(&data, 2);
    gsl_matrix_set(start, 1, 0, 0);
    options.centroids = start;
    struct strata_kmeans_result result = fit(&data, &options, NULL);
    cr_expect_eq(result.sizes[0], 1000);
    cr_expect_eq(result.sizes[1], n - 1000);
    cr_expect_float_eq(gsl_matrix_get(result.centroids, 1, 0), 1, 1e-7);
    cr_expect_float_eq(result.inertia / ((double)(n - 1000) / 4), 1, 1e-6);
    strata_kmeans_result_release(&result);
    gsl_matrix_free(start);
    free(data.value);
}
