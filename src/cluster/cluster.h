/* The clustering stage: columns of a table -> a cluster for each customer. */
#ifndef STRATA_CLUSTER_CLUSTER_H
#define STRATA_CLUSTER_CLUSTER_H

#include <gsl/gsl_matrix.h>
#include <strata/observer.h>

#include "choose.h"
#include "prepare.h"
#include "previous_clusters.h"
#include "results.h"

struct strata_cluster_options {
    const char *const *columns; /* n_columns; default recency, frequency, monetary. Borrowed. */
    int n_columns;
    int k;     /* 0: auto, the default: the best of 2..max_k by the criterion, the smaller k on ties */
    int max_k; /* default 10 */
    enum strata_cluster_criterion criterion; /* default silhouette */
    enum strata_cluster_transform transform; /* default log1p */
    enum strata_cluster_scaling scaling;     /* default standard */
    double winsor_lower, winsor_upper;       /* shares; default 0.01 and 0.99 */
    int restarts, swaps, max_iterations;     /* as in strata/kmeans.h, with its defaults; so the next four */
    double tolerance;
    uint64_t seed;
    size_t sample_rows;
    int threads;
    uint64_t min_size; /* rows that a cluster has at least: smaller ones are dissolved (minimum.h); default 0 */
    double min_share;  /* the same as a share 0..1 of the rows with a cluster; the larger of both holds; default 0 */
    const struct strata_previous_clusters *previous; /* NULL or without clusters: a first run. Borrowed. */
    const int16_t *previous_label; /* n_rows: each row's number there, below 1 for none; NULL: not known. Borrowed. */
    double previous_margin;        /* see continuity.h; default 0.01 */
    const gsl_matrix *centroids;   /* k x n_columns in raw units to start from; needs k > 0. NULL: seed. Borrowed. */
    const struct strata_observer *observer; /* is told warnings, and what became of small clusters; may be NULL */
};

/* The defaults above. */
void strata_cluster_options_init(struct strata_cluster_options *options);

/* Cluster the rows that have a value in all columns. label (n_rows): the number of the row's cluster, INT16_MIN for the
 * other rows. In a first run clusters are numbered from 1, from the highest centroid in `monetary` down, or in the
 * first column if monetary is not among the columns; the other columns decide ties. Later clusters keep the number and
 * the name of the earlier one that they carry on; new ones get new numbers, in that order. Columns that do not vary are
 * left out with a warning; if none varies there is one cluster. Fewer different rows than k: as many clusters as there
 * are, with a warning. No complete row: no cluster (k 0), with a warning. Every k tried is in out->trial: the one k for
 * fixed k. out: strata_clustering_release. STRATA_USAGE: no such column, options out of range. */
enum strata_status strata_cluster_table(const struct strata_table *table, const struct strata_cluster_options *options,
                                        struct strata_clustering *out, int16_t *label,
                                        struct strata_error *err) STRATA_MUST_USE;

#endif
