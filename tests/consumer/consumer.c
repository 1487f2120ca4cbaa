/* The whole library in one small program: a log is generated, a segmented customer base comes out, and k-means runs on
 * a matrix of the caller's own. Usage: consumer FOLDER */
#include <gsl/gsl_matrix.h>
#include <inttypes.h>
#include <stdio.h>
#include <strata/config.h>
#include <strata/generate.h>
#include <strata/kmeans.h>
#include <strata/run.h>
#include <strata/status.h>
#include <strata/version.h>

static enum strata_status segment(const char *log, const char *snapshot, struct strata_error *err)
{
    struct strata_config config = {0};
    struct strata_run_result result = {0};
    enum strata_status status = strata_config_init(&config, err);
    if (status == STRATA_OK)
        status = strata_config_set(&config, "transactions", log, err);
    if (status == STRATA_OK)
        status = strata_config_set(&config, "output", snapshot, err);
    if (status == STRATA_OK)
        status = strata_config_validate(&config, err);
    if (status == STRATA_OK)
        status = strata_run(&config, NULL, &result, err);
    if (status == STRATA_OK)
        printf("customers %" PRIu64 ", rows %" PRIu64 "\n", result.customers, result.rows_used);
    strata_run_result_release(&result);
    strata_config_release(&config);
    return status;
}

/* Fit, assign the same rows by the centroids, and judge the outcome. */
static enum strata_status cluster(const char *what, const struct strata_kmeans_data *data, struct strata_error *err)
{
    int32_t labels[4], again[4];
    struct strata_kmeans_options options;
    struct strata_kmeans_result result = {0};
    struct strata_kmeans_validity validity;
    strata_kmeans_options_init(&options);
    options.k = 2;
    enum strata_status status = strata_kmeans_fit(data, &options, labels, &result, err);
    if (status == STRATA_OK)
        status = strata_kmeans_assign(data, result.centroids, 0, again, err);
    if (status == STRATA_OK)
        status = strata_kmeans_validity(data, again, result.k, 1, 0, &validity, err);
    if (status == STRATA_OK)
        printf("%s: centroids %zu x %zu, inertia %g, Calinski-Harabasz %g\n", what, result.centroids->size1,
               result.centroids->size2, validity.inertia, validity.calinski_harabasz);
    strata_kmeans_result_release(&result);
    return status;
}

/* The same four points, row by row and as two columns of doubles, and with the first of them counting twice. */
static enum strata_status cluster_all(struct strata_error *err)
{
    const float rows[] = {0, 0, 0, 1, 10, 10, 10, 11};
    const double x[] = {0, 0, 10, 10}, y[] = {0, 1, 10, 11}, weights[] = {2, 1, 1, 1};
    const void *columns[] = {x, y};
    const struct strata_kmeans_data by_row = {.n_rows = 4, .n_columns = 2, .values = rows};
    const struct strata_kmeans_data by_column = {.n_rows = 4,
                                                 .n_columns = 2,
                                                 .type = STRATA_KMEANS_DOUBLE,
                                                 .columns = columns};
    struct strata_kmeans_data weighted = by_column;
    weighted.weights = weights;
    enum strata_status status = cluster("rows", &by_row, err);
    if (status == STRATA_OK)
        status = cluster("columns", &by_column, err);
    if (status == STRATA_OK)
        status = cluster("weighted", &weighted, err);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: consumer FOLDER\n");
        return 2;
    }
    char log[4096], snapshot[4096];
    snprintf(log, sizeof log, "%s/log.csv", argv[1]);
    snprintf(snapshot, sizeof snapshot, "%s/customers.h5", argv[1]);

    struct strata_error err = {0};
    struct strata_generate_options options;
    strata_generate_options_init(&options);
    options.customers = 1000;
    enum strata_status status = strata_generate(&options, log, NULL, NULL, &err);
    if (status == STRATA_OK)
        status = segment(log, snapshot, &err);
    if (status == STRATA_OK)
        status = cluster_all(&err);
    if (status != STRATA_OK)
        fprintf(stderr, "strata %s: %s: %s\n", STRATA_VERSION, strata_status_meaning(status), err.message);
    return strata_status_exit_code(status);
}
