/* The clustering stage: columns of a table -> a cluster for each customer. */
#ifndef STRATA_CLUSTER_CLUSTER_H
#define STRATA_CLUSTER_CLUSTER_H

#include <gsl/gsl_matrix.h>
#include <strata/kmeans.h>
#include <strata/observer.h>

#include "choose.h"
#include "prepare.h"
#include "results.h"

struct strata_cluster_options {
    const char *const *columns; /* n_columns; default recency, frequency, monetary. Borrowed. */
    int n_columns;
    int k;     /* 0: auto, the default: the best of 2..max_k by the criterion, the smaller k on ties */
    int max_k; /* default 10 */
    enum strata_cluster_criterion criterion; /* default silhouette */
    enum strata_cluster_transform transform; /* default log1p */
    enum strata_cluster_scaling scaling;     /* default standard */
    enum strata_cluster_missing missing;     /* default drop */
    double winsor_lower, winsor_upper;       /* shares; default 0.01 and 0.99 */
    int restarts, swaps, max_iterations;     /* as in strata/kmeans.h, with its defaults; so the next four */
    double tolerance;
    uint64_t seed;
    enum strata_kmeans_seeding seeding; /* default STRATA_SEEDING_CORESET */
    size_t sample_rows;
    int threads;
    const gsl_matrix *centroids; /* k x n_columns in raw units to start from; needs k > 0. NULL: seed. Borrowed. */
    const struct strata_observer *observer; /* is told warnings; may be NULL */
};

/* The defaults above. */
void strata_cluster_options_init(struct strata_cluster_options *options);

/* Cluster the rows that have a value in all columns, or get one by options->missing. label (n_rows): 1..k, INT16_MIN
 * for the other rows. Clusters are numbered from the highest centroid in `monetary` down, or in the first column if
 * monetary is not among the columns; the other columns decide ties. Columns that do not vary are left out with a
 * warning; if none varies there is one cluster. Fewer different rows than k: as many clusters as there are, with a
 * warning. No complete row: no cluster (k 0), with a warning. Every k tried is in out->trial: the one k for fixed k.
 * out: strata_clustering_release. STRATA_USAGE: no such column, options out of range. STRATA_REJECTED: missing values
 * that are refused. */
enum strata_status strata_cluster_table(const struct strata_table *table, const struct strata_cluster_options *options,
                                        struct strata_clustering *out, int16_t *label,
                                        struct strata_error *err) STRATA_MUST_USE;

#endif
