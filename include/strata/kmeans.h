/* k-means on a matrix of the caller's own, usable without the rest of strata.
 *
 * Squared Euclidean distance; greedy k-means++ seeding (Arthur, Vassilvitskii 2007, with 2 + floor(ln k) candidates a
 * round), Lloyd's iteration, several restarts. Large inputs are searched on a lightweight coreset (Bachem, Lucic,
 * Krause, KDD 2018), and the best start is then iterated on all rows. The other way is k-means|| (Bahmani, Moseley,
 * Vattani, Kumar, Vassilvitskii, VLDB 2012): about 10 k candidates in five passes over all rows.
 *
 * The same input gives the same bits for every number of threads and every instruction set, and in whatever layout it
 * comes; fits and assignments also in whatever type. Rows are centred on their column means before they are worked on
 * in float32, so a large common offset costs no precision. Equal distances go to the lowest cluster number. Weight w is
 * the same as w copies of the row.
 *
 * A fit takes one matrix of float32 (or float64, see precision), which it fills straight from the caller's numbers, and
 * beyond that 10 bytes at most for each row, 14 with weights or where most rows are the same as others; the validity a
 * matrix of the caller's type and 2, 10 with weights; an assignment nothing.
 */
#ifndef STRATA_KMEANS_H
#define STRATA_KMEANS_H

#include <gsl/gsl_matrix.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

enum { STRATA_KMEANS_MAX_CLUSTERS = 32767 };

enum strata_kmeans_type {
    STRATA_KMEANS_FLOAT,
    STRATA_KMEANS_DOUBLE,
};

/* The caller's rows, all borrowed. What is 0 or NULL takes its usual value, so a row-major matrix of floats without
 * gaps is {.n_rows = n, .n_columns = d, .values = x}, and others are for instance
 *
 *   doubles, column-major      {n, d, STRATA_KMEANS_DOUBLE, .values = x, .row_stride = 1, .column_stride = n}
 *   a gsl_matrix               {m->size1, m->size2, STRATA_KMEANS_DOUBLE, .values = m->data, .row_stride = m->tda}
 *   columns here and there     {n, d, .columns = (const void *const[]){recency, frequency, monetary}}
 */
struct strata_kmeans_data {
    size_t n_rows, n_columns;     /* at least 1 row, 1..65535 columns */
    enum strata_kmeans_type type; /* of all numbers; default STRATA_KMEANS_FLOAT */
    /* One of both. Strides count numbers, not bytes. */
    const void *values;         /* (row, column) is values[row x row_stride + column x column_stride] */
    const void *const *columns; /* n_columns: (row, column) is columns[column][row x row_stride] */
    ptrdiff_t row_stride;       /* default: n_columns of values, 1 of columns */
    ptrdiff_t column_stride;    /* of values; default 1 */
    const double *weights;      /* n_rows numbers, 0 or 1e-100..1e100, not all 0; default: all 1. They count in steps of
                                 * 2^-60 of their sum: beside larger ones, much smaller ones have no say. */
};

enum strata_kmeans_seeding {
    STRATA_SEEDING_CORESET,  /* greedy k-means++ among the rows, or on a coreset if there are many */
    STRATA_SEEDING_PARALLEL, /* the same among the candidates of k-means|| over all rows, however many there are */
};

/* In what distances are computed, and the matrix is kept. Sums are exact either way: of steps of 2^-50 of the widest
 * range for float32, of 2^-62 for float64. */
enum strata_kmeans_precision {
    STRATA_KMEANS_FLOAT32,
    STRATA_KMEANS_FLOAT64, /* for data whose structure float32 does not resolve; slower */
};

struct strata_kmeans_options {
    int k;              /* clusters wanted, 1..STRATA_KMEANS_MAX_CLUSTERS; default 8 */
    int restarts;       /* seedings tried; the lowest inertia wins; default 16 */
    int swaps;          /* after each seeding: a random centroid moved elsewhere and kept where that lowers the inertia;
                         * default 8, 0: none */
    int max_iterations; /* of Lloyd, per start, at least 1; default 300 */
    double tolerance;   /* stop when the summed squared shift of the centroids is at most this times the mean variance
                         * of the columns; 0: only when labels repeat; default 1e-6 */
    uint64_t seed;      /* default 1 */
    int threads;        /* up to 4096; 0: as many as OpenMP would take; default 0 */
    enum strata_kmeans_seeding seeding;     /* default STRATA_SEEDING_CORESET */
    enum strata_kmeans_precision precision; /* default STRATA_KMEANS_FLOAT32 */
    size_t sample_rows;          /* search on a coreset of so many rows if there are more than twice as many; 0: on all
                                  * rows; default 262144 */
    const gsl_matrix *centroids; /* k x n_columns to start from, in the units of the rows: no seeding, no restarts, no
                                  * sample; NULL: seed (default). Borrowed. */
};

/* Owned by the caller; `{0}` is a valid empty result. */
struct strata_kmeans_result {
    int k;                 /* clusters found: fewer than wanted if there are fewer distinct rows */
    gsl_matrix *centroids; /* k x n_columns, in the units of the rows */
    uint64_t *sizes;       /* k: rows */
    double inertia;        /* weighted sum of (x - centroid)^2, summed in double precision */
    int iterations;        /* of the run of Lloyd that gave the centroids */
    int converged;         /* 1: labels repeated or the shift fell below the tolerance; 0: max_iterations ran out */
};

/* The defaults above. */
STRATA_API void strata_kmeans_options_init(struct strata_kmeans_options *options);

/* Cluster the rows. Labels are 0..k-1; `labels` (n_rows) may be NULL. An empty cluster is refilled with the row that is
 * farthest from its centroid by weight x squared distance, the first one on ties. On return labels belong to the
 * returned centroids. STRATA_USAGE: numbers that are not finite or beyond +-1e100 (the message names row and column,
 * from 0), weights or options out of range. STRATA_MEMORY. */
STRATA_API enum strata_status strata_kmeans_fit(const struct strata_kmeans_data *data,
                                                const struct strata_kmeans_options *options, int32_t *labels,
                                                struct strata_kmeans_result *result,
                                                struct strata_error *err) STRATA_MUST_USE;

/* The nearest centroid (k x n_columns) of each row, in double precision: a row's label depends on that row alone, and
 * not on its weight. It is the label of a fit except where two distances are equal to within float32 rounding.
 * `threads` as above. STRATA_USAGE: as above, or centroids that are not of these columns or not finite. */
STRATA_API enum strata_status strata_kmeans_assign(const struct strata_kmeans_data *data, const gsl_matrix *centroids,
                                                   int threads, int32_t *labels,
                                                   struct strata_error *err) STRATA_MUST_USE;

/* How good a clustering is, by anybody's labels. NaN for one cluster, BIC and the gap aside. Every index counts a row
 * of weight w as w rows, so weights that only say what matters more should sum to the number of rows: the indices that
 * know a number of rows are NaN where the weights sum to no more than the number of clusters. */
struct strata_kmeans_validity {
    double inertia;               /* sum of squared distances to the means of the clusters */
    double silhouette;            /* mean over the rows, by squared distances, exact */
    double simplified_silhouette; /* with distances to the means in place of means over the rows (Hruschka, de Castro,
                                   * Campello, ICDM 2004) */
    double calinski_harabasz;     /* Communications in Statistics 3(1), 1974 */
    double davies_bouldin;        /* IEEE PAMI 1(2), 1979; lower is better */
    double bic;                   /* of normal clouds with one variance (Pelleg, Moore, ICML 2000); lower is better */
    double euclidean_silhouette;  /* by plain distances (Rousseeuw 1987): of all rows up to 2048, else of a stratified
                                   * sample of about so many; NaN above 1024 clusters */
    double euclidean_silhouette_low, euclidean_silhouette_high; /* its 95 % bootstrap interval */
    double gap;       /* of this number of clusters, whatever the labels, on a sample of at most 1024 rows (Tibshirani,
                       * Walther, Hastie 2001); NaN above 100 clusters or 128 columns, or if so few rows differ */
    double gap_error; /* its standard error: take the smallest k with gap(k) >= gap(k + 1) - error(k + 1) */
};

/* All indices of labels 0..k-1 of the rows, each cluster with a row of some weight; 1 <= k <= n_rows. Distances are
 * computed in the type of the numbers, of rows centred on their column means. Of doubles all but the gap are right to
 * nine digits, also far from 0 (a range of 1e-3 at 1e9) and beside a row 1e8 ranges away; of floats to six, in clusters
 * that are not much narrower than the widest column. Samples are drawn by `seed`; `threads` as above and without
 * influence. STRATA_USAGE: numbers that are not finite, labels out of range, a cluster without rows. STRATA_MEMORY. */
STRATA_API enum strata_status strata_kmeans_validity(const struct strata_kmeans_data *data, const int32_t *labels,
                                                     int k, uint64_t seed, int threads,
                                                     struct strata_kmeans_validity *validity,
                                                     struct strata_error *err) STRATA_MUST_USE;

STRATA_API void strata_kmeans_result_release(struct strata_kmeans_result *result);

#endif
