#include "choose.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "memory.h"
#include "validity.h"

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
    double *within = NULL, silhouette;
    STRATA_TRY(strata_search_run(points, options, fit, err));
    within = strata_malloc_array((size_t)fit->k, sizeof *within);
    if (!within)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the silhouette of %d clusters", fit->k);
    within_means(fit, points->d, within);
    STRATA_TRY(strata_silhouette(points, strata_kernels_select(options->instructions), fit->label, fit->mean, within,
                                 fit->size, fit->k, options->threads, &silhouette, err));
    *trial = (struct strata_cluster_trial){.k = fit->k,
                                           .inertia = fit->inertia * points->unit * points->unit,
                                           .silhouette = silhouette};
done:
    free(within);
    if (status != STRATA_OK)
        strata_fit_release(fit);
    return status;
}

enum strata_status strata_fit_auto(const struct strata_points *points, const struct strata_search_options *options,
                                   int max_k, struct strata_fit *fit, struct strata_cluster_trial *trial, int *n_trials,
                                   struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_search_options search = *options;
    struct strata_fit next = {0};
    double best = -INFINITY;
    search.start = NULL;
    *fit = (struct strata_fit){0};
    *n_trials = 0;
    for (search.k = 2; search.k <= max_k && (size_t)search.k < points->n; ++search.k) {
        STRATA_TRY(strata_fit_one(points, &search, &next, &trial[*n_trials], err));
        /* Fewer places than k: this outcome was tried before, or there is one place alone. */
        if (next.k < search.k)
            break;
        if (trial[(*n_trials)++].silhouette > best) {
            best = trial[*n_trials - 1].silhouette;
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
