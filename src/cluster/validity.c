#include "validity.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "collapse.h"
#include "copies.h"
#include "distance.h"
#include "memory.h"
#include "sums.h"

/* From a sum to whole steps of it and back: steps so small that all of them together fill 2^124 at most. */
struct scale {
    double high, low; /* steps of 2^62 in 1; 1 in steps */
};

static struct scale scale_of(const struct strata_points *points)
{
    double mass = points->weight ? 1 : (double)points->n_rows;
    int exponent = ilogb(4 * points->d * mass) + 1;
    return (struct scale){ldexp(1, 124 - 62 - exponent), ldexp(1, exponent - 124)};
}

static strata_int128 steps_of(double value, const struct scale *scale)
{
    double scaled = value * scale->high;
    int64_t high = (int64_t)scaled;
    return ((strata_int128)high << 62) + (int64_t)((scaled - (double)high) * 0x1p62);
}

/* Squared distances of n rows of a tile to the centroids of their labels. */
static void own_distances(const struct strata_points *points, size_t tile, const uint16_t *label, size_t n,
                          const double *centroid, double *distance)
{
    memset(distance, 0, n * sizeof *distance);
    for (int c = 0; c < points->d; ++c) {
        double value[STRATA_TILE_ROWS];
        strata_points_column(points, tile, c, value);
        for (size_t lane = 0; lane < n; ++lane) {
            double difference = value[lane] - centroid[(size_t)label[lane] * (size_t)points->d + (size_t)c];
            distance[lane] += difference * difference;
        }
    }
}

static void add_chunk(const struct strata_points *points, const uint16_t *label, const double *centroid,
                      const struct scale *scale, size_t chunk, strata_int128 *within)
{
    size_t end = strata_points_chunk_start(points, chunk + 1);
    for (size_t first = strata_points_chunk_start(points, chunk); first < end; first += STRATA_TILE_ROWS) {
        double distance[STRATA_TILE_ROWS];
        size_t n = end - first < STRATA_TILE_ROWS ? end - first : STRATA_TILE_ROWS;
        own_distances(points, first / STRATA_TILE_ROWS, label + first, n, centroid, distance);
        for (size_t row = first; row < first + n; ++row) {
            strata_int128 steps = steps_of(strata_points_weight(points, row) * distance[row - first], scale);
            within[label[row]] += points->count ? steps * points->count[row] : steps;
        }
    }
}

double strata_within_squares(const struct strata_points *points, const uint16_t *label, const double *centroid, int k,
                             int threads, double *within, strata_int128 *scratch)
{
    size_t n_clusters = (size_t)k;
    const struct scale scale = scale_of(points);
    memset(scratch, 0, (size_t)threads * n_clusters * sizeof *scratch);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        add_chunk(points, label, centroid, &scale, chunk, scratch + (size_t)omp_get_thread_num() * n_clusters);
    double total = 0;
    for (size_t j = 0; j < n_clusters; ++j) {
        for (size_t thread = 1; thread < (size_t)threads; ++thread)
            scratch[j] += scratch[thread * n_clusters + j];
        within[j] = (double)scratch[j] * scale.low;
        total += within[j];
    }
    return total;
}

/* spread: k, the mean distance of each cluster's points to its centroid. */
static double davies_bouldin(const double *centroid, const double *spread, size_t k, size_t d)
{
    double sum = 0;
    for (size_t i = 0; i < k; ++i) {
        double worst = 0;
        for (size_t j = 0; j < k; ++j) {
            double both = spread[i] + spread[j],
                   gap = sqrt(strata_squared_distance(centroid + i * d, centroid + j * d, d));
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
        between += mass[j] * strata_squared_distance(centroid + j * d, mean, d);
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

/* What follows from the sums of squares alone; false if the weights are no numbers of rows: with so few there would be
 * no squares. */
static bool measure_squares(const struct strata_points *points, const double *centroid, const double *within,
                            const double *mass, size_t k, double *mean, struct strata_validity *validity)
{
    double n = 0, inside = 0;
    for (size_t j = 0; j < k; ++j) {
        n += mass[j];
        inside += within[j] * points->weight_unit;
    }
    if (n <= (double)k && inside > 0)
        return false;
    validity->bic = bic(mass, k, (size_t)points->d, n, inside * points->unit * points->unit);
    if (k < 2)
        return true;
    double between = between_squares(centroid, mass, k, (size_t)points->d, n, mean);
    validity->calinski_harabasz =
        inside > 0 ? between / (double)(k - 1) / (inside / (n - (double)k)) : (double)INFINITY;
    return true;
}

enum strata_status strata_validity_measure(const struct strata_points *points, const struct strata_kernels *kernels,
                                           const uint16_t *label, const double *centroid, const double *within,
                                           const uint64_t *size, int k, int threads, struct strata_validity *validity,
                                           struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_clusters = (size_t)k, d = (size_t)points->d, n_sums = 2 + n_clusters;
    void *place = strata_malloc_array(n_clusters, d * strata_points_real_size(points));
    void *spread = strata_malloc_array(n_clusters, strata_points_real_size(points));
    double *factor = strata_malloc_array(n_clusters, sizeof *factor);
    double *mass = strata_malloc_array(n_clusters, sizeof *mass), total = 0;
    double *room = strata_malloc_array(d > n_clusters ? d : n_clusters, sizeof *room);
    strata_int128 *sum = strata_calloc_array((size_t)threads, n_sums * sizeof *sum);
    uint16_t *distinct_label = NULL;
    *validity = (struct strata_validity){NAN, NAN, NAN, NAN, NAN};
    if (points->distinct)
        distinct_label = strata_malloc_array(points->distinct->n_tiles, STRATA_TILE_ROWS * sizeof *distinct_label);
    if (!place || !spread || !factor || !mass || !room || !sum || (points->distinct && !distinct_label))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the validity of %d clusters", k);
    strata_copies_weigh(points, label, size, k, mass);
    bool are_rows = measure_squares(points, centroid, within, mass, n_clusters, room, validity);
    if (k < 2)
        goto done;
    for (size_t i = 0; i < n_clusters * d; ++i)
        strata_points_set_real(points, place, i, centroid[i]);
    for (size_t j = 0; j < n_clusters; ++j) {
        total += mass[j];
        strata_points_set_real(points, spread, j, within[j] * points->weight_unit / mass[j]);
        factor[j] = mass[j] > 1 ? mass[j] / (mass[j] - 1) : 0;
    }
    struct strata_validity_job job = {points, k, place, spread, factor, label};
    if (distinct_label && strata_collapse_labels(points, label, threads, distinct_label)) {
        job.points = points->distinct;
        job.label = distinct_label;
    }
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (size_t chunk = 0; chunk < job.points->n_chunks; ++chunk)
        kernels->validity(&job, chunk, sum + (size_t)omp_get_thread_num() * n_sums);
    for (size_t thread = 1; thread < (size_t)threads; ++thread)
        for (size_t i = 0; i < n_sums; ++i)
            sum[i] += sum[thread * n_sums + i];
    double in_rows = points->weight_unit / strata_sums_per_mass(points) / STRATA_VALIDITY_STEPS;
    if (are_rows) {
        validity->silhouette = (double)sum[0] * in_rows / total;
        validity->simplified_silhouette = (double)sum[1] * in_rows / total;
    }
    for (size_t j = 0; j < n_clusters; ++j)
        room[j] = (double)sum[2 + j] * in_rows / mass[j];
    validity->davies_bouldin = davies_bouldin(centroid, room, n_clusters, d);
done:
    free(place);
    free(spread);
    free(factor);
    free(mass);
    free(room);
    free(sum);
    free(distinct_label);
    return status;
}
