#include "fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"
#include "memory.h"
#include "random.h"

/* Irwin-Hall: near enough to normal for test data, and without the sum of a library. */
static double bell(uint64_t seed, uint64_t index)
{
    double sum = -6;
    for (uint64_t i = 0; i < 12; ++i)
        sum += strata_uniform_at(seed, 1000 + i, index);
    return sum;
}

struct matrix mixture(size_t n, size_t d, size_t k, uint64_t seed)
{
    struct matrix matrix = {n, d, malloc(n * d * sizeof(float))};
    for (size_t row = 0; row < n; ++row) {
        size_t centre = (size_t)(strata_uniform_at(seed, 1, row) * (double)k);
        for (size_t c = 0; c < d; ++c)
            matrix.value[row * d + c] =
                (float)(4 * bell(seed, ((uint64_t)1 << 40) + centre * d + c) + bell(seed, row * d + c));
    }
    return matrix;
}

struct matrix read_matrix(const char *path, size_t d, size_t skip)
{
    struct matrix matrix = {.d = d};
    size_t capacity = 0;
    char line[1024];
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        if (skip > 0) {
            --skip;
            continue;
        }
        if ((matrix.n + 1) * d > capacity) {
            capacity = 2 * capacity + 1024 * d;
            matrix.value = realloc(matrix.value, capacity * sizeof(float));
        }
        char *text = line;
        for (size_t c = 0; c < d; ++c) {
            text += strspn(text, ", \t");
            matrix.value[matrix.n * d + c] = strtof(text, &text);
        }
        ++matrix.n;
    }
    if (file)
        fclose(file);
    return matrix;
}

struct matrix read_test_data(const char *name, size_t d)
{
    char path[4096];
    const char *root = getenv("STRATA_TEST_DATA");
    snprintf(path, sizeof path, "%s/kmeans/%s", root ? root : ".", name);
    struct matrix matrix = read_matrix(path, d, 0);
    if (!matrix.value)
        cr_skip("skipped: data not found");
    return matrix;
}

gsl_matrix *as_centroids(const struct matrix *matrix, size_t k)
{
    gsl_matrix *centroids = gsl_matrix_alloc(k, matrix->d);
    for (size_t j = 0; j < k; ++j)
        for (size_t c = 0; c < matrix->d; ++c)
            gsl_matrix_set(centroids, j, c, (double)matrix->value[j * matrix->d + c]);
    return centroids;
}

struct strata_kmeans_data as_data(const struct matrix *matrix, const double *weights)
{
    return (struct strata_kmeans_data){.n_rows = matrix->n,
                                       .n_columns = matrix->d,
                                       .values = matrix->value,
                                       .weights = weights};
}

struct strata_points as_points(const struct matrix *matrix, const double *weights, int threads)
{
    struct strata_kmeans_data data = as_data(matrix, weights), settled;
    struct strata_points points;
    struct strata_error err = {0};
    cr_assert_eq(strata_given_settle(&data, &settled, &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(strata_given_place(&settled, false, threads, &points, &err), STRATA_OK, "%s", err.message);
    return points;
}

struct strata_kmeans_result fit_data(const struct strata_kmeans_data *data, const struct strata_kmeans_options *options,
                                     int32_t *labels)
{
    struct strata_kmeans_result result;
    struct strata_error err = {0};
    enum strata_status status = strata_kmeans_fit(data, options, labels, &result, &err);
    cr_assert_eq(status, STRATA_OK, "%s", err.message);
    return result;
}

struct strata_kmeans_result fit(const struct matrix *matrix, const struct strata_kmeans_options *options,
                                int32_t *labels)
{
    struct strata_kmeans_data data = as_data(matrix, NULL);
    return fit_data(&data, options, labels);
}

int same_result(const struct strata_kmeans_result *a, const struct strata_kmeans_result *b)
{
    return a->k == b->k && a->iterations == b->iterations && a->converged == b->converged &&
           memcmp(&a->inertia, &b->inertia, sizeof a->inertia) == 0 &&
           memcmp(a->sizes, b->sizes, (size_t)a->k * sizeof *a->sizes) == 0 &&
           memcmp(a->centroids->data, b->centroids->data, a->centroids->size1 * a->centroids->size2 * sizeof(double)) ==
               0;
}

void table_add(struct strata_table *table, const char *name, const double *value, size_t n_rows)
{
    struct strata_error err = {0};
    double *copy = strata_malloc_array(n_rows, sizeof *copy);
    struct strata_column about = {.name = name, .type = STRATA_F64, .unit = "1", .description = name};
    memcpy(copy, value, n_rows * sizeof *copy);
    table->n_rows = n_rows;
    cr_assert_eq(strata_table_add_column(table, &about, NULL, copy, &err), STRATA_OK, "%s", err.message);
}
