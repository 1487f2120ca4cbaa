/* /scores, /clusters and /segments: small groups of parallel arrays. */
#include <stdio.h>
#include <stdlib.h>

#include "amount.h"
#include "check.h"
#include "digest.h"
#include "memory.h"
#include "minor_unit.h"
#include "snapshot_parts.h"

enum { GROUP_BYTES = 256, PATH_BYTES = 512 };

/* The datasets of a group share their first dimension or are a scalar's attributes; rows of these tables say so. */
struct group_array {
    const char *name;
    hid_t type;
    size_t n, n_inner; /* n_inner 0: one dimension */
    const void *values;
    const char *units, *description;
};

struct group_text {
    const char *name;
    const char *const *texts;
    size_t n;
    const char *description;
};

static enum strata_status put_arrays(struct strata_hdf5_file *file, const char *group, size_t n_arrays,
                                     const struct group_array *arrays, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char path[PATH_BYTES];
    for (size_t i = 0; i < n_arrays; ++i) {
        (void)snprintf(path, sizeof path, "%s/%s", group, arrays[i].name);
        struct strata_hdf5_array array = {.path = path,
                                          .type = arrays[i].type,
                                          .extent = {arrays[i].n, arrays[i].n_inner},
                                          .values = arrays[i].values,
                                          .units = arrays[i].units,
                                          .description = arrays[i].description};
        STRATA_TRY(strata_hdf5_put_array(file, &array, err));
    }
done:
    return status;
}

static enum strata_status put_text_arrays(struct strata_hdf5_file *file, const char *group, size_t n_arrays,
                                          const struct group_text *arrays, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char path[PATH_BYTES];
    for (size_t i = 0; i < n_arrays; ++i) {
        (void)snprintf(path, sizeof path, "%s/%s", group, arrays[i].name);
        STRATA_TRY(strata_hdf5_put_text_array(file, path, arrays[i].n, arrays[i].texts, arrays[i].description, err));
    }
done:
    return status;
}

/* The texts of labels, taken apart into columns. */
struct label_columns {
    int16_t *value;
    const char **name, **name_zh, **action;
};

static enum strata_status label_columns_init(struct label_columns *columns, size_t n, struct strata_error *err)
{
    columns->value = strata_calloc_array(n, sizeof *columns->value);
    columns->name = strata_calloc_array(n, sizeof *columns->name);
    columns->name_zh = strata_calloc_array(n, sizeof *columns->name_zh);
    columns->action = strata_calloc_array(n, sizeof *columns->action);
    if (!columns->value || !columns->name || !columns->name_zh || !columns->action)
        return strata_fail_memory(err, "labels", n, sizeof *columns->name);
    return STRATA_OK;
}

static void label_columns_set(struct label_columns *columns, size_t i, const struct strata_label *label)
{
    columns->value[i] = label->value;
    columns->name[i] = label->name;
    columns->name_zh[i] = label->name_zh;
    columns->action[i] = label->action;
}

static void label_columns_release(struct label_columns *columns)
{
    free(columns->value);
    free(columns->name);
    free(columns->name_zh);
    free(columns->action);
}

static enum strata_status group_path(char path[GROUP_BYTES], const char *parent, const char *name,
                                     struct strata_error *err)
{
    enum strata_status status = strata_hdf5_check_name(name, err);
    if (status == STRATA_OK && snprintf(path, GROUP_BYTES, "%s/%s", parent, name) >= GROUP_BYTES)
        status = strata_fail(err, STRATA_USAGE, "the name %s is too long for a snapshot", name);
    return status;
}

enum strata_status strata_snapshot_write_thresholds(struct strata_hdf5_file *file,
                                                    const struct strata_thresholds *thresholds,
                                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char group[GROUP_BYTES];
    STRATA_TRY(group_path(group, "/scores", thresholds->score, err));
    STRATA_TRY(strata_hdf5_put_group(file, group, err));
    const struct group_array array = {.name = "thresholds",
                                      .type = H5T_NATIVE_DOUBLE,
                                      .n = (size_t)thresholds->n_thresholds,
                                      .values = thresholds->value,
                                      .description = "In the units of the scored column, in the order of rising score"};
    STRATA_TRY(put_arrays(file, group, 1, &array, err));
    STRATA_TRY(strata_hdf5_put_text(file, group, "column", thresholds->column, err));
    STRATA_TRY(strata_hdf5_put_text(file, group, "method", thresholds->method, err));
    STRATA_TRY(strata_hdf5_put_text(file, group, "rule", thresholds->rule, err));
    STRATA_TRY(
        strata_hdf5_put_scalar(file, group, "levels", H5T_NATIVE_INT32, H5T_NATIVE_INT, &thresholds->n_levels, err));
done:
    return status;
}

static enum strata_status put_clustering_attributes(struct strata_hdf5_file *file,
                                                    const struct strata_clustering *clustering,
                                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct {
        const char *name;
        hid_t file_type, memory_type;
        const void *value;
    } numbers[] = {
        {"inertia", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, &clustering->inertia},
        {"iterations", H5T_NATIVE_INT32, H5T_NATIVE_INT, &clustering->iterations},
        {"converged", H5T_NATIVE_INT32, H5T_NATIVE_INT, &clustering->converged},
        {"restarts", H5T_NATIVE_INT32, H5T_NATIVE_INT, &clustering->restarts},
        {"seed", H5T_NATIVE_UINT64, H5T_NATIVE_UINT64, &clustering->seed},
        {"missing", H5T_NATIVE_INT64, H5T_NATIVE_UINT64, &clustering->n_missing},
        {"min_size", H5T_NATIVE_INT64, H5T_NATIVE_UINT64, &clustering->min_size},
        {"dissolved", H5T_NATIVE_INT32, H5T_NATIVE_INT, &clustering->n_dissolved},
        {"next_number", H5T_NATIVE_INT32, H5T_NATIVE_INT, &clustering->next_number},
    };
    STRATA_TRY(strata_hdf5_put_text(file, "/clusters", "criterion", clustering->criterion, err));
    if (clustering->choice)
        STRATA_TRY(strata_hdf5_put_text(file, "/clusters", "choice", clustering->choice, err));
    if (clustering->weights)
        STRATA_TRY(strata_hdf5_put_text(file, "/clusters", "weights", clustering->weights, err));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i)
        STRATA_TRY(strata_hdf5_put_scalar(file, "/clusters", numbers[i].name, numbers[i].file_type,
                                          numbers[i].memory_type, numbers[i].value, err));
done:
    return status;
}

static enum strata_status put_trials(struct strata_hdf5_file *file, const struct strata_clustering *clustering,
                                     struct strata_error *err)
{
    static const struct {
        const char *name;
        size_t place;
        const char *about;
    } index[] = {
        {"inertia", offsetof(struct strata_cluster_trial, inertia), "Sum of squared distances in the scaled space"},
        {"silhouette", offsetof(struct strata_cluster_trial, silhouette), "Mean silhouette; NaN where not computed"},
        {"simplified_silhouette", offsetof(struct strata_cluster_trial, simplified_silhouette),
         "Mean silhouette by distances to centroids; NaN where not computed"},
        {"calinski_harabasz", offsetof(struct strata_cluster_trial, calinski_harabasz),
         "Calinski-Harabasz index; NaN where not computed"},
        {"davies_bouldin", offsetof(struct strata_cluster_trial, davies_bouldin),
         "Davies-Bouldin index, lower is better; NaN where not computed"},
        {"bic", offsetof(struct strata_cluster_trial, bic), "Bayesian information criterion, lower is better"},
        {"euclidean_silhouette", offsetof(struct strata_cluster_trial, euclidean_silhouette),
         "Mean Euclidean silhouette of a stratified sample; NaN where not computed"},
        {"euclidean_silhouette_low", offsetof(struct strata_cluster_trial, euclidean_silhouette_low),
         "Lower end of its 95 % bootstrap interval"},
        {"euclidean_silhouette_high", offsetof(struct strata_cluster_trial, euclidean_silhouette_high),
         "Upper end of its 95 % bootstrap interval"},
        {"gap", offsetof(struct strata_cluster_trial, gap), "Gap statistic of a sample; NaN where not computed"},
        {"gap_error", offsetof(struct strata_cluster_trial, gap_error), "Its standard error, from the references"},
    };
    enum { N_INDICES = sizeof index / sizeof *index };
    enum strata_status status = STRATA_OK;
    size_t n = (size_t)clustering->n_trials;
    if (n == 0)
        return STRATA_OK;
    int32_t *k = strata_calloc_array(n, 2 * sizeof *k), *dissolved = k ? k + n : NULL;
    double *value = strata_calloc_array(n, N_INDICES * sizeof *value);
    struct group_array arrays[2 + N_INDICES] = {
        {"k", H5T_NATIVE_INT32, n, 0, k, "1", "Numbers of clusters that were tried"},
        {"dissolved", H5T_NATIVE_INT32, n, 0, dissolved, "1",
         "Of these, smaller than the minimum: the indices but the gap are of what was left"}};
    if (!k || !value)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    for (size_t i = 0; i < n; ++i) {
        k[i] = clustering->trial[i].k;
        dissolved[i] = clustering->trial[i].n_dissolved;
        for (size_t m = 0; m < N_INDICES; ++m)
            memcpy(&value[m * n + i], (const char *)&clustering->trial[i] + index[m].place, sizeof *value);
    }
    for (size_t m = 0; m < N_INDICES; ++m)
        arrays[2 + m] =
            (struct group_array){index[m].name, H5T_NATIVE_DOUBLE, n, 0, value + m * n, "1", index[m].about};
    STRATA_TRY(put_arrays(file, "/clusters/validity", 2 + N_INDICES, arrays, err));
done:
    free(k);
    free(value);
    return status;
}

enum strata_status strata_snapshot_write_clustering(struct strata_hdf5_file *file,
                                                    const struct strata_clustering *clustering,
                                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t k = (size_t)clustering->k, d = (size_t)clustering->d;
    struct label_columns labels = {0};
    char digest[STRATA_DIGEST_BYTES];

    STRATA_TRY(label_columns_init(&labels, k, err));
    for (size_t i = 0; i < k; ++i)
        label_columns_set(&labels, i, &clustering->label[i]);
    const struct group_array arrays[] = {
        {"centroids", H5T_NATIVE_DOUBLE, k, d, clustering->centroid, NULL, "In raw units; one row per cluster"},
        {"centroids_scaled", H5T_NATIVE_DOUBLE, k, d, clustering->centroid_scaled, "1",
         "After transform and scaling, as the algorithm saw them"},
        {"values", H5T_NATIVE_INT16, k, 0, labels.value, "1", "The value of each cluster in its column"},
        {"sizes", H5T_NATIVE_INT64, k, 0, clustering->size, "1", "Rows in each cluster"},
    };
    const struct group_text texts[] = {
        {"columns", (const char *const *)clustering->column, d, "The columns that were clustered"},
        {"names", labels.name, k, "English names"},
        {"names_zh", labels.name_zh, k, "Chinese names"},
    };
    STRATA_TRY(strata_hdf5_put_group(file, "/clusters", err));
    STRATA_TRY(strata_snapshot_write_preparation(file, clustering, err));
    STRATA_TRY(put_arrays(file, "/clusters", sizeof arrays / sizeof *arrays, arrays, err));
    STRATA_TRY(put_text_arrays(file, "/clusters", sizeof texts / sizeof *texts, texts, err));
    STRATA_TRY(put_clustering_attributes(file, clustering, err));
    strata_clustering_digest(clustering, digest);
    STRATA_TRY(strata_hdf5_put_text(file, "/clusters", STRATA_DIGEST_ATTRIBUTE, digest, err));
    STRATA_TRY(put_trials(file, clustering, err));
    STRATA_TRY(strata_snapshot_write_profile(file, clustering, err));
    STRATA_TRY(strata_snapshot_write_continuity(file, clustering, err));
done:
    label_columns_release(&labels);
    return status;
}

/* The numbers of a segmentation, taken apart into columns. */
struct segment_numbers {
    int64_t *customers, *revenue_minor;
    double *revenue, *customer_share, *revenue_share, *recency, *frequency, *monetary;
};

static enum strata_status segment_numbers_init(struct segment_numbers *numbers,
                                               const struct strata_segmentation *segmentation, struct strata_error *err)
{
    size_t n = (size_t)segmentation->n_rows;
    double **reals[] = {&numbers->revenue, &numbers->customer_share, &numbers->revenue_share,
                        &numbers->recency, &numbers->frequency,      &numbers->monetary};
    numbers->customers = strata_calloc_array(n, sizeof *numbers->customers);
    numbers->revenue_minor = strata_calloc_array(n, sizeof *numbers->revenue_minor);
    if (!numbers->customers || !numbers->revenue_minor)
        return strata_fail_memory(err, "segments", n, sizeof *numbers->customers);
    for (size_t i = 0; i < sizeof reals / sizeof *reals; ++i)
        if (!(*reals[i] = strata_calloc_array(n, sizeof **reals[i])))
            return strata_fail_memory(err, "segments", n, sizeof **reals[i]);
    for (size_t i = 0; i < n; ++i) {
        const struct strata_segment_row *row = &segmentation->rows[i];
        numbers->customers[i] = (int64_t)row->customers;
        numbers->revenue_minor[i] = row->revenue_minor;
        numbers->revenue[i] = (double)row->revenue_minor / (double)strata_amount_scale(segmentation->amount_decimals);
        numbers->customer_share[i] = row->customer_share;
        numbers->revenue_share[i] = row->revenue_share;
        numbers->recency[i] = row->recency_median;
        numbers->frequency[i] = row->frequency_median;
        numbers->monetary[i] = row->monetary_median;
    }
    return STRATA_OK;
}

static void segment_numbers_release(struct segment_numbers *numbers)
{
    free(numbers->customers);
    free(numbers->revenue_minor);
    free(numbers->revenue);
    free(numbers->customer_share);
    free(numbers->revenue_share);
    free(numbers->recency);
    free(numbers->frequency);
    free(numbers->monetary);
}

enum strata_status strata_snapshot_write_segmentation(struct strata_hdf5_file *file,
                                                      const struct strata_segmentation *segmentation,
                                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n = (size_t)segmentation->n_rows;
    struct label_columns labels = {0};
    struct segment_numbers numbers = {0};
    char group[GROUP_BYTES], minor_unit[STRATA_MINOR_UNIT_BYTES];

    strata_minor_unit_format(segmentation->amount_decimals, minor_unit);
    STRATA_TRY(group_path(group, "/segments", segmentation->scheme, err));
    STRATA_TRY(label_columns_init(&labels, n, err));
    for (size_t i = 0; i < n; ++i)
        label_columns_set(&labels, i, &segmentation->rows[i].label);
    STRATA_TRY(segment_numbers_init(&numbers, segmentation, err));
    const struct group_text texts[] = {
        {"names", labels.name, n, "English names"},
        {"names_zh", labels.name_zh, n, "Chinese names"},
        {"actions", labels.action, n, "What to do about these customers"},
    };
    const struct group_array arrays[] = {
        {"values", H5T_NATIVE_INT16, n, 0, labels.value, "1", "The value of each segment in its column"},
        {"customers", H5T_NATIVE_INT64, n, 0, numbers.customers, "1", "Customers"},
        {"revenue", H5T_NATIVE_DOUBLE, n, 0, numbers.revenue, "currency", "Revenue"},
        {"revenue_minor", H5T_NATIVE_INT64, n, 0, numbers.revenue_minor, minor_unit,
         "Revenue, exact up to 2^52 units for each customer"},
        {"customer_share", H5T_NATIVE_DOUBLE, n, 0, numbers.customer_share, "1", "Share of all customers"},
        {"revenue_share", H5T_NATIVE_DOUBLE, n, 0, numbers.revenue_share, "1", "Share of all revenue"},
        {"recency_median", H5T_NATIVE_DOUBLE, n, 0, numbers.recency, "d", "Median recency"},
        {"frequency_median", H5T_NATIVE_DOUBLE, n, 0, numbers.frequency, "1", "Median number of orders"},
        {"monetary_median", H5T_NATIVE_DOUBLE, n, 0, numbers.monetary, "currency", "Median revenue of a customer"},
    };
    STRATA_TRY(strata_hdf5_put_group(file, group, err));
    STRATA_TRY(strata_hdf5_put_text(file, group, "map", segmentation->map, err));
    STRATA_TRY(put_text_arrays(file, group, sizeof texts / sizeof *texts, texts, err));
    STRATA_TRY(put_arrays(file, group, sizeof arrays / sizeof *arrays, arrays, err));
done:
    label_columns_release(&labels);
    segment_numbers_release(&numbers);
    return status;
}
