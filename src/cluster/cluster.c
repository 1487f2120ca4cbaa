#include "cluster.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/kmeans.h>
#include <string.h>

#include "agreement.h"
#include "check.h"
#include "continuity.h"
#include "gap.h"
#include "memory.h"
#include "names.h"
#include "order.h"
#include "profile.h"

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
                                               .previous_margin = 0.01,
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
    if (!(options->min_share >= 0 && options->min_share <= 1))
        return strata_fail(err, STRATA_USAGE, "clusters: the least share of a cluster is %g; choose 0 to 1",
                           options->min_share);
    if (!(options->previous_margin >= 0))
        return strata_fail(err, STRATA_USAGE, "clusters: the margin over the earlier clusters is %g; it is 0 or more",
                           options->previous_margin);
    if (options->k == 0 && options->criterion == STRATA_CRITERION_GAP &&
        (options->n_columns > STRATA_GAP_MOST_COLUMNS || options->max_k > STRATA_GAP_MOST_CLUSTERS))
        return strata_fail(err, STRATA_USAGE,
                           "clusters: the gap chooses among at most %d clusters in %d columns; take another criterion",
                           STRATA_GAP_MOST_CLUSTERS, STRATA_GAP_MOST_COLUMNS);
    if (!(options->winsor_lower >= 0 && options->winsor_lower < options->winsor_upper && options->winsor_upper <= 1))
        return strata_fail(err, STRATA_USAGE, "clusters: winsor limits %g and %g; they are shares from 0 to 1, rising",
                           options->winsor_lower, options->winsor_upper);
    return options->centroids ? check_start(options, err) : STRATA_OK;
}

static void tell(const struct strata_cluster_options *options, enum strata_event_kind kind, const char *format, ...)
    STRATA_PRINTF(3, 4);
static void tell(const struct strata_cluster_options *options, enum strata_event_kind kind, const char *format, ...)
{
    char text[512];
    va_list arguments;
    if (!options->observer || !options->observer->notify)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    options->observer->notify(options->observer->context,
                              &(struct strata_event){.kind = kind, .stage = "clusters", .text = text, .share = NAN});
}

#define warn(options, ...) tell(options, STRATA_EVENT_WARNING, __VA_ARGS__)

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

static void fill_clusters(struct strata_clustering *out, const struct strata_prepared *prepared,
                          const struct strata_fit *fit, const struct strata_cluster_place *place)
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

/* The rows that have a point take its cluster's place, from 1. */
static enum strata_status label_rows(const struct strata_fit *fit, const struct strata_cluster_place *place,
                                     size_t n_rows, int16_t *label, struct strata_error *err)
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

static uint64_t least_size(const struct strata_cluster_options *options, size_t n_points)
{
    double share = ceil(options->min_share * (double)n_points);
    return share > (double)options->min_size ? (uint64_t)share : options->min_size;
}

static bool has_previous(const struct strata_cluster_options *options)
{
    return options->previous && options->previous->k > 0 && !options->centroids;
}

/* Try the earlier centroids as a start beside the fresh fit. */
static enum strata_status carry_on(const struct strata_prepared *prepared, const struct strata_cluster_options *options,
                                   const struct strata_search_options *search, int chosen, struct strata_fit *fit,
                                   struct strata_clustering *out, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    double *centroid = NULL;
    bool is_complete;
    const struct strata_continuity_options continuity = {.previous = options->previous,
                                                         .k = options->k,
                                                         .max_k = options->max_k,
                                                         .criterion = options->criterion,
                                                         .margin = options->previous_margin,
                                                         .trial = out->trial,
                                                         .n_trials = out->n_trials,
                                                         .chosen = chosen};
    STRATA_TRY(strata_continuity_place(prepared, options->previous, &centroid, &is_complete, err));
    STRATA_TRY(strata_continuity_fit(&prepared->points, search, &continuity, centroid, is_complete, fit,
                                     &out->continuity, err));
done:
    free(centroid);
    return status;
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
                                           .sample_rows = options->sample_rows,
                                           .min_size = least_size(options, prepared->points.n)};
    int chosen = 0;
    out->min_size = search.min_size;
    out->trial = strata_calloc_array((size_t)room, sizeof *out->trial);
    if (!out->trial)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d trials", room);
    if (options->centroids && !prepared->constant) {
        STRATA_TRY(place_start(prepared, options, &start, err));
        search.start = start;
    }
    if (search.k == 0) {
        STRATA_TRY(strata_fit_auto(&prepared->points, &search, options->max_k, options->criterion, fit, out->trial,
                                   &out->n_trials, &chosen, err));
        out->choice = strata_choice_explain(out->trial, out->n_trials, out->trial[chosen].k, options->criterion);
        if (!out->choice)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the choice of the number of clusters");
    } else {
        STRATA_TRY(strata_fit_one(&prepared->points, &search, fit, out->trial, err));
        out->n_trials = 1;
    }
    if (out->trial[chosen].k < search.k)
        warn(options, "%d clusters asked for, %d found: the customers lie on so few different points", search.k,
             out->trial[chosen].k);
    out->n_dissolved = out->trial[chosen].n_dissolved;
    if (out->n_dissolved > 0)
        tell(options, STRATA_EVENT_LOG, "%d of %d clusters had fewer than %llu customers and went to their neighbours",
             out->n_dissolved, out->trial[chosen].k, (unsigned long long)out->min_size);
    if (has_previous(options) && !prepared->constant)
        STRATA_TRY(carry_on(prepared, options, &search, chosen, fit, out, err));
    if (!fit->converged)
        warn(options, "k-means did not converge in %d iterations; raise the number of iterations or the tolerance",
             options->max_iterations);
done:
    free(start);
    return status;
}

/* Numbers and names of the earlier clusters for those that carry them on. */
static enum strata_status take_numbers(const struct strata_prepared *prepared,
                                       const struct strata_cluster_options *options, const struct strata_fit *fit,
                                       struct strata_cluster_place *place, struct strata_clustering *out,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_previous_clusters *previous = options->previous;
    struct strata_continuity *continuity = &out->continuity;
    size_t k = (size_t)fit->k;
    bool is_complete;
    double *centroid = NULL, *moved = strata_malloc_array(k, sizeof *moved);
    int *earlier = strata_malloc_array(k, sizeof *earlier);
    continuity->moved = strata_malloc_array(k, sizeof *continuity->moved);
    continuity->run_id = strata_copy_string(previous->run_id);
    if (!moved || !earlier || !continuity->moved || (previous->run_id && !continuity->run_id))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu clusters", k);
    STRATA_TRY(strata_continuity_place(prepared, previous, &centroid, &is_complete, err));
    STRATA_TRY(strata_continuity_match(fit, prepared->d, centroid, previous->k, earlier, moved, err));
    strata_places_renumber(place, fit->k, previous, earlier);
    for (size_t i = 0; i < k; ++i) {
        continuity->moved[i] = moved[place[i].cluster] * prepared->points.unit;
        if (place[i].earlier < 0)
            continue;
        const struct strata_label *label = &previous->label[place[i].earlier];
        ++continuity->n_kept;
        out->label[i].name = strata_copy_string(label->name);
        out->label[i].name_zh = strata_copy_string(label->name_zh);
        if (!out->label[i].name || (label->name_zh && !out->label[i].name_zh))
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the names of %zu clusters", k);
    }
done:
    free(centroid);
    free(moved);
    free(earlier);
    return status;
}

/* From places to numbers, and how far they agree with the earlier ones. */
static enum strata_status renumber_rows(const struct strata_cluster_options *options, size_t n_rows, int16_t *label,
                                        struct strata_clustering *out, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_continuity *continuity = &out->continuity;
    struct strata_agreement agreement;
    for (size_t row = 0; row < n_rows; ++row)
        if (label[row] > 0)
            label[row] = out->label[label[row] - 1].value;
    if (options->previous_label) {
        STRATA_TRY(strata_agreement_measure(options->previous_label, label, n_rows, &agreement, err));
        continuity->n_common = agreement.n;
        continuity->ari = agreement.ari;
        continuity->ami = agreement.ami;
    }
    continuity->sentence = strata_continuity_explain(continuity, out->k);
    if (!continuity->sentence)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the earlier clusters");
done:
    return status;
}

/* Everything about the clusters and the rows, once the fit is done. */
static enum strata_status settle(const struct strata_table *table, const struct strata_prepared *prepared,
                                 const struct strata_cluster_options *options, int threads,
                                 const struct strata_fit *fit, struct strata_clustering *out, int16_t *label,
                                 struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t k = (size_t)fit->k;
    struct strata_cluster_place *place = strata_malloc_array(k, sizeof *place);
    int *cluster = strata_malloc_array(k, sizeof *cluster);
    bool carries_on = out->continuity.previous_k > 0;
    if (!place || !cluster)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu clusters", k);
    strata_places_order(prepared, fit, place);
    if (carries_on)
        STRATA_TRY(take_numbers(prepared, options, fit, place, out, err));
    out->next_number = carries_on ? options->previous->next_number : 1;
    for (size_t i = 0; i < k; ++i) {
        cluster[i] = place[i].cluster;
        out->label[i].value = place[i].number;
        out->next_number = place[i].number >= out->next_number ? place[i].number + 1 : out->next_number;
    }
    fill_clusters(out, prepared, fit, place);
    STRATA_TRY(strata_cluster_names(out->centroid, out->k, out->d, (const char *const *)out->column, out->label, err));
    STRATA_TRY(label_rows(fit, place, table->n_rows, label, err));
    STRATA_TRY(strata_profile_measure(table, prepared, fit, cluster, label, threads, &out->profile, err));
    if (carries_on)
        STRATA_TRY(renumber_rows(options, table->n_rows, label, out, err));
done:
    free(place);
    free(cluster);
    return status;
}

enum strata_status strata_cluster_table(const struct strata_table *table, const struct strata_cluster_options *options,
                                        struct strata_clustering *out, int16_t *label, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_prepared prepared = {0};
    struct strata_fit fit = {0};
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
    if (fit.k > 0)
        STRATA_TRY(settle(table, &prepared, options, threads, &fit, out, label, err));
    out->labels = (struct strata_labels){.n_labels = out->k, .labels = out->label};
done:
    strata_fit_release(&fit);
    strata_prepared_release(&prepared);
    if (status != STRATA_OK)
        strata_clustering_release(out);
    return status;
}
