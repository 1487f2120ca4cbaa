#include <strata/kmeans.h>

#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "check.h"
#include "collapse.h"
#include "distance.h"
#include "given.h"
#include "matrix.h"
#include "memory.h"
#include "search.h"

void strata_kmeans_options_init(struct strata_kmeans_options *options)
{
    *options = (struct strata_kmeans_options){.k = 8,
                                              .restarts = 16,
                                              .swaps = 8,
                                              .max_iterations = 300,
                                              .tolerance = 1e-6,
                                              .seed = 1,
                                              .sample_rows = (size_t)1 << 18};
}

void strata_kmeans_result_release(struct strata_kmeans_result *result)
{
    gsl_matrix_free(result->centroids);
    free(result->sizes);
    *result = (struct strata_kmeans_result){0};
}

static enum strata_status check_centroids(const gsl_matrix *centroids, size_t k, size_t n_columns,
                                          struct strata_error *err)
{
    if (centroids->size1 != k || centroids->size2 != n_columns)
        return strata_fail(err, STRATA_USAGE,
                           "k-means: the centroids are %zu x %zu, but %zu clusters of %zu columns "
                           "are asked for",
                           centroids->size1, centroids->size2, k, n_columns);
    for (size_t j = 0; j < k; ++j)
        for (size_t c = 0; c < n_columns; ++c)
            if (!isfinite(gsl_matrix_get(centroids, j, c)))
                return strata_fail(err, STRATA_USAGE, "k-means: centroid %zu, column %zu (from 0) is not finite", j, c);
    return STRATA_OK;
}

static enum strata_status check_threads(int threads, struct strata_error *err)
{
    if (threads >= 0 && threads <= STRATA_GIVEN_MOST_THREADS)
        return STRATA_OK;
    return strata_fail(err, STRATA_USAGE, "k-means: %d threads; choose 0 (all) to %d", threads,
                       STRATA_GIVEN_MOST_THREADS);
}

static enum strata_status check_options(const struct strata_kmeans_options *options, size_t n_columns,
                                        struct strata_error *err)
{
    if (options->k < 1 || options->k > STRATA_KMEANS_MAX_CLUSTERS)
        return strata_fail(err, STRATA_USAGE, "k-means: k is %d; choose 1 to %d clusters", options->k,
                           STRATA_KMEANS_MAX_CLUSTERS);
    if (options->restarts < 1 || options->max_iterations < 1)
        return strata_fail(err, STRATA_USAGE, "k-means: %d restarts of %d iterations; both are at least 1",
                           options->restarts, options->max_iterations);
    if (options->swaps < 0)
        return strata_fail(err, STRATA_USAGE, "k-means: %d swaps; choose 0 (none) or more", options->swaps);
    if (!(options->tolerance >= 0))
        return strata_fail(err, STRATA_USAGE, "k-means: the tolerance is %g; it is 0 or more", options->tolerance);
    if (options->seeding != STRATA_SEEDING_CORESET && options->seeding != STRATA_SEEDING_PARALLEL)
        return strata_fail(err, STRATA_USAGE, "k-means: there is no seeding %d", (int)options->seeding);
    if (options->precision != STRATA_KMEANS_FLOAT32 && options->precision != STRATA_KMEANS_FLOAT64)
        return strata_fail(err, STRATA_USAGE, "k-means: there is no precision %d", (int)options->precision);
    enum strata_status status = check_threads(options->threads, err);
    if (status == STRATA_OK && options->centroids)
        status = check_centroids(options->centroids, (size_t)options->k, n_columns, err);
    return status;
}

static int thread_count(int threads) { return threads > 0 ? threads : omp_get_max_threads(); }

static enum strata_status place_start(const struct strata_points *points, const gsl_matrix *centroids, double **start,
                                      struct strata_error *err)
{
    size_t d = centroids->size2;
    *start = strata_malloc_array(centroids->size1, d * sizeof **start);
    if (!*start)
        return strata_fail_memory(err, "centroids", centroids->size1, d * sizeof **start);
    for (size_t j = 0; j < centroids->size1; ++j)
        for (size_t c = 0; c < d; ++c)
            (*start)[j * d + c] = (gsl_matrix_get(centroids, j, c) - points->shift[c]) / points->unit;
    return STRATA_OK;
}

/* From the units of the tiles to those of the rows. */
static enum strata_status fill_result(const struct strata_points *points, struct strata_fit *fit,
                                      struct strata_kmeans_result *result, struct strata_error *err)
{
    size_t k = (size_t)fit->k, d = (size_t)points->d;
    result->centroids = strata_matrix_alloc(k, d);
    if (!result->centroids)
        return strata_fail_memory(err, "centroids", k, d * sizeof(double));
    for (size_t j = 0; j < k; ++j)
        for (size_t c = 0; c < d; ++c)
            gsl_matrix_set(result->centroids, j, c, points->shift[c] + points->unit * fit->centroid[j * d + c]);
    result->k = fit->k;
    result->sizes = fit->size;
    fit->size = NULL;
    result->inertia = fit->inertia * points->unit * points->unit * points->weight_unit;
    result->iterations = fit->iterations;
    result->converged = fit->converged;
    return STRATA_OK;
}

enum strata_status strata_kmeans_fit(const struct strata_kmeans_data *data, const struct strata_kmeans_options *options,
                                     int32_t *labels, struct strata_kmeans_result *result, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_kmeans_data given;
    struct strata_points points = {0};
    struct strata_fit fit = {0};
    double *start = NULL;
    *result = (struct strata_kmeans_result){0};
    STRATA_TRY(strata_given_settle(data, &given, err));
    STRATA_TRY(check_options(options, given.n_columns, err));
    struct strata_search_options search = {.k = options->k,
                                           .restarts = options->restarts,
                                           .swaps = options->swaps,
                                           .max_iterations = options->max_iterations,
                                           .threads = thread_count(options->threads),
                                           .tolerance = options->tolerance,
                                           .seed = options->seed,
                                           .seeding = options->seeding,
                                           .sample_rows = options->sample_rows};
    STRATA_TRY(strata_given_place(&given, options->precision == STRATA_KMEANS_FLOAT64, search.threads, &points, err));
    STRATA_TRY(strata_points_collapse(&points, STRATA_COLLAPSE_MEASURED, search.threads, err));
    if (options->centroids) {
        STRATA_TRY(place_start(&points, options->centroids, &start, err));
        search.start = start;
    }
    STRATA_TRY(strata_search_run(&points, &search, &fit, err));
    STRATA_TRY(fill_result(&points, &fit, result, err));
    if (labels) {
#pragma omp parallel for num_threads(search.threads) schedule(static)
        for (size_t row = 0; row < points.n; ++row)
            labels[row] = fit.label[row];
    }
done:
    free(start);
    strata_fit_release(&fit);
    strata_points_release(&points);
    if (status != STRATA_OK)
        strata_kmeans_result_release(result);
    return status;
}

static int32_t nearest_centroid(const double *row, const gsl_matrix *centroids)
{
    double best = INFINITY;
    int32_t nearest = 0;
    for (size_t j = 0; j < centroids->size1; ++j) {
        const double *centroid = gsl_matrix_const_ptr(centroids, j, 0);
        double distance = strata_squared_distance(row, centroid, centroids->size2);
        if (distance < best) {
            best = distance;
            nearest = (int32_t)j;
        }
    }
    return nearest;
}

enum strata_status strata_kmeans_assign(const struct strata_kmeans_data *data, const gsl_matrix *centroids, int threads,
                                        int32_t *labels, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_kmeans_data given;
    size_t k = centroids->size1, bad = SIZE_MAX;
    double *room = NULL; /* a row for each thread */
    STRATA_TRY(strata_given_settle(data, &given, err));
    size_t d = given.n_columns;
    if (k < 1 || k > STRATA_KMEANS_MAX_CLUSTERS)
        STRATA_GIVE_UP(err, STRATA_USAGE, "k-means: %zu centroids cannot be assigned to; give 1 to %d", k,
                       STRATA_KMEANS_MAX_CLUSTERS);
    STRATA_TRY(check_threads(threads, err));
    STRATA_TRY(check_centroids(centroids, k, d, err));
    threads = thread_count(threads);
    room = strata_malloc_array((size_t)threads, d * sizeof *room);
    if (!room)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: a row of %zu columns", d);
#pragma omp parallel for num_threads(threads) schedule(static) reduction(min : bad)
    for (size_t row = 0; row < given.n_rows; ++row) {
        double *value = room + (size_t)omp_get_thread_num() * d;
        strata_given_row(&given, row, value);
        if (strata_given_find_bad(value, d) < d && row < bad)
            bad = row;
        labels[row] = nearest_centroid(value, centroids);
    }
    if (bad != SIZE_MAX) {
        strata_given_row(&given, bad, room);
        size_t c = strata_given_find_bad(room, d);
        STRATA_TRY(strata_given_refuse(bad, c, room[c], err));
    }
done:
    free(room);
    return status;
}
