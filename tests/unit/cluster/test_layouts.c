/* The same numbers in any layout give the same bits. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "fixtures.h"

enum { N = 5003, D = 3, K = 4, PADDING = 2 };

/* What the three functions say. */
struct answers {
    struct strata_kmeans_result result;
    struct strata_kmeans_validity validity;
    int32_t label[N], assigned[N];
};

static struct answers *ask(const struct strata_kmeans_data *data)
{
    struct answers *answers = malloc(sizeof *answers);
    struct strata_kmeans_options options;
    struct strata_error err = {0};
    strata_kmeans_options_init(&options);
    options.k = K;
    answers->result = fit_data(data, &options, answers->label);
    cr_assert_eq(strata_kmeans_assign(data, answers->result.centroids, 2, answers->assigned, &err), STRATA_OK);
    cr_assert_eq(strata_kmeans_validity(data, answers->label, K, 1, 2, &answers->validity, &err), STRATA_OK, "%s",
                 err.message);
    return answers;
}

static void expect_same(const struct answers *expected, const struct strata_kmeans_data *data, const char *layout)
{
    struct answers *answers = ask(data);
    cr_expect(same_result(&expected->result, &answers->result), "%s", layout);
    cr_expect_eq(memcmp(&expected->validity, &answers->validity, sizeof answers->validity), 0, "%s", layout);
    cr_expect_eq(memcmp(expected->label, answers->label, sizeof answers->label), 0, "%s", layout);
    cr_expect_eq(memcmp(expected->assigned, answers->assigned, sizeof answers->assigned), 0, "%s", layout);
    strata_kmeans_result_release(&answers->result);
    free(answers);
}

/* Value (row, column) at row x row_stride + column x column_stride, NaN between them. */
static void *spread(const struct matrix *matrix, enum strata_kmeans_type type, ptrdiff_t row_stride,
                    ptrdiff_t column_stride)
{
    size_t n_values = (size_t)(N * row_stride + D * column_stride);
    float *floats = malloc(n_values * sizeof *floats);
    double *doubles = malloc(n_values * sizeof *doubles);
    memset(floats, 0xFF, n_values * sizeof *floats);
    memset(doubles, 0xFF, n_values * sizeof *doubles);
    for (ptrdiff_t row = 0; row < N; ++row)
        for (ptrdiff_t c = 0; c < D; ++c) {
            floats[row * row_stride + c * column_stride] = matrix->value[row * D + c];
            doubles[row * row_stride + c * column_stride] = (double)matrix->value[row * D + c];
        }
    free(type == STRATA_KMEANS_FLOAT ? (void *)doubles : (void *)floats);
    return type == STRATA_KMEANS_FLOAT ? (void *)floats : (void *)doubles;
}

static void expect_same_in_every_layout(const double *weights)
{
    static const struct {
        const char *name;
        ptrdiff_t row_stride, column_stride;
    } layouts[] = {{"row-major", D, 1},
                   {"row-major with gaps", D + PADDING, 1},
                   {"column-major", 1, N},
                   {"column-major with gaps", 2, 2 * N + PADDING}};
    struct matrix matrix = mixture(N, D, K, 11);
    struct strata_kmeans_data plain = as_data(&matrix, weights);
    struct answers *expected = ask(&plain);
    double *doubles = spread(&matrix, STRATA_KMEANS_DOUBLE, D, 1);
    const struct strata_kmeans_data plain_doubles = {N, D, STRATA_KMEANS_DOUBLE, doubles, NULL, D, 1, weights};
    struct answers *of_doubles = ask(&plain_doubles);
    const struct strata_kmeans_validity validity[] = {expected->validity, of_doubles->validity};
    cr_expect_eq(memcmp(expected->label, expected->assigned, sizeof expected->label), 0);
    cr_expect_float_eq(validity[0].silhouette, validity[1].silhouette, 1e-6);
    cr_expect_float_eq(validity[0].davies_bouldin, validity[1].davies_bouldin, 1e-6);
    cr_expect_float_eq(validity[0].inertia / validity[1].inertia, 1, 1e-6);
    for (int type = STRATA_KMEANS_FLOAT; type <= STRATA_KMEANS_DOUBLE; ++type) {
        /* Which the indices depend on, and nothing else does. */
        expected->validity = validity[type];
        for (size_t i = 0; i < sizeof layouts / sizeof *layouts; ++i) {
            ptrdiff_t row_stride = layouts[i].row_stride, column_stride = layouts[i].column_stride;
            void *values = spread(&matrix, (enum strata_kmeans_type)type, row_stride, column_stride);
            struct strata_kmeans_data data = {
                N, D, (enum strata_kmeans_type)type, values, NULL, row_stride, column_stride, weights};
            expect_same(expected, &data, layouts[i].name);
            size_t width = type == STRATA_KMEANS_FLOAT ? sizeof(float) : sizeof(double);
            const void *columns[D];
            for (ptrdiff_t c = 0; c < D; ++c)
                columns[c] = (const char *)values + (size_t)(c * column_stride) * width;
            data = (struct strata_kmeans_data){N,    D,       (enum strata_kmeans_type)type,
                                               NULL, columns, row_stride == 1 ? 0 : row_stride,
                                               0,    weights};
            expect_same(expected, &data, "columns");
            free(values);
        }
    }
    strata_kmeans_result_release(&expected->result);
    strata_kmeans_result_release(&of_doubles->result);
    free(expected);
    free(of_doubles);
    free(doubles);
    free(matrix.value);
}

Test(layouts, without_weights) { expect_same_in_every_layout(NULL); }

Test(layouts, with_weights)
{
    double weights[N];
    for (size_t row = 0; row < N; ++row)
        weights[row] = (double)(row % 5) / 3;
    expect_same_in_every_layout(weights);
}

/* A gsl_matrix of doubles is one of these, and so is a part of its columns. */
Test(layouts, part_of_a_gsl_matrix)
{
    struct matrix matrix = mixture(N, D, K, 11);
    gsl_matrix *wide = gsl_matrix_alloc(N, D + PADDING);
    gsl_matrix_set_all(wide, -1e300);
    for (size_t row = 0; row < N; ++row)
        for (size_t c = 0; c < D; ++c)
            gsl_matrix_set(wide, row, 1 + c, (double)matrix.value[row * D + c]);
    gsl_matrix_view view = gsl_matrix_submatrix(wide, 0, 1, N, D);
    double *doubles = spread(&matrix, STRATA_KMEANS_DOUBLE, D, 1);
    const struct strata_kmeans_data plain = {.n_rows = N,
                                             .n_columns = D,
                                             .type = STRATA_KMEANS_DOUBLE,
                                             .values = doubles};
    const struct strata_kmeans_data part = {.n_rows = view.matrix.size1,
                                            .n_columns = view.matrix.size2,
                                            .type = STRATA_KMEANS_DOUBLE,
                                            .values = view.matrix.data,
                                            .row_stride = (ptrdiff_t)view.matrix.tda};
    struct answers *expected = ask(&plain);
    expect_same(expected, &part, "gsl_matrix");
    free(doubles);
    strata_kmeans_result_release(&expected->result);
    free(expected);
    gsl_matrix_free(wide);
    free(matrix.value);
}

/* The common offset may be as large as doubles bear: beside 1e15 they still tell eighths apart. */
Test(layouts, an_offset_near_the_end_of_doubles)
{
    enum { ROWS = 400 };
    double near[ROWS], far[ROWS];
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    options.k = 2;
    for (size_t i = 0; i < ROWS; ++i) {
        near[i] = (double)(i % 2 * 20) + (double)(i * i % 53) / 8;
        far[i] = near[i] + 1e15;
    }
    int32_t label[ROWS];
    struct strata_kmeans_data data = {ROWS, 1, STRATA_KMEANS_DOUBLE, .values = near};
    struct strata_kmeans_result expected = fit_data(&data, &options, label);
    data.values = far;
    struct strata_kmeans_result result = fit_data(&data, &options, label);
    cr_expect_float_eq(result.inertia, expected.inertia, 1e-6 * expected.inertia);
    cr_expect_float_eq(gsl_matrix_get(result.centroids, (size_t)label[0], 0), 1e15 + 3.2, 0.2);
    strata_kmeans_result_release(&expected);
    strata_kmeans_result_release(&result);
}

/* Doubles keep what floats cannot hold: differences of 1 beside 1e12. */
Test(layouts, doubles_beside_a_large_offset)
{
    const double value[] = {1e12, 1e12 + 1, 1e12 + 100, 1e12 + 101};
    struct strata_kmeans_data data = {4, 1, STRATA_KMEANS_DOUBLE, .values = value};
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    options.k = 2;
    int32_t label[4];
    struct strata_kmeans_result result = fit_data(&data, &options, label);
    cr_expect_eq(result.k, 2);
    cr_expect_float_eq(result.inertia, 1, 1e-6);
    cr_expect_float_eq(gsl_matrix_get(result.centroids, (size_t)label[0], 0), 1e12 + 0.5, 1e-3);
    strata_kmeans_result_release(&result);
}
