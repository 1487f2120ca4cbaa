/* Clusters of any numeric table: a file of rows and columns in, a cluster for each row out. */
#ifndef STRATA_CLUSTER_H
#define STRATA_CLUSTER_H

#include <stddef.h>
#include <stdint.h>
#include <strata/config.h>
#include <strata/observer.h>
#include <strata/status.h>

/* The label of a row without a cluster. */
#define STRATA_CLUSTER_NONE INT16_MIN

/* All strings are borrowed. */
struct strata_cluster_file_options {
    const char *table;          /* delimited text with a header, FILE.h5, or FILE.h5:/PLACE, a group or a dataset; its
                                   kind is seen from its bytes */
    const char *const *columns; /* n_columns names; default NULL and 0: all numeric columns */
    size_t n_columns;
    const char *weights; /* a column of numbers from 0 up: how much each row counts, in centroids, inertia and indices,
                            but neither in transform and scaling nor in sizes. A row of weight 2 is as two rows. It is
                            clustered on only if it is among `columns`. Default NULL: all the same. */
    int k;     /* default 0: auto, the best of 2..max_k by the criterion; with init: as many as that has rows */
    int max_k; /* default 10 */
    enum strata_config_criterion criterion; /* default silhouette */
    enum strata_config_transform transform; /* default none */
    enum strata_config_scaling scaling;     /* default none */
    enum strata_config_missing missing;     /* default drop */
    const char *init; /* delimited text: the first centroids in raw units, one row each, by the names of the columns, or
                         in their order if it has no header; then no seeding, no restarts. Default NULL. */
    enum strata_config_seeding seeding;     /* default coreset */
    enum strata_config_precision precision; /* of the distances; default float32 */
    int restarts, max_iterations;           /* as in strata/kmeans.h, with its defaults; so the next three */
    double tolerance;
    uint64_t seed;
    int threads;
    uint64_t min_size;    /* clusters with fewer rows are dissolved: these go to the neighbouring clusters; default 0 */
    double min_share;     /* the same as a share 0..1 of the rows that have a cluster; the larger counts; default 0 */
    const char *previous; /* an earlier output of strata_cluster_file or a snapshot: clusters keep its numbers and
                             names, its centroids are tried as a start, and a fresh start replaces them only if it is
                             better by more than the margin. Not with init; may be the output. Default NULL. */
    double previous_margin; /* as a share; default 0.01 */
    const char *output;     /* HDF5, appears whole or not at all: /labels and /clusters. Default NULL: none. */
};

/* Owned by the caller; `{0}` is a valid empty result. */
struct strata_cluster_file_result {
    uint64_t rows, rows_without_cluster; /* the latter lack a value in some column, and none is imputed */
    int16_t *labels;                     /* rows: numbers of clusters or STRATA_CLUSTER_NONE */
    int k;                               /* clusters found: fewer than wanted if there are fewer distinct rows */
    int n_columns;                       /* clustered: without those in which all rows are alike */
    char **columns;                      /* n_columns */
    double *centroids;                   /* k x n_columns row-major, in raw units */
    int16_t *numbers;                    /* k, rising: 1..k without earlier clusters */
    uint64_t *sizes;                     /* k: rows */
    double inertia; /* sum of squared distances to the centroids, times the weights, after transform and scaling: in raw
                       units without either */
    int iterations, converged; /* converged: 0 if max_iterations ran out */
    double fit_seconds;        /* preparing, seeding, iterating, choosing k; without reading and writing */
    char *output;              /* path of the output; NULL if none */
    char *summary;             /* for people: clusters, sizes, centroids */
};

/* The defaults above. */
STRATA_API void strata_cluster_file_options_init(struct strata_cluster_file_options *options);

/* Without earlier clusters they are numbered from the highest centroid in the first column (in `monetary`, if that is
 * among them) down. In text, an empty field or NaN is a missing value; the first line is a header unless all its fields
 * are numbers, and then the columns are called 1, 2, ... A table in HDF5 is a group of one-dimensional datasets of one
 * length, a dataset with named members (an array among them gives NAME.1, NAME.2, ...), a dataset of two dimensions
 * (its columns are called 1, 2, ..., and datasets of one dimension beside it are taken by name) or a data frame of
 * pandas: /customers of a snapshot, else the root, or the only table in the file, unless one is named. `observer` may
 * be NULL.
 *
 * STRATA_USAGE: no such column, options out of range or against each other. STRATA_REJECTED: text that is not a number
 * (with file, line and column), a weight that is missing or not 0 or 1e-100..1e100 (with its row, from 1), no rows, no
 * row with a value in all columns. STRATA_IO, STRATA_BUSY (another process holds the output), STRATA_MEMORY. On failure
 * nothing is written and `result` is empty. No other call of HDF5 may run in the process meanwhile. */
STRATA_API enum strata_status strata_cluster_file(const struct strata_cluster_file_options *options,
                                                  const struct strata_observer *observer,
                                                  struct strata_cluster_file_result *result,
                                                  struct strata_error *err) STRATA_MUST_USE;

/* 1 if the file says that it is an output of strata_cluster_file, else 0, also if it cannot be read. */
STRATA_API int strata_is_clusters_file(const char *path);

/* Another table by the clusters of an earlier one. All strings are borrowed; `{0}` with a name each is valid. */
struct strata_assign_file_options {
    const char *clusters; /* an output of strata_cluster_file, or a snapshot */
    const char *table;    /* as above; it has the columns that the clusters were made of */
    int threads;          /* 0: as many as OpenMP would take */
    const char *output;   /* HDF5 as above, whose /clusters tell of the earlier fit, with sizes and missing values
                             counted anew; other tables can be assigned by it in turn. NULL: none. */
};

/* Every row gets the nearest of the clusters, its columns prepared as they were then: the rows that they were made of
 * get the labels they had. In `result`, inertia, iterations and centroids are those of the earlier fit; fit_seconds
 * are of assigning. Errors as above; STRATA_REJECTED also if the clusters' file is damaged or has none. */
STRATA_API enum strata_status strata_assign_file(const struct strata_assign_file_options *options,
                                                 const struct strata_observer *observer,
                                                 struct strata_cluster_file_result *result,
                                                 struct strata_error *err) STRATA_MUST_USE;

STRATA_API void strata_cluster_file_result_release(struct strata_cluster_file_result *result);

#endif
