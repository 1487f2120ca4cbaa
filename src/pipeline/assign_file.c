#include <omp.h>
#include <stdlib.h>

#include "assign_table.h"
#include "check.h"
#include "clusters_source.h"
#include "memory.h"
#include "table_run.h"

int strata_is_clusters_file(const char *path) { return strata_clusters_source_is_table(path); }

static enum strata_status read_clusters(const char *path, struct strata_clustering *clustering,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_clusters_source source = {0};
    if (!path)
        STRATA_GIVE_UP(err, STRATA_USAGE, "no file of clusters is given");
    STRATA_TRY(strata_clusters_source_read(path, &source, err));
    if (source.clustering.k == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has no clusters to assign by", path);
    *clustering = source.clustering;
    source.clustering = (struct strata_clustering){0};
done:
    strata_clusters_source_release(&source);
    return status;
}

/* Those that the clusters were made of, and those that were left out since they did not vary, where a row without a
 * value in them has no cluster. */
static enum strata_status read_columns(struct strata_table_run *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_clustering *clustering = &run->clustering;
    size_t d = (size_t)clustering->d, n_dropped = (size_t)clustering->preparation.n_dropped;
    const char **column = strata_malloc_array(d + n_dropped, sizeof *column);
    if (!column)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %zu names", d + n_dropped);
    for (size_t c = 0; c < d; ++c)
        column[c] = clustering->column[c];
    for (size_t c = 0; c < n_dropped; ++c)
        column[d + c] = clustering->preparation.dropped[c];
    STRATA_TRY(strata_table_run_read(run, column, d + n_dropped, err));
done:
    free(column);
    return status;
}

enum strata_status strata_assign_file(const struct strata_assign_file_options *options,
                                      const struct strata_observer *observer, struct strata_cluster_file_result *result,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_table_run run = {.name = options->table,
                                   .output = options->output,
                                   .threads = options->threads,
                                   .observer = observer,
                                   .started = omp_get_wtime()};
    *result = (struct strata_cluster_file_result){0};
    STRATA_TRY(strata_table_run_begin(&run, &options->clusters, 1, err));
    STRATA_TRY(read_clusters(options->clusters, &run.clustering, err));
    STRATA_TRY(read_columns(&run, err));
    double began = omp_get_wtime();
    int threads = options->threads ? options->threads : omp_get_max_threads();
    STRATA_TRY(strata_cluster_assign(&run.table.contents.table, &run.clustering, threads, run.label, err));
    double seconds = omp_get_wtime() - began;
    STRATA_TRY(strata_table_run_finish(&run, result, err));
    result->fit_seconds = seconds;
done:
    strata_table_run_release(&run);
    if (status != STRATA_OK)
        strata_cluster_file_result_release(result);
    return status;
}
