/* Identical rows as one point that stands for all of them.
 *
 * Where many rows are the same (scores, binned or counted features), passes of Lloyd's iteration and of the indices go
 * over the different rows alone. Both add in whole numbers, so that a point that counts c times is the same as c
 * points: every result has the same bits either way. Draws (coreset, seeding, samples) and refills of empty clusters
 * are of single rows and stay with these.
 */
#ifndef STRATA_CLUSTER_COLLAPSE_H
#define STRATA_CLUSTER_COLLAPSE_H

#include "points.h"

enum strata_collapse {
    STRATA_COLLAPSE_MEASURED, /* if a sample of the rows says that it halves them at least, several times over */
    STRATA_COLLAPSE_ALWAYS,   /* whatever comes of it */
};

/* Give finished points of float32 without weights their different rows, `distinct`, or leave that NULL. What is seen of
 * the sample is the share of rows that no other one of it equals: about the share of all further rows that will be new
 * (Good, Biometrika 40, 1953). Memory: 4 bytes for each row, and with STRATA_COLLAPSE_MEASURED at most as much for the
 * different rows. STRATA_MEMORY. */
enum strata_status strata_points_collapse(struct strata_points *points, enum strata_collapse how, int threads,
                                          struct strata_error *err) STRATA_MUST_USE;

/* distinct_label (16 n_tiles of points->distinct): the label that all rows have which are the same. Returns false if
 * there are no different rows, or some rows that are the same have not the same label. label: of every row, below
 * STRATA_NO_CLUSTER. */
bool strata_collapse_labels(const struct strata_points *points, const uint16_t *label, int threads,
                            uint16_t *distinct_label);

#endif
