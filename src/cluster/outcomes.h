/* Outcomes of restarts, and which of them are worth more iterations. */
#ifndef STRATA_CLUSTER_OUTCOMES_H
#define STRATA_CLUSTER_OUTCOMES_H

#include "lloyd.h"

/* What became of a restart. */
struct strata_outcome {
    double *centroid; /* k x d, with room for as many as were wanted; borrowed */
    double inertia;
    int k, restart, iterations, converged;
};

/* Take over centroids and inertia of a run that went on from the outcome. */
void strata_outcome_note(struct strata_outcome *outcome, const struct strata_lloyd *lloyd);

/* By inertia, the first restart on ties. */
void strata_outcomes_sort(struct strata_outcome *outcome, int n);

/* Of n > 0 ordered outcomes: how many are not worse than the best by more than a share of its inertia. */
int strata_outcomes_count(const struct strata_outcome *outcome, int n, double share);

/* Of n > 0 ordered outcomes, on points of d columns: move the different ones, `most` > 0 at most, to the front and
 * return how many. Two are the same place if each centroid of one has a centroid of the other within `reach` (a
 * squared distance). */
int strata_outcomes_gather(struct strata_outcome *outcome, int n, int d, double reach, int most);

#endif
