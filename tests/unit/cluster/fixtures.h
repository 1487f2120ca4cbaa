/* Data for the tests of the clustering. */
#ifndef STRATA_TEST_CLUSTER_FIXTURES_H
#define STRATA_TEST_CLUSTER_FIXTURES_H

#include <stddef.h>
#include <stdint.h>
#include <strata/kmeans.h>

#include "points.h"
#include "table.h"

struct matrix {
    size_t n, d;
    float *value; /* n x d row-major; free() */
};

/* n points around k centres in d columns, deterministic. */
struct matrix mixture(size_t n, size_t d, size_t k, uint64_t seed);

/* Numbers separated by blanks or commas, d per line, `skip` header lines; further columns are ignored. value is NULL if
 * there is no such file. */
struct matrix read_matrix(const char *path, size_t d, size_t skip);

/* A file of the public test data; skips the test if it is not there. */
struct matrix read_test_data(const char *name, size_t d);

/* As the library takes them; weights may be NULL. */
struct strata_kmeans_data as_data(const struct matrix *matrix, const double *weights);

/* As points, which must succeed. */
struct strata_points as_points(const struct matrix *matrix, const double *weights, int threads);

/* The same numbers as a gsl_matrix; gsl_matrix_free. */
gsl_matrix *as_centroids(const struct matrix *matrix, size_t k);

/* Fits that must succeed. */
struct strata_kmeans_result fit_data(const struct strata_kmeans_data *data, const struct strata_kmeans_options *options,
                                     int32_t *labels);
struct strata_kmeans_result fit(const struct matrix *matrix, const struct strata_kmeans_options *options,
                                int32_t *labels);

/* Are the two results the same bits? */
int same_result(const struct strata_kmeans_result *a, const struct strata_kmeans_result *b);

/* A table without customers' keys; columns of doubles are copied. Release with strata_table_release. */
void table_add(struct strata_table *table, const char *name, const double *value, size_t n_rows);

#endif
