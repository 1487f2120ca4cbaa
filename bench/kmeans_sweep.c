/* How long the choice of k takes: bench_kmeans_sweep FILE ROWS COLUMNS MAX_K RESTARTS THREADS
 *
 * FILE: ROWS x COLUMNS float32 in this machine's byte order, row by row. Prints one line of JSON: the seconds from rows
 * in memory to the outcome of k = 2..MAX_K, RESTARTS seedings each, with all indices; and for each k the sum of
 * squares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strata/kmeans.h>
#include <time.h>

#include "choose.h"
#include "collapse.h"
#include "given.h"

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static float *read_rows(const char *path, size_t n_values)
{
    float *rows = malloc(n_values * sizeof *rows);
    FILE *file = fopen(path, "rb");
    if (!rows || !file || fread(rows, sizeof *rows, n_values, file) != n_values) {
        fprintf(stderr, "cannot read %zu values from %s\n", n_values, path);
        exit(1);
    }
    fclose(file);
    return rows;
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: %s FILE ROWS COLUMNS MAX_K RESTARTS THREADS\n", argv[0]);
        return 2;
    }
    size_t n = strtoull(argv[2], NULL, 10);
    int d = atoi(argv[3]), max_k = atoi(argv[4]), threads = atoi(argv[6]), n_trials = 0, chosen = 0;
    float *rows = read_rows(argv[1], n * (size_t)d);
    struct strata_kmeans_options defaults;
    strata_kmeans_options_init(&defaults);
    struct strata_search_options options = {.restarts = atoi(argv[5]),
                                            .swaps = defaults.swaps,
                                            .max_iterations = defaults.max_iterations,
                                            .threads = threads,
                                            .tolerance = defaults.tolerance,
                                            .seed = defaults.seed,
                                            .sample_rows = defaults.sample_rows};
    struct strata_cluster_trial *trial = calloc((size_t)max_k, sizeof *trial);
    struct strata_points points;
    struct strata_fit fit;
    struct strata_error err = {0};
    struct strata_kmeans_data given = {.n_rows = n, .n_columns = (size_t)d, .values = rows};
    double start = seconds_now();
    if (!trial || strata_given_settle(&given, &given, &err) != STRATA_OK ||
        strata_given_place(&given, false, threads, &points, &err) != STRATA_OK ||
        strata_points_collapse(&points, STRATA_COLLAPSE_MEASURED, threads, &err) != STRATA_OK ||
        strata_fit_auto(&points, &options, max_k, STRATA_CRITERION_SILHOUETTE, &fit, trial, &n_trials, &chosen, &err) !=
            STRATA_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("{\"seconds\": %.4f, \"k\": %d, \"inertia\": [", seconds_now() - start, fit.k);
    for (int i = 0; i < n_trials; ++i)
        printf("%s%.9g", i ? ", " : "", trial[i].inertia);
    printf("]}\n");
    strata_fit_release(&fit);
    strata_points_release(&points);
    free(trial);
    free(rows);
    return 0;
}
