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
    int n_dissolved; /* of these clusters for the sake of the minimum size: the indices are of what is left */
    double inertia;
    double silhouette, simplified_silhouette, calinski_harabasz;                      /* higher is better */
    double davies_bouldin, bic;                                                       /* lower is better */
    double euclidean_silhouette, euclidean_silhouette_low, euclidean_silhouette_high; /* with its 95 % interval */
    double gap, gap_error;                                                            /* before any is dissolved */
};

/* What a clustering has to do with an earlier one. */
struct strata_continuity {
    int previous_k;      /* clusters there; 0: there is no earlier one, and nothing else is set */
    char *run_id;        /* of the earlier snapshot; owned, NULL if it has none */
    const char *start;   /* where the clusters come from: "warm" (the earlier centroids) or "fresh" */
    const char *measure; /* by which the two starts were compared: "inertia", or the criterion if they differ in the
                          * number of clusters; NULL: only the fresh one could be tried */
    double warm, fresh;  /* its values; NaN without it */
    double gain;         /* by how much fresh is better, as a share of |warm|; NaN without a measure */
    double margin;       /* fresh is taken if it gains more */
    int n_kept;          /* clusters that keep the number and the name of an earlier one; the others are new */
    double *moved;       /* k: distance to the earlier centroid in the scaled space, NaN for new clusters; owned */
    uint64_t n_common;   /* customers with a cluster on both sides */
    double ari, ami;     /* adjusted Rand index and adjusted mutual information over these; NaN if there are none */
    char *sentence;      /* all of it in words; owned */
};

/* What sets each cluster apart. All arrays owned. */
struct strata_cluster_profile {
    double *customer_share, *revenue_share; /* k; revenue_share NULL where the table has no revenue */
    double *median;                         /* k x d, raw units */
    double *difference; /* k x d: (mean in the cluster - mean of the rest) / sqrt of the mean of both variances, after
                         * transform and scaling; 0 where nothing varies; NaN for the only cluster */
    /* The same in columns that the clusters may not have been made from. */
    int n_features;
    char **feature;             /* n_features names of table columns */
    double *feature_median;     /* k x n_features, raw units; NaN where no row of the cluster has a value */
    double *feature_difference; /* k x n_features, of sign(x) log1p(|x|) of the rows that have a value */
};

/* A k-means clustering of some columns of the table. All arrays owned; strata_clustering_release. */
struct strata_clustering {
    int k, d;
    char **column;                         /* d names of table columns */
    char *weights;                         /* the column that said how much each row counts; NULL: all the same */
    struct strata_preparation preparation; /* of the d columns */
    double *centroid;                      /* k x d row-major, raw units: the transform and scaling undone */
    double *centroid_scaled;               /* k x d row-major, as the algorithm saw them */
    /* What labels are decided by, so that another look at a customer decides the same: a customer has the cluster
     * fit_cluster[j] of the nearest fit_centroid j, the first one on ties, by float32 distances (assign_table.h). */
    int n_fit;
    double *fit_centroid; /* n_fit x d, (z - origin) / unit of preparation */
    int16_t *fit_cluster; /* n_fit: a value of label */
    uint64_t *size;       /* k: customers (rows) */
    double inertia;       /* weighted sum of squared distances in the scaled space */
    double fit_seconds;   /* of wall-clock time: preparing, seeding, iterating, and choosing k if that was asked for */
    int iterations;
    int converged; /* 1: labels stopped changing or the shift fell below the tolerance */
    int restarts;
    uint64_t seed;
    uint64_t n_missing; /* customers without a cluster: they lack a value, and none is imputed */
    int n_trials;
    struct strata_cluster_trial *trial;
    const char *criterion;       /* the index that chooses among the trials: "silhouette" */
    char *choice;                /* one sentence: why this number of clusters; NULL if there is none */
    struct strata_label *label;  /* k: ascending numbers, 1..k in a first run, and readable names */
    struct strata_labels labels; /* over `label` */
    int next_number;             /* above all numbers given so far */
    uint64_t min_size;           /* no cluster has fewer customers, unless it is the only one; 0: any */
    int n_dissolved;             /* clusters that had fewer and went to their neighbours */
    struct strata_continuity continuity;
    struct strata_cluster_profile profile;
};
void strata_clustering_release(struct strata_clustering *clustering);

#endif
