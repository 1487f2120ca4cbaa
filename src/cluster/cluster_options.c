#include "cluster_options.h"

#include <math.h>
#include <strata/kmeans.h>

#include "check.h"
#include "gap.h"

static const char *const default_columns[] = {"recency", "frequency", "monetary"};

void strata_cluster_options_init(struct strata_cluster_options *options)
{
    struct strata_kmeans_options kmeans;
    strata_kmeans_options_init(&kmeans);
    *options = (struct strata_cluster_options){.columns = default_columns,
                                               .n_columns = 3,
                                               .max_k = 10,
                                               .transform = STRATA_TRANSFORM_LOG1P,
                                               .scaling = STRATA_SCALING_STANDARD,
                                               .winsor_lower = 0.01,
                                               .winsor_upper = 0.99,
                                               .restarts = kmeans.restarts,
                                               .swaps = kmeans.swaps,
                                               .max_iterations = kmeans.max_iterations,
                                               .tolerance = kmeans.tolerance,
                                               .previous_margin = 0.01,
                                               .seed = kmeans.seed,
                                               .seeding = kmeans.seeding,
                                               .sample_rows = kmeans.sample_rows};
}

static enum strata_status check_start(const struct strata_cluster_options *options, struct strata_error *err)
{
    const gsl_matrix *start = options->centroids;
    if (options->k == 0 || start->size1 != (size_t)options->k || start->size2 != (size_t)options->n_columns)
        return strata_fail(err, STRATA_USAGE,
                           "clusters: the first centroids are %zu x %zu; give one row for each of a fixed number of "
                           "clusters and one value for each of the %d columns",
                           start->size1, start->size2, options->n_columns);
    for (size_t j = 0; j < start->size1; ++j)
        for (size_t c = 0; c < start->size2; ++c)
            if (!isfinite(gsl_matrix_get(start, j, c)))
                return strata_fail(err, STRATA_USAGE, "clusters: the first centroid %zu has no finite value for %s",
                                   j + 1, options->columns[c]);
    return STRATA_OK;
}

enum strata_status strata_cluster_options_check(const struct strata_cluster_options *options, struct strata_error *err)
{
    if (options->n_columns < 1)
        return strata_fail(err, STRATA_USAGE, "clusters: no column to cluster on; name at least one");
    if (options->k < 0 || options->k > STRATA_KMEANS_MAX_CLUSTERS)
        return strata_fail(err, STRATA_USAGE, "clusters: %d clusters; choose 1 to %d, or auto", options->k,
                           STRATA_KMEANS_MAX_CLUSTERS);
    if (options->k == 0 && (options->max_k < 2 || options->max_k > STRATA_KMEANS_MAX_CLUSTERS))
        return strata_fail(err, STRATA_USAGE, "clusters: auto cannot try up to %d; choose 2 to %d", options->max_k,
                           STRATA_KMEANS_MAX_CLUSTERS);
    const struct {
        const char *name;
        int value, least;
    } counts[] = {{"restarts", options->restarts, 1},
                  {"iterations", options->max_iterations, 1},
                  {"swaps", options->swaps, 0},
                  {"threads", options->threads, 0}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i)
        if (counts[i].value < counts[i].least)
            return strata_fail(err, STRATA_USAGE, "clusters: %d %s; choose %d or more", counts[i].value, counts[i].name,
                               counts[i].least);
    if (!(options->tolerance >= 0))
        return strata_fail(err, STRATA_USAGE, "clusters: the tolerance is %g; it is 0 or more", options->tolerance);
    if (!(options->min_share >= 0 && options->min_share <= 1))
        return strata_fail(err, STRATA_USAGE, "clusters: the least share of a cluster is %g; choose 0 to 1",
                           options->min_share);
    if (!(options->previous_margin >= 0))
        return strata_fail(err, STRATA_USAGE, "clusters: the margin over the earlier clusters is %g; it is 0 or more",
                           options->previous_margin);
    if (options->k == 0 && options->criterion == STRATA_CRITERION_GAP &&
        (options->n_columns > STRATA_GAP_MOST_COLUMNS || options->max_k > STRATA_GAP_MOST_CLUSTERS))
        return strata_fail(err, STRATA_USAGE,
                           "clusters: the gap chooses among at most %d clusters in %d columns; take another criterion",
                           STRATA_GAP_MOST_CLUSTERS, STRATA_GAP_MOST_COLUMNS);
    if (!(options->winsor_lower >= 0 && options->winsor_lower < options->winsor_upper && options->winsor_upper <= 1))
        return strata_fail(err, STRATA_USAGE, "clusters: winsor limits %g and %g; they are shares from 0 to 1, rising",
                           options->winsor_lower, options->winsor_upper);
    if (options->transform == STRATA_TRANSFORM_BOX_COX && options->missing == STRATA_MISSING_ZERO)
        return strata_fail(err, STRATA_USAGE,
                           "clusters: a missing value cannot count as 0 with box-cox, which takes positive values\n"
                           "choose another transform, such as yeo-johnson, or another policy for missing values");
    return options->centroids ? check_start(options, err) : STRATA_OK;
}
