#include "cluster.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/kmeans.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "names.h"

static const char *const default_columns[] = {"recency", "frequency", "monetary"};
static const char *const transform_names[] = {
    [STRATA_TRANSFORM_NONE] = "none", [STRATA_TRANSFORM_LOG1P] = "log1p", [STRATA_TRANSFORM_WINSOR] = "winsor"};
static const char *const scaling_names[] = {[STRATA_SCALING_NONE] = "none", [STRATA_SCALING_STANDARD] = "standard"};

void strata_cluster_options_init(struct strata_cluster_options *options)
{
    struct strata_kmeans_options kmeans;
    strata_kmeans_options_init(&kmeans);
    *options = (struct strata_cluster_options){.columns = default_columns,
                                               .n_columns = 3,
                                               .max_k = 10,
                                               .transform = STRATA_TRANSFORM_LOG1P,
                                               .scaling = STRATA_SCALING_STANDARD,
                                               .winsor_lower = 0.01,
                                               .winsor_upper = 0.99,
                                               .restarts = kmeans.restarts,
                                               .swaps = kmeans.swaps,
                                               .max_iterations = kmeans.max_iterations,
                                               .tolerance = kmeans.tolerance,
                                               .seed = kmeans.seed,
                                               .sample_rows = kmeans.sample_rows};
}

static enum strata_status check_start(const struct strata_cluster_options *options, struct strata_error *err)
{
    const gsl_matrix *start = options->centroids;
    if (options->k == 0 || start->size1 != (size_t)options->k || start->size2 != (size_t)options->n_columns)
        return strata_fail(err, STRATA_USAGE,
                           "clusters: the first centroids are %zu x %zu; give one row for each of a fixed number of "
                           "clusters and one value for each of the %d columns",
                           start->size1, start->size2, options->n_columns);
    for (size_t j = 0; j < start->size1; ++j)
        for (size_t c = 0; c < start->size2; ++c)
            if (!isfinite(gsl_matrix_get(start, j, c)))
                return strata_fail(err, STRATA_USAGE, "clusters: the first centroid %zu has no finite value for %s",
                                   j + 1, options->columns[c]);
    return STRATA_OK;
}

static enum strata_status check_options(const struct strata_cluster_options *options, struct strata_error *err)
{
    if (options->n_columns < 1)
        return strata_fail(err, STRATA_USAGE, "clusters: no column to cluster on; name at least one");
    if (options->k < 0 || options->k > STRATA_KMEANS_MAX_CLUSTERS)
        return strata_fail(err, STRATA_USAGE, "clusters: %d clusters; choose 1 to %d, or auto", options->k,
                           STRATA_KMEANS_MAX_CLUSTERS);
    if (options->k == 0 && (options->max_k < 2 || options->max_k > STRATA_KMEANS_MAX_CLUSTERS))
        return strata_fail(err, STRATA_USAGE, "clusters: auto up to %d clusters; choose 2 to %d", options->max_k,
                           STRATA_KMEANS_MAX_CLUSTERS);
    if (options->restarts < 1 || options->max_iterations < 1 || options->swaps < 0 || options->threads < 0)
        return strata_fail(err, STRATA_USAGE,
                           "clusters: %d restarts, %d swaps, %d iterations, %d threads; restarts and iterations are at "
                           "least 1, swaps and threads at least 0",
                           options->restarts, options->swaps, options->max_iterations, options->threads);
    if (!(options->tolerance >= 0))
        return strata_fail(err, STRATA_USAGE, "clusters: the tolerance is %g; it is 0 or more", options->tolerance);
    if (!(options->winsor_lower >= 0 && options->winsor_lower < options->winsor_upper && options->winsor_upper <= 1))
        return strata_fail(err, STRATA_USAGE, "clusters: winsor limits %g and %g; they are shares from 0 to 1, rising",
                           options->winsor_lower, options->winsor_upper);
    return options->centroids ? check_start(options, err) : STRATA_OK;
}

static void warn(const struct strata_cluster_options *options, const char *format, ...) STRATA_PRINTF(2, 3);
static void warn(const struct strata_cluster_options *options, const char *format, ...)
{
    char text[512];
    va_list arguments;
    if (!options->observer || !options->observer->notify)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    options->observer->notify(options->observer->context, &(struct strata_event){.kind = STRATA_EVENT_WARNING,
                                                                                 .stage = "clusters",
                                                                                 .text = text,
                                                                                 .share = NAN});
}

static void warn_of_columns(const struct strata_cluster_options *options, const struct strata_prepared *prepared)
{
    for (int i = 0; i < prepared->n_dropped; ++i)
        warn(options, "column %s is the same for all customers and is left out", prepared->dropped[i]);
    if (prepared->points.n == 0)
        warn(options, "no customer has a value in all columns: no cluster");
    else if (prepared->constant && options->k != 1)
        warn(options, "all customers are alike in the columns: one cluster");
}

/* The first centroids in the units of the tiles, for the columns kept. */
static enum strata_status place_start(const struct strata_prepared *prepared,
                                      const struct strata_cluster_options *options, double **start,
                                      struct strata_error *err)
{
    size_t k = options->centroids->size1;
    *start = strata_malloc_array(k, (size_t)prepared->d * sizeof **start);
    if (!*start)
        return strata_fail_memory(err, "the first centroids", k, (size_t)prepared->d * sizeof **start);
    for (int c = 0; c < prepared->d; ++c) {
        size_t place = 0;
        while (strcmp(options->columns[place], prepared->column[c].source->about.name) != 0)
            ++place;
        for (size_t j = 0; j < k; ++j) {
            double scaled = strata_prepared_scaled(prepared, c, gsl_matrix_get(options->centroids, j, place));
            (*start)[j * (size_t)prepared->d + (size_t)c] =
                (scaled - prepared->points.shift[c]) / prepared->points.unit;
        }
    }
    return STRATA_OK;
}

/* Room for everything in `out`, its strings and settings filled in. */
static enum strata_status describe(struct strata_clustering *out, const struct strata_prepared *prepared,
                                   const struct strata_cluster_options *options, int k, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t d = (size_t)prepared->d, n_clusters = (size_t)k;
    out->k = k;
    out->d = prepared->d;
    out->transform = transform_names[options->transform];
    out->scaling = scaling_names[options->scaling];
    out->restarts = options->centroids ? 1 : options->restarts;
    out->seed = options->seed;
    out->criterion = strata_criterion_name(options->criterion);
    out->n_missing = prepared->n_missing;
    out->column = strata_calloc_array(d, sizeof *out->column);
    out->shift = strata_malloc_array(d, sizeof *out->shift);
    out->divisor = strata_malloc_array(d, sizeof *out->divisor);
    out->lower = strata_malloc_array(d, sizeof *out->lower);
    out->upper = strata_malloc_array(d, sizeof *out->upper);
    out->centroid = strata_malloc_array(n_clusters, d * sizeof *out->centroid);
    out->centroid_scaled = strata_malloc_array(n_clusters, d * sizeof *out->centroid_scaled);
    out->size = strata_malloc_array(n_clusters, sizeof *out->size);
    out->label = strata_calloc_array(n_clusters, sizeof *out->label);
    if (!out->column || !out->shift || !out->divisor || !out->lower || !out->upper || !out->centroid ||
        !out->centroid_scaled || !out->size || !out->label)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d clusters in %zu columns", k, d);
    for (size_t c = 0; c < d; ++c) {
        const struct strata_prepared_column *column = &prepared->column[c];
        out->column[c] = strata_copy_string(column->source->about.name);
        if (!out->column[c])
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the name of a column");
        out->shift[c] = column->shift;
        out->divisor[c] = column->divisor;
        out->lower[c] = column->lower;
        out->upper[c] = column->upper;
    }
done:
    return status;
}

/* One cluster while the clusters are put in order. */
struct place {
    const double *centroid; /* scaled */
    int d, leading;         /* the column that decides first */
    int cluster;
};

static int compare_places(const void *first, const void *second)
{
    const struct place *a = first, *b = second;
    double difference = b->centroid[a->leading] - a->centroid[a->leading];
    for (int c = 0; difference == 0 && c < a->d; ++c)
        difference = b->centroid[c] - a->centroid[c];
    return difference != 0 ? (difference > 0) - (difference < 0)
                           : (a->cluster > b->cluster) - (a->cluster < b->cluster);
}

/* place[i]: the cluster that becomes number i + 1. */
static void order_clusters(const struct strata_prepared *prepared, const struct strata_fit *fit, struct place *place)
{
    int leading = 0;
    for (int c = 0; c < prepared->d; ++c)
        if (strcmp(prepared->column[c].source->about.name, "monetary") == 0)
            leading = c;
    for (int j = 0; j < fit->k; ++j)
        place[j] = (struct place){fit->centroid + (size_t)j * (size_t)prepared->d, prepared->d, leading, j};
    qsort(place, (size_t)fit->k, sizeof *place, compare_places);
}

static void fill_clusters(struct strata_clustering *out, const struct strata_prepared *prepared,
                          const struct strata_fit *fit, const struct place *place)
{
    const struct strata_points *points = &prepared->points;
    for (int i = 0; i < fit->k; ++i) {
        out->size[i] = fit->size[place[i].cluster];
        for (int c = 0; c < prepared->d; ++c) {
            double scaled = points->shift[c] + points->unit * place[i].centroid[c];
            out->centroid_scaled[i * prepared->d + c] = scaled;
            out->centroid[i * prepared->d + c] = strata_prepared_raw(prepared, c, scaled);
        }
    }
    out->inertia = fit->inertia * points->unit * points->unit;
    out->iterations = fit->iterations;
    out->converged = fit->converged;
}

/* The rows that have a point take its cluster's number, in order. */
static enum strata_status label_rows(const struct strata_fit *fit, const struct place *place, size_t n_rows,
                                     int16_t *label, struct strata_error *err)
{
    int16_t *number = strata_malloc_array((size_t)fit->k, sizeof *number);
    if (!number)
        return strata_fail_memory(err, "cluster numbers", (size_t)fit->k, sizeof *number);
    for (int i = 0; i < fit->k; ++i)
        number[place[i].cluster] = (int16_t)(i + 1);
    size_t point = 0;
    for (size_t row = 0; row < n_rows; ++row)
        if (label[row] == 0)
            label[row] = number[fit->label[point++]];
    free(number);
    return STRATA_OK;
}

static enum strata_status fit_points(const struct strata_prepared *prepared,
                                     const struct strata_cluster_options *options, int threads, struct strata_fit *fit,
                                     struct strata_clustering *out, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    double *start = NULL;
    int room = options->k == 0 ? options->max_k : 1;
    struct strata_search_options search = {.k = prepared->constant ? 1 : options->k,
                                           .restarts = options->restarts,
                                           .swaps = options->swaps,
                                           .max_iterations = options->max_iterations,
                                           .threads = threads,
                                           .tolerance = options->tolerance,
                                           .seed = options->seed,
                                           .sample_rows = options->sample_rows};
    out->trial = strata_calloc_array((size_t)room, sizeof *out->trial);
    if (!out->trial)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d trials", room);
    if (options->centroids && !prepared->constant) {
        STRATA_TRY(place_start(prepared, options, &start, err));
        search.start = start;
    }
    if (search.k == 0) {
        STRATA_TRY(strata_fit_auto(&prepared->points, &search, options->max_k, options->criterion, fit, out->trial,
                                   &out->n_trials, err));
        out->choice = strata_choice_explain(out->trial, out->n_trials, fit->k, options->criterion);
        if (!out->choice)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the choice of the number of clusters");
    } else {
        STRATA_TRY(strata_fit_one(&prepared->points, &search, fit, out->trial, err));
        out->n_trials = 1;
    }
    if (fit->k < search.k)
        warn(options, "%d clusters asked for, %d found: the customers lie on so few different points", search.k,
             fit->k);
    if (!fit->converged)
        warn(options, "k-means did not converge in %d iterations; raise the number of iterations or the tolerance",
             options->max_iterations);
done:
    free(start);
    return status;
}

enum strata_status strata_cluster_table(const struct strata_table *table, const struct strata_cluster_options *options,
                                        struct strata_clustering *out, int16_t *label, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_prepared prepared = {0};
    struct strata_fit fit = {0};
    struct place *place = NULL;
    *out = (struct strata_clustering){0};
    STRATA_TRY(check_options(options, err));
    int threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    struct strata_prepare_options prepare = {.columns = options->columns,
                                             .n_columns = options->n_columns,
                                             .transform = options->transform,
                                             .scaling = options->scaling,
                                             .winsor_lower = options->winsor_lower,
                                             .winsor_upper = options->winsor_upper,
                                             .threads = threads};
    STRATA_TRY(strata_prepare(table, &prepare, label, &prepared, err));
    warn_of_columns(options, &prepared);
    if (prepared.points.n > 0)
        STRATA_TRY(fit_points(&prepared, options, threads, &fit, out, err));
    STRATA_TRY(describe(out, &prepared, options, fit.k, err));
    if (fit.k > 0) {
        place = strata_malloc_array((size_t)fit.k, sizeof *place);
        if (!place)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d clusters", fit.k);
        order_clusters(&prepared, &fit, place);
        fill_clusters(out, &prepared, &fit, place);
        STRATA_TRY(
            strata_cluster_names(out->centroid, out->k, out->d, (const char *const *)out->column, out->label, err));
        STRATA_TRY(label_rows(&fit, place, table->n_rows, label, err));
    }
    out->labels = (struct strata_labels){.n_labels = out->k, .labels = out->label};
done:
    free(place);
    strata_fit_release(&fit);
    strata_prepared_release(&prepared);
    if (status != STRATA_OK)
        strata_clustering_release(out);
    return status;
}
