#include "profile.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "medians.h"
#include "memory.h"

/* Fixed, so that the sums are the same for any number of threads. */
enum { N_PARTS = 64 };

/* squares: k x d, the sums of (x - mean of the cluster)^2 over some chunks. */
static void add_squares(const struct strata_points *points, const struct strata_fit *fit, size_t first, size_t end,
                        double *squares)
{
    size_t d = (size_t)points->d;
    for (size_t row = strata_points_chunk_start(points, first); row < strata_points_chunk_start(points, end); ++row) {
        const float *value = points->tile + strata_points_index(points, row, 0);
        size_t place = fit->label[row] * d;
        for (size_t c = 0; c < d; ++c) {
            double difference = (double)value[c * STRATA_TILE_ROWS] - fit->mean[place + c];
            squares[place + c] += difference * difference;
        }
    }
}

/* squares: k x d, over all points. */
static enum strata_status find_squares(const struct strata_points *points, const struct strata_fit *fit, int threads,
                                       double *squares, struct strata_error *err)
{
    size_t width = (size_t)fit->k * (size_t)points->d;
    double *part = strata_calloc_array(N_PARTS, width * sizeof *part);
    if (!part)
        return strata_fail_memory(err, "the profile of the clusters", N_PARTS, width * sizeof *part);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (size_t i = 0; i < N_PARTS; ++i)
        add_squares(points, fit, points->n_chunks * i / N_PARTS, points->n_chunks * (i + 1) / N_PARTS,
                    part + i * width);
    for (size_t m = 0; m < width; ++m) {
        squares[m] = 0;
        for (size_t i = 0; i < N_PARTS; ++i)
            squares[m] += part[i * width + m];
    }
    free(part);
    return STRATA_OK;
}

/* Moments of one column in one group of points. */
struct moments {
    double n, mean, squares;
};

static double standardised_difference(const struct moments *in, const struct moments *all)
{
    double n_rest = all->n - in->n, shift = in->mean - all->mean;
    if (!(n_rest > 0))
        return (double)NAN;
    double mean_rest = all->mean - shift * in->n / n_rest, shift_rest = mean_rest - all->mean;
    double squares_rest = all->squares - in->squares - in->n * shift * shift - n_rest * shift_rest * shift_rest;
    double difference = in->mean - mean_rest;
    double variance = (in->squares / in->n + fmax(squares_rest, 0) / n_rest) / 2;
    return difference == 0 ? 0 : difference / sqrt(variance);
}

/* All points of column c, from the clusters. */
static struct moments pool(const struct strata_fit *fit, const double *squares, size_t d, size_t c)
{
    struct moments all = {0};
    for (int j = 0; j < fit->k; ++j)
        all.n += (double)fit->size[j];
    for (size_t j = 0; j < (size_t)fit->k; ++j)
        all.mean += (double)fit->size[j] / all.n * fit->mean[j * d + c];
    for (size_t j = 0; j < (size_t)fit->k; ++j) {
        double shift = fit->mean[j * d + c] - all.mean;
        all.squares += squares[j * d + c] + (double)fit->size[j] * shift * shift;
    }
    return all;
}

/* median: k x d by place. */
static enum strata_status find_medians(const struct strata_table *table, const struct strata_prepared *prepared, int k,
                                       const int16_t *label, int threads, double *median, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n = (size_t)k, d = (size_t)prepared->d;
    double *column = strata_malloc_array(n, sizeof *column);
    if (!column)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the medians of %d clusters", k);
    for (size_t c = 0; c < d; ++c) {
        const struct strata_order_source source = {.column = prepared->column[c].source,
                                                   .n_rows = table->n_rows,
                                                   .group = label,
                                                   .first_group = 1,
                                                   .n_groups = k,
                                                   .threads = threads};
        STRATA_TRY(strata_medians_find(&source, column, err));
        for (size_t j = 0; j < n; ++j)
            median[j * d + c] = column[j];
    }
done:
    free(column);
    return status;
}

enum strata_status strata_profile_measure(const struct strata_table *table, const struct strata_prepared *prepared,
                                          const struct strata_fit *fit, const int *cluster, const int16_t *label,
                                          int threads, struct strata_cluster_profile *profile, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t k = (size_t)fit->k, d = (size_t)prepared->d;
    double *squares = strata_malloc_array(k, d * sizeof *squares);
    profile->customer_share = strata_malloc_array(k, sizeof *profile->customer_share);
    profile->median = strata_malloc_array(k, d * sizeof *profile->median);
    profile->difference = strata_malloc_array(k, d * sizeof *profile->difference);
    if (!squares || !profile->customer_share || !profile->median || !profile->difference)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the profile of %d clusters", fit->k);
    STRATA_TRY(find_squares(&prepared->points, fit, threads, squares, err));
    for (size_t c = 0; c < d; ++c) {
        struct moments all = pool(fit, squares, d, c);
        for (size_t i = 0; i < k; ++i) {
            size_t j = (size_t)cluster[i];
            struct moments in = {(double)fit->size[j], fit->mean[j * d + c], squares[j * d + c]};
            profile->difference[i * d + c] = standardised_difference(&in, &all);
        }
    }
    for (size_t i = 0; i < k; ++i)
        profile->customer_share[i] = (double)fit->size[cluster[i]] / (double)table->n_rows;
    STRATA_TRY(find_medians(table, prepared, fit->k, label, threads, profile->median, err));
done:
    free(squares);
    return status;
}
