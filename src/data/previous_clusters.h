/* The clusters of an earlier snapshot: what tonight's clusters keep their numbers and names from. */
#ifndef STRATA_DATA_PREVIOUS_CLUSTERS_H
#define STRATA_DATA_PREVIOUS_CLUSTERS_H

#include "labels.h"

/* `{0}` is empty. Everything is owned. */
struct strata_previous_clusters {
    int k, d;                   /* k 0: that snapshot has no clusters */
    char **column;              /* d names */
    double *centroid;           /* k x d row-major, raw units, finite */
    struct strata_label *label; /* k: distinct numbers from 1, names (never NULL; name_zh may be) */
    int next_number;            /* above all numbers that clusters have had so far */
    char *run_id;               /* NULL if it has none */
};

void strata_previous_clusters_release(struct strata_previous_clusters *previous);

#endif
