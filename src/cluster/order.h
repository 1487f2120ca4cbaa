/* The order and the numbers of the clusters. */
#ifndef STRATA_CLUSTER_ORDER_H
#define STRATA_CLUSTER_ORDER_H

#include "results.h"

/* One cluster of a fit and where it goes. */
struct strata_cluster_place {
    const double *centroid; /* d values that rise with those of its columns */
    int d, leading;         /* the column that decides first */
    int cluster;            /* of the fit */
    int earlier;            /* the earlier cluster that it carries on, -1: none */
    int16_t number;
};

/* place (k): from the highest centroid in `monetary` down, or in the first column; the other columns decide ties.
 * Numbers from 1, no earlier cluster. centroid: k x d values that rise with the columns', in the fit's order; borrowed
 * by the places. column: d names. */
void strata_places_order(const double *centroid, int k, int d, const char *const *column,
                         struct strata_cluster_place *place);

/* Give the clusters the numbers of the earlier ones that they carry on (earlier: by the fit's numbers, -1: none); the
 * others get the next numbers that no cluster has had, in their order, or the lowest free ones if there are no further
 * ones. The places are then in the order of the numbers. */
void strata_places_renumber(struct strata_cluster_place *place, int k, const struct strata_clustering *previous,
                            const int *earlier);

#endif
