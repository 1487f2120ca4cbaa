#include "choose.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
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
};

const char *strata_criterion_name(enum strata_cluster_criterion criterion) { return criteria[criterion].name; }

static double value_of(const struct strata_cluster_trial *trial, enum strata_cluster_criterion criterion)
{
    double value;
    memcpy(&value, (const char *)trial + criteria[criterion].place, sizeof value);
    return value;
}

/* NaN is better than nothing and worse than everything. */
static bool is_better(const struct strata_cluster_trial *trial, const struct strata_cluster_trial *best,
                      enum strata_cluster_criterion criterion)
{
    double value = value_of(trial, criterion), other = value_of(best, criterion);
    return !isnan(value) && (isnan(other) || (criteria[criterion].low ? value < other : value > other));
}

char *strata_choice_explain(const struct strata_cluster_trial *trial, int n_trials, int k,
                            enum strata_cluster_criterion criterion)
{
    const struct strata_cluster_trial *chosen = NULL, *second = NULL;
    const char *title = criteria[criterion].title, *best = criteria[criterion].low ? "lowest" : "highest";
    char *text = NULL;
    int length;
    for (int i = 0; i < n_trials; ++i) {
        if (trial[i].k == k)
            chosen = &trial[i];
        else if (!second || is_better(&trial[i], second, criterion))
            second = &trial[i];
    }
    if (!chosen || isnan(value_of(chosen, criterion)))
        length = asprintf(&text, "%d cluster%s: there are no different rows to split further", k, k == 1 ? "" : "s");
    else if (!second)
        length = asprintf(&text, "%d clusters: no other number could be tried; the %s is %.4g", k, title,
                          value_of(chosen, criterion));
    else
        length = asprintf(&text, "%d clusters: the %s %s of %d to %d, %.4g; the next is %.4g with %d", k, best, title,
                          trial[0].k, trial[n_trials - 1].k, value_of(chosen, criterion), value_of(second, criterion),
                          second->k);
    return length < 0 ? NULL : text;
}

/* The sums of squares from the means of the clusters, from those from the centroids. */
static void within_means(const struct strata_fit *fit, int d, double *within)
{
    for (int j = 0; j < fit->k; ++j) {
        double shift = 0;
        for (int c = 0; c < d; ++c) {
            double difference = fit->centroid[j * d + c] - fit->mean[j * d + c];
            shift += difference * difference;
        }
        within[j] = fmax(fit->within[j] - (double)fit->size[j] * shift, 0);
    }
}

enum strata_status strata_fit_one(const struct strata_points *points, const struct strata_search_options *options,
                                  struct strata_fit *fit, struct strata_cluster_trial *trial, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_validity validity;
    double *within = NULL;
    STRATA_TRY(strata_search_run(points, options, fit, err));
    within = strata_malloc_array((size_t)fit->k, sizeof *within);
    if (!within)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the validity of %d clusters", fit->k);
    within_means(fit, points->d, within);
    STRATA_TRY(strata_validity_measure(points, strata_kernels_select(options->instructions), fit->label, fit->mean,
                                       within, fit->size, fit->k, options->threads, &validity, err));
    *trial = (struct strata_cluster_trial){.k = fit->k,
                                           .inertia = fit->inertia * points->unit * points->unit,
                                           .silhouette = validity.silhouette,
                                           .simplified_silhouette = validity.simplified_silhouette,
                                           .calinski_harabasz = validity.calinski_harabasz,
                                           .davies_bouldin = validity.davies_bouldin,
                                           .bic = validity.bic};
done:
    free(within);
    if (status != STRATA_OK)
        strata_fit_release(fit);
    return status;
}

enum strata_status strata_fit_auto(const struct strata_points *points, const struct strata_search_options *options,
                                   int max_k, enum strata_cluster_criterion criterion, struct strata_fit *fit,
                                   struct strata_cluster_trial *trial, int *n_trials, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_search_options search = *options;
    struct strata_fit next = {0};
    const struct strata_cluster_trial *best = NULL;
    search.start = NULL;
    *fit = (struct strata_fit){0};
    *n_trials = 0;
    for (search.k = 2; search.k <= max_k && (size_t)search.k < points->n; ++search.k) {
        STRATA_TRY(strata_fit_one(points, &search, &next, &trial[*n_trials], err));
        /* Fewer places than k: this outcome was tried before, or there is one place alone. */
        if (next.k < search.k)
            break;
        const struct strata_cluster_trial *tried = &trial[(*n_trials)++];
        if (!best || is_better(tried, best, criterion)) {
            best = tried;
            strata_fit_release(fit);
            *fit = next;
            next = (struct strata_fit){0};
        }
        strata_fit_release(&next);
    }
    if (!fit->centroid) {
        search.k = 1;
        *n_trials = 1;
        STRATA_TRY(strata_fit_one(points, &search, fit, &trial[0], err));
    }
done:
    strata_fit_release(&next);
    if (status != STRATA_OK)
        strata_fit_release(fit);
    return status;
}
