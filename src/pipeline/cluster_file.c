#include <strata/cluster.h>

#include <omp.h>
#include <stdlib.h>
#include <strata/kmeans.h>
#include <string.h>

#include "check.h"
#include "cluster.h"
#include "clusters_source.h"
#include "matrix.h"
#include "memory.h"
#include "number_table.h"
#include "table_run.h"

struct clustering_run {
    const struct strata_cluster_file_options *options;
    struct strata_table_run of;
    const char **column; /* n_columns names: what is clustered on, of the table that was read */
    size_t n_columns;
    gsl_matrix *init; /* or NULL */
    struct strata_clusters_source previous;
};

void strata_cluster_file_options_init(struct strata_cluster_file_options *options)
{
    struct strata_cluster_options defaults;
    strata_cluster_options_init(&defaults);
    *options = (struct strata_cluster_file_options){
        .max_k = defaults.max_k,
        .transform = STRATA_CONFIG_TRANSFORM_NONE,
        .scaling = STRATA_CONFIG_SCALING_NONE,
        .restarts = defaults.restarts,
        .max_iterations = defaults.max_iterations,
        .tolerance = defaults.tolerance,
        .seed = defaults.seed,
        .previous_margin = defaults.previous_margin,
    };
}

static bool is_named(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; ++i)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The columns named, with that of weights. */
static enum strata_status read_with_weights(struct clustering_run *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_cluster_file_options *options = run->options;
    const char **name = strata_malloc_array(options->n_columns + 1, sizeof *name);
    if (!name)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %zu names", options->n_columns + 1);
    for (size_t i = 0; i < options->n_columns; ++i)
        name[i] = options->columns[i];
    name[options->n_columns] = options->weights;
    STRATA_TRY(strata_table_run_read(&run->of, name, options->n_columns + 1, err));
done:
    free(name);
    return status;
}

/* All but that of weights, unless it is named as one of them. */
static enum strata_status choose_columns(struct clustering_run *run, struct strata_error *err)
{
    const struct strata_cluster_file_options *options = run->options;
    const struct strata_named_table *contents = &run->of.table.contents;
    bool is_clustered = !options->weights || is_named(options->columns, options->n_columns, options->weights);
    run->column = strata_malloc_array(contents->n_names, sizeof *run->column);
    if (!run->column)
        return strata_fail(err, STRATA_MEMORY, "out of memory for %zu names", contents->n_names);
    for (size_t i = 0; i < contents->n_names; ++i)
        if (is_clustered || strcmp(contents->name[i], options->weights) != 0)
            run->column[run->n_columns++] = contents->name[i];
    if (run->n_columns == 0)
        return strata_fail(err, STRATA_REJECTED, "%s has no column of numbers beside the weights, %s", run->of.name,
                           options->weights);
    return STRATA_OK;
}

static enum strata_status read_table(struct clustering_run *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_cluster_file_options *options = run->options;
    const char *weights = options->weights;
    const struct strata_named_table *contents = &run->of.table.contents;
    if (weights && options->n_columns > 0 && !is_named(options->columns, options->n_columns, weights))
        STRATA_TRY(read_with_weights(run, err));
    else
        STRATA_TRY(strata_table_run_read(&run->of, options->columns, options->n_columns, err));
    if (weights && !is_named((const char *const *)contents->name, contents->n_names, weights))
        STRATA_TRY(strata_plain_table_read_also(&run->of.table, weights, err));
    STRATA_TRY(choose_columns(run, err));
    if (weights)
        strata_table_run_notify(&run->of, STRATA_EVENT_LOG, "read", "weights of the rows: column %s", weights);
done:
    return status;
}

/* One row of the matrix for each row of the table, a column for each that is clustered. */
static enum strata_status fill_init(struct clustering_run *run, const struct strata_named_table *init,
                                    struct strata_error *err)
{
    size_t k = init->table.n_rows, d = run->n_columns;
    run->init = strata_matrix_alloc(k, d);
    if (!run->init)
        return strata_fail_memory(err, "the first centroids", k, d * sizeof(double));
    for (size_t c = 0; c < d; ++c)
        for (size_t j = 0; j < k; ++j)
            gsl_matrix_set(run->init, j, c, strata_table_value(&init->table.columns[c], j));
    return STRATA_OK;
}

static enum strata_status read_init(struct clustering_run *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const char *path = run->options->init;
    struct strata_named_table init = {0};
    const size_t d = run->n_columns;
    if (!path)
        return STRATA_OK;
    /* Read all first: without a header the order counts, with one the names do. */
    STRATA_TRY(strata_number_table_read(path, NULL, 0, &init, err));
    if (init.has_header) {
        strata_named_table_release(&init);
        STRATA_TRY(strata_number_table_read(path, run->column, d, &init, err));
    } else if (init.table.n_columns != d) {
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "%s has no header and %zu field%s in a row, but the columns to cluster are %zu\n"
                       "give one value for each of them, in their order, or a header with their names",
                       path, init.table.n_columns, init.table.n_columns == 1 ? "" : "s", d);
    }
    size_t k = init.table.n_rows;
    if (run->options->k != 0 && (size_t)run->options->k != k)
        STRATA_GIVE_UP(err, STRATA_USAGE, "%s has %zu row%s, but --clusters is %d\nmake them agree", path, k,
                       k == 1 ? "" : "s", run->options->k);
    if (k > STRATA_KMEANS_MAX_CLUSTERS)
        STRATA_GIVE_UP(err, STRATA_USAGE, "%s has %zu rows; there can be at most %d clusters", path, k,
                       STRATA_KMEANS_MAX_CLUSTERS);
    STRATA_TRY(fill_init(run, &init, err));
done:
    strata_named_table_release(&init);
    return status;
}

static enum strata_status read_previous(struct clustering_run *run, struct strata_error *err)
{
    const char *path = run->options->previous;
    if (!path)
        return STRATA_OK;
    if (run->options->init)
        return strata_fail(err, STRATA_USAGE,
                           "both first centroids, %s, and earlier clusters, %s, are given\ngive one of them",
                           run->options->init, path);
    enum strata_status status = strata_clusters_source_read(path, &run->previous, err);
    if (status == STRATA_OK && run->previous.clustering.k == 0)
        strata_table_run_notify(&run->of, STRATA_EVENT_WARNING, "clusters",
                                "%s has no clusters: numbers and names begin anew", path);
    return status;
}

static struct strata_cluster_options cluster_options(const struct clustering_run *run)
{
    const struct strata_cluster_file_options *wanted = run->options;
    struct strata_cluster_options options;
    strata_cluster_options_init(&options);
    options.columns = run->column;
    options.n_columns = (int)run->n_columns;
    options.weights = wanted->weights;
    options.k = run->init ? (int)run->init->size1 : wanted->k;
    options.max_k = wanted->max_k;
    options.criterion = (enum strata_cluster_criterion)wanted->criterion;
    options.transform = (enum strata_cluster_transform)wanted->transform;
    options.scaling = (enum strata_cluster_scaling)wanted->scaling;
    options.missing = (enum strata_cluster_missing)wanted->missing;
    options.seeding = (enum strata_kmeans_seeding)wanted->seeding;
    options.precision = (enum strata_cluster_precision)wanted->precision;
    options.restarts = wanted->restarts;
    options.max_iterations = wanted->max_iterations;
    options.tolerance = wanted->tolerance;
    options.seed = wanted->seed;
    options.threads = wanted->threads;
    options.min_size = wanted->min_size;
    options.min_share = wanted->min_share;
    options.previous = &run->previous.clustering;
    options.previous_run_id = run->previous.run_id;
    options.previous_margin = wanted->previous_margin;
    options.centroids = run->init;
    options.of_rows = true;
    options.observer = run->of.observer;
    return options;
}

static enum strata_status fit(struct clustering_run *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_table *table = &run->of.table.contents.table;
    const struct strata_cluster_options options = cluster_options(run);
    struct strata_clustering *clustering = &run->of.clustering;
    STRATA_TRY(strata_cluster_table(table, &options, clustering, run->of.label, err));
    if (clustering->choice)
        strata_table_run_notify(&run->of, STRATA_EVENT_LOG, "clusters", "%s", clustering->choice);
    if (clustering->continuity.sentence)
        strata_table_run_notify(&run->of, STRATA_EVENT_LOG, "clusters", "%s", clustering->continuity.sentence);
    if (clustering->k == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s: no row has a value in each of the %zu column%s\nchoose others with --columns%s",
                       run->of.name, run->n_columns, run->n_columns == 1 ? "" : "s",
                       run->options->missing == STRATA_CONFIG_MISSING_DROP
                           ? ", or say what is missing counts as, with --missing median"
                           : "");
done:
    return status;
}

enum strata_status strata_cluster_file(const struct strata_cluster_file_options *options,
                                       const struct strata_observer *observer,
                                       struct strata_cluster_file_result *result, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct clustering_run run = {.options = options,
                                 .of = {.name = options->table,
                                        .output = options->output,
                                        .threads = options->threads,
                                        .observer = observer,
                                        .started = omp_get_wtime()}};
    *result = (struct strata_cluster_file_result){0};
    STRATA_TRY(strata_table_run_begin(&run.of, &options->init, 1, err));
    STRATA_TRY(read_previous(&run, err));
    STRATA_TRY(read_table(&run, err));
    STRATA_TRY(read_init(&run, err));
    STRATA_TRY(fit(&run, err));
    STRATA_TRY(strata_table_run_finish(&run.of, result, err));
done:
    strata_table_run_release(&run.of);
    strata_clusters_source_release(&run.previous);
    gsl_matrix_free(run.init);
    free(run.column);
    if (status != STRATA_OK)
        strata_cluster_file_result_release(result);
    return status;
}
