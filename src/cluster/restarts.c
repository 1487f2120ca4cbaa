#include "restarts.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "seeding.h"
#include "validity.h"

/* Lloyd's iterations that show whether a swap pays. */
enum { SWAP_ITERATIONS = 4 };

/* Of the squares, below which an inertia is not computed by their difference. */
static const double precise_share = 1e-6;

/* What one thread needs to run a restart from seeding to inertia. */
struct attempt {
    struct strata_lloyd lloyd, kept; /* what is tried, and the restart's best so far */
    struct strata_seeding seeding;
    double *start;          /* k x d */
    double *within;         /* k */
    strata_int128 *scratch; /* k */
    double inertia;         /* of kept */
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
    STRATA_TRY(strata_lloyd_init(&attempt->lloyd, points, kernels, k, 1, true, err));
    STRATA_TRY(strata_lloyd_init(&attempt->kept, points, kernels, k, 1, true, err));
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

static void attempt_run(struct attempt *attempt, const struct strata_search_options *options,
                        struct strata_outcome *outcome)
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

enum strata_status strata_restarts_run(const struct strata_points *points, const struct strata_kernels *kernels,
                                       const struct strata_search_options *options, struct strata_outcome *outcome,
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
        attempt_run(&attempt[omp_get_thread_num()], options, &outcome[restart]);
    strata_outcomes_sort(outcome, options->restarts);
done:
    for (int i = 0; attempt && i < n_attempts; ++i)
        attempt_release(&attempt[i]);
    free(attempt);
    return status;
}
