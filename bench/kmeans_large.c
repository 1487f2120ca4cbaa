/* Does k-means hold with more than 2^31 values? bench_kmeans_large [ROWS [COLUMNS [CLUSTERS [THREADS]]]]
 *
 * Row r lies in cloud r % CLUSTERS, which no row can leave; every cluster must be a cloud, whole, with its mean. The
 * rows are generated where they are worked on: 4 x ROWS x COLUMNS bytes, by default 8.6 GB. Prints one line of JSON
 * with the memory used beyond them for each row; exits with 1 if a cluster is wrong.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "search.h"

static double centre_of(size_t cloud, size_t c) { return (double)((cloud * 37 + c * 11) % 64) / 32 - 1; }

/* From -1/64 to 1/64, of mean 0 over any four rows of a cloud that follow each other. */
static double offset_of(size_t round, size_t c) { return (double)((round + c) % 4) / 96 - 1.0 / 64; }

static void fill(struct strata_points *points, size_t k, int threads)
{
    size_t d = (size_t)points->d;
#pragma omp parallel for num_threads(threads)
    for (size_t row = 0; row < points->n; ++row)
        for (size_t c = 0; c < d; ++c)
            points->tile[strata_points_index(points, row, (int)c)] =
                (float)(centre_of(row % k, c) + offset_of(row / k, c));
}

static size_t count_wrong(const struct strata_points *points, const struct strata_fit *fit, size_t k)
{
    size_t wrong = 0, d = (size_t)points->d;
    for (size_t row = 0; row < points->n; ++row)
        wrong += fit->label[row] != row % k;
    for (size_t j = 0; j < k; ++j) {
        wrong += fit->size[j] != (points->n - j + k - 1) / k;
        for (size_t c = 0; c < d; ++c)
            wrong += !(fabs(fit->mean[j * d + c] - centre_of(j, c)) < 1e-6);
    }
    return wrong;
}

static size_t argument(int argc, char **argv, int i, size_t fallback)
{
    return argc > i ? strtoull(argv[i], NULL, 10) : fallback;
}

int main(int argc, char **argv)
{
    size_t n = argument(argc, argv, 1, ((size_t)1 << 24) + 80), d = argument(argc, argv, 2, 128);
    size_t k = argument(argc, argv, 3, 8), wrong;
    int threads = (int)argument(argc, argv, 4, 2);
    struct strata_points points;
    struct strata_fit fit;
    struct strata_error err = {0};
    double *start = malloc(k * d * sizeof *start);
    struct strata_search_options options = {
        .k = (int)k, .restarts = 1, .max_iterations = 20, .threads = threads, .start = start};
    for (size_t i = 0; start && i < k * d; ++i)
        start[i] = centre_of(i / d, i % d) + 1.0 / 128;
    if (!start || strata_points_init(&points, n, (int)d, false, false, &err) != STRATA_OK) {
        fprintf(stderr, "%s\n", start ? err.message : "out of memory");
        return 5;
    }
    fill(&points, k, threads);
    if (strata_points_finish(&points, threads, &err) != STRATA_OK ||
        strata_search_run(&points, &options, &fit, &err) != STRATA_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 5;
    }
    wrong = count_wrong(&points, &fit, k);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double tile_bytes = (double)(points.n_tiles * STRATA_TILE_ROWS * d) * sizeof *points.tile;
    printf("{\"rows\": %zu, \"columns\": %zu, \"values\": %zu, \"clusters\": %zu, \"iterations\": %d, \"wrong\": %zu, "
           "\"more_bytes_per_row\": %.2f, \"user_seconds\": %.1f}\n",
           n, d, n * d, k, fit.iterations, wrong, ((double)usage.ru_maxrss * 1024 - tile_bytes) / (double)n,
           (double)usage.ru_utime.tv_sec + 1e-6 * (double)usage.ru_utime.tv_usec);
    strata_fit_release(&fit);
    strata_points_release(&points);
    free(start);
    return wrong > 0;
}
