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

static enum strata_status cluster(struct strata_error *err)
{
    const float points[] = {0, 0, 0, 1, 10, 10, 10, 11};
    int32_t labels[4];
    struct strata_kmeans_options options;
    struct strata_kmeans_result result = {0};
    strata_kmeans_options_init(&options);
    options.k = 2;
    enum strata_status status = strata_kmeans_fit(points, 4, 2, &options, labels, &result, err);
    if (status == STRATA_OK)
        printf("centroids %zu x %zu, inertia %g\n", result.centroids->size1, result.centroids->size2, result.inertia);
    struct strata_kmeans_validity validity;
    int32_t again[4];
    if (status == STRATA_OK)
        status = strata_kmeans_assign(points, 4, result.centroids, 0, again, err);
    if (status == STRATA_OK)
        status = strata_kmeans_validity(points, 4, 2, again, 2, 1, 0, &validity, err);
    if (status == STRATA_OK)
        printf("validity: inertia %g, Calinski-Harabasz %g\n", validity.inertia, validity.calinski_harabasz);
    strata_kmeans_result_release(&result);
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
        status = cluster(&err);
    if (status != STRATA_OK)
        fprintf(stderr, "strata %s: %s: %s\n", STRATA_VERSION, strata_status_meaning(status), err.message);
    return strata_status_exit_code(status);
}
