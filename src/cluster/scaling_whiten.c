#include <gsl/gsl_eigen.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "matrix.h"
#include "memory.h"
#include "scalings.h"

/* Sums over so many groups of chunks, merged in order: a matrix for each is still little memory. */
enum { MOST_GROUPS = 32 };

static const double least_share_of_variance = 1e-10;

/* Add s s' of the rows of a block that count, to the lower triangle. */
static void add_products(const double *s, size_t stride, size_t n, size_t d, const int16_t *label, double *sum)
{
    for (size_t a = 0; a < d; ++a)
        for (size_t b = 0; b <= a; ++b) {
            double products = 0;
            for (size_t i = 0; i < n; ++i)
                products += label[i] == 0 ? s[a * stride + i] * s[b * stride + i] : 0;
            sum[a * d + b] += products;
        }
}

static void add_rows(const struct strata_scaling_source *source, size_t first, size_t end, double *room, double *sum)
{
    const struct strata_placing *placing = source->placing;
    size_t d = (size_t)placing->preparation->d, stride = strata_placing_rows(placing);
    for (size_t start = first; start < end; start += stride) {
        size_t n = end - start < stride ? end - start : stride;
        strata_placing_scale(placing, start, n, room);
        add_products(room + d * stride, stride, n, d, source->label + start, sum);
    }
}

/* The covariance of the standardised columns, n - 1 in the denominator; lower triangle. */
static enum strata_status measure_covariance(const struct strata_scaling_source *source, gsl_matrix *covariance,
                                             struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_row_chunks *chunks = source->chunks;
    size_t d = covariance->size1, room_doubles = strata_placing_room(source->placing);
    size_t n_groups = chunks->n_chunks < MOST_GROUPS ? chunks->n_chunks : MOST_GROUPS;
    double *sum = strata_calloc_array(n_groups, d * d * sizeof *sum);
    double *room = strata_malloc_array((size_t)source->threads, room_doubles * sizeof *room);
    if (!sum || !room)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the covariance of %zu columns", d);
#pragma omp parallel for num_threads(source->threads) schedule(static)
    for (size_t group = 0; group < n_groups; ++group) {
        size_t first = chunks->n_chunks * group / n_groups, end = chunks->n_chunks * (group + 1) / n_groups;
        add_rows(source, strata_row_chunk_start(chunks, first), strata_row_chunk_start(chunks, end),
                 room + (size_t)omp_get_thread_num() * room_doubles, sum + group * d * d);
    }
    for (size_t group = 1; group < n_groups; ++group)
        for (size_t i = 0; i < d * d; ++i)
            sum[i] += sum[group * d * d + i];
    for (size_t a = 0; a < d; ++a)
        for (size_t b = 0; b <= a; ++b) {
            double value = sum[a * d + b] / (source->moments[0].n - 1);
            gsl_matrix_set(covariance, a, b, value);
            gsl_matrix_set(covariance, b, a, value);
        }
done:
    free(sum);
    free(room);
    return status;
}

/* Its principal directions as columns, by falling variance. GSL's own allocation ends the program where there is no
 * memory. */
static enum strata_status find_directions(gsl_matrix *covariance, gsl_vector *variance, gsl_matrix *direction,
                                          struct strata_error *err)
{
    size_t d = covariance->size1;
    double *work = strata_malloc_array(4 * d, sizeof *work);
    if (!work)
        return strata_fail_memory(err, "principal components", 4 * d, sizeof *work);
    gsl_eigen_symmv_workspace workspace = {
        .size = d, .d = work, .sd = work + d, .gc = work + 2 * d, .gs = work + 3 * d};
    (void)gsl_eigen_symmv(covariance, variance, direction, &workspace);
    (void)gsl_eigen_symmv_sort(variance, direction, GSL_EIGEN_SORT_VAL_DESC);
    free(work);
    return STRATA_OK;
}

static void set_rows(const gsl_vector *variance, const gsl_matrix *direction, double *whitening)
{
    size_t d = variance->size;
    double least = least_share_of_variance * gsl_vector_get(variance, 0);
    for (size_t c = 0; c < d; ++c) {
        double spread = gsl_vector_get(variance, c), leading = 0;
        for (size_t j = 0; j < d; ++j)
            if (fabs(gsl_matrix_get(direction, j, c)) > fabs(leading))
                leading = gsl_matrix_get(direction, j, c);
        double factor = spread > least ? copysign(1 / sqrt(spread), leading) : 0;
        for (size_t j = 0; j < d; ++j)
            whitening[c * d + j] = factor * gsl_matrix_get(direction, j, c);
    }
}

enum strata_status strata_whitening_fit(const struct strata_scaling_source *source,
                                        struct strata_preparation *preparation, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t d = (size_t)preparation->d;
    bool any_varies = false;
    for (size_t c = 0; c < d; ++c)
        any_varies = any_varies || strata_moments_vary(&source->moments[c]);
    if (!any_varies)
        return STRATA_OK;
    if (d > STRATA_MAX_WHITENED)
        return strata_fail(err, STRATA_USAGE, "clusters: %zu columns to whiten; choose at most %d, or another scaling",
                           d, STRATA_MAX_WHITENED);
    gsl_matrix *covariance = strata_matrix_alloc(d, d), *direction = strata_matrix_alloc(d, d);
    gsl_matrix *variance = strata_matrix_alloc(1, d);
    if (!covariance || !direction || !variance)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the covariance of %zu columns", d);
    STRATA_TRY(measure_covariance(source, covariance, err));
    gsl_vector_view spread = gsl_matrix_row(variance, 0);
    STRATA_TRY(find_directions(covariance, &spread.vector, direction, err));
    set_rows(&spread.vector, direction, preparation->whitening);
done:
    gsl_matrix_free(covariance);
    gsl_matrix_free(direction);
    gsl_matrix_free(variance);
    return status;
}
