#include <stdlib.h>

#include "check.h"
#include "cluster.h"
#include "memory.h"
#include "run_state.h"

static const struct strata_column cluster_column = {"cluster", STRATA_I16, "1",
                                                    "k-means cluster; missing where a clustered column has no value"};

/* What people ask of a cluster beside what it was made from; those that the run has. */
static const char *const features[] = {"recency",       "tenure",   "frequency",     "monetary",
                                       "average_order", "gap_mean", "days_over_gap", "spend_90d",
                                       "returns",       "channels", "categories"};

static struct strata_cluster_options cluster_options(const struct strata_run_state *run)
{
    const struct strata_config *config = run->config;
    struct strata_cluster_options options;
    strata_cluster_options_init(&options);
    options.columns = (const char *const *)config->clusters.columns.item;
    options.n_columns = (int)config->clusters.columns.n;
    options.k = config->clusters.k == STRATA_CONFIG_AUTO ? 0 : (int)config->clusters.k;
    options.max_k = (int)config->clusters.max_k;
    options.criterion = (enum strata_cluster_criterion)config->clusters.criterion;
    options.transform = (enum strata_cluster_transform)config->clusters.transform;
    options.scaling = (enum strata_cluster_scaling)config->clusters.scaling;
    options.missing = (enum strata_cluster_missing)config->clusters.missing;
    options.seeding = (enum strata_kmeans_seeding)config->clusters.seeding;
    options.restarts = (int)config->clusters.restarts;
    options.max_iterations = (int)config->clusters.max_iterations;
    options.tolerance = config->clusters.tolerance;
    options.seed = (uint64_t)config->seed;
    options.threads = strata_run_table_threads(run);
    options.min_size = (uint64_t)config->clusters.min_size;
    options.min_share = config->clusters.min_share;
    options.previous = &run->previous.clustering;
    options.previous_run_id = run->previous.run_id;
    options.previous_margin = config->clusters.previous_margin;
    options.features = features;
    options.n_features = sizeof features / sizeof *features;
    options.observer = run->observer;
    return options;
}

/* The profile's shares of revenue are those of the summary, whose rows are the clusters in their order. */
static enum strata_status take_revenue(const struct strata_segmentation *summary, struct strata_clustering *clustering,
                                       struct strata_error *err)
{
    size_t k = (size_t)clustering->k;
    clustering->profile.revenue_share = strata_malloc_array(k, sizeof *clustering->profile.revenue_share);
    if (!clustering->profile.revenue_share)
        return strata_fail_memory(err, "shares of revenue", k, sizeof *clustering->profile.revenue_share);
    for (size_t j = 0; j < k; ++j)
        clustering->profile.revenue_share[j] = summary->rows[j].revenue_share;
    return STRATA_OK;
}

enum strata_status strata_run_make_clusters(struct strata_run_state *run, int16_t **label, struct strata_error *err)
{
    struct strata_table *table = &run->table;
    enum strata_status status = strata_table_make_column(table, &cluster_column, &run->clustering.labels, err);
    if (status == STRATA_OK)
        *label = table->columns[table->n_columns - 1].values;
    return status;
}

enum strata_status strata_run_sum_up_clusters(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_table *table = &run->table;
    const int16_t *label = strata_table_find(table, cluster_column.name)->values;
    STRATA_TRY(strata_segmentation_summarise(table, label, &run->clustering.labels, cluster_column.name, "k-means",
                                             run->window.amount_decimals, strata_run_table_threads(run),
                                             &run->segmentation[run->n_segmentations], err));
    ++run->n_segmentations;
    strata_table_rest(table);
done:
    return status;
}

enum strata_status strata_run_cluster(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int16_t *label, *previous = NULL;
    if (run->config->clusters.k == 0)
        return STRATA_OK;
    struct strata_cluster_options options = cluster_options(run);
    STRATA_TRY(strata_run_read_previous_labels(run, &previous, err));
    options.previous_label = previous;
    STRATA_TRY(strata_run_make_clusters(run, &label, err));
    STRATA_TRY(strata_cluster_table(&run->table, &options, &run->clustering, label, err));
    STRATA_TRY(strata_run_sum_up_clusters(run, err));
    STRATA_TRY(take_revenue(&run->segmentation[run->n_segmentations - 1], &run->clustering, err));
    const struct strata_clustering *clustering = &run->clustering;
    strata_run_log(run, STRATA_EVENT_LOG, "clusters", "%d cluster%s in %d iteration%s%s", clustering->k,
                   clustering->k == 1 ? "" : "s", clustering->iterations, clustering->iterations == 1 ? "" : "s",
                   clustering->converged ? "" : ", not converged");
    if (clustering->choice)
        strata_run_log(run, STRATA_EVENT_LOG, "clusters", "%s", clustering->choice);
    if (clustering->continuity.sentence)
        strata_run_log(run, STRATA_EVENT_LOG, "clusters", "%s", clustering->continuity.sentence);
done:
    free(previous);
    return status;
}
