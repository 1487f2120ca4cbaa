#include "validity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
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

enum strata_status strata_silhouette(const struct strata_points *points, const struct strata_kernels *kernels,
                                     const uint16_t *label, const double *centroid, const double *within,
                                     const uint64_t *size, int k, int threads, double *silhouette,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_clusters = (size_t)k, n_values = n_clusters * (size_t)points->d;
    float *centroid32 = strata_malloc_array(n_values, sizeof *centroid32);
    float *spread = strata_malloc_array(n_clusters, sizeof *spread);
    double *factor = strata_malloc_array(n_clusters, sizeof *factor);
    double *sum = strata_malloc_array(points->n_chunks, sizeof *sum);
    *silhouette = NAN;
    if (!centroid32 || !spread || !factor || !sum)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the silhouette of %d clusters", k);
    if (k < 2)
        goto done;
    for (size_t i = 0; i < n_values; ++i)
        centroid32[i] = (float)centroid[i];
    for (size_t j = 0; j < n_clusters; ++j) {
        spread[j] = (float)(within[j] / (double)size[j]);
        factor[j] = size[j] > 1 ? (double)size[j] / (double)(size[j] - 1) : 0;
    }
    struct strata_silhouette_job job = {points, k, centroid32, spread, factor, label};
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        sum[chunk] = kernels->silhouette(&job, chunk);
    double total = 0;
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        total += sum[chunk];
    *silhouette = total / (double)points->n;
done:
    free(centroid32);
    free(spread);
    free(factor);
    free(sum);
    return status;
}
