/* What sets the clusters of a snapshot apart. */
#include <stdint.h>
#include <stdlib.h>

#include "check.h"
#include "hdf5_read.h"
#include "memory.h"

static void free_texts(char **text, int n)
{
    for (int i = 0; text && i < n; ++i)
        free(text[i]);
    free(text);
}

void strata_hdf5_free_differences(struct strata_cluster_differences *differences)
{
    free_texts(differences->columns, differences->d);
    free_texts(differences->features, differences->n_features);
    free(differences->feature_value);
    free_texts(differences->names, differences->k);
    free_texts(differences->names_zh, differences->k);
    free(differences->value);
    *differences = (struct strata_cluster_differences){0};
}

static enum strata_status read_texts(hid_t group, const char *name, const char *file_path, int n, char ***text,
                                     struct strata_error *err)
{
    *text = strata_calloc_array((size_t)n, sizeof **text);
    if (!*text)
        return strata_fail_memory(err, name, (size_t)n, sizeof **text);
    return strata_hdf5_get_texts(group, name, file_path, (size_t)n, *text, err);
}

static enum strata_status read_features(hid_t profile, const char *file_path,
                                        struct strata_cluster_differences *differences, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t group = -1;
    int n = 0;
    if (!strata_hdf5_has(profile, "features"))
        return STRATA_OK;
    STRATA_TRY(strata_hdf5_open_group(profile, "features", file_path, &group, err));
    STRATA_TRY(strata_hdf5_count_rows(group, "columns", file_path, STRATA_HDF5_MAX_ROWS, &n, err));
    STRATA_TRY(strata_hdf5_get_matrix(group, "differences", file_path, (size_t)differences->k, (size_t)n,
                                      &differences->feature_value, err));
    differences->n_features = n;
    STRATA_TRY(read_texts(group, "columns", file_path, n, &differences->features, err));
done:
    if (group >= 0)
        (void)H5Gclose(group);
    return status;
}

enum strata_status strata_hdf5_get_differences(hid_t file, const char *file_path,
                                               struct strata_cluster_differences *differences, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t group = -1, profile = -1;
    *differences = (struct strata_cluster_differences){0};
    if (!strata_hdf5_has(file, "clusters"))
        return STRATA_OK;
    STRATA_TRY(strata_hdf5_open_group(file, "clusters", file_path, &group, err));
    if (!strata_hdf5_has(group, "profile"))
        goto done;
    STRATA_TRY(strata_hdf5_open_group(group, "profile", file_path, &profile, err));
    STRATA_TRY(strata_hdf5_count_rows(group, "columns", file_path, STRATA_HDF5_MAX_ROWS, &differences->d, err));
    STRATA_TRY(strata_hdf5_count_rows(group, "names", file_path, INT16_MAX, &differences->k, err));
    STRATA_TRY(strata_hdf5_get_matrix(profile, "differences", file_path, (size_t)differences->k, (size_t)differences->d,
                                      &differences->value, err));
    STRATA_TRY(read_features(profile, file_path, differences, err));
    STRATA_TRY(read_texts(group, "columns", file_path, differences->d, &differences->columns, err));
    STRATA_TRY(read_texts(group, "names", file_path, differences->k, &differences->names, err));
    STRATA_TRY(read_texts(group, "names_zh", file_path, differences->k, &differences->names_zh, err));
done:
    if (profile >= 0)
        (void)H5Gclose(profile);
    if (group >= 0)
        (void)H5Gclose(group);
    if (status != STRATA_OK)
        strata_hdf5_free_differences(differences);
    return status;
}
