#include "profile.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "copies.h"
#include "difference.h"
#include "medians.h"
#include "memory.h"
#include "placing.h"

/* Fixed, so that the sums are the same for any number of threads. */
enum { N_PARTS = 64 };

/* The points by their columns. Shift and unit of a column make no difference to what is measured here. */
struct view {
    const struct strata_points *points;
    const struct strata_fit *fit;
    size_t d;
    double *axis;    /* d x d: column c of a whitened point x is the sum of axis[c d + m] x[m]; NULL: it is x[c] */
    double *mass;    /* k: the weights of the clusters' points */
    double *mean;    /* k x d: of the clusters */
    double *squares; /* k x d: the weighted sums of (value - mean of the cluster)^2 */
    double *room;    /* N_PARTS x d: a point */
};

static double column_of(const struct view *view, const double *x, size_t c)
{
    double value = 0;
    if (!view->axis)
        return x[c];
    for (size_t m = 0; m < view->d; ++m)
        value += view->axis[c * view->d + m] * x[m];
    return value;
}

/* What the whitened directions are in the columns. */
static enum strata_status find_axes(struct view *view, const struct strata_preparation *preparation,
                                    struct strata_error *err)
{
    size_t d = view->d;
    double *z = strata_calloc_array(2, d * sizeof *z);
    view->axis = strata_malloc_array(d, d * sizeof *view->axis);
    if (!z || !view->axis) {
        free(z);
        return strata_fail_memory(err, "the axes of the columns", d, d * sizeof *view->axis);
    }
    for (size_t m = 0; m < d; ++m) {
        z[m] = 1;
        strata_preparation_unwhiten(preparation, z, z + d);
        z[m] = 0;
        for (size_t c = 0; c < d; ++c)
            view->axis[c * d + m] = z[d + c];
    }
    free(z);
    return STRATA_OK;
}

/* Those of some chunks; x: d values of room. */
static void add_squares(const struct view *view, size_t first, size_t end, double *x, double *squares)
{
    const struct strata_points *points = view->points;
    for (size_t row = strata_points_chunk_start(points, first); row < strata_points_chunk_start(points, end); ++row) {
        size_t place = view->fit->label[row] * view->d;
        double weight = strata_points_weight(points, row) * points->weight_unit;
        for (size_t c = 0; c < view->d; ++c)
            x[c] = strata_points_value(points, row, (int)c);
        for (size_t c = 0; c < view->d; ++c) {
            double difference = column_of(view, x, c) - view->mean[place + c];
            squares[place + c] += weight * difference * difference;
        }
    }
}

static enum strata_status find_squares(struct view *view, int threads, struct strata_error *err)
{
    size_t width = (size_t)view->fit->k * view->d, n_chunks = view->points->n_chunks;
    double *part = strata_calloc_array(N_PARTS, width * sizeof *part);
    if (!part)
        return strata_fail_memory(err, "the profile of the clusters", N_PARTS, width * sizeof *part);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (size_t i = 0; i < N_PARTS; ++i)
        add_squares(view, n_chunks * i / N_PARTS, n_chunks * (i + 1) / N_PARTS, view->room + i * view->d,
                    part + i * width);
    for (size_t m = 0; m < width; ++m) {
        view->squares[m] = 0;
        for (size_t i = 0; i < N_PARTS; ++i)
            view->squares[m] += part[i * width + m];
    }
    free(part);
    return STRATA_OK;
}

static void view_release(struct view *view)
{
    free(view->axis);
    free(view->mass);
    free(view->mean);
    free(view->squares);
    free(view->room);
}

static enum strata_status view_init(struct view *view, const struct strata_prepared *prepared,
                                    const struct strata_fit *fit, int threads, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t k = (size_t)fit->k, d = (size_t)prepared->preparation.d;
    *view = (struct view){.points = &prepared->points,
                          .fit = fit,
                          .d = d,
                          .mass = strata_malloc_array(k, sizeof *view->mass),
                          .mean = strata_malloc_array(k, d * sizeof *view->mean),
                          .squares = strata_malloc_array(k, d * sizeof *view->squares),
                          .room = strata_malloc_array(N_PARTS, d * sizeof *view->room)};
    if (!view->mass || !view->mean || !view->squares || !view->room)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the profile of %zu clusters", k);
    if (prepared->preparation.whitening)
        STRATA_TRY(find_axes(view, &prepared->preparation, err));
    strata_copies_weigh(view->points, fit->label, fit->size, fit->k, view->mass);
    for (size_t j = 0; j < k; ++j)
        for (size_t c = 0; c < d; ++c)
            view->mean[j * d + c] = column_of(view, fit->mean + j * d, c);
    STRATA_TRY(find_squares(view, threads, err));
done:
    return status;
}

static struct strata_group_moments moments_of(const struct view *view, size_t j, size_t c)
{
    size_t place = j * view->d + c;
    return (struct strata_group_moments){view->mass[j], view->mean[place], view->squares[place]};
}

/* median: k x d by place. */
static enum strata_status find_medians(const struct strata_table *table, const struct strata_prepared *prepared, int k,
                                       const int16_t *label, int threads, double *median, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n = (size_t)k, d = (size_t)prepared->preparation.d;
    double *column = strata_malloc_array(n, sizeof *column);
    if (!column)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the medians of %d clusters", k);
    for (size_t c = 0; c < d; ++c) {
        const struct strata_order_source source = {.column = prepared->source[c],
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
                                          const struct strata_fit *fit, const struct strata_cluster_place *place,
                                          const int16_t *label, int threads, struct strata_cluster_profile *profile,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t k = (size_t)fit->k, d = (size_t)prepared->preparation.d;
    struct view view = {0};
    struct strata_group_moments *moments = strata_malloc_array(k, sizeof *moments);
    profile->customer_share = strata_malloc_array(k, sizeof *profile->customer_share);
    profile->median = strata_malloc_array(k, d * sizeof *profile->median);
    profile->difference = strata_malloc_array(k, d * sizeof *profile->difference);
    if (!moments || !profile->customer_share || !profile->median || !profile->difference)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the profile of %d clusters", fit->k);
    STRATA_TRY(view_init(&view, prepared, fit, threads, err));
    for (size_t c = 0; c < d; ++c) {
        for (size_t j = 0; j < k; ++j)
            moments[j] = moments_of(&view, j, c);
        struct strata_group_moments all = strata_groups_pool(moments, fit->k);
        for (size_t i = 0; i < k; ++i)
            profile->difference[i * d + c] = strata_group_difference(&moments[place[i].cluster], &all);
    }
    for (size_t i = 0; i < k; ++i)
        profile->customer_share[i] = (double)fit->size[place[i].cluster] / (double)table->n_rows;
    STRATA_TRY(find_medians(table, prepared, fit->k, label, threads, profile->median, err));
done:
    free(moments);
    view_release(&view);
    return status;
}
