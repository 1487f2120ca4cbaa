/* A whole k-means fit on points: restarts on a sample in cache, the best one iterated on all points. */
#ifndef STRATA_CLUSTER_SEARCH_H
#define STRATA_CLUSTER_SEARCH_H

#include <strata/kmeans.h>

#include "kernel.h"

/* What searches for several k on the same points with the same seed have in common. `{0}` is valid: drawn when needed.
 */
struct strata_search_samples {
    struct strata_points coreset, large; /* to search on; to judge outcomes by */
};

void strata_search_samples_release(struct strata_search_samples *samples);

struct strata_search_options {
    int k, restarts, max_iterations, threads; /* all >= 1 */
    int swaps;                                /* >= 0, tried after each seeding */
    double tolerance;
    uint64_t seed;
    enum strata_kmeans_seeding seeding;
    size_t sample_rows; /* 0: never sample */
    enum strata_instructions instructions;
    const double *start;                   /* k x d in the units of the tiles: no search; NULL: seed */
    struct strata_search_samples *samples; /* NULL: the search has its own. Borrowed. */
    uint64_t min_size; /* smaller clusters are dissolved by strata_fit_one and strata_fit_auto (choose.h) */
};

/* Owned by the caller; `{0}` is valid. In the units of the tiles and of the scaled weights. */
struct strata_fit {
    int k;
    double *centroid; /* k x d: the labels are nearest to these */
    double *mean;     /* k x d: of the points with each label; the same to within the tolerance */
    uint16_t *label;  /* 16 n_tiles */
    uint64_t *size;   /* k */
    double *within;   /* k: sum of w |x - centroid|^2 */
    double inertia;   /* sum of within */
    int iterations, converged;
};

/* STRATA_USAGE if the instructions wanted do not run here. */
enum strata_status strata_search_run(const struct strata_points *points, const struct strata_search_options *options,
                                     struct strata_fit *fit, struct strata_error *err) STRATA_MUST_USE;

void strata_fit_release(struct strata_fit *fit);

#endif
