#include "table_run.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/version.h>

#include "check.h"
#include "clusters_report.h"
#include "clusters_write.h"
#include "memory.h"
#include "same_file.h"

enum { MOST_THREADS = 4096 };

void strata_cluster_file_result_release(struct strata_cluster_file_result *result)
{
    for (int c = 0; result->columns && c < result->n_columns; ++c)
        free(result->columns[c]);
    free(result->labels);
    free(result->columns);
    free(result->centroids);
    free(result->numbers);
    free(result->sizes);
    free(result->output);
    free(result->summary);
    *result = (struct strata_cluster_file_result){0};
}

void strata_table_run_notify(const struct strata_table_run *run, enum strata_event_kind kind, const char *stage,
                             const char *format, ...)
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

enum strata_status strata_table_run_begin(struct strata_table_run *run, const char *const *inputs, size_t n_inputs,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (!run->name)
        STRATA_GIVE_UP(err, STRATA_USAGE, "no table is given");
    if (run->threads < 0 || run->threads > MOST_THREADS)
        STRATA_GIVE_UP(err, STRATA_USAGE, "%d threads\ngive a number from 0 (all) to %d", run->threads, MOST_THREADS);
    STRATA_TRY(strata_plain_table_find(&run->table, run->name, err));
    if (!run->output)
        goto done;
    bool is_input = strata_is_same_file(run->output, run->table.path);
    for (size_t i = 0; i < n_inputs; ++i)
        is_input = is_input || (inputs[i] && strata_is_same_file(run->output, inputs[i]));
    if (is_input)
        STRATA_GIVE_UP(err, STRATA_USAGE, "the output %s is also an input\ngive another name", run->output);
    STRATA_TRY(strata_publication_begin(&run->publication, run->output, err));
done:
    return status;
}

enum strata_status strata_table_run_read(struct strata_table_run *run, const char *const *columns, size_t n_columns,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_named_table *contents = &run->table.contents;
    STRATA_TRY(strata_plain_table_read(&run->table, columns, n_columns, err));
    const size_t n_rows = contents->table.n_rows, n_read = contents->table.n_columns;
    const char *left_out = contents->has_header ? "; no numbers, and left out: " : "; beside it, not clustered: ";
    strata_table_run_notify(run, STRATA_EVENT_LOG, "read", "%s%s%s: %zu row%s, %zu column%s%s%s%s",
                            contents->place ? run->table.path : run->name, contents->place ? ":" : "",
                            contents->place ? contents->place : "", n_rows, n_rows == 1 ? "" : "s", n_read,
                            n_read == 1 ? "" : "s",
                            contents->has_header ? "" : "; no header: the columns are called 1, 2, ...",
                            contents->left_out ? left_out : "", contents->left_out ? contents->left_out : "");
    run->label = strata_malloc_array(n_rows, sizeof *run->label);
    if (!run->label)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the clusters of %zu rows", n_rows);
done:
    return status;
}

static enum strata_status publish(struct strata_table_run *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_clusters_contents contents = {
        .tool_version = STRATA_VERSION,
        .table = run->name,
        .n_rows = run->table.contents.table.n_rows,
        .label = run->label,
        .clustering = &run->clustering,
        .threads = run->threads ? run->threads : omp_get_max_threads(),
    };
    if (!run->output)
        return STRATA_OK;
    STRATA_TRY(strata_clusters_write(&run->publication, &contents, err));
    STRATA_TRY(strata_publication_commit(&run->publication, err));
done:
    return status;
}

/* What can fail, before the output is published. */
static enum strata_status describe(const struct strata_table_run *run, struct strata_cluster_file_result *result,
                                   struct strata_error *err)
{
    const struct strata_clustering *clustering = &run->clustering;
    result->output = strata_copy_string(run->output);
    result->numbers = strata_malloc_array((size_t)clustering->k, sizeof *result->numbers);
    if ((run->output && !result->output) || !result->numbers)
        return strata_fail(err, STRATA_MEMORY, "out of memory for the result");
    for (int j = 0; j < clustering->k; ++j)
        result->numbers[j] = (int16_t)clustering->label[j].value;
    return strata_report_clusters(clustering, &result->summary, err);
}

/* The arrays move from the clustering to the result. */
static void hand_over(struct strata_table_run *run, struct strata_cluster_file_result *result)
{
    struct strata_clustering *clustering = &run->clustering;
    result->rows = run->table.contents.table.n_rows;
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

enum strata_status strata_table_run_finish(struct strata_table_run *run, struct strata_cluster_file_result *result,
                                           struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_clustering *clustering = &run->clustering;
    if (clustering->n_missing)
        strata_table_run_notify(run, STRATA_EVENT_WARNING, "clusters",
                                "%llu of %zu row%s %s a value in some column: no cluster",
                                (unsigned long long)clustering->n_missing, run->table.contents.table.n_rows,
                                run->table.contents.table.n_rows == 1 ? "" : "s",
                                clustering->n_missing == 1 ? "lacks" : "lack");
    STRATA_TRY(describe(run, result, err));
    STRATA_TRY(publish(run, err));
    hand_over(run, result);
done:
    return status;
}

void strata_table_run_release(struct strata_table_run *run)
{
    strata_clustering_release(&run->clustering);
    strata_plain_table_release(&run->table);
    strata_publication_release(&run->publication);
    free(run->label);
}
