/* What stages other than features produce beside columns: shared so that the store and the reports know no stage. */
#ifndef STRATA_DATA_RESULTS_H
#define STRATA_DATA_RESULTS_H

#include <stddef.h>
#include <stdint.h>
#include <strata/segmentation.h>

#include "labels.h"
#include "preparation.h"

enum { STRATA_MAX_LEVELS = 10 };

/* Score thresholds, in the units of the scored column. Level l (counted from the best-scored side's other end) covers
 * the values as `rule` says. */
struct strata_thresholds {
    const char *score;  /* "r_score" */
    const char *column; /* "recency" */
    const char *method; /* "quantile" */
    const char *rule;   /* one line: how a value meets the thresholds */
    int n_levels;
    int n_thresholds;                    /* n_levels - 1 */
    double value[STRATA_MAX_LEVELS - 1]; /* in the order of rising score */
};

/* One number of clusters that was tried. NaN where an index was not computed. */
struct strata_cluster_trial {
    int k;
    double inertia;
    double silhouette, simplified_silhouette, calinski_harabasz; /* higher is better */
    double davies_bouldin, bic;                                  /* lower is better */
};

/* A k-means clustering of some columns of the table. All arrays owned; strata_clustering_release. */
struct strata_clustering {
    int k, d;
    char **column;                         /* d names of table columns */
    struct strata_preparation preparation; /* of the d columns */
    double *centroid;                      /* k x d row-major, raw units: the transform and scaling undone */
    double *centroid_scaled;               /* k x d row-major, as the algorithm saw them */
    /* What labels are decided by, so that another look at a customer decides the same: a customer has the cluster
     * fit_cluster[j] of the nearest fit_centroid j, the first one on ties, by float32 distances (assign_table.h). */
    int n_fit;
    double *fit_centroid; /* n_fit x d, (z - origin) / unit of preparation */
    int16_t *fit_cluster; /* n_fit: 1..k */
    uint64_t *size;       /* k: customers (rows) */
    double inertia;       /* weighted sum of squared distances in the scaled space */
    int iterations;
    int converged; /* 1: labels stopped changing or the shift fell below the tolerance */
    int restarts;
    uint64_t seed;
    uint64_t n_missing; /* customers without a cluster: they lack a value, and none is imputed */
    int n_trials;
    struct strata_cluster_trial *trial;
    const char *criterion;       /* the index that chooses among the trials: "silhouette" */
    char *choice;                /* one sentence: why this number of clusters; NULL if there is none */
    struct strata_label *label;  /* k: value 1..k and a readable name */
    struct strata_labels labels; /* over `label` */
};
void strata_clustering_release(struct strata_clustering *clustering);

#endif
