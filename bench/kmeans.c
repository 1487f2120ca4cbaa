/* How fast k-means is: bench_kmeans [ROWS [COLUMNS [CLUSTERS [ITERATIONS [THREADS]]]]]
 *
 * A mixture of CLUSTERS normal clouds. Prints one line of JSON: nanoseconds per row and iteration of Lloyd from given
 * centroids (the difference between ITERATIONS + 1 iterations and 1), and the seconds of a whole fit with its seeding.
 */
#include <gsl/gsl_randist.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/kmeans.h>
#include <time.h>

#include "random.h"

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void fill_mixture(float *value, size_t n, size_t d, const gsl_matrix *centres, gsl_rng *rng)
{
    for (size_t row = 0; row < n; ++row) {
        size_t centre = gsl_rng_uniform_int(rng, centres->size1);
        for (size_t c = 0; c < d; ++c)
            value[row * d + c] = (float)(gsl_matrix_get(centres, centre, c) + gsl_ran_gaussian_ziggurat(rng, 1));
    }
}

static double time_fit(const float *value, size_t n, size_t d, const struct strata_kmeans_options *options,
                       struct strata_kmeans_result *result)
{
    struct strata_error err = {0};
    const struct strata_kmeans_data data = {.n_rows = n, .n_columns = d, .values = value};
    double start = seconds_now();
    if (strata_kmeans_fit(&data, options, NULL, result, &err) != STRATA_OK) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    return seconds_now() - start;
}

static size_t argument(int argc, char **argv, int i, size_t fallback)
{
    return argc > i ? strtoull(argv[i], NULL, 10) : fallback;
}

int main(int argc, char **argv)
{
    size_t n = argument(argc, argv, 1, 2000000), d = argument(argc, argv, 2, 3), k = argument(argc, argv, 3, 8);
    int iterations = (int)argument(argc, argv, 4, 25), threads = (int)argument(argc, argv, 5, 0);
    gsl_rng *rng = strata_rng_alloc(1, 1);
    gsl_matrix *centres = gsl_matrix_alloc(k, d);
    float *value = malloc(n * d * sizeof *value);
    if (!rng || !value)
        return 5;
    for (size_t i = 0; i < k * d; ++i)
        centres->data[i] = gsl_ran_gaussian_ziggurat(rng, 2);
    fill_mixture(value, n, d, centres, rng);
    /* The first rows are poor centroids, so that there is something left to do in every iteration. */
    for (size_t i = 0; i < k * d; ++i)
        centres->data[i] = (double)value[i];

    struct strata_kmeans_options options;
    struct strata_kmeans_result one, many, whole;
    strata_kmeans_options_init(&options);
    options.k = (int)k;
    options.threads = threads;
    options.centroids = centres;
    options.tolerance = 0;
    options.max_iterations = 1;
    double one_seconds = time_fit(value, n, d, &options, &one);
    options.max_iterations = iterations + 1;
    double many_seconds = time_fit(value, n, d, &options, &many);
    int more = many.iterations > one.iterations ? many.iterations - one.iterations : 1;

    strata_kmeans_options_init(&options);
    options.k = (int)k;
    options.threads = threads;
    double whole_seconds = time_fit(value, n, d, &options, &whole);
    printf("{\"rows\": %zu, \"columns\": %zu, \"clusters\": %zu, \"threads\": %d, \"iterations\": %d, "
           "\"ns_per_row_and_iteration\": %.3f, \"first_iteration_seconds\": %.4f, \"fit_seconds\": %.4f, "
           "\"fit_iterations\": %d, \"fit_inertia\": %.9g}\n",
           n, d, k, threads, more, (many_seconds - one_seconds) / (double)n / more * 1e9, one_seconds, whole_seconds,
           whole.iterations, whole.inertia);
    strata_kmeans_result_release(&one);
    strata_kmeans_result_release(&many);
    strata_kmeans_result_release(&whole);
    gsl_matrix_free(centres);
    gsl_rng_free(rng);
    free(value);
    return 0;
}
