#include "validity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "copies.h"
#include "memory.h"

static void within_chunk(const struct strata_points *points, const uint16_t *label, const double *centroid, int k,
                         size_t chunk, double *within)
{
    memset(within, 0, (size_t)k * sizeof *within);
    size_t end = strata_points_chunk_start(points, chunk + 1);
    for (size_t row = strata_points_chunk_start(points, chunk); row < end; ++row) {
        const float *value = points->tile + strata_points_index(points, row, 0);
        const double *mean = centroid + (size_t)label[row] * (size_t)points->d;
        double distance = 0;
        for (int c = 0; c < points->d; ++c) {
            double difference = (double)value[c * STRATA_TILE_ROWS] - mean[c];
            distance += difference * difference;
        }
        within[label[row]] += strata_points_weight(points, row) * distance;
    }
}

double strata_within_squares(const struct strata_points *points, const uint16_t *label, const double *centroid, int k,
                             int threads, double *within, double *scratch)
{
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        within_chunk(points, label, centroid, k, chunk, scratch + chunk * (size_t)k);
    memset(within, 0, (size_t)k * sizeof *within);
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        for (int j = 0; j < k; ++j)
            within[j] += scratch[chunk * (size_t)k + (size_t)j];
    double total = 0;
    for (int j = 0; j < k; ++j)
        total += within[j];
    return total;
}

static double squared_distance(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t c = 0; c < d; ++c)
        sum += (a[c] - b[c]) * (a[c] - b[c]);
    return sum;
}

/* spread: k, the mean distance of each cluster's points to its centroid. */
static double davies_bouldin(const double *centroid, const double *spread, size_t k, size_t d)
{
    double sum = 0;
    for (size_t i = 0; i < k; ++i) {
        double worst = 0;
        for (size_t j = 0; j < k; ++j) {
            double both = spread[i] + spread[j], gap = sqrt(squared_distance(centroid + i * d, centroid + j * d, d));
            if (j != i && both > 0)
                worst = fmax(worst, both / gap);
        }
        sum += worst;
    }
    return sum / (double)k;
}

/* The sum of squares between the clusters; mean: room for d. */
static double between_squares(const double *centroid, const double *mass, size_t k, size_t d, double n, double *mean)
{
    double between = 0;
    memset(mean, 0, d * sizeof *mean);
    for (size_t j = 0; j < k; ++j)
        for (size_t c = 0; c < d; ++c)
            mean[c] += mass[j] / n * centroid[j * d + c];
    for (size_t j = 0; j < k; ++j)
        between += mass[j] * squared_distance(centroid + j * d, mean, d);
    return between;
}

/* within: in the callers' units, since a density depends on them. */
static double bic(const double *mass, size_t k, size_t d, double n, double within)
{
    double log_likelihood = 0, columns = (double)d, degrees = columns * (n - (double)k);
    if (!(within > 0))
        return -INFINITY;
    for (size_t j = 0; j < k; ++j)
        log_likelihood += mass[j] * log(mass[j] / n);
    log_likelihood -= n * columns / 2 * log(2 * M_PI * within / degrees) + degrees / 2;
    return -2 * log_likelihood + (double)k * (columns + 1) * log(n);
}

/* What follows from the sums of squares alone. */
static void measure_squares(const struct strata_points *points, const double *centroid, const double *within,
                            const double *mass, size_t k, double *mean, struct strata_validity *validity)
{
    double n = 0, inside = 0;
    for (size_t j = 0; j < k; ++j) {
        n += mass[j];
        inside += within[j] * points->weight_unit;
    }
    if (n <= (double)k && inside > 0)
        return;
    validity->bic = bic(mass, k, (size_t)points->d, n, inside * points->unit * points->unit);
    if (k < 2)
        return;
    double between = between_squares(centroid, mass, k, (size_t)points->d, n, mean);
    validity->calinski_harabasz =
        inside > 0 ? between / (double)(k - 1) / (inside / (n - (double)k)) : (double)INFINITY;
}

enum strata_status strata_validity_measure(const struct strata_points *points, const struct strata_kernels *kernels,
                                           const uint16_t *label, const double *centroid, const double *within,
                                           const uint64_t *size, int k, int threads, struct strata_validity *validity,
                                           struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_clusters = (size_t)k, d = (size_t)points->d, n_values = n_clusters * d, n_sums = 2 + n_clusters;
    float *centroid32 = strata_malloc_array(n_values, sizeof *centroid32);
    float *spread = strata_malloc_array(n_clusters, sizeof *spread);
    double *factor = strata_malloc_array(n_clusters, sizeof *factor);
    double *mass = strata_malloc_array(n_clusters, sizeof *mass);
    double *mean = strata_malloc_array(d, sizeof *mean);
    double *sum = strata_malloc_array(points->n_chunks, n_sums * sizeof *sum), total = 0;
    *validity = (struct strata_validity){NAN, NAN, NAN, NAN, NAN};
    if (!centroid32 || !spread || !factor || !mass || !mean || !sum)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the validity of %d clusters", k);
    strata_copies_weigh(points, label, size, k, mass);
    measure_squares(points, centroid, within, mass, n_clusters, mean, validity);
    if (k < 2)
        goto done;
    for (size_t i = 0; i < n_values; ++i)
        centroid32[i] = (float)centroid[i];
    for (size_t j = 0; j < n_clusters; ++j) {
        total += mass[j];
        spread[j] = (float)(within[j] * points->weight_unit / mass[j]);
        factor[j] = mass[j] > 1 ? mass[j] / (mass[j] - 1) : 0;
    }
    struct strata_validity_job job = {points, k, centroid32, spread, factor, label};
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        kernels->validity(&job, chunk, sum + chunk * n_sums);
    for (size_t chunk = 1; chunk < points->n_chunks; ++chunk)
        for (size_t i = 0; i < n_sums; ++i)
            sum[i] += sum[chunk * n_sums + i];
    validity->silhouette = sum[0] * points->weight_unit / total;
    validity->simplified_silhouette = sum[1] * points->weight_unit / total;
    for (size_t j = 0; j < n_clusters; ++j)
        sum[2 + j] = sum[2 + j] * points->weight_unit / mass[j];
    validity->davies_bouldin = davies_bouldin(centroid, sum + 2, n_clusters, d);
done:
    free(centroid32);
    free(spread);
    free(factor);
    free(mass);
    free(mean);
    free(sum);
    return status;
}
