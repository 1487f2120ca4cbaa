#include <strata/kmeans.h>

#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "check.h"
#include "collapse.h"
#include "gap.h"
#include "given.h"
#include "memory.h"
#include "silhouette_sample.h"
#include "sums.h"
#include "validity.h"

/* What the indices are made from. */
struct measured {
    struct strata_points points;
    uint16_t *label;        /* 16 n_tiles */
    uint64_t *size;         /* k */
    double *mean, *within;  /* k x d, k */
    strata_int128 *scratch; /* threads x k */
};

static enum strata_status take_labels(const int32_t *labels, int k, struct measured *measured, struct strata_error *err)
{
    size_t n = measured->points.n;
    for (size_t row = 0; row < n; ++row) {
        if (labels[row] < 0 || labels[row] >= k)
            return strata_fail(err, STRATA_USAGE, "k-means: the label of row %zu (from 0) is %d; labels are 0 to %d",
                               row, labels[row], k - 1);
        measured->label[row] = (uint16_t)labels[row];
        ++measured->size[labels[row]];
    }
    for (int j = 0; j < k; ++j)
        if (measured->size[j] == 0)
            return strata_fail(err, STRATA_USAGE, "k-means: cluster %d (from 0) has no row; number those that have", j);
    return STRATA_OK;
}

/* Exact sums, as a fit has them. */
static enum strata_status find_means(int k, struct measured *measured, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_points *points = &measured->points;
    size_t width = strata_sums_width(points), d = (size_t)points->d;
    strata_int128 *sums = strata_calloc_array((size_t)k, width * sizeof *sums);
    if (!sums)
        return strata_fail_memory(err, "the sums of clusters", (size_t)k, width * sizeof *sums);
    for (size_t row = 0; row < points->n; ++row)
        strata_sums_move(points, row, NULL, sums + measured->label[row] * width);
    for (size_t j = 0; j < (size_t)k; ++j) {
        const strata_int128 *of_cluster = sums + j * width;
        double mass = (double)of_cluster[strata_sums_mass(points)];
        if (!(mass > 0))
            STRATA_GIVE_UP(err, STRATA_USAGE,
                           "k-means: all rows of cluster %zu (from 0) have the weight 0; number the clusters that have "
                           "more",
                           j);
        for (size_t c = 0; c < d; ++c)
            measured->mean[j * d + c] = (double)of_cluster[c] / mass / strata_sums_per_value(points);
    }
done:
    free(sums);
    return status;
}

static enum strata_status find_gap(const struct strata_points *points, int k, uint64_t seed, int threads,
                                   struct strata_kmeans_validity *validity, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_gap *gap = strata_malloc_array((size_t)k, sizeof *gap);
    int n = 0;
    if (!gap)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the gap of %d clusters", k);
    STRATA_TRY(strata_gap_measure(points, k, seed, STRATA_INSTRUCTIONS_BEST, threads, gap, &n, err));
    validity->gap = n == k ? gap[k - 1].value : (double)NAN;
    validity->gap_error = n == k ? gap[k - 1].error : (double)NAN;
done:
    free(gap);
    return status;
}

static enum strata_status measure(const struct measured *measured, int k, uint64_t seed, int threads,
                                  struct strata_kmeans_validity *validity, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_points *points = &measured->points;
    struct strata_validity exact;
    struct strata_silhouette silhouette = {NAN, NAN, NAN};
    double inertia =
        strata_within_squares(points, measured->label, measured->mean, k, threads, measured->within, measured->scratch);
    STRATA_TRY(strata_validity_measure(points, strata_kernels_for(points, STRATA_INSTRUCTIONS_BEST), measured->label,
                                       measured->mean, measured->within, measured->size, k, threads, &exact, err));
    if (!isnan(exact.silhouette))
        STRATA_TRY(
            strata_silhouette_measure(points, measured->label, measured->size, k, seed, threads, &silhouette, err));
    *validity = (struct strata_kmeans_validity){.inertia = inertia * points->unit * points->unit * points->weight_unit,
                                                .silhouette = exact.silhouette,
                                                .simplified_silhouette = exact.simplified_silhouette,
                                                .calinski_harabasz = exact.calinski_harabasz,
                                                .davies_bouldin = exact.davies_bouldin,
                                                .bic = exact.bic,
                                                .euclidean_silhouette = silhouette.value,
                                                .euclidean_silhouette_low = silhouette.low,
                                                .euclidean_silhouette_high = silhouette.high};
    STRATA_TRY(find_gap(points, k, seed, threads, validity, err));
done:
    return status;
}

enum strata_status strata_kmeans_validity(const struct strata_kmeans_data *data, const int32_t *labels, int k,
                                          uint64_t seed, int threads, struct strata_kmeans_validity *validity,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_kmeans_data given;
    struct measured measured = {0};
    size_t n_clusters = k > 0 ? (size_t)k : 0;
    STRATA_TRY(strata_given_settle(data, &given, err));
    if (k < 1 || k > STRATA_KMEANS_MAX_CLUSTERS || n_clusters > given.n_rows || threads < 0 ||
        threads > STRATA_GIVEN_MOST_THREADS)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "k-means: %d clusters of %zu rows by %d threads; 1 to %d clusters, no more than rows, 0 (all) "
                       "to %d threads",
                       k, given.n_rows, threads, STRATA_KMEANS_MAX_CLUSTERS, STRATA_GIVEN_MOST_THREADS);
    threads = threads > 0 ? threads : omp_get_max_threads();
    STRATA_TRY(strata_given_place(&given, given.type == STRATA_KMEANS_DOUBLE, threads, &measured.points, err));
    STRATA_TRY(strata_points_collapse(&measured.points, STRATA_COLLAPSE_MEASURED, threads, err));
    measured.label = strata_calloc_array(measured.points.n_tiles, STRATA_TILE_ROWS * sizeof *measured.label);
    measured.size = strata_calloc_array(n_clusters, sizeof *measured.size);
    measured.mean = strata_malloc_array(n_clusters, given.n_columns * sizeof *measured.mean);
    measured.within = strata_malloc_array(n_clusters, sizeof *measured.within);
    measured.scratch = strata_malloc_array((size_t)threads, n_clusters * sizeof *measured.scratch);
    if (!measured.label || !measured.size || !measured.mean || !measured.within || !measured.scratch)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the validity of %d clusters", k);
    STRATA_TRY(take_labels(labels, k, &measured, err));
    STRATA_TRY(find_means(k, &measured, err));
    STRATA_TRY(measure(&measured, k, seed, threads, validity, err));
done:
    strata_points_release(&measured.points);
    free(measured.label);
    free(measured.size);
    free(measured.mean);
    free(measured.within);
    free(measured.scratch);
    return status;
}
