#include <strata/cluster.h>

#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/kmeans.h>
#include <strata/version.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "cluster.h"
#include "clusters_report.h"
#include "clusters_write.h"
#include "matrix.h"
#include "memory.h"
#include "number_table.h"
#include "publication.h"
#include "same_file.h"
#include "stored_table.h"

enum { MOST_THREADS = 4096 };

struct clustering_run {
    const struct strata_cluster_file_options *options;
    const struct strata_observer *observer; /* may be NULL */
    double started;
    char *path;        /* of the table's file; owned */
    const char *group; /* in it, inside `path`'s memory; NULL: none is named */
    struct strata_publication output;
    struct strata_named_table table;
    gsl_matrix *init; /* or NULL */
    struct strata_clustering clustering;
    int16_t *label;
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
    };
}

void strata_cluster_file_result_release(struct strata_cluster_file_result *result)
{
    for (int c = 0; result->columns && c < result->n_columns; ++c)
        free(result->columns[c]);
    free(result->labels);
    free(result->columns);
    free(result->centroids);
    free(result->sizes);
    free(result->output);
    free(result->summary);
    *result = (struct strata_cluster_file_result){0};
}

static void notify(const struct clustering_run *run, enum strata_event_kind kind, const char *stage, const char *format,
                   ...) STRATA_PRINTF(4, 5);
static void notify(const struct clustering_run *run, enum strata_event_kind kind, const char *stage, const char *format,
                   ...)
{
    char text[1024];
    va_list arguments;
    if (!run->observer)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const struct strata_event event = {
        .kind = kind, .stage = stage, .text = text, .share = (double)NAN, .seconds = omp_get_wtime() - run->started};
    run->observer->notify(run->observer->context, &event);
}

/* "FILE:/GROUP" is a file and a group unless there is a file of that whole name. */
static enum strata_status split_table(const char *table, char **path, const char **group, struct strata_error *err)
{
    struct stat about;
    char *copy = strata_copy_string(table);
    *group = NULL;
    *path = copy;
    if (!copy)
        return strata_fail(err, STRATA_MEMORY, "out of memory for a path");
    char *colon = strstr(copy, ":/");
    for (char *next = colon; next; next = strstr(next + 1, ":/"))
        colon = next;
    if (colon && stat(copy, &about) != 0) {
        *colon = '\0';
        *group = colon + 1;
    }
    return STRATA_OK;
}

static enum strata_status begin(struct clustering_run *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_cluster_file_options *options = run->options;
    if (!options->table)
        STRATA_GIVE_UP(err, STRATA_USAGE, "no table is given");
    if (options->threads < 0 || options->threads > MOST_THREADS)
        STRATA_GIVE_UP(err, STRATA_USAGE, "%d threads\ngive a number from 0 (all) to %d", options->threads,
                       MOST_THREADS);
    STRATA_TRY(split_table(options->table, &run->path, &run->group, err));
    if (!options->output)
        goto done;
    if (strata_is_same_file(options->output, run->path) ||
        (options->init && strata_is_same_file(options->output, options->init)))
        STRATA_GIVE_UP(err, STRATA_USAGE, "the output %s is also an input\ngive another name", options->output);
    STRATA_TRY(strata_publication_begin(&run->output, options->output, err));
done:
    return status;
}

static enum strata_status read_table(struct clustering_run *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_cluster_file_options *options = run->options;
    const char *path = run->path, *group = run->group;
    if (group || strata_file_is_hdf5(path))
        STRATA_TRY(strata_stored_table_read(path, group, options->columns, options->n_columns, &run->table, err));
    else
        STRATA_TRY(strata_number_table_read(path, options->columns, options->n_columns, &run->table, err));
    const size_t n_rows = run->table.table.n_rows, n_columns = run->table.table.n_columns;
    notify(run, STRATA_EVENT_LOG, "read", "%s: %zu row%s, %zu column%s%s", options->table, n_rows,
           n_rows == 1 ? "" : "s", n_columns, n_columns == 1 ? "" : "s",
           run->table.has_header ? "" : "; no header: the columns are called 1, 2, ...");
done:
    return status;
}

/* One row of the matrix for each row of the table, a column for each that is clustered. */
static enum strata_status fill_init(struct clustering_run *run, const struct strata_named_table *init,
                                    struct strata_error *err)
{
    size_t k = init->table.n_rows, d = run->table.table.n_columns;
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
    const size_t d = run->table.table.n_columns;
    if (!path)
        return STRATA_OK;
    /* Read all first: without a header the order counts, with one the names do. */
    STRATA_TRY(strata_number_table_read(path, NULL, 0, &init, err));
    if (init.has_header) {
        strata_named_table_release(&init);
        STRATA_TRY(strata_number_table_read(path, (const char *const *)run->table.name, d, &init, err));
    } else if (init.table.n_columns != d) {
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "%s has no header and %zu fields in a row; the columns to cluster are %zu\n"
                       "give one value for each of them, in their order, or a header with their names",
                       path, init.table.n_columns, d);
    }
    size_t k = init.table.n_rows;
    if (run->options->k != 0 && (size_t)run->options->k != k)
        STRATA_GIVE_UP(err, STRATA_USAGE, "%s has %zu rows, but %d clusters are asked for\nmake them agree", path, k,
                       run->options->k);
    if (k > STRATA_KMEANS_MAX_CLUSTERS)
        STRATA_GIVE_UP(err, STRATA_USAGE, "%s has %zu rows; there can be at most %d clusters", path, k,
                       STRATA_KMEANS_MAX_CLUSTERS);
    STRATA_TRY(fill_init(run, &init, err));
done:
    strata_named_table_release(&init);
    return status;
}

static enum strata_status fit(struct clustering_run *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_cluster_file_options *wanted = run->options;
    const struct strata_table *table = &run->table.table;
    struct strata_cluster_options options;
    strata_cluster_options_init(&options);
    options.columns = (const char *const *)run->table.name;
    options.n_columns = (int)table->n_columns;
    options.k = run->init ? (int)run->init->size1 : wanted->k;
    options.max_k = wanted->max_k;
    options.criterion = (enum strata_cluster_criterion)wanted->criterion;
    options.transform = (enum strata_cluster_transform)wanted->transform;
    options.scaling = (enum strata_cluster_scaling)wanted->scaling;
    options.missing = (enum strata_cluster_missing)wanted->missing;
    options.seeding = (enum strata_kmeans_seeding)wanted->seeding;
    options.restarts = wanted->restarts;
    options.max_iterations = wanted->max_iterations;
    options.tolerance = wanted->tolerance;
    options.seed = wanted->seed;
    options.threads = wanted->threads;
    options.centroids = run->init;
    options.observer = run->observer;
    run->label = strata_malloc_array(table->n_rows, sizeof *run->label);
    if (!run->label)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the clusters of %zu rows", table->n_rows);
    STRATA_TRY(strata_cluster_table(table, &options, &run->clustering, run->label, err));
    if (run->clustering.choice)
        notify(run, STRATA_EVENT_LOG, "clusters", "%s", run->clustering.choice);
    if (run->clustering.k == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s: no row has a value in every column (%zu)\nchoose others with --columns", wanted->table,
                       table->n_columns);
    if (run->clustering.n_missing)
        notify(run, STRATA_EVENT_WARNING, "clusters", "%llu of %zu rows lack a value in some column: no cluster",
               (unsigned long long)run->clustering.n_missing, table->n_rows);
done:
    return status;
}

static enum strata_status publish(struct clustering_run *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_clusters_contents contents = {
        .tool_version = STRATA_VERSION,
        .table = run->options->table,
        .n_rows = run->table.table.n_rows,
        .label = run->label,
        .clustering = &run->clustering,
        .threads = run->options->threads ? run->options->threads : omp_get_max_threads(),
    };
    if (!run->options->output)
        return STRATA_OK;
    STRATA_TRY(strata_clusters_write(&run->output, &contents, err));
    STRATA_TRY(strata_publication_commit(&run->output, err));
done:
    return status;
}

/* What can fail, before the output is published. */
static enum strata_status describe(struct clustering_run *run, struct strata_cluster_file_result *result,
                                   struct strata_error *err)
{
    result->output = strata_copy_string(run->options->output);
    if (run->options->output && !result->output)
        return strata_fail(err, STRATA_MEMORY, "out of memory for the result");
    return strata_report_clusters(&run->clustering, &result->summary, err);
}

/* The arrays move from the clustering to the result. */
static void hand_over(struct clustering_run *run, struct strata_cluster_file_result *result)
{
    struct strata_clustering *clustering = &run->clustering;
    result->rows = run->table.table.n_rows;
    result->rows_without_cluster = clustering->n_missing;
    result->labels = run->label;
    result->k = clustering->k;
    result->n_columns = clustering->d;
    result->columns = clustering->column;
    result->centroids = clustering->centroid;
    result->sizes = clustering->size;
    result->inertia = clustering->inertia;
    result->iterations = clustering->iterations;
    result->converged = clustering->converged;
    result->fit_seconds = clustering->fit_seconds;
    run->label = NULL;
    clustering->column = NULL;
    clustering->centroid = NULL;
    clustering->size = NULL;
}

static void release(struct clustering_run *run)
{
    strata_clustering_release(&run->clustering);
    strata_named_table_release(&run->table);
    strata_publication_release(&run->output);
    free(run->path);
    free(run->label);
    gsl_matrix_free(run->init);
}

enum strata_status strata_cluster_file(const struct strata_cluster_file_options *options,
                                       const struct strata_observer *observer,
                                       struct strata_cluster_file_result *result, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct clustering_run run = {.options = options, .observer = observer, .started = omp_get_wtime()};
    *result = (struct strata_cluster_file_result){0};
    STRATA_TRY(begin(&run, err));
    STRATA_TRY(read_table(&run, err));
    STRATA_TRY(read_init(&run, err));
    STRATA_TRY(fit(&run, err));
    STRATA_TRY(describe(&run, result, err));
    STRATA_TRY(publish(&run, err));
    hand_over(&run, result);
done:
    release(&run);
    if (status != STRATA_OK)
        strata_cluster_file_result_release(result);
    return status;
}
