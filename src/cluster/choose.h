/* The number of clusters, by an index of validity.h. */
#ifndef STRATA_CLUSTER_CHOOSE_H
#define STRATA_CLUSTER_CHOOSE_H

#include <stdbool.h>

#include "results.h"
#include "search.h"

enum strata_cluster_criterion {
    STRATA_CRITERION_SILHOUETTE,
    STRATA_CRITERION_SIMPLIFIED_SILHOUETTE,
    STRATA_CRITERION_CALINSKI_HARABASZ,
    STRATA_CRITERION_DAVIES_BOULDIN,
    STRATA_CRITERION_BIC,
    STRATA_CRITERION_EUCLIDEAN_SILHOUETTE,
    STRATA_CRITERION_GAP,
};

/* As configured and stored: "silhouette". */
const char *strata_criterion_name(enum strata_cluster_criterion criterion);

/* The index of a trial. */
double strata_trial_value(const struct strata_cluster_trial *trial, enum strata_cluster_criterion criterion);

/* Is one trial better than another? NaN is better than nothing and worse than everything. */
bool strata_trial_is_better(const struct strata_cluster_trial *trial, const struct strata_cluster_trial *best,
                            enum strata_cluster_criterion criterion);

/* By how much the index of one trial is better than that of another, as a share of the other's; NaN if there is none
 * to compare. */
double strata_trial_gain(const struct strata_cluster_trial *trial, const struct strata_cluster_trial *other,
                         enum strata_cluster_criterion criterion);

/* One sentence on why strata_fit_auto took the trial at the place `chosen`; free(). NULL: out of memory. */
char *strata_choice_explain(const struct strata_cluster_trial *trial, int n_trials, int chosen,
                            enum strata_cluster_criterion criterion);

/* Fit options->k clusters and dissolve those below the minimum size. The trial has no index yet, its gap is NaN. */
enum strata_status strata_fit_search(const struct strata_points *points, const struct strata_search_options *options,
                                     struct strata_fit *fit, struct strata_cluster_trial *trial,
                                     struct strata_error *err) STRATA_MUST_USE;

/* The indices of its trial, but for the gap. */
enum strata_status strata_fit_judge(const struct strata_points *points, const struct strata_search_options *options,
                                    const struct strata_fit *fit, struct strata_cluster_trial *trial,
                                    struct strata_error *err) STRATA_MUST_USE;

/* Both. The fit is released on failure. */
enum strata_status strata_fit_one(const struct strata_points *points, const struct strata_search_options *options,
                                  struct strata_fit *fit, struct strata_cluster_trial *trial,
                                  struct strata_error *err) STRATA_MUST_USE;

/* Fit k = 2..max_k (at most n - 1), record each in trial (room for max_k) and keep the best one by the criterion, the
 * smaller k on ties; `*chosen`: its place among the trials. By the gap: the smallest k whose gap is at least the next
 * one's less its error, k = 1 being tried as well. It ends early where the points have fewer different places than k.
 * One cluster if there is one place, or n is below 3. options->k and options->start are not used. */
enum strata_status strata_fit_auto(const struct strata_points *points, const struct strata_search_options *options,
                                   int max_k, enum strata_cluster_criterion criterion, struct strata_fit *fit,
                                   struct strata_cluster_trial *trial, int *n_trials, int *chosen,
                                   struct strata_error *err) STRATA_MUST_USE;

#endif
