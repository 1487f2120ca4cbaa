/* What is asked of the clustering stage. */
#ifndef STRATA_CLUSTER_OPTIONS_H
#define STRATA_CLUSTER_OPTIONS_H

#include <gsl/gsl_matrix.h>
#include <stdbool.h>
#include <strata/kmeans.h>
#include <strata/observer.h>

#include "choose.h"
#include "results.h"

struct strata_cluster_options {
    const char *const *columns; /* n_columns; default recency, frequency, monetary. Borrowed. */
    int n_columns;
    const char *weights; /* the column that says how much each row counts, numbers from 0 up: in centroids, inertia,
                          * indices and profiles, but neither in the preparation nor in sizes. NULL: all the same.
                          * Borrowed. */
    int k;               /* 0: auto, the default: the best of 2..max_k by the criterion, the smaller k on ties */
    int max_k;           /* default 10 */
    enum strata_cluster_criterion criterion; /* default silhouette */
    enum strata_cluster_transform transform; /* default log1p */
    enum strata_cluster_scaling scaling;     /* default standard */
    enum strata_cluster_missing missing;     /* default drop */
    enum strata_cluster_precision precision; /* default float32 */
    double winsor_lower, winsor_upper;       /* shares; default 0.01 and 0.99 */
    int restarts, swaps, max_iterations;     /* as in strata/kmeans.h, with its defaults; so the next four */
    double tolerance;
    uint64_t seed;
    enum strata_kmeans_seeding seeding; /* default STRATA_SEEDING_CORESET */
    size_t sample_rows;
    int threads;
    uint64_t min_size; /* rows that a cluster has at least: smaller ones are dissolved (minimum.h); default 0 */
    double min_share;  /* the same as a share 0..1 of the rows with a cluster; the larger of both holds; default 0 */
    const struct strata_clustering *previous; /* NULL or without clusters: a first run. Borrowed. */
    const char *previous_run_id;              /* NULL: it has none. Borrowed. */
    const int16_t *previous_label; /* n_rows: each row's number there, below 1 for none; NULL: not known. Borrowed. */
    double previous_margin;        /* see continuity.h; default 0.01 */
    const gsl_matrix *centroids;   /* k x n_columns in raw units to start from; needs k > 0. NULL: seed. Borrowed. */
    const char *const
        *features; /* n_features names: the profile covers those that are columns; default none. Borrowed. */
    int n_features;
    bool of_rows;                           /* messages and names speak of rows, not of customers; default false */
    const struct strata_observer *observer; /* is told warnings, and what became of small clusters; may be NULL */
};

/* The defaults above. */
void strata_cluster_options_init(struct strata_cluster_options *options);

/* STRATA_USAGE: options out of range, or that do not go together. */
enum strata_status strata_cluster_options_check(const struct strata_cluster_options *options,
                                                struct strata_error *err) STRATA_MUST_USE;

#endif
