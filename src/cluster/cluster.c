#include "cluster.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "continuity.h"
#include "memory.h"
#include "placing.h"
#include "prepare.h"
#include "settle.h"
#include "weights.h"

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

/* What so many of the table's rows are called. */
static const char *subject(const struct strata_cluster_options *options, uint64_t n)
{
    static const char *const word[2][2] = {{"customers", "customer"}, {"rows", "row"}};
    return word[options->of_rows][n == 1];
}

/* The ending of a regular plural. */
static const char *plural(int n) { return n == 1 ? "" : "s"; }

static void warn_of_missing(const struct strata_cluster_options *options, const struct strata_prepared *prepared)
{
    const struct strata_preparation *preparation = &prepared->preparation;
    const char *about = preparation->transform == STRATA_TRANSFORM_BOX_COX ? " that is positive" : "";
    for (int c = 0; c < preparation->d; ++c)
        if (preparation->missing_values[c] > 0 && !isnan(preparation->imputed[c]))
            warn(options, "%llu %s without a value%s in %s: it counts as %g",
                 (unsigned long long)preparation->missing_values[c], subject(options, preparation->missing_values[c]),
                 about, prepared->source[c]->about.name, preparation->imputed[c]);
        else if (preparation->missing_values[c] > 0 && *about)
            warn(options, "%llu %s without a value%s in %s: no cluster",
                 (unsigned long long)preparation->missing_values[c], subject(options, preparation->missing_values[c]),
                 about, prepared->source[c]->about.name);
}

static void warn_of_columns(const struct strata_cluster_options *options, const struct strata_prepared *prepared)
{
    const struct strata_preparation *preparation = &prepared->preparation;
    for (int i = 0; i < preparation->n_dropped; ++i)
        warn(options, "column %s is the same for all %s and is left out", preparation->dropped[i], subject(options, 0));
    warn_of_missing(options, prepared);
    if (prepared->points.n == 0)
        warn(options, "no %s has a value in all columns: no cluster", subject(options, 1));
    else if (prepared->constant && options->k != 1)
        warn(options, "all %s are alike in the columns: one cluster", subject(options, 0));
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
                                           .seeding = options->seeding,
                                           .max_iterations = options->max_iterations,
                                           .threads = threads,
                                           .tolerance = options->tolerance,
                                           .seed = options->seed,
                                           .sample_rows = options->sample_rows,
                                           .min_size = least_size(options, prepared->points.n)};
    int chosen = 0;
    double began = omp_get_wtime();
    out->min_size = search.min_size;
    out->trial = strata_calloc_array((size_t)room, sizeof *out->trial);
    if (!out->trial)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d trials", room);
    if (options->centroids && !prepared->constant) {
        STRATA_TRY(place_start(prepared, options, &start, err));
        search.start = start;
    }
    if (search.k == 0) {
        STRATA_TRY(strata_weights_compare(&prepared->points, options->weights, options->max_k, err));
        STRATA_TRY(strata_fit_auto(&prepared->points, &search, options->max_k, options->criterion, fit, out->trial,
                                   &out->n_trials, &chosen, err));
        out->choice = strata_choice_explain(out->trial, out->n_trials, chosen, options->criterion);
        if (!out->choice)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the choice of the number of clusters");
        out->fit_seconds += omp_get_wtime() - began;
    } else {
        STRATA_TRY(strata_fit_search(&prepared->points, &search, fit, out->trial, err));
        out->fit_seconds += omp_get_wtime() - began;
        STRATA_TRY(strata_fit_judge(&prepared->points, &search, fit, out->trial, err));
        out->n_trials = 1;
    }
    if (out->trial[chosen].k < search.k)
        warn(options, "%d clusters asked for, %d found: the %s lie on so few different points", search.k,
             out->trial[chosen].k, subject(options, 0));
    if (out->min_size > prepared->points.n)
        warn(options, "no cluster can have %llu %s, as there are %zu to cluster: one cluster",
             (unsigned long long)out->min_size, subject(options, out->min_size), prepared->points.n);
    out->n_dissolved = out->trial[chosen].n_dissolved;
    if (out->n_dissolved > 0)
        tell(options, STRATA_EVENT_LOG, "%d of %d clusters had fewer than %llu %s and went to %s neighbours",
             out->n_dissolved, out->trial[chosen].k, (unsigned long long)out->min_size, subject(options, out->min_size),
             out->n_dissolved == 1 ? "its" : "their");
    if (has_previous(options) && !prepared->constant)
        STRATA_TRY(carry_on(prepared, options, &search, chosen, fit, out, err));
    if (!fit->converged)
        warn(options, "k-means did not converge in %d iteration%s; raise the number of iterations or the tolerance",
             options->max_iterations, plural(options->max_iterations));
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
    *out = (struct strata_clustering){0};
    STRATA_TRY(strata_cluster_options_check(options, err));
    int threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    struct strata_prepare_options prepare = {.columns = options->columns,
                                             .n_columns = options->n_columns,
                                             .weights = options->weights,
                                             .transform = options->transform,
                                             .scaling = options->scaling,
                                             .missing = options->missing,
                                             .precision = options->precision,
                                             .winsor_lower = options->winsor_lower,
                                             .winsor_upper = options->winsor_upper,
                                             .threads = threads};
    double began = omp_get_wtime();
    STRATA_TRY(strata_prepare(table, &prepare, label, &prepared, err));
    out->fit_seconds = omp_get_wtime() - began;
    warn_of_columns(options, &prepared);
    if (prepared.points.n > 0)
        STRATA_TRY(fit_points(&prepared, options, threads, &fit, out, err));
    STRATA_TRY(strata_cluster_settle(table, &prepared, options, threads, &fit, out, label, err));
    out->preparation = prepared.preparation;
    prepared.preparation = (struct strata_preparation){0};
done:
    strata_fit_release(&fit);
    strata_prepared_release(&prepared);
    if (status != STRATA_OK)
        strata_clustering_release(out);
    return status;
}
