/* Rows of weight w as w rows, for what counts rows and for samples of them. */
#ifndef STRATA_CLUSTER_COPIES_H
#define STRATA_CLUSTER_COPIES_H

#include "points.h"

/* mass[j] of k clusters: the weights of their rows in the caller's units, summed in the order of the rows; without
 * weights their sizes. */
void strata_copies_weigh(const struct strata_points *points, const uint16_t *label, const uint64_t *size, int k,
                         double *mass);

/* How many rows a mass stands for: rounded down, but one at least, and no more than doubles tell a place among from the
 * end of all. */
static inline uint64_t strata_copies_count(double mass)
{
    return mass < 1 ? 1 : mass < 0x1p31 ? (uint64_t)mass : (uint64_t)1 << 31;
}

/* Where a draw falls, from 0 to mass: in the stretch i of n among its rows, at the share 0 <= u < 1 of that stretch.
 * The row there is the one whose weight, added to those before it, is the first to exceed the place. */
double strata_copies_place(double mass, uint64_t i, uint64_t n, double u);

#endif
