#include "search.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "coreset.h"
#include "lloyd.h"
#include "memory.h"
#include "seeding.h"
#include "sums.h"
#include "validity.h"

/* Lloyd's iterations that show whether a swap pays. */
enum { SWAP_ITERATIONS = 4 };

/* Precise enough on a sample, whose centroids are off by more. */
static const double sample_tolerance = 1e-4;

void strata_fit_release(struct strata_fit *fit)
{
    free(fit->centroid);
    free(fit->mean);
    free(fit->label);
    free(fit->size);
    free(fit->within);
    *fit = (struct strata_fit){0};
}

struct candidate {
    double *centroid; /* k x d */
    double inertia;
    int k, restart, iterations, converged;
};

/* What one thread needs to run a restart from seeding to inertia, and the best that it has seen. */
struct attempt {
    struct strata_lloyd lloyd;
    struct strata_seeding seeding;
    double *start;            /* k x d */
    double *within, *scratch; /* k, n_chunks x k */
    struct candidate current, best;
};

/* Where Lloyd begins on all points, and what the search already knows of the outcome. */
struct beginning {
    double *centroid; /* k x d */
    int k;
    bool final; /* the search ran on all points: only labels are wanting */
    int iterations, converged;
};

static void attempt_release(struct attempt *attempt)
{
    strata_lloyd_release(&attempt->lloyd);
    strata_seeding_release(&attempt->seeding);
    free(attempt->start);
    free(attempt->within);
    free(attempt->scratch);
    free(attempt->current.centroid);
    free(attempt->best.centroid);
    *attempt = (struct attempt){0};
}

static enum strata_status attempt_init(struct attempt *attempt, const struct strata_points *points,
                                       const struct strata_kernels *kernels, int k, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_clusters = (size_t)k, row_bytes = (size_t)points->d * sizeof(double);
    *attempt = (struct attempt){.best.inertia = INFINITY};
    STRATA_TRY(strata_lloyd_init(&attempt->lloyd, points, kernels, k, 1, err));
    STRATA_TRY(strata_seeding_init(&attempt->seeding, points, kernels, err));
    attempt->start = strata_malloc_array(n_clusters, row_bytes);
    attempt->current.centroid = strata_malloc_array(n_clusters, row_bytes);
    attempt->best.centroid = strata_malloc_array(n_clusters, row_bytes);
    attempt->within = strata_malloc_array(n_clusters, sizeof *attempt->within);
    attempt->scratch = strata_malloc_array(points->n_chunks, n_clusters * sizeof *attempt->scratch);
    if (!attempt->start || !attempt->current.centroid || !attempt->best.centroid || !attempt->within ||
        !attempt->scratch)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: a start of %d clusters", k);
done:
    return status;
}

/* Lloyd from attempt->start; the inertia of the outcome. */
static double iterate(struct attempt *attempt, int k, int max_iterations, double tolerance)
{
    struct strata_lloyd *lloyd = &attempt->lloyd;
    strata_lloyd_run(lloyd, attempt->start, k, max_iterations, tolerance);
    return strata_within_squares(lloyd->points, lloyd->label, lloyd->centroid, lloyd->k, 1, attempt->within,
                                 attempt->scratch);
}

static void keep(struct candidate *kept, const struct strata_lloyd *lloyd, double inertia, int restart)
{
    size_t n_values = (size_t)lloyd->k * (size_t)lloyd->points->d;
    memcpy(kept->centroid, lloyd->centroid, n_values * sizeof(double));
    *kept = (struct candidate){kept->centroid, inertia, lloyd->k, restart, lloyd->iterations, lloyd->converged};
}

static bool is_better(double inertia, int restart, const struct candidate *kept)
{
    return inertia < kept->inertia || (inertia == kept->inertia && restart < kept->restart);
}

/* Try swaps, each with a few iterations, and keep what lowers the inertia: returns whether anything did. */
static bool try_swaps(struct attempt *attempt, const struct strata_search_options *options, int restart)
{
    struct candidate *current = &attempt->current;
    size_t row_bytes = (size_t)attempt->lloyd.points->d * sizeof(double);
    bool improved = false;
    for (int round = 0; current->k > 1 && round < options->swaps; ++round) {
        memcpy(attempt->start, current->centroid, (size_t)current->k * row_bytes);
        if (!strata_seeding_swap(&attempt->seeding, attempt->start, current->k, options->seed, restart, round))
            break;
        double inertia = iterate(attempt, current->k, SWAP_ITERATIONS, options->tolerance);
        if (inertia < current->inertia) {
            keep(current, &attempt->lloyd, inertia, restart);
            improved = true;
        }
    }
    return improved;
}

static void attempt_run(struct attempt *attempt, const struct strata_search_options *options, int restart)
{
    struct candidate *current = &attempt->current;
    int k = strata_seeding_run(&attempt->seeding, options->k, options->seed, restart, attempt->start);
    double inertia = iterate(attempt, k, options->max_iterations, options->tolerance);
    keep(current, &attempt->lloyd, inertia, restart);
    if (try_swaps(attempt, options, restart)) {
        memcpy(attempt->start, current->centroid,
               (size_t)current->k * (size_t)attempt->lloyd.points->d * sizeof(double));
        inertia = iterate(attempt, current->k, options->max_iterations, options->tolerance);
        keep(current, &attempt->lloyd, inertia, restart);
    }
    if (is_better(current->inertia, restart, &attempt->best)) {
        struct candidate other = attempt->best;
        attempt->best = *current;
        *current = other;
    }
}

static const struct attempt *best_attempt(const struct attempt *attempt, int n)
{
    const struct attempt *best = attempt;
    for (int i = 1; i < n; ++i)
        if (is_better(attempt[i].best.inertia, attempt[i].best.restart, &best->best))
            best = &attempt[i];
    return best;
}

/* Run all restarts, one per thread at a time. Which thread ran a restart makes no difference: the lowest inertia wins,
 * then the lowest restart. The best one is iterated once more to `tolerance`, if options->tolerance is looser: an
 * iteration on a sample is cheap, and each one saves one or more on all points. */
static enum strata_status restart_all(const struct strata_points *points, const struct strata_kernels *kernels,
                                      const struct strata_search_options *options, double tolerance,
                                      struct beginning *beginning, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int n_attempts = options->threads < options->restarts ? options->threads : options->restarts;
    struct attempt *attempt = strata_calloc_array((size_t)n_attempts, sizeof *attempt);
    if (!attempt)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d starts", n_attempts);
    for (int i = 0; i < n_attempts; ++i)
        STRATA_TRY(attempt_init(&attempt[i], points, kernels, options->k, err));
#pragma omp parallel for num_threads(n_attempts) schedule(dynamic, 1)
    for (int restart = 0; restart < options->restarts; ++restart)
        attempt_run(&attempt[omp_get_thread_num()], options, restart);
    const struct candidate *best = &best_attempt(attempt, n_attempts)->best;
    if (tolerance < options->tolerance) {
        memcpy(attempt[0].start, best->centroid, (size_t)best->k * (size_t)points->d * sizeof(double));
        double inertia = iterate(&attempt[0], best->k, options->max_iterations, tolerance);
        keep(&attempt[0].current, &attempt[0].lloyd, inertia, best->restart);
        best = &attempt[0].current;
    }
    beginning->k = best->k;
    beginning->iterations = best->iterations;
    beginning->converged = best->converged;
    memcpy(beginning->centroid, best->centroid, (size_t)best->k * (size_t)points->d * sizeof(double));
done:
    for (int i = 0; attempt && i < n_attempts; ++i)
        attempt_release(&attempt[i]);
    free(attempt);
    return status;
}

/* Clusters that a sample is too small to show have no place yet (INFINITY). */
static enum strata_status search(const struct strata_points *points, const struct strata_kernels *kernels,
                                 const struct strata_search_options *options, struct beginning *beginning,
                                 struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_points coreset = {0};
    bool sampled = options->sample_rows > 0 && points->n > options->sample_rows;
    size_t k = (size_t)options->k, d = (size_t)points->d;
    beginning->centroid = strata_malloc_array(k, d * sizeof *beginning->centroid);
    if (!beginning->centroid)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu centroids", k);
    struct strata_search_options on_sample = *options;
    on_sample.tolerance = fmax(options->tolerance, sample_tolerance);
    if (sampled)
        STRATA_TRY(strata_coreset_draw(&coreset, points, options->sample_rows, options->seed, options->threads, err));
    STRATA_TRY(restart_all(sampled ? &coreset : points, kernels, sampled ? &on_sample : options, options->tolerance,
                           beginning, err));
    beginning->final = !sampled;
    if (sampled) {
        for (size_t i = (size_t)beginning->k * d; i < k * d; ++i)
            beginning->centroid[i] = INFINITY;
        beginning->k = options->k;
    }
done:
    strata_points_release(&coreset);
    return status;
}

/* Hand the outcome of the last run over to `fit`. */
static enum strata_status settle(struct strata_lloyd *lloyd, struct strata_fit *fit, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_points *points = lloyd->points;
    size_t k = (size_t)lloyd->k, d = (size_t)points->d;
    double *scratch = strata_malloc_array(points->n_chunks, k * sizeof *scratch);
    fit->k = lloyd->k;
    fit->iterations = lloyd->iterations;
    fit->converged = lloyd->converged;
    fit->mean = strata_malloc_array(k, d * sizeof *fit->mean);
    fit->size = strata_malloc_array(k, sizeof *fit->size);
    fit->within = strata_malloc_array(k, sizeof *fit->within);
    if (!scratch || !fit->mean || !fit->size || !fit->within)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the results of %zu clusters", k);
    fit->inertia =
        strata_within_squares(points, lloyd->label, lloyd->centroid, lloyd->k, lloyd->threads, fit->within, scratch);
    for (size_t j = 0; j < k; ++j) {
        fit->size[j] = strata_lloyd_size(lloyd, (int)j);
        const strata_int128 *sums = lloyd->total + j * strata_sums_width(points);
        for (size_t c = 0; c < d; ++c)
            fit->mean[j * d + c] = (double)sums[c] / (double)sums[d] / STRATA_SUMS_PER_VALUE;
    }
    fit->centroid = lloyd->centroid;
    fit->label = lloyd->label;
    lloyd->centroid = NULL;
    lloyd->label = NULL;
done:
    free(scratch);
    return status;
}

enum strata_status strata_search_run(const struct strata_points *points, const struct strata_search_options *options,
                                     struct strata_fit *fit, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_kernels *kernels = strata_kernels_select(options->instructions);
    struct strata_lloyd lloyd = {0};
    struct beginning beginning = {0};
    *fit = (struct strata_fit){0};
    if (!kernels)
        STRATA_GIVE_UP(err, STRATA_USAGE, "k-means: this machine lacks the instruction set asked for");
    if (!options->start)
        STRATA_TRY(search(points, kernels, options, &beginning, err));
    STRATA_TRY(strata_lloyd_init(&lloyd, points, kernels, options->k, options->threads, err));
    if (options->start)
        strata_lloyd_run(&lloyd, options->start, options->k, options->max_iterations, options->tolerance);
    else
        strata_lloyd_run(&lloyd, beginning.centroid, beginning.k, beginning.final ? 0 : options->max_iterations,
                         options->tolerance);
    STRATA_TRY(settle(&lloyd, fit, err));
    if (beginning.final) {
        fit->iterations = beginning.iterations;
        fit->converged = beginning.converged;
    }
done:
    strata_lloyd_release(&lloyd);
    free(beginning.centroid);
    if (status != STRATA_OK)
        strata_fit_release(fit);
    return status;
}
