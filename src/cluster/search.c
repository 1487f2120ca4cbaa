#include "search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "candidates.h"
#include "check.h"
#include "coreset.h"
#include "lloyd.h"
#include "memory.h"
#include "restarts.h"
#include "sums.h"
#include "validity.h"

/* Rows of the sample that restarts and swaps run on. */
enum { MIN_SEARCH_ROWS = 1 << 15, SEARCH_ROWS_PER_CLUSTER = 1 << 12 };

/* What comes of few rows is iterated on the sample unless it is worse than the best by more than `promising`. The
 * sample does not tell those apart that differ by less than `close` there; iterations on all rows decide, or on so many
 * times the rows of the sample where that is a small part of all: a few at first, more for those that they leave
 * undecided. */
enum { JUDGED = 4, JUDGED_SAMPLES = 4, SMALL_PART = 8 };
static const double promising = 2e-2, close = 5e-3;
static const struct {
    int iterations;
    double undecided;
} rounds[] = {{2, 1e-3}, {4, 5e-4}, {8, 2e-4}};

/* Centroids whose squared distance is less than this share of the mean variance are those of one place found twice. */
static const double same_place = 1e-3;

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

void strata_search_samples_release(struct strata_search_samples *samples)
{
    strata_points_release(&samples->coreset);
    strata_points_release(&samples->large);
}

/* Where Lloyd begins on all points, and what the search already knows of the outcome. */
struct beginning {
    double *centroid; /* k x d */
    int k;
    bool final; /* the search ran on all points: only labels are wanting */
    int iterations, converged;
};

static size_t search_rows(int k)
{
    size_t rows = (size_t)k * SEARCH_ROWS_PER_CLUSTER;
    return rows < MIN_SEARCH_ROWS ? MIN_SEARCH_ROWS : rows;
}

/* Iterate n outcomes on a sample, where an iteration is cheap and each one saves one or more on all points, and put
 * them in order again: few rows cannot tell close ones apart. */
static enum strata_status refine(const struct strata_points *sample, const struct strata_kernels *kernels,
                                 const struct strata_search_options *options, struct strata_outcome *outcome, int n,
                                 struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_lloyd lloyd = {0};
    STRATA_TRY(strata_lloyd_init(&lloyd, sample, kernels, options->k, options->threads, true, err));
    for (int i = 0; i < n; ++i) {
        strata_lloyd_run(&lloyd, outcome[i].centroid, outcome[i].k, options->max_iterations, options->tolerance);
        strata_outcome_note(&outcome[i], &lloyd);
    }
    strata_outcomes_sort(outcome, n);
done:
    strata_lloyd_release(&lloyd);
    return status;
}

/* How many runs of k clusters share their passes. */
static int together_of(int k)
{
    int n = STRATA_LLOYD_CLUSTERS_TOGETHER / k;
    return n < 1 ? 1 : n < STRATA_LLOYD_TOGETHER ? n : STRATA_LLOYD_TOGETHER;
}

/* Iterate each of n outcomes further. These runs end before limits would pay, and without them it is 2 bytes per row
 * for each. */
static enum strata_status iterate(const struct strata_points *points, const struct strata_kernels *kernels,
                                  const struct strata_search_options *options, int iterations,
                                  struct strata_outcome *outcome, int n, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_lloyd lloyd[STRATA_LLOYD_TOGETHER] = {0};
    const double *start[STRATA_LLOYD_TOGETHER];
    int k[STRATA_LLOYD_TOGETHER], most = together_of(options->k);
    for (int i = 0; i < most && i < n; ++i)
        STRATA_TRY(strata_lloyd_init(&lloyd[i], points, kernels, options->k, options->threads, false, err));
    for (int first = 0; first < n; first += most) {
        int n_together = n - first < most ? n - first : most;
        for (int i = 0; i < n_together; ++i) {
            start[i] = outcome[first + i].centroid;
            k[i] = outcome[first + i].k;
        }
        strata_lloyd_run_together(lloyd, n_together, start, k, iterations, options->tolerance);
        for (int i = 0; i < n_together; ++i)
            strata_outcome_note(&outcome[first + i], &lloyd[i]);
    }
done:
    for (int i = 0; i < STRATA_LLOYD_TOGETHER; ++i)
        strata_lloyd_release(&lloyd[i]);
    return status;
}

/* Move the different places among n ordered outcomes that are not worse than the best by more than a share to the
 * front; returns how many. */
static int gather_places(const struct strata_points *points, struct strata_outcome *outcome, int n, double share,
                         int most)
{
    n = strata_outcomes_count(outcome, n, share);
    return strata_outcomes_gather(outcome, n, points->d, same_place * points->mean_variance, most);
}

/* The best of n ordered outcomes by many more points moves to outcome[0]. */
static enum strata_status judge(const struct strata_points *points, const struct strata_kernels *kernels,
                                const struct strata_search_options *options, struct strata_points *large,
                                struct strata_outcome *outcome, int n, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int n_close = gather_places(points, outcome, n, close, JUDGED);
    bool sampled = options->sample_rows > 0 && points->n / SMALL_PART / JUDGED_SAMPLES > options->sample_rows;
    if (n_close > 1 && sampled && large->n == 0)
        STRATA_TRY(strata_coreset_draw(large, points, JUDGED_SAMPLES * options->sample_rows, options->seed,
                                       options->threads, err));
    for (size_t round = 0; round < sizeof rounds / sizeof *rounds && n_close > 1; ++round) {
        STRATA_TRY(
            iterate(sampled ? large : points, kernels, options, rounds[round].iterations, outcome, n_close, err));
        strata_outcomes_sort(outcome, n_close);
        n_close = strata_outcomes_count(outcome, n_close, rounds[round].undecided);
    }
done:
    return status;
}

/* What is searched on: candidates, which are of this k alone; all points, unless they are more than twice the rows of a
 * sample; or that sample, which is drawn once. */
static enum strata_status choose_sample(const struct strata_points *points, const struct strata_kernels *kernels,
                                        const struct strata_search_options *options, struct strata_points *drawn,
                                        const struct strata_points **sample, struct strata_error *err)
{
    *sample = drawn;
    if (options->seeding == STRATA_SEEDING_PARALLEL) {
        strata_points_release(drawn);
        return strata_candidates_draw(drawn, points, kernels, options->k, options->seed, options->threads, err);
    }
    if (points->n / 2 <= options->sample_rows)
        *sample = points;
    else if (drawn->n == 0)
        return strata_coreset_draw(drawn, points, options->sample_rows, options->seed, options->threads, err);
    return STRATA_OK;
}

/* On a sample in cache, on fewer rows still where those tell good places from bad ones; or on candidates. */
static enum strata_status search_sample(const struct strata_points *points, const struct strata_kernels *kernels,
                                        const struct strata_search_options *options, struct strata_outcome *outcome,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_search_samples own = {0}, *samples = options->samples ? options->samples : &own;
    const struct strata_points *sample;
    struct strata_points few = {0};
    struct strata_search_options on_sample = *options;
    on_sample.tolerance = fmax(options->tolerance, sample_tolerance);
    STRATA_TRY(choose_sample(points, kernels, options, &samples->coreset, &sample, err));
    bool thinned = sample->n / 2 > search_rows(options->k);
    if (thinned)
        STRATA_TRY(strata_coreset_draw(&few, sample, search_rows(options->k), options->seed, options->threads, err));
    STRATA_TRY(strata_restarts_run(thinned ? &few : sample, kernels, &on_sample, outcome, err));
    const int n_places = gather_places(points, outcome, options->restarts, promising, options->restarts);
    STRATA_TRY(refine(sample, kernels, options, outcome, n_places, err));
    strata_points_release(&few);
    strata_points_release(&own.coreset);
    if (sample != points)
        STRATA_TRY(judge(points, kernels, options, &samples->large, outcome, n_places, err));
done:
    strata_points_release(&few);
    strata_search_samples_release(&own);
    return status;
}

/* Clusters that a sample is too small to show have no place yet (INFINITY). */
static enum strata_status search(const struct strata_points *points, const struct strata_kernels *kernels,
                                 const struct strata_search_options *options, struct beginning *beginning,
                                 struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const size_t most = options->sample_rows < search_rows(options->k) ? options->sample_rows : search_rows(options->k);
    bool sampled = options->seeding == STRATA_SEEDING_PARALLEL || (most > 0 && points->n / 2 > most);
    size_t n_values = (size_t)options->k * (size_t)points->d, restarts = (size_t)options->restarts;
    struct strata_outcome *outcome = strata_calloc_array(restarts, sizeof *outcome);
    double *centroid = strata_malloc_array(restarts, n_values * sizeof *centroid);
    beginning->centroid = strata_malloc_array(n_values, sizeof *beginning->centroid);
    if (!outcome || !centroid || !beginning->centroid)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu starts of %d clusters", restarts, options->k);
    for (size_t i = 0; i < restarts; ++i)
        outcome[i] = (struct strata_outcome){.centroid = centroid + i * n_values, .restart = (int)i};
    if (sampled)
        STRATA_TRY(search_sample(points, kernels, options, outcome, err));
    else
        STRATA_TRY(strata_restarts_run(points, kernels, options, outcome, err));
    size_t n_found = (size_t)outcome->k * (size_t)points->d;
    memcpy(beginning->centroid, outcome->centroid, n_found * sizeof *beginning->centroid);
    for (size_t i = n_found; i < n_values; ++i)
        beginning->centroid[i] = INFINITY;
    beginning->k = sampled ? options->k : outcome->k;
    beginning->final = !sampled;
    beginning->iterations = outcome->iterations;
    beginning->converged = outcome->converged;
done:
    free(outcome);
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
            fit->mean[j * d + c] = (double)sums[c] / (double)sums[d] / strata_sums_per_value(points);
    }
    strata_lloyd_label_rows(lloyd);
    fit->centroid = lloyd->centroid;
    fit->label = lloyd->label;
    lloyd->centroid = NULL;
    lloyd->row_label = NULL;
done:
    free(scratch);
    return status;
}

enum strata_status strata_search_run(const struct strata_points *points, const struct strata_search_options *options,
                                     struct strata_fit *fit, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_kernels *kernels = strata_kernels_for(points, options->instructions);
    struct strata_lloyd lloyd = {0};
    struct beginning beginning = {0};
    *fit = (struct strata_fit){0};
    if (!kernels)
        STRATA_GIVE_UP(err, STRATA_USAGE, "k-means: this machine lacks the instruction set asked for");
    if (!options->start)
        STRATA_TRY(search(points, kernels, options, &beginning, err));
    STRATA_TRY(strata_lloyd_init(&lloyd, points, kernels, options->k, options->threads, true, err));
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
