/* The number of clusters, by the silhouette. */
#ifndef STRATA_CLUSTER_CHOOSE_H
#define STRATA_CLUSTER_CHOOSE_H

#include "results.h"
#include "search.h"

/* Fit options->k clusters, and record it as the one trial (room for one). */
enum strata_status strata_fit_one(const struct strata_points *points, const struct strata_search_options *options,
                                  struct strata_fit *fit, struct strata_cluster_trial *trial,
                                  struct strata_error *err) STRATA_MUST_USE;

/* Fit k = 2..max_k (at most n - 1), record each in trial (room for max_k) and keep the one with the highest silhouette,
 * the smaller k on ties. It ends early where the points have fewer different places than k. One cluster if
 * there is one place, or n is below 3. options->k and options->start are not used. */
enum strata_status strata_fit_auto(const struct strata_points *points, const struct strata_search_options *options,
                                   int max_k, struct strata_fit *fit, struct strata_cluster_trial *trial, int *n_trials,
                                   struct strata_error *err) STRATA_MUST_USE;

#endif
