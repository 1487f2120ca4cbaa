#include "search.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "candidates.h"
#include "check.h"
#include "coreset.h"
#include "lloyd.h"
#include "memory.h"
#include "seeding.h"
#include "sums.h"
#include "validity.h"

/* Lloyd's iterations that show whether a swap pays. */
enum { SWAP_ITERATIONS = 4 };

/* Rows of the sample that restarts and swaps run on. */
enum { MIN_SEARCH_ROWS = 1 << 15, SEARCH_ROWS_PER_CLUSTER = 1 << 12 };

/* Of the squares, below which an inertia is not computed by their difference. */
static const double precise_share = 1e-6;

/* A sample does not tell outcomes apart whose inertias on it differ by less than `close_share`; those that differ by
 * less than `same_place` are one place found twice. A few iterations on all rows decide, or on so many times the rows
 * of the sample where that is a small part of all. */
enum { JUDGED = 4, JUDGED_ITERATIONS = 2, JUDGED_SAMPLES = 4, SMALL_PART = 8 };
static const double close_share = 5e-3, same_place = 1e-5;

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

/* What became of a restart. */
struct candidate {
    double *centroid; /* k x d */
    double inertia;
    int k, restart, iterations, converged;
};

/* What one thread needs to run a restart from seeding to inertia. */
struct attempt {
    struct strata_lloyd lloyd, kept; /* what is tried, and the restart's best so far */
    struct strata_seeding seeding;
    double *start;          /* k x d */
    double *within;         /* k */
    strata_int128 *scratch; /* k */
    double inertia;         /* of kept */
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
    strata_lloyd_release(&attempt->kept);
    strata_seeding_release(&attempt->seeding);
    free(attempt->start);
    free(attempt->within);
    free(attempt->scratch);
    *attempt = (struct attempt){0};
}

static enum strata_status attempt_init(struct attempt *attempt, const struct strata_points *points,
                                       const struct strata_kernels *kernels, int k, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_clusters = (size_t)k, row_bytes = (size_t)points->d * sizeof(double);
    *attempt = (struct attempt){0};
    STRATA_TRY(strata_lloyd_init(&attempt->lloyd, points, kernels, k, 1, err));
    STRATA_TRY(strata_lloyd_init(&attempt->kept, points, kernels, k, 1, err));
    STRATA_TRY(strata_seeding_init(&attempt->seeding, points, kernels, err));
    attempt->start = strata_malloc_array(n_clusters, row_bytes);
    attempt->within = strata_malloc_array(n_clusters, sizeof *attempt->within);
    attempt->scratch = strata_malloc_array(n_clusters, sizeof *attempt->scratch);
    if (!attempt->start || !attempt->within || !attempt->scratch)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: a start of %d clusters", k);
done:
    return status;
}

/* The inertia of what was tried. Differences of sums are precise enough unless they all but cancel. */
static double inertia_of(struct attempt *attempt)
{
    const struct strata_lloyd *lloyd = &attempt->lloyd;
    double inertia = strata_lloyd_inertia(lloyd);
    if (inertia > precise_share * lloyd->points->squares)
        return inertia;
    return strata_within_squares(lloyd->points, lloyd->label, lloyd->centroid, lloyd->k, 1, attempt->within,
                                 attempt->scratch);
}

static void keep(struct attempt *attempt, double inertia)
{
    strata_lloyd_copy(&attempt->kept, &attempt->lloyd);
    attempt->inertia = inertia;
}

/* Try swaps, each with a few iterations, and keep what lowers the inertia: returns whether anything did. */
static bool try_swaps(struct attempt *attempt, const struct strata_search_options *options, int restart)
{
    struct strata_lloyd *lloyd = &attempt->lloyd, *kept = &attempt->kept;
    bool improved = false, surveyed = false;
    for (int round = 0; kept->k > 1 && round < options->swaps; ++round) {
        if (!surveyed && !strata_seeding_survey(&attempt->seeding, kept->centroid, kept->k))
            break;
        strata_lloyd_copy(lloyd, kept);
        strata_seeding_swap(&attempt->seeding, lloyd->centroid, lloyd->k, options->seed, restart, round);
        strata_lloyd_resume(lloyd, SWAP_ITERATIONS, options->tolerance);
        double inertia = inertia_of(attempt);
        surveyed = inertia >= attempt->inertia;
        if (!surveyed) {
            keep(attempt, inertia);
            improved = true;
        }
    }
    return improved;
}

static void attempt_run(struct attempt *attempt, const struct strata_search_options *options, struct candidate *outcome)
{
    struct strata_lloyd *lloyd = &attempt->lloyd;
    const struct strata_lloyd *kept = &attempt->kept;
    int k = strata_seeding_run(&attempt->seeding, options->k, options->seed, outcome->restart, attempt->start);
    strata_lloyd_run(lloyd, attempt->start, k, options->max_iterations, options->tolerance);
    keep(attempt, inertia_of(attempt));
    if (try_swaps(attempt, options, outcome->restart)) {
        strata_lloyd_copy(lloyd, kept);
        strata_lloyd_resume(lloyd, options->max_iterations, options->tolerance);
        keep(attempt, inertia_of(attempt));
    }
    outcome->inertia = attempt->inertia;
    outcome->k = kept->k;
    outcome->iterations = kept->iterations;
    outcome->converged = kept->converged;
    memcpy(outcome->centroid, kept->centroid, (size_t)kept->k * (size_t)kept->points->d * sizeof(double));
}

static int compare_candidates(const void *first, const void *second)
{
    const struct candidate *a = first, *b = second;
    int order = (a->inertia > b->inertia) - (a->inertia < b->inertia);
    return order ? order : (a->restart > b->restart) - (a->restart < b->restart);
}

/* Run all restarts, one per thread at a time: candidate[i] is the i-th best, the first restart on ties. Which thread
 * ran a restart makes no difference. */
static enum strata_status restart_all(const struct strata_points *points, const struct strata_kernels *kernels,
                                      const struct strata_search_options *options, struct candidate *candidate,
                                      struct strata_error *err)
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
        attempt_run(&attempt[omp_get_thread_num()], options, &candidate[restart]);
    qsort(candidate, (size_t)options->restarts, sizeof *candidate, compare_candidates);
done:
    for (int i = 0; attempt && i < n_attempts; ++i)
        attempt_release(&attempt[i]);
    free(attempt);
    return status;
}

static size_t search_rows(int k)
{
    size_t rows = (size_t)k * SEARCH_ROWS_PER_CLUSTER;
    return rows < MIN_SEARCH_ROWS ? MIN_SEARCH_ROWS : rows;
}

/* Iterate all outcomes on a sample, where an iteration is cheap and each one saves one or more on all points, and put
 * them in order again: few rows cannot tell close ones apart. */
static enum strata_status refine(const struct strata_points *sample, const struct strata_kernels *kernels,
                                 const struct strata_search_options *options, struct candidate *candidate,
                                 struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_lloyd lloyd = {0};
    STRATA_TRY(strata_lloyd_init(&lloyd, sample, kernels, options->k, options->threads, err));
    for (int i = 0; i < options->restarts; ++i) {
        strata_lloyd_run(&lloyd, candidate[i].centroid, candidate[i].k, options->max_iterations, options->tolerance);
        candidate[i].inertia = strata_lloyd_inertia(&lloyd);
        candidate[i].k = lloyd.k;
        memcpy(candidate[i].centroid, lloyd.centroid, (size_t)lloyd.k * (size_t)sample->d * sizeof(double));
    }
    qsort(candidate, (size_t)options->restarts, sizeof *candidate, compare_candidates);
done:
    strata_lloyd_release(&lloyd);
    return status;
}

/* Move the different places among the ordered outcomes that are close to the best to the front; returns how many. */
static int gather_close(struct candidate *candidate, int n)
{
    int n_close = 1;
    for (int i = 1; i < n && n_close < JUDGED; ++i) {
        if (candidate[i].inertia > candidate[0].inertia * (1 + close_share))
            break;
        if (candidate[i].inertia <= candidate[n_close - 1].inertia * (1 + same_place))
            continue;
        struct candidate other = candidate[n_close];
        candidate[n_close++] = candidate[i];
        candidate[i] = other;
    }
    return n_close;
}

/* The best of the close outcomes by many more points moves to candidate[0]. */
static enum strata_status judge(const struct strata_points *points, const struct strata_kernels *kernels,
                                const struct strata_search_options *options, struct candidate *candidate,
                                struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_points many = {0};
    struct strata_lloyd lloyd = {0};
    int n_close = gather_close(candidate, options->restarts);
    bool sampled = options->sample_rows > 0 && points->n / SMALL_PART / JUDGED_SAMPLES > options->sample_rows;
    if (n_close == 1)
        return STRATA_OK;
    if (sampled)
        STRATA_TRY(strata_coreset_draw(&many, points, JUDGED_SAMPLES * options->sample_rows, options->seed,
                                       options->threads, err));
    STRATA_TRY(strata_lloyd_init(&lloyd, sampled ? &many : points, kernels, options->k, options->threads, err));
    for (int i = 0; i < n_close; ++i) {
        strata_lloyd_run(&lloyd, candidate[i].centroid, candidate[i].k, JUDGED_ITERATIONS, options->tolerance);
        candidate[i].inertia = strata_lloyd_inertia(&lloyd);
    }
    qsort(candidate, (size_t)n_close, sizeof *candidate, compare_candidates);
done:
    strata_lloyd_release(&lloyd);
    strata_points_release(&many);
    return status;
}

/* On a sample in cache, on fewer rows still where those tell good places from bad ones; or on candidates. */
static enum strata_status search_sample(const struct strata_points *points, const struct strata_kernels *kernels,
                                        const struct strata_search_options *options, struct candidate *candidate,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_points coreset = {0}, few = {0};
    struct strata_search_options on_sample = *options;
    on_sample.tolerance = fmax(options->tolerance, sample_tolerance);
    if (options->seeding == STRATA_SEEDING_PARALLEL)
        STRATA_TRY(strata_candidates_draw(&coreset, points, kernels, options->k, options->seed, options->threads, err));
    else
        STRATA_TRY(strata_coreset_draw(&coreset, points, options->sample_rows, options->seed, options->threads, err));
    bool thinned = coreset.n / 2 > search_rows(options->k);
    if (thinned)
        STRATA_TRY(strata_coreset_draw(&few, &coreset, search_rows(options->k), options->seed, options->threads, err));
    STRATA_TRY(restart_all(thinned ? &few : &coreset, kernels, &on_sample, candidate, err));
    STRATA_TRY(refine(&coreset, kernels, options, candidate, err));
    strata_points_release(&few);
    strata_points_release(&coreset);
    STRATA_TRY(judge(points, kernels, options, candidate, err));
done:
    strata_points_release(&few);
    strata_points_release(&coreset);
    return status;
}

/* Clusters that a sample is too small to show have no place yet (INFINITY). */
static enum strata_status search(const struct strata_points *points, const struct strata_kernels *kernels,
                                 const struct strata_search_options *options, struct beginning *beginning,
                                 struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool sampled =
        options->seeding == STRATA_SEEDING_PARALLEL || (options->sample_rows > 0 && points->n > options->sample_rows);
    size_t n_values = (size_t)options->k * (size_t)points->d, restarts = (size_t)options->restarts;
    struct candidate *candidate = strata_calloc_array(restarts, sizeof *candidate);
    double *centroid = strata_malloc_array(restarts, n_values * sizeof *centroid);
    beginning->centroid = strata_malloc_array(n_values, sizeof *beginning->centroid);
    if (!candidate || !centroid || !beginning->centroid)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu starts of %d clusters", restarts, options->k);
    for (size_t i = 0; i < restarts; ++i)
        candidate[i] = (struct candidate){.centroid = centroid + i * n_values, .restart = (int)i};
    if (sampled)
        STRATA_TRY(search_sample(points, kernels, options, candidate, err));
    else
        STRATA_TRY(restart_all(points, kernels, options, candidate, err));
    size_t n_found = (size_t)candidate->k * (size_t)points->d;
    memcpy(beginning->centroid, candidate->centroid, n_found * sizeof *beginning->centroid);
    for (size_t i = n_found; i < n_values; ++i)
        beginning->centroid[i] = INFINITY;
    beginning->k = sampled ? options->k : candidate->k;
    beginning->final = !sampled;
    beginning->iterations = candidate->iterations;
    beginning->converged = candidate->converged;
done:
    free(candidate);
    free(centroid);
    return status;
}

/* Hand the outcome of the last run over to `fit`. */
static enum strata_status settle(struct strata_lloyd *lloyd, struct strata_fit *fit, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_points *points = lloyd->points;
    size_t k = (size_t)lloyd->k, d = (size_t)points->d;
    strata_int128 *scratch = strata_malloc_array((size_t)lloyd->threads, k * sizeof *scratch);
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
    strata_lloyd_label_rows(lloyd);
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
