/* From one night to the next: a warm start from the earlier centroids beside the fresh one, and their numbers and names
 * for the clusters that they became. */
#ifndef STRATA_CLUSTER_CONTINUITY_H
#define STRATA_CLUSTER_CONTINUITY_H

#include <stdbool.h>

#include "choose.h"
#include "prepare.h"

/* Everything is borrowed. */
struct strata_continuity_options {
    const struct strata_clustering *previous; /* k > 0 */
    int k, max_k;                             /* clusters wanted, 0: auto up to max_k */
    enum strata_cluster_criterion criterion;
    double margin;
    const struct strata_cluster_trial *trial; /* n_trials; `chosen` is that of the fresh fit */
    int n_trials, chosen;
};

/* centroid: (previous k) x d in the units of the tiles, NaN in the columns that the earlier clusters were not made from
 * and where the transform takes no such value, or everywhere if whitening needs that column; free(). `*is_complete`:
 * there is no NaN. */
enum strata_status strata_continuity_place(const struct strata_prepared *prepared,
                                           const struct strata_clustering *previous, double **centroid,
                                           bool *is_complete, struct strata_error *err) STRATA_MUST_USE;

/* `fit` is the fresh fit. If as many clusters as before were asked for, were found, or may be chosen by auto, iterate
 * from the earlier centroids too, and replace the fit unless it is better by more than the margin: in inertia if both
 * have as many clusters, by the criterion if not (a gap that is not known counts as no better). Fills previous_k,
 * start, measure, warm, fresh, gain and margin. The fit is released on failure. */
enum strata_status strata_continuity_fit(const struct strata_points *points, const struct strata_search_options *search,
                                         const struct strata_continuity_options *options, const double *centroid,
                                         bool is_complete, struct strata_fit *fit, struct strata_continuity *continuity,
                                         struct strata_error *err) STRATA_MUST_USE;

/* earlier[j] = the earlier cluster that cluster j of the fit carries on, -1 for a new one; moved[j] = the distance
 * between their centroids in the units of the tiles. The pairs with the least sum of square roots of distances in the
 * columns that both have; a pair where each side has a nearer one on the other is none. By a concave cost, one long way
 * is cheaper than many short ones (Gangbo, McCann, Acta Mathematica 177, 1996): a cluster that comes or goes far away
 * does not make the others hand on their numbers. */
enum strata_status strata_continuity_match(const struct strata_fit *fit, int d, const double *centroid, int previous_k,
                                           int *earlier, double *moved, struct strata_error *err) STRATA_MUST_USE;

/* The sentence; NULL if there is no memory. k: clusters now; is_compared: with the earlier labels, where who is who is
 * known. */
char *strata_continuity_explain(const struct strata_continuity *continuity, int k, bool is_compared);

#endif
