#include "choose.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "copies.h"
#include "distance.h"
#include "gap.h"
#include "memory.h"
#include "minimum.h"
#include "silhouette_sample.h"
#include "validity.h"

static const struct {
    const char *name, *title;
    size_t place; /* in a trial */
    bool low;     /* lower is better */
} criteria[] = {
    [STRATA_CRITERION_SILHOUETTE] = {"silhouette", "silhouette", offsetof(struct strata_cluster_trial, silhouette),
                                     false},
    [STRATA_CRITERION_SIMPLIFIED_SILHOUETTE] = {"simplified_silhouette", "simplified silhouette",
                                                offsetof(struct strata_cluster_trial, simplified_silhouette), false},
    [STRATA_CRITERION_CALINSKI_HARABASZ] = {"calinski_harabasz", "Calinski-Harabasz index",
                                            offsetof(struct strata_cluster_trial, calinski_harabasz), false},
    [STRATA_CRITERION_DAVIES_BOULDIN] = {"davies_bouldin", "Davies-Bouldin index",
                                         offsetof(struct strata_cluster_trial, davies_bouldin), true},
    [STRATA_CRITERION_BIC] = {"bic", "BIC", offsetof(struct strata_cluster_trial, bic), true},
    [STRATA_CRITERION_EUCLIDEAN_SILHOUETTE] = {"euclidean_silhouette", "Euclidean silhouette",
                                               offsetof(struct strata_cluster_trial, euclidean_silhouette), false},
    [STRATA_CRITERION_GAP] = {"gap", "gap", offsetof(struct strata_cluster_trial, gap), false},
};

const char *strata_criterion_name(enum strata_cluster_criterion criterion) { return criteria[criterion].name; }

double strata_trial_value(const struct strata_cluster_trial *trial, enum strata_cluster_criterion criterion)
{
    double value;
    memcpy(&value, (const char *)trial + criteria[criterion].place, sizeof value);
    return value;
}

bool strata_trial_is_better(const struct strata_cluster_trial *trial, const struct strata_cluster_trial *best,
                            enum strata_cluster_criterion criterion)
{
    double value = strata_trial_value(trial, criterion), other = strata_trial_value(best, criterion);
    return !isnan(value) && (isnan(other) || (criteria[criterion].low ? value < other : value > other));
}

double strata_trial_gain(const struct strata_cluster_trial *trial, const struct strata_cluster_trial *other,
                         enum strata_cluster_criterion criterion)
{
    double value = strata_trial_value(trial, criterion), old = strata_trial_value(other, criterion);
    return (criteria[criterion].low ? old - value : value - old) / fabs(old);
}

/* "5 clusters", "5 clusters, of which 3 are large enough" */
static void tell_number(const struct strata_cluster_trial *trial, char *text, size_t n)
{
    int left = trial->k - trial->n_dissolved;
    int used = snprintf(text, n, "%d cluster%s", trial->k, trial->k == 1 ? "" : "s");
    if (trial->n_dissolved > 0)
        (void)snprintf(text + used, n - (size_t)used, ", of which %d %s large enough", left, left == 1 ? "is" : "are");
}

/* By the rule of one standard error: the next one up is what could have been better. */
static int explain_gap(const struct strata_cluster_trial *trial, int n_trials,
                       const struct strata_cluster_trial *chosen, const char *number, char **text)
{
    if (chosen == &trial[n_trials - 1])
        return asprintf(text, "%s: the gap still rises from %d to %d, where it is %.4g", number, trial[0].k, chosen->k,
                        chosen->gap);
    return asprintf(text,
                    "%s: the smallest number of %d to %d whose gap, %.4g, is within one standard error, %.2g, of the "
                    "next one's, %.4g",
                    number, trial[0].k, trial[n_trials - 1].k, chosen->gap, chosen[1].gap_error, chosen[1].gap);
}

/* No number of clusters has an index. */
static int explain_none(const struct strata_cluster_trial *trial, int n_trials,
                        const struct strata_cluster_trial *chosen, char **text)
{
    int left = chosen->k - chosen->n_dissolved;
    if (chosen->n_dissolved > 0)
        return asprintf(text, "%d cluster%s: whichever number of %d to %d is tried, no two clusters are large enough",
                        left, left == 1 ? "" : "s", trial[0].k, trial[n_trials - 1].k);
    return asprintf(text, "%d cluster%s: there are %s", chosen->k, chosen->k == 1 ? "" : "s",
                    chosen->inertia > 0 ? "too few rows to try more" : "no different rows to split further");
}

char *strata_choice_explain(const struct strata_cluster_trial *trial, int n_trials, int chosen,
                            enum strata_cluster_criterion criterion)
{
    const struct strata_cluster_trial *best = &trial[chosen], *second = NULL;
    const char *title = criteria[criterion].title, *extreme = criteria[criterion].low ? "lowest" : "highest";
    char number[96], *text = NULL;
    int length;
    for (int i = 0; i < n_trials; ++i)
        if (i != chosen && (!second || strata_trial_is_better(&trial[i], second, criterion)))
            second = &trial[i];
    tell_number(best, number, sizeof number);
    if (isnan(strata_trial_value(best, criterion)))
        length = explain_none(trial, n_trials, best, &text);
    else if (!second)
        length = asprintf(&text, "%s: no other number could be tried; the %s is %.4g", number, title,
                          strata_trial_value(best, criterion));
    else if (criterion == STRATA_CRITERION_GAP)
        length = explain_gap(trial, n_trials, best, number, &text);
    else if (isnan(strata_trial_value(second, criterion)))
        length = asprintf(&text, "%s: the only number of %d to %d that has a %s, %.4g", number, trial[0].k,
                          trial[n_trials - 1].k, title, strata_trial_value(best, criterion));
    else
        length = asprintf(&text, "%s: the %s %s of %d to %d, %.4g; the next is %.4g with %d", number, extreme, title,
                          trial[0].k, trial[n_trials - 1].k, strata_trial_value(best, criterion),
                          strata_trial_value(second, criterion), second->k);
    return length < 0 ? NULL : text;
}

/* The sums of squares from the means of the clusters, from those from the centroids. */
static void within_means(const struct strata_points *points, const struct strata_fit *fit, double *within)
{
    const size_t d = (size_t)points->d;
    /* Weights in the callers' units here, in those of the points in `within`. */
    strata_copies_weigh(points, fit->label, fit->size, fit->k, within);
    for (int j = 0; j < fit->k; ++j) {
        const size_t first = (size_t)j * d;
        double shift = strata_squared_distance(fit->centroid + first, fit->mean + first, d);
        within[j] = fmax(fit->within[j] - within[j] / points->weight_unit * shift, 0);
    }
}

enum strata_status strata_fit_search(const struct strata_points *points, const struct strata_search_options *options,
                                     struct strata_fit *fit, struct strata_cluster_trial *trial,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int n_dissolved;
    STRATA_TRY(strata_search_run(points, options, fit, err));
    STRATA_TRY(strata_minimum_enforce(points, options, options->min_size, fit, &n_dissolved, err));
    *trial = (struct strata_cluster_trial){.k = fit->k + n_dissolved,
                                           .n_dissolved = n_dissolved,
                                           .inertia = fit->inertia * points->unit * points->unit * points->weight_unit,
                                           .gap = NAN,
                                           .gap_error = NAN};
done:
    return status;
}

enum strata_status strata_fit_judge(const struct strata_points *points, const struct strata_search_options *options,
                                    const struct strata_fit *fit, struct strata_cluster_trial *trial,
                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_validity validity;
    struct strata_silhouette silhouette = {NAN, NAN, NAN};
    double *within = strata_malloc_array((size_t)fit->k, sizeof *within);
    if (!within)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the validity of %d clusters", fit->k);
    within_means(points, fit, within);
    STRATA_TRY(strata_validity_measure(points, strata_kernels_for(points, options->instructions), fit->label, fit->mean,
                                       within, fit->size, fit->k, options->threads, &validity, err));
    if (!isnan(validity.silhouette))
        STRATA_TRY(strata_silhouette_measure(points, fit->label, fit->size, fit->k, options->seed, options->threads,
                                             &silhouette, err));
    trial->silhouette = validity.silhouette;
    trial->simplified_silhouette = validity.simplified_silhouette;
    trial->calinski_harabasz = validity.calinski_harabasz;
    trial->davies_bouldin = validity.davies_bouldin;
    trial->bic = validity.bic;
    trial->euclidean_silhouette = silhouette.value;
    trial->euclidean_silhouette_low = silhouette.low;
    trial->euclidean_silhouette_high = silhouette.high;
done:
    free(within);
    return status;
}

enum strata_status strata_fit_one(const struct strata_points *points, const struct strata_search_options *options,
                                  struct strata_fit *fit, struct strata_cluster_trial *trial, struct strata_error *err)
{
    enum strata_status status = strata_fit_search(points, options, fit, trial, err);
    if (status == STRATA_OK)
        status = strata_fit_judge(points, options, fit, trial, err);
    if (status != STRATA_OK)
        strata_fit_release(fit);
    return status;
}

enum strata_status strata_fit_auto(const struct strata_points *points, const struct strata_search_options *options,
                                   int max_k, enum strata_cluster_criterion criterion, struct strata_fit *fit,
                                   struct strata_cluster_trial *trial, int *n_trials, int *chosen,
                                   struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_search_options search = *options;
    struct strata_search_samples samples = {0};
    struct strata_fit next = {0};
    struct strata_gap *gap = strata_malloc_array((size_t)max_k, sizeof *gap);
    int n_gaps = 0, by_gap = 0;
    search.start = NULL;
    search.samples = &samples;
    *fit = (struct strata_fit){0};
    *n_trials = 0;
    *chosen = 0;
    if (!gap)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d trials", max_k);
    STRATA_TRY(
        strata_gap_measure(points, max_k, options->seed, options->instructions, options->threads, gap, &n_gaps, err));
    if (criterion == STRATA_CRITERION_GAP && n_gaps > 0)
        by_gap = strata_gap_choose(gap, n_gaps);
    for (search.k = by_gap ? 1 : 2; search.k <= max_k && (size_t)search.k < points->n; ++search.k) {
        struct strata_cluster_trial *tried = &trial[*n_trials];
        STRATA_TRY(strata_fit_one(points, &search, &next, tried, err));
        /* Fewer places than k: this outcome was tried before, or there is one place alone. */
        if (tried->k < search.k)
            break;
        if (search.k <= n_gaps) {
            tried->gap = gap[search.k - 1].value;
            tried->gap_error = gap[search.k - 1].error;
        }
        if (*n_trials == 0 ||
            (by_gap ? search.k == by_gap : strata_trial_is_better(tried, &trial[*chosen], criterion))) {
            *chosen = *n_trials;
            strata_fit_release(fit);
            *fit = next;
            next = (struct strata_fit){0};
        }
        ++*n_trials;
        strata_fit_release(&next);
    }
    if (!fit->centroid) {
        search.k = 1;
        *n_trials = 1;
        STRATA_TRY(strata_fit_one(points, &search, fit, &trial[0], err));
    }
done:
    strata_search_samples_release(&samples);
    free(gap);
    strata_fit_release(&next);
    if (status != STRATA_OK)
        strata_fit_release(fit);
    return status;
}
