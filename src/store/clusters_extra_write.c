/* /clusters/profile and /clusters/previous: what the clusters mean, and where they come from. */
#include "check.h"
#include "snapshot_parts.h"

#define PROFILE  "/clusters/profile"
#define FEATURES PROFILE "/features"
#define PREVIOUS "/clusters/previous"

static enum strata_status put_reals(struct strata_hdf5_file *file, const char *path, size_t n, size_t n_inner,
                                    const double *values, const char *units, const char *description,
                                    struct strata_error *err)
{
    const struct strata_hdf5_array array = {.path = path,
                                            .type = H5T_NATIVE_DOUBLE,
                                            .extent = {n, n_inner},
                                            .values = values,
                                            .units = units,
                                            .description = description};
    return strata_hdf5_put_array(file, &array, err);
}

static enum strata_status write_features(struct strata_hdf5_file *file, const struct strata_clustering *clustering,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_cluster_profile *profile = &clustering->profile;
    size_t k = (size_t)clustering->k, n = (size_t)profile->n_features;
    if (n == 0)
        return STRATA_OK;
    STRATA_TRY(strata_hdf5_put_group(file, FEATURES, err));
    STRATA_TRY(strata_hdf5_put_text_array(file, FEATURES "/columns", n, (const char *const *)profile->feature,
                                          "Columns of the table", err));
    STRATA_TRY(put_reals(file, FEATURES "/medians", k, n, profile->feature_median, NULL,
                         "In raw units; one row per cluster, one value for each of these columns", err));
    STRATA_TRY(put_reals(file, FEATURES "/differences", k, n, profile->feature_difference, "1",
                         "Standardised difference from the rest, as of the clustered columns, of sign(x) log1p(|x|) of "
                         "the customers that have a value",
                         err));
done:
    return status;
}

enum strata_status strata_snapshot_write_profile(struct strata_hdf5_file *file,
                                                 const struct strata_clustering *clustering, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_cluster_profile *profile = &clustering->profile;
    size_t k = (size_t)clustering->k, d = (size_t)clustering->d;
    if (!profile->median)
        return STRATA_OK;
    STRATA_TRY(strata_hdf5_put_group(file, PROFILE, err));
    STRATA_TRY(put_reals(file, PROFILE "/customer_share", k, 0, profile->customer_share, "1",
                         "Share of all rows, those without a cluster too", err));
    if (profile->revenue_share)
        STRATA_TRY(
            put_reals(file, PROFILE "/revenue_share", k, 0, profile->revenue_share, "1", "Share of all revenue", err));
    STRATA_TRY(put_reals(file, PROFILE "/medians", k, d, profile->median, NULL,
                         "In raw units; one row per cluster, one value for each of the columns", err));
    STRATA_TRY(put_reals(file, PROFILE "/differences", k, d, profile->difference, "1",
                         "Standardised difference from the rest: (mean in the cluster - mean of all others) / sqrt of "
                         "the mean of both variances, after transform and scaling",
                         err));
    STRATA_TRY(write_features(file, clustering, err));
done:
    return status;
}

enum strata_status strata_snapshot_write_continuity(struct strata_hdf5_file *file,
                                                    const struct strata_clustering *clustering,
                                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_continuity *continuity = &clustering->continuity;
    const struct {
        const char *name;
        hid_t file_type, memory_type;
        const void *value;
    } numbers[] = {
        {"clusters", H5T_NATIVE_INT32, H5T_NATIVE_INT, &continuity->previous_k},
        {"warm", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, &continuity->warm},
        {"fresh", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, &continuity->fresh},
        {"gain", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, &continuity->gain},
        {"margin", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, &continuity->margin},
        {"kept", H5T_NATIVE_INT32, H5T_NATIVE_INT, &continuity->n_kept},
        {"common", H5T_NATIVE_INT64, H5T_NATIVE_UINT64, &continuity->n_common},
        {"ari", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, &continuity->ari},
        {"ami", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, &continuity->ami},
    };
    if (continuity->previous_k == 0)
        return STRATA_OK;
    STRATA_TRY(strata_hdf5_put_group(file, PREVIOUS, err));
    STRATA_TRY(strata_hdf5_put_text(file, PREVIOUS, "run_id", continuity->run_id, err));
    STRATA_TRY(strata_hdf5_put_text(file, PREVIOUS, "start", continuity->start, err));
    STRATA_TRY(strata_hdf5_put_text(file, PREVIOUS, "measure", continuity->measure, err));
    STRATA_TRY(strata_hdf5_put_text(file, PREVIOUS, "explanation", continuity->sentence, err));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i)
        STRATA_TRY(strata_hdf5_put_scalar(file, PREVIOUS, numbers[i].name, numbers[i].file_type, numbers[i].memory_type,
                                          numbers[i].value, err));
    STRATA_TRY(put_reals(file, PREVIOUS "/moved", (size_t)clustering->k, 0, continuity->moved, "1",
                         "Distance from the earlier centroid after transform and scaling, NaN for a new cluster", err));
done:
    return status;
}
