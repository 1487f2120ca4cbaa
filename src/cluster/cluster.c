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
#include "placing.h"

static const char *const default_columns[] = {"recency", "frequency", "monetary"};

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
    if (options->transform == STRATA_TRANSFORM_BOX_COX && options->missing == STRATA_MISSING_ZERO)
        return strata_fail(err, STRATA_USAGE,
                           "clusters: a missing value cannot count as 0 with box-cox, which takes positive values\n"
                           "choose another transform, such as yeo-johnson, or another policy for missing values");
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

static void warn_of_missing(const struct strata_cluster_options *options, const struct strata_prepared *prepared)
{
    const struct strata_preparation *preparation = &prepared->preparation;
    const char *about = preparation->transform == STRATA_TRANSFORM_BOX_COX ? " that is positive" : "";
    for (int c = 0; c < preparation->d; ++c)
        if (preparation->missing_values[c] > 0 && !isnan(preparation->imputed[c]))
            warn(options, "%llu customers have no value%s in %s: it counts as %g",
                 (unsigned long long)preparation->missing_values[c], about, prepared->source[c]->about.name,
                 preparation->imputed[c]);
        else if (preparation->missing_values[c] > 0 && *about)
            warn(options, "%llu customers have no value%s in %s: no cluster",
                 (unsigned long long)preparation->missing_values[c], about, prepared->source[c]->about.name);
}

static void warn_of_columns(const struct strata_cluster_options *options, const struct strata_prepared *prepared)
{
    const struct strata_preparation *preparation = &prepared->preparation;
    for (int i = 0; i < preparation->n_dropped; ++i)
        warn(options, "column %s is the same for all customers and is left out", preparation->dropped[i]);
    warn_of_missing(options, prepared);
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
    enum strata_status status = STRATA_OK;
    const struct strata_preparation *preparation = &prepared->preparation;
    size_t k = options->centroids->size1, d = (size_t)preparation->d;
    double *raw = strata_malloc_array(3, d * sizeof *raw);
    *start = strata_malloc_array(k, d * sizeof **start);
    if (!raw || !*start)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu first centroids of %zu columns", k, d);
    for (size_t j = 0; j < k; ++j) {
        for (size_t c = 0; c < d; ++c) {
            size_t place = 0;
            while (strcmp(options->columns[place], prepared->source[c]->about.name) != 0)
                ++place;
            raw[c] = gsl_matrix_get(options->centroids, j, place);
            if (!strata_preparation_takes(preparation, raw[c]))
                STRATA_GIVE_UP(err, STRATA_USAGE, "clusters: %g in the first centroid %zu is no value of %s for %s",
                               raw[c], j + 1, options->columns[place], strata_transform_names[options->transform]);
        }
        double *scaled = raw + d;
        strata_preparation_scale(preparation, raw, scaled + d, scaled);
        for (size_t c = 0; c < d; ++c)
            (*start)[j * d + c] = (scaled[c] - preparation->origin[c]) / preparation->unit;
    }
done:
    free(raw);
    return status;
}

/* Room for everything in `out`, its strings and settings filled in. The preparation is handed over. */
static enum strata_status describe(struct strata_clustering *out, struct strata_prepared *prepared,
                                   const struct strata_cluster_options *options, int k, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t d = (size_t)prepared->preparation.d, n_clusters = (size_t)k;
    out->k = k;
    out->n_fit = k;
    out->d = prepared->preparation.d;
    out->restarts = options->centroids ? 1 : options->restarts;
    out->seed = options->seed;
    out->criterion = strata_criterion_name(options->criterion);
    out->n_missing = prepared->n_missing;
    out->column = strata_calloc_array(d, sizeof *out->column);
    out->centroid = strata_malloc_array(n_clusters, d * sizeof *out->centroid);
    out->centroid_scaled = strata_malloc_array(n_clusters, d * sizeof *out->centroid_scaled);
    out->fit_centroid = strata_malloc_array(n_clusters, d * sizeof *out->fit_centroid);
    out->fit_cluster = strata_malloc_array(n_clusters, sizeof *out->fit_cluster);
    out->size = strata_malloc_array(n_clusters, sizeof *out->size);
    out->label = strata_calloc_array(n_clusters, sizeof *out->label);
    if (!out->column || !out->centroid || !out->centroid_scaled || !out->fit_centroid || !out->fit_cluster ||
        !out->size || !out->label)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d clusters in %zu columns", k, d);
    for (size_t c = 0; c < d; ++c) {
        out->column[c] = strata_copy_string(prepared->source[c]->about.name);
        if (!out->column[c])
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the name of a column");
    }
    out->preparation = prepared->preparation;
    prepared->preparation = (struct strata_preparation){0};
done:
    return status;
}

/* One cluster while the clusters are put in order. */
struct place {
    const double *centroid; /* something that rises with its values in the columns */
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

/* z of a centroid as the algorithm left it. */
static void widen(const struct strata_clustering *out, const double *centroid, double *scaled)
{
    for (int c = 0; c < out->d; ++c)
        scaled[c] = out->preparation.origin[c] + out->preparation.unit * centroid[c];
}

/* place[i]: the cluster that becomes number i + 1. Whitened columns are no longer the columns that decide: raw
 * centroids do then, which lie in out->centroid for as long. */
static void order_clusters(const struct strata_clustering *out, const struct strata_fit *fit, struct place *place)
{
    int leading = 0;
    size_t d = (size_t)out->d;
    for (int c = 0; c < out->d; ++c)
        if (strcmp(out->column[c], "monetary") == 0)
            leading = c;
    for (int j = 0; j < fit->k; ++j) {
        const double *key = fit->centroid + (size_t)j * d;
        if (out->preparation.whitening) {
            widen(out, key, out->centroid_scaled + (size_t)j * d);
            strata_preparation_unscale(&out->preparation, out->centroid_scaled + (size_t)j * d,
                                       out->centroid + (size_t)j * d);
            key = out->centroid + (size_t)j * d;
        }
        place[j] = (struct place){key, out->d, leading, j};
    }
    qsort(place, (size_t)fit->k, sizeof *place, compare_places);
}

static void fill_clusters(struct strata_clustering *out, const struct strata_fit *fit, const struct place *place)
{
    const struct strata_preparation *preparation = &out->preparation;
    size_t d = (size_t)out->d;
    for (int i = 0; i < fit->k; ++i) {
        double *scaled = out->centroid_scaled + (size_t)i * d;
        out->size[i] = fit->size[place[i].cluster];
        out->fit_cluster[place[i].cluster] = (int16_t)(i + 1);
        widen(out, fit->centroid + (size_t)place[i].cluster * d, scaled);
        strata_preparation_unscale(preparation, scaled, out->centroid + (size_t)i * d);
    }
    memcpy(out->fit_centroid, fit->centroid, (size_t)fit->k * d * sizeof *out->fit_centroid);
    out->inertia = fit->inertia * preparation->unit * preparation->unit;
    out->iterations = fit->iterations;
    out->converged = fit->converged;
}

/* The rows that have a point take its cluster's number, in order. */
static void label_rows(const struct strata_clustering *out, const struct strata_fit *fit, size_t n_rows, int16_t *label)
{
    size_t point = 0;
    for (size_t row = 0; row < n_rows; ++row)
        if (label[row] == 0)
            label[row] = out->fit_cluster[fit->label[point++]];
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
                                           .seeding = options->seeding,
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
                                             .missing = options->missing,
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
        order_clusters(out, &fit, place);
        fill_clusters(out, &fit, place);
        STRATA_TRY(
            strata_cluster_names(out->centroid, out->k, out->d, (const char *const *)out->column, out->label, err));
        label_rows(out, &fit, table->n_rows, label);
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
