#include "continuity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "match.h"
#include "memory.h"
#include "placing.h"

static int find_column(const struct strata_clustering *previous, const char *name)
{
    for (int c = 0; c < previous->d; ++c)
        if (strcmp(previous->column[c], name) == 0)
            return c;
    return -1;
}

/* One earlier centroid; raw, scaled and room are d values each. Is it complete? */
static bool place_centroid(const struct strata_preparation *preparation, const double *raw, double *scaled,
                           double *room, double *centroid)
{
    static const double any_value = 1; /* that every transform takes */
    bool is_complete = true;
    for (int c = 0; c < preparation->d; ++c) {
        bool is_known = strata_preparation_takes(preparation, raw[c]);
        centroid[c] = is_known ? raw[c] : any_value;
        is_complete = is_complete && is_known;
    }
    strata_preparation_scale(preparation, centroid, room, scaled);
    for (int c = 0; c < preparation->d; ++c)
        centroid[c] = is_complete || (!preparation->whitening && strata_preparation_takes(preparation, raw[c]))
                          ? (scaled[c] - preparation->origin[c]) / preparation->unit
                          : (double)NAN;
    return is_complete;
}

enum strata_status strata_continuity_place(const struct strata_prepared *prepared,
                                           const struct strata_clustering *previous, double **centroid,
                                           bool *is_complete, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_preparation *preparation = &prepared->preparation;
    size_t k = (size_t)previous->k, d = (size_t)preparation->d;
    double *raw = strata_malloc_array(3, d * sizeof *raw);
    *is_complete = true;
    *centroid = strata_malloc_array(k, d * sizeof **centroid);
    if (!raw || !*centroid) {
        status = strata_fail_memory(err, "the earlier centroids", k, d * sizeof **centroid);
        goto done;
    }
    for (size_t j = 0; j < k; ++j) {
        for (size_t c = 0; c < d; ++c) {
            int place = find_column(previous, prepared->source[c]->about.name);
            raw[c] = place < 0 ? (double)NAN : previous->centroid[j * (size_t)previous->d + (size_t)place];
        }
        if (!place_centroid(preparation, raw, raw + d, raw + 2 * d, *centroid + j * d))
            *is_complete = false;
    }
done:
    free(raw);
    return status;
}

/* The value by which two fits with different numbers of clusters are compared. */
static double index_of(const struct strata_continuity_options *options, struct strata_cluster_trial *warm)
{
    for (int i = 0; i < options->n_trials; ++i)
        if (options->trial[i].k == warm->k) {
            warm->gap = options->trial[i].gap;
            warm->gap_error = options->trial[i].gap_error;
        }
    return strata_trial_value(warm, options->criterion);
}

static void compare(const struct strata_continuity_options *options, const struct strata_fit *fresh,
                    const struct strata_fit *warm, struct strata_cluster_trial *warm_trial,
                    struct strata_continuity *continuity)
{
    const struct strata_cluster_trial *fresh_trial = &options->trial[options->chosen];
    if (fresh->k == warm->k) {
        continuity->measure = "inertia";
        continuity->warm = warm_trial->inertia;
        continuity->fresh = fresh_trial->inertia;
        continuity->gain = warm_trial->inertia > 0 ? 1 - fresh_trial->inertia / warm_trial->inertia : 0;
    } else {
        continuity->measure = strata_criterion_name(options->criterion);
        continuity->warm = index_of(options, warm_trial);
        continuity->fresh = strata_trial_value(fresh_trial, options->criterion);
        continuity->gain = strata_trial_gain(fresh_trial, warm_trial, options->criterion);
    }
}

enum strata_status strata_continuity_fit(const struct strata_points *points, const struct strata_search_options *search,
                                         const struct strata_continuity_options *options, const double *centroid,
                                         bool is_complete, struct strata_fit *fit, struct strata_continuity *continuity,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const int k = options->previous->k;
    struct strata_search_options from = *search;
    struct strata_fit warm = {0};
    struct strata_cluster_trial trial;
    bool fits = options->k ? k == options->k || k == fit->k : k >= 2 && k <= options->max_k;
    *continuity = (struct strata_continuity){.previous_k = k,
                                             .start = "fresh",
                                             .warm = NAN,
                                             .fresh = NAN,
                                             .gain = NAN,
                                             .margin = options->margin,
                                             .ari = NAN,
                                             .ami = NAN};
    if (!fits || !is_complete || (size_t)k > points->n)
        return STRATA_OK;
    from.start = centroid;
    from.k = k;
    STRATA_TRY(strata_fit_one(points, &from, &warm, &trial, err));
    compare(options, fit, &warm, &trial, continuity);
    if (!(continuity->gain > options->margin)) {
        continuity->start = "warm";
        strata_fit_release(fit);
        *fit = warm;
        warm = (struct strata_fit){0};
    }
done:
    strata_fit_release(&warm);
    if (status != STRATA_OK)
        strata_fit_release(fit);
    return status;
}

/* Over the columns that both have; `*any`: there is one. */
static double distance(const double *a, const double *earlier, int d, bool *any)
{
    double sum = 0;
    *any = false;
    for (int c = 0; c < d; ++c) {
        if (isnan(earlier[c]))
            continue;
        sum += (a[c] - earlier[c]) * (a[c] - earlier[c]);
        *any = true;
    }
    return sqrt(sum);
}

/* Is `row` the nearest for `column`, or the other way round? */
static bool is_near(const double *cost, int n_rows, int n_columns, int row, int column)
{
    bool in_row = true, in_column = true;
    double own = cost[row * n_columns + column];
    for (int other = 0; other < n_columns; ++other)
        in_row = in_row && own <= cost[row * n_columns + other];
    for (int other = 0; other < n_rows; ++other)
        in_column = in_column && own <= cost[other * n_columns + column];
    return in_row || in_column;
}

enum strata_status strata_continuity_match(const struct strata_fit *fit, int d, const double *centroid, int previous_k,
                                           int *earlier, double *moved, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool any = false;
    double *cost = strata_malloc_array((size_t)fit->k, (size_t)previous_k * sizeof *cost);
    if (!cost)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: pairs of %d and %d clusters", fit->k, previous_k);
    for (int j = 0; j < fit->k; ++j)
        for (int p = 0; p < previous_k; ++p)
            cost[j * previous_k + p] =
                sqrt(distance(fit->centroid + (size_t)j * (size_t)d, centroid + (size_t)p * (size_t)d, d, &any));
    STRATA_TRY(strata_match(cost, fit->k, previous_k, earlier, err));
    for (int j = 0; j < fit->k; ++j) {
        if (!any || (earlier[j] >= 0 && !is_near(cost, fit->k, previous_k, j, earlier[j])))
            earlier[j] = -1;
        moved[j] = earlier[j] < 0 ? (double)NAN : pow(cost[j * previous_k + earlier[j]], 2);
    }
done:
    free(cost);
    return status;
}

/* Differences that are no more than this share come from rounding. */
static const double rounding = 1e-9;

/* "the earlier centroids, moved on: the inertia of a fresh start is 0.02 % better, not above the margin of 1 %" */
static void explain_start(const struct strata_continuity *continuity, char *text, size_t n)
{
    const char *measure = continuity->measure;
    const double gain = continuity->gain;
    if (!measure)
        (void)snprintf(text, n, "a fresh start, as the earlier centroids do not fit the clusters wanted");
    else if (isnan(gain))
        (void)snprintf(text, n, "the earlier centroids, as the %s tells nothing of a fresh start", measure);
    else if (strcmp(continuity->start, "warm") != 0)
        (void)snprintf(text, n, "a fresh start: its %s is %.3g %% better, above the margin of %.3g %%", measure,
                       100 * gain, 100 * continuity->margin);
    else if (gain > rounding)
        (void)snprintf(text, n,
                       "the earlier centroids, moved on: the %s of a fresh start is %.3g %% better, not above the "
                       "margin of %.3g %%",
                       measure, 100 * gain, 100 * continuity->margin);
    else if (gain < -rounding)
        (void)snprintf(text, n, "the earlier centroids, moved on: the %s of a fresh start is %.3g %% worse", measure,
                       -100 * gain);
    else
        (void)snprintf(text, n, "the earlier centroids, moved on: the %s of a fresh start is no better", measure);
}

char *strata_continuity_explain(const struct strata_continuity *continuity, int k, bool is_compared)
{
    char start[256], agreement[128] = "", *text = NULL;
    explain_start(continuity, start, sizeof start);
    if (is_compared && continuity->n_common == 0)
        (void)snprintf(agreement, sizeof agreement, "; no customer in common");
    else if (is_compared)
        (void)snprintf(agreement, sizeof agreement, "; %llu customer%s in common, ARI %.3f, AMI %.3f",
                       (unsigned long long)continuity->n_common, continuity->n_common == 1 ? "" : "s", continuity->ari,
                       continuity->ami);
    int length = asprintf(&text, "%d of %d cluster%s %s from the earlier %d; %s%s", continuity->n_kept, k,
                          k == 1 ? "" : "s", continuity->n_kept == 1 ? "keeps its number" : "keep their numbers",
                          continuity->previous_k, start, agreement);
    return length < 0 ? NULL : text;
}
