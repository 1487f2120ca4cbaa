/* Indices and fits of numbers that float32 does not tell apart, held against long double and all pairs of rows. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <strata/kmeans.h>

#include "random.h"

enum { N = 240, D = 3, K = 4 };

struct sample {
    double value[N * D];
    int32_t label[N];
    long double offset;
};

/* K clouds in a range, far from 0; with `whale`, one row so many ranges away. */
static struct sample draw(double offset, double range, double whale)
{
    struct sample sample = {.offset = offset};
    for (size_t row = 0; row < N; ++row) {
        sample.label[row] = (int32_t)(row % K);
        for (size_t c = 0; c < D; ++c)
            sample.value[row * D + c] =
                offset + range * (0.3 * (double)(row % K) * (c != 1) + 0.2 * strata_uniform_at(3, c, row));
    }
    sample.value[1] += range * whale;
    return sample;
}

/* Without the offset, which cancels exactly: long double has room for both. */
static long double value_at(const struct sample *sample, size_t row, size_t c)
{
    return (long double)sample->value[row * D + c] - sample->offset;
}

static long double squared(const struct sample *sample, size_t row, const long double *place)
{
    long double sum = 0;
    for (size_t c = 0; c < D; ++c) {
        long double difference = value_at(sample, row, c) - place[c];
        sum += difference * difference;
    }
    return sum;
}

struct reference {
    long double mean[K][D], all[D], within[K], spread[K], inertia;
    size_t size[K];
};

static struct reference refer(const struct sample *sample)
{
    struct reference reference = {0};
    for (size_t row = 0; row < N; ++row) {
        ++reference.size[sample->label[row]];
        for (size_t c = 0; c < D; ++c) {
            reference.mean[sample->label[row]][c] += value_at(sample, row, c);
            reference.all[c] += value_at(sample, row, c) / N;
        }
    }
    for (size_t j = 0; j < K; ++j)
        for (size_t c = 0; c < D; ++c)
            reference.mean[j][c] /= reference.size[j];
    for (size_t row = 0; row < N; ++row) {
        size_t j = (size_t)sample->label[row];
        long double square = squared(sample, row, reference.mean[j]);
        reference.within[j] += square;
        reference.inertia += square;
        reference.spread[j] += sqrtl(square) / reference.size[j];
    }
    return reference;
}

/* Over all pairs, squared or plain; with `means`, distances to the means of the clusters. */
static double silhouette(const struct sample *sample, const struct reference *reference, int is_squared, int means)
{
    long double total = 0;
    for (size_t row = 0; row < N; ++row) {
        long double distance[K] = {0}, own, other = INFINITY;
        size_t mine = (size_t)sample->label[row];
        for (size_t to = 0; !means && to < N; ++to) {
            long double place[D];
            for (size_t c = 0; c < D; ++c)
                place[c] = value_at(sample, to, c);
            long double square = squared(sample, row, place);
            distance[sample->label[to]] += is_squared ? square : sqrtl(square);
        }
        for (size_t j = 0; j < K; ++j) {
            if (means)
                distance[j] = sqrtl(squared(sample, row, reference->mean[j]));
            else
                distance[j] /= j == mine ? reference->size[j] - 1 : reference->size[j];
            if (j != mine && distance[j] < other)
                other = distance[j];
        }
        own = distance[mine];
        total += (other - own) / fmaxl(own, other);
    }
    return (double)(total / N);
}

static double calinski_harabasz(const struct reference *reference)
{
    long double between = 0;
    for (size_t j = 0; j < K; ++j)
        for (size_t c = 0; c < D; ++c)
            between += reference->size[j] * powl(reference->mean[j][c] - reference->all[c], 2);
    return (double)(between / (K - 1) / (reference->inertia / (N - K)));
}

static double davies_bouldin(const struct reference *reference)
{
    long double sum = 0;
    for (size_t i = 0; i < K; ++i) {
        long double worst = 0;
        for (size_t j = 0; j < K; ++j) {
            long double square = 0;
            for (size_t c = 0; c < D; ++c)
                square += powl(reference->mean[i][c] - reference->mean[j][c], 2);
            if (j != i)
                worst = fmaxl(worst, (reference->spread[i] + reference->spread[j]) / sqrtl(square));
        }
        sum += worst / K;
    }
    return (double)sum;
}

static double bic(const struct reference *reference)
{
    long double likelihood = 0, degrees = D * (N - K);
    for (size_t j = 0; j < K; ++j)
        likelihood += reference->size[j] * logl((long double)reference->size[j] / N);
    likelihood -= N * D / 2.0L * logl(2 * acosl(-1) * reference->inertia / degrees) + degrees / 2;
    return (double)(-2 * likelihood + K * (D + 1) * logl(N));
}

#define expect_near(value, expected, relative)                                                                         \
    cr_expect(fabs((value) - (expected)) <= (relative)*fabs(expected), "%.17g, not %.17g", (double)(value),            \
              (double)(expected))

static const struct {
    double offset, range, whale;
} cases[] = {{0, 1, 0}, {1e9, 1e-3, 0}, {-1e6, 1e-3, 0}, {1e15, 10, 0}, {0, 1, 1e8}, {1e9, 1e-3, 1e6}, {0, 1e-30, 0}};
enum { N_CASES = sizeof cases / sizeof *cases };

Test(accuracy, of_indices)
{
    for (size_t i = 0; i < N_CASES; ++i) {
        const struct sample sample = draw(cases[i].offset, cases[i].range, cases[i].whale);
        const struct reference reference = refer(&sample);
        const struct strata_kmeans_data data = {.n_rows = N,
                                                .n_columns = D,
                                                .type = STRATA_KMEANS_DOUBLE,
                                                .values = sample.value};
        struct strata_kmeans_validity validity;
        struct strata_error err = {0};
        cr_assert_eq(strata_kmeans_validity(&data, sample.label, K, 1, 2, &validity, &err), STRATA_OK, "%s",
                     err.message);
        expect_near(validity.inertia, (double)reference.inertia, 1e-9);
        expect_near(validity.silhouette, silhouette(&sample, &reference, 1, 0), 1e-9);
        expect_near(validity.simplified_silhouette, silhouette(&sample, &reference, 0, 1), 1e-9);
        expect_near(validity.euclidean_silhouette, silhouette(&sample, &reference, 0, 0), 1e-9);
        expect_near(validity.calinski_harabasz, calinski_harabasz(&reference), 1e-9);
        expect_near(validity.davies_bouldin, davies_bouldin(&reference), 1e-9);
        expect_near(validity.bic, bic(&reference), 1e-9);
    }
}

/* The clouds are found, and their means are the centroids as far as doubles at that offset go. */
Test(accuracy, of_fits_in_float64)
{
    for (size_t i = 0; i < N_CASES; ++i) {
        struct sample sample = draw(cases[i].offset, cases[i].range, 0);
        const struct strata_kmeans_data data = {.n_rows = N,
                                                .n_columns = D,
                                                .type = STRATA_KMEANS_DOUBLE,
                                                .values = sample.value};
        struct strata_kmeans_options options;
        struct strata_kmeans_result result = {0};
        struct strata_error err = {0};
        int32_t found[N], first[K];
        strata_kmeans_options_init(&options);
        options.k = K;
        options.precision = STRATA_KMEANS_FLOAT64;
        cr_assert_eq(strata_kmeans_fit(&data, &options, found, &result, &err), STRATA_OK, "%s", err.message);
        const struct reference reference = refer(&sample);
        for (size_t row = 0; row < N; ++row) {
            if (row < K)
                first[row] = found[row];
            cr_assert_eq(found[row], first[sample.label[row]], "row %zu of case %zu", row, i);
        }
        expect_near(result.inertia, (double)reference.inertia, 1e-9);
        for (size_t j = 0; j < K; ++j)
            for (size_t c = 0; c < D; ++c) {
                long double mean = reference.mean[j][c] + sample.offset;
                long double off = fabsl((long double)gsl_matrix_get(result.centroids, (size_t)first[j], c) - mean);
                cr_expect(off <= fabsl(mean) * 0x1p-52L + cases[i].range * 1e-14L, "%Lg", off);
            }
        strata_kmeans_result_release(&result);
    }
}
