#include "gap.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "copies.h"
#include "memory.h"
#include "random.h"
#include "streams.h"

/* Small samples need few. */
enum { RESTARTS = 2, SWAPS = 4, MAX_ITERATIONS = 50 };
static const double tolerance = 1e-4;

static double total_weight(const struct strata_points *points)
{
    double sum = points->weight ? 0 : (double)points->n;
    for (size_t row = 0; points->weight && row < points->n; ++row)
        sum += points->weight[row];
    return sum * points->weight_unit;
}

/* The row at a place (copies.h) that is behind `*row`, which has `*end` of weight up to and with it. */
static size_t row_at(const struct strata_points *points, double place, size_t *row, double *end)
{
    if (!points->weight)
        return (size_t)place;
    while (*end <= place && *row + 1 < points->n)
        *end += points->weight[++*row] * points->weight_unit;
    return *row;
}

static enum strata_status draw_sample(const struct strata_points *points, uint64_t seed, struct strata_points *sample,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    double mass = total_weight(points), end = strata_points_weight(points, 0) * points->weight_unit;
    uint64_t count = strata_copies_count(mass);
    size_t n = count < STRATA_GAP_ROWS ? (size_t)count : STRATA_GAP_ROWS, at = 0;
    STRATA_TRY(strata_points_init(sample, n, points->d, false, false, err));
    for (size_t i = 0; i < n; ++i) {
        double place = strata_copies_place(mass, i, n, strata_uniform_at(seed, STRATA_STREAM_GAP, i));
        size_t row = row_at(points, place, &at, &end);
        for (int c = 0; c < points->d; ++c)
            strata_points_set(sample, i, c, strata_points_value(points, row, c));
    }
    STRATA_TRY(strata_points_finish(sample, 1, err));
done:
    return status;
}

/* covariance: d x d, the lower half; mean: d. */
static void find_covariance(const struct strata_points *sample, double *mean, double *covariance)
{
    size_t d = (size_t)sample->d;
    double n = (double)sample->n;
    for (size_t i = 0; i < sample->n; ++i)
        for (size_t c = 0; c < d; ++c)
            mean[c] += (double)sample->tile[strata_points_index(sample, i, (int)c)] / n;
    for (size_t i = 0; i < sample->n; ++i)
        for (size_t a = 0; a < d; ++a) {
            double x = (double)sample->tile[strata_points_index(sample, i, (int)a)] - mean[a];
            for (size_t b = 0; b <= a; ++b)
                covariance[a * d + b] +=
                    x * ((double)sample->tile[strata_points_index(sample, i, (int)b)] - mean[b]) / n;
        }
}

/* side[axis]: how far the sample extends along its principal axes. Where the box lies and how it is turned makes no
 * difference to k-means. */
static enum strata_status find_box(const struct strata_points *sample, double *side, struct strata_error *err)
{
    size_t d = (size_t)sample->d;
    double *room = strata_calloc_array(2 * d + 6, d * sizeof *room);
    if (!room)
        return strata_fail_memory(err, "the axes of a sample", 2 * d + 6, d * sizeof *room);
    double *covariance = room, *axis = room + d * d, *mean = axis + d * d, *scratch = mean + d;
    gsl_matrix_view matrix = gsl_matrix_view_array(covariance, d, d), axes = gsl_matrix_view_array(axis, d, d);
    gsl_vector_view variance = gsl_vector_view_array(scratch, d);
    /* GSL's own allocation ends the program where there is no memory. */
    gsl_eigen_symmv_workspace workspace = {
        .size = d, .d = scratch + d, .sd = scratch + 2 * d, .gc = scratch + 3 * d, .gs = scratch + 4 * d};
    find_covariance(sample, mean, covariance);
    (void)gsl_eigen_symmv(&matrix.matrix, &variance.vector, &axes.matrix, &workspace);
    for (size_t a = 0; a < d; ++a) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < sample->n; ++i) {
            double place = 0;
            for (size_t c = 0; c < d; ++c)
                place += axis[c * d + a] * (double)sample->tile[strata_points_index(sample, i, (int)c)];
            low = fmin(low, place);
            high = fmax(high, place);
        }
        side[a] = high - low;
    }
    free(room);
    return STRATA_OK;
}

static enum strata_status fill_reference(struct strata_points *reference, const double *side, uint64_t seed, int number,
                                         struct strata_error *err)
{
    size_t d = (size_t)reference->d;
    for (size_t i = 0; i < reference->n; ++i)
        for (size_t c = 0; c < d; ++c) {
            double u = strata_uniform_at(seed, STRATA_STREAM_GAP + 1 + (uint64_t)number, i * d + c);
            reference->tile[strata_points_index(reference, i, (int)c)] = (float)((u - 0.5) * side[c] / reference->unit);
        }
    return strata_points_finish(reference, 1, err);
}

/* inertia[k - 1] for k = 1 to *n, in units of the sample; *n becomes less where there are fewer different points. */
static enum strata_status fit_all(const struct strata_points *points, uint64_t seed,
                                  enum strata_instructions instructions, int threads, double *inertia, int *n,
                                  struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_fit fit = {0};
    struct strata_search_options search = {.restarts = RESTARTS,
                                           .swaps = SWAPS,
                                           .max_iterations = MAX_ITERATIONS,
                                           .threads = threads,
                                           .tolerance = tolerance,
                                           .seed = seed,
                                           .instructions = instructions};
    for (search.k = 1; search.k <= *n; ++search.k) {
        STRATA_TRY(strata_search_run(points, &search, &fit, err));
        if (fit.k < search.k)
            *n = search.k - 1;
        else
            inertia[search.k - 1] = fit.inertia * points->unit * points->unit;
        strata_fit_release(&fit);
    }
done:
    strata_fit_release(&fit);
    return status;
}

/* The mean and the deviation of the references for one k; inertia: one for each reference, `step` apart. */
static struct strata_gap settle(const double *inertia, size_t step, double sample)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < STRATA_GAP_REFERENCES; ++i)
        mean += log(inertia[i * step]) / STRATA_GAP_REFERENCES;
    for (size_t i = 0; i < STRATA_GAP_REFERENCES; ++i) {
        double difference = log(inertia[i * step]) - mean;
        squares += difference * difference;
    }
    return (struct strata_gap){mean - log(sample),
                               sqrt(squares / STRATA_GAP_REFERENCES * (1 + 1.0 / STRATA_GAP_REFERENCES))};
}

enum strata_status strata_gap_measure(const struct strata_points *points, int max_k, uint64_t seed,
                                      enum strata_instructions instructions, int threads, struct strata_gap *gap,
                                      int *n, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_points sample = {0}, reference = {0};
    size_t width = (size_t)max_k;
    double *inertia = NULL, *side = NULL;
    *n = 0;
    if (points->d > STRATA_GAP_MOST_COLUMNS || max_k > STRATA_GAP_MOST_CLUSTERS)
        return STRATA_OK;
    inertia = strata_malloc_array(1 + STRATA_GAP_REFERENCES, width * sizeof *inertia);
    side = strata_malloc_array((size_t)points->d, sizeof *side);
    if (!inertia || !side)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the gap statistic");
    STRATA_TRY(draw_sample(points, seed, &sample, err));
    *n = (size_t)max_k < sample.n ? max_k : (int)sample.n - 1;
    STRATA_TRY(fit_all(&sample, seed, instructions, threads, inertia, n, err));
    STRATA_TRY(find_box(&sample, side, err));
    STRATA_TRY(strata_points_init(&reference, sample.n, sample.d, false, false, err));
    for (int c = 0; c < sample.d; ++c)
        reference.unit = fmax(reference.unit, strata_points_unit(side[c]));
    for (int i = 0; i < STRATA_GAP_REFERENCES; ++i) {
        STRATA_TRY(fill_reference(&reference, side, seed, i, err));
        STRATA_TRY(fit_all(&reference, seed, instructions, threads, inertia + (1 + (size_t)i) * width, n, err));
    }
    for (int k = 0; k < *n; ++k)
        gap[k] = settle(inertia + width + k, width, inertia[k]);
done:
    free(inertia);
    free(side);
    strata_points_release(&sample);
    strata_points_release(&reference);
    if (status != STRATA_OK)
        *n = 0;
    return status;
}

int strata_gap_choose(const struct strata_gap *gap, int n)
{
    for (int k = 1; k < n; ++k)
        if (gap[k - 1].value >= gap[k].value - gap[k].error)
            return k;
    return n;
}
