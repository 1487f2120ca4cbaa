#include "settle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agreement.h"
#include "check.h"
#include "continuity.h"
#include "memory.h"
#include "names.h"
#include "order.h"
#include "placing.h"
#include "profile.h"
#include "profile_features.h"

/* Room for everything in `out`, its strings and settings filled in. */
static enum strata_status describe(struct strata_clustering *out, const struct strata_prepared *prepared,
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
    out->weights = strata_copy_string(options->weights);
    out->column = strata_calloc_array(d, sizeof *out->column);
    out->centroid = strata_malloc_array(n_clusters, d * sizeof *out->centroid);
    out->centroid_scaled = strata_malloc_array(n_clusters, d * sizeof *out->centroid_scaled);
    out->fit_centroid = strata_malloc_array(n_clusters, d * sizeof *out->fit_centroid);
    out->fit_cluster = strata_malloc_array(n_clusters, sizeof *out->fit_cluster);
    out->size = strata_malloc_array(n_clusters, sizeof *out->size);
    out->label = strata_calloc_array(n_clusters, sizeof *out->label);
    if (!out->column || !out->centroid || !out->centroid_scaled || !out->fit_centroid || !out->fit_cluster ||
        !out->size || !out->label || (options->weights && !out->weights))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d clusters in %zu columns", k, d);
    out->labels = (struct strata_labels){.n_labels = out->k, .labels = out->label};
    for (size_t c = 0; c < d; ++c) {
        out->column[c] = strata_copy_string(prepared->source[c]->about.name);
        if (!out->column[c])
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the name of a column");
    }
done:
    return status;
}

/* Centroids as the algorithm left them, in the scaled space and in raw units: k x d each, in the fit's order. */
static void see_centroids(const struct strata_preparation *preparation, const struct strata_fit *fit, double *scaled,
                          double *raw)
{
    size_t d = (size_t)preparation->d;
    for (size_t j = 0; j < (size_t)fit->k; ++j) {
        for (size_t c = 0; c < d; ++c)
            scaled[j * d + c] = preparation->origin[c] + preparation->unit * fit->centroid[j * d + c];
        strata_preparation_unscale(preparation, scaled + j * d, raw + j * d);
    }
}

/* Numbers and names of the earlier clusters for those that carry them on. */
static enum strata_status take_numbers(const struct strata_prepared *prepared,
                                       const struct strata_cluster_options *options, const struct strata_fit *fit,
                                       struct strata_cluster_place *place, struct strata_clustering *out,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_clustering *previous = options->previous;
    struct strata_continuity *continuity = &out->continuity;
    size_t k = (size_t)fit->k;
    bool is_complete;
    double *centroid = NULL, *moved = strata_malloc_array(k, sizeof *moved);
    int *earlier = strata_malloc_array(k, sizeof *earlier);
    continuity->moved = strata_malloc_array(k, sizeof *continuity->moved);
    continuity->run_id = strata_copy_string(options->previous_run_id);
    if (!moved || !earlier || !continuity->moved || (options->previous_run_id && !continuity->run_id))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu clusters", k);
    STRATA_TRY(strata_continuity_place(prepared, previous, &centroid, &is_complete, err));
    STRATA_TRY(strata_continuity_match(fit, out->d, centroid, previous->k, earlier, moved, err));
    strata_places_renumber(place, fit->k, previous, earlier);
    for (size_t i = 0; i < k; ++i) {
        continuity->moved[i] = moved[place[i].cluster] * prepared->preparation.unit;
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

/* place (k): the clusters in the order of their numbers, which `out` takes over with the centroids. */
static enum strata_status number_clusters(const struct strata_prepared *prepared,
                                          const struct strata_cluster_options *options, const struct strata_fit *fit,
                                          struct strata_cluster_place *place, struct strata_clustering *out,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_preparation *preparation = &prepared->preparation;
    size_t k = (size_t)fit->k, d = (size_t)out->d;
    bool carries_on = out->continuity.previous_k > 0;
    double *scaled = strata_malloc_array(k, 2 * d * sizeof *scaled), *raw = scaled ? scaled + k * d : NULL;
    if (!scaled)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu clusters in %zu columns", k, d);
    see_centroids(preparation, fit, scaled, raw);
    /* Whitened columns are no longer the columns that decide. */
    strata_places_order(preparation->whitening ? raw : fit->centroid, fit->k, out->d, (const char *const *)out->column,
                        place);
    if (carries_on)
        STRATA_TRY(take_numbers(prepared, options, fit, place, out, err));
    out->next_number = carries_on ? options->previous->next_number : 1;
    for (size_t i = 0; i < k; ++i) {
        size_t j = (size_t)place[i].cluster;
        int16_t number = place[i].number;
        out->label[i].value = number;
        out->next_number = number >= out->next_number ? number + 1 : out->next_number;
        out->size[i] = fit->size[j];
        out->fit_cluster[j] = number;
        memcpy(out->centroid_scaled + i * d, scaled + j * d, d * sizeof *scaled);
        memcpy(out->centroid + i * d, raw + j * d, d * sizeof *raw);
    }
    memcpy(out->fit_centroid, fit->centroid, k * d * sizeof *out->fit_centroid);
done:
    free(scaled);
    return status;
}

/* The rows that have a point take its cluster's place, from 1. */
static enum strata_status place_rows(const struct strata_fit *fit, const struct strata_cluster_place *place,
                                     size_t n_rows, int16_t *label, struct strata_error *err)
{
    size_t point = 0;
    int16_t *place_of = strata_malloc_array((size_t)fit->k, sizeof *place_of);
    if (!place_of)
        return strata_fail_memory(err, "clusters", (size_t)fit->k, sizeof *place_of);
    for (int i = 0; i < fit->k; ++i)
        place_of[place[i].cluster] = (int16_t)(i + 1);
    for (size_t row = 0; row < n_rows; ++row)
        if (label[row] == 0)
            label[row] = place_of[fit->label[point++]];
    free(place_of);
    return STRATA_OK;
}

/* How far the clusters of the rows agree with the earlier ones. */
static enum strata_status compare_rows(const struct strata_cluster_options *options, size_t n_rows,
                                       const int16_t *label, struct strata_clustering *out, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_continuity *continuity = &out->continuity;
    struct strata_agreement agreement;
    continuity->ari = continuity->ami = (double)NAN;
    if (options->previous_label) {
        STRATA_TRY(strata_agreement_measure(options->previous_label, label, n_rows, &agreement, err));
        continuity->n_common = agreement.n;
        continuity->ari = agreement.ari;
        continuity->ami = agreement.ami;
    }
    continuity->sentence = strata_continuity_explain(continuity, out->k, options->previous_label != NULL);
    if (!continuity->sentence)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the earlier clusters");
done:
    return status;
}

enum strata_status strata_cluster_settle(const struct strata_table *table, const struct strata_prepared *prepared,
                                         const struct strata_cluster_options *options, int threads,
                                         const struct strata_fit *fit, struct strata_clustering *out, int16_t *label,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_cluster_place *place = strata_malloc_array((size_t)fit->k, sizeof *place);
    STRATA_TRY(describe(out, prepared, options, fit->k, err));
    if (!place)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d clusters", fit->k);
    if (fit->k == 0)
        goto done;
    out->inertia =
        fit->inertia * prepared->preparation.unit * prepared->preparation.unit * prepared->points.weight_unit;
    out->iterations = fit->iterations;
    out->converged = fit->converged;
    STRATA_TRY(number_clusters(prepared, options, fit, place, out, err));
    STRATA_TRY(strata_cluster_names(out->centroid, out->k, out->d, (const char *const *)out->column, options->of_rows,
                                    out->label, err));
    STRATA_TRY(place_rows(fit, place, table->n_rows, label, err));
    STRATA_TRY(strata_profile_measure(table, prepared, fit, place, label, threads, &out->profile, err));
    if (options->n_features > 0)
        STRATA_TRY(strata_profile_features(table, options->features, options->n_features, label, threads, out, err));
    for (size_t row = 0; row < table->n_rows; ++row)
        if (label[row] > 0)
            label[row] = out->label[label[row] - 1].value;
    if (out->continuity.previous_k > 0)
        STRATA_TRY(compare_rows(options, table->n_rows, label, out, err));
done:
    free(place);
    return status;
}
