#include "clustering_read.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "digest.h"
#include "memory.h"

struct reading {
    hid_t group, fit;
    const char *path;
    struct strata_clustering *clustering;
    struct strata_preparation *preparation;
};

static enum strata_status read_word(const struct reading *reading, const char *name, const char *const *words,
                                    int n_words, int *place, struct strata_error *err)
{
    char *word = NULL;
    enum strata_status status = strata_hdf5_get_text(reading->group, name, reading->path, &word, err);
    *place = word ? strata_word_find(word, words, n_words) : -1;
    free(word);
    if (status == STRATA_OK && *place < 0)
        status = strata_fail(err, STRATA_REJECTED,
                             "%s: the attribute %s of /clusters is not there or not known to this strata",
                             reading->path, name);
    return status;
}

static enum strata_status read_quantiles(const struct reading *reading, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_preparation *preparation = reading->preparation;
    size_t d = (size_t)preparation->d, n = (size_t)preparation->n_quantiles;
    double *quantile = NULL;
    STRATA_TRY(strata_hdf5_get_matrix(reading->group, "quantiles", reading->path, d, n, &quantile, err));
    memcpy(preparation->quantile, quantile, d * n * sizeof *quantile);
done:
    free(quantile);
    return status;
}

/* The second dimension of /clusters/quantiles. */
static enum strata_status count_quantiles(const struct reading *reading, int *n_quantiles, struct strata_error *err)
{
    hsize_t extent[2] = {0};
    hid_t dataset =
        strata_hdf5_has(reading->group, "quantiles") ? H5Dopen2(reading->group, "quantiles", H5P_DEFAULT) : -1;
    hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset);
    if (space >= 0 && H5Sget_simple_extent_ndims(space) == 2)
        (void)H5Sget_simple_extent_dims(space, extent, NULL);
    if (space >= 0)
        (void)H5Sclose(space);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    if (extent[1] < 2 || extent[1] > STRATA_MAX_QUANTILES)
        return strata_fail(err, STRATA_REJECTED, "%s is not a whole snapshot: /clusters lacks its quantiles",
                           reading->path);
    *n_quantiles = (int)extent[1];
    return STRATA_OK;
}

static enum strata_status read_dropped(const struct reading *reading, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_preparation *preparation = reading->preparation;
    int n = 0;
    if (!strata_hdf5_has(reading->group, "dropped"))
        return STRATA_OK;
    STRATA_TRY(strata_hdf5_count_rows(reading->group, "dropped", reading->path, STRATA_HDF5_MAX_ROWS, &n, err));
    preparation->dropped = strata_calloc_array((size_t)n, sizeof *preparation->dropped);
    if (!preparation->dropped)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    preparation->n_dropped = n;
    STRATA_TRY(strata_hdf5_get_texts(reading->group, "dropped", reading->path, (size_t)n, preparation->dropped, err));
done:
    return status;
}

static enum strata_status read_preparation(const struct reading *reading, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_preparation *preparation = reading->preparation;
    int transform = 0, scaling = 0, missing = 0, precision = 0, n_quantiles = 0;
    size_t d = (size_t)reading->clustering->d;
    STRATA_TRY(read_word(reading, "transform", strata_transform_names, STRATA_N_TRANSFORMS, &transform, err));
    STRATA_TRY(read_word(reading, "scaling", strata_scaling_names, STRATA_N_SCALINGS, &scaling, err));
    STRATA_TRY(read_word(reading, "missing_policy", strata_missing_names, STRATA_N_MISSING, &missing, err));
    STRATA_TRY(read_word(reading, "precision", strata_precision_names, STRATA_N_PRECISIONS, &precision, err));
    if (transform == STRATA_TRANSFORM_QUANTILE || transform == STRATA_TRANSFORM_QUANTILE_NORMAL)
        STRATA_TRY(count_quantiles(reading, &n_quantiles, err));
    /* Look at the stored matrix before a square one is made: its size is that of a number in the file. */
    double *whitening = NULL;
    if (scaling == STRATA_SCALING_WHITEN)
        STRATA_TRY(strata_hdf5_get_matrix(reading->group, "whitening", reading->path, d, d, &whitening, err));
    status = strata_preparation_init(preparation, (int)d, (enum strata_cluster_transform)transform, STRATA_SCALING_NONE,
                                     n_quantiles, err);
    if (status != STRATA_OK) {
        free(whitening);
        goto done;
    }
    preparation->scaling = (enum strata_cluster_scaling)scaling;
    preparation->missing = (enum strata_cluster_missing)missing;
    preparation->precision = (enum strata_cluster_precision)precision;
    preparation->whitening = whitening;
    const struct {
        const char *name;
        hid_t type;
        void *values;
    } arrays[] = {
        {"missing_values", H5T_NATIVE_UINT64, preparation->missing_values},
        {"imputed", H5T_NATIVE_DOUBLE, preparation->imputed},
        {"lambda", H5T_NATIVE_DOUBLE, preparation->lambda},
        {"lower", H5T_NATIVE_DOUBLE, preparation->lower},
        {"upper", H5T_NATIVE_DOUBLE, preparation->upper},
        {"shift", H5T_NATIVE_DOUBLE, preparation->shift},
        {"divisor", H5T_NATIVE_DOUBLE, preparation->divisor},
        {"origin", H5T_NATIVE_DOUBLE, preparation->origin},
    };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; ++i)
        STRATA_TRY(strata_hdf5_get_numbers(reading->group, arrays[i].name, reading->path, arrays[i].type, d,
                                           arrays[i].values, err));
    STRATA_TRY(
        strata_hdf5_get_number(reading->group, "unit", reading->path, H5T_NATIVE_DOUBLE, &preparation->unit, err));
    if (n_quantiles)
        STRATA_TRY(read_quantiles(reading, err));
    STRATA_TRY(read_dropped(reading, err));
done:
    return status;
}

static enum strata_status read_numbers(const struct reading *reading, size_t k, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_clustering *clustering = reading->clustering;
    int16_t *number = strata_malloc_array(k, sizeof *number);
    if (!number)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu clusters", k);
    STRATA_TRY(strata_hdf5_get_numbers(reading->group, "values", reading->path, H5T_NATIVE_INT16, k, number, err));
    for (size_t j = 0; j < k; ++j)
        clustering->label[j].value = number[j];
done:
    free(number);
    return status;
}

static enum strata_status read_labels(const struct reading *reading, size_t k, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_clustering *clustering = reading->clustering;
    char **name = strata_calloc_array(k, sizeof *name), **name_zh = strata_calloc_array(k, sizeof *name_zh);
    clustering->label = strata_calloc_array(k, sizeof *clustering->label);
    if (!name || !name_zh || !clustering->label)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the names of %zu clusters", k);
    clustering->labels = (struct strata_labels){(int)k, clustering->label};
    STRATA_TRY(read_numbers(reading, k, err));
    STRATA_TRY(strata_hdf5_get_texts(reading->group, "names", reading->path, k, name, err));
    STRATA_TRY(strata_hdf5_get_texts(reading->group, "names_zh", reading->path, k, name_zh, err));
done:
    for (size_t j = 0; clustering->label && name && name_zh && j < k; ++j) {
        clustering->label[j].name = name[j];
        clustering->label[j].name_zh = name_zh[j];
    }
    free(name);
    free(name_zh);
    return status;
}

static enum strata_status read_centroids(const struct reading *reading, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_clustering *clustering = reading->clustering;
    size_t k = (size_t)clustering->k, d = (size_t)clustering->d, n_fit = (size_t)clustering->n_fit;
    STRATA_TRY(strata_hdf5_get_matrix(reading->group, "centroids", reading->path, k, d, &clustering->centroid, err));
    STRATA_TRY(strata_hdf5_get_matrix(reading->group, "centroids_scaled", reading->path, k, d,
                                      &clustering->centroid_scaled, err));
    STRATA_TRY(
        strata_hdf5_get_matrix(reading->fit, "centroids", reading->path, n_fit, d, &clustering->fit_centroid, err));
    clustering->fit_cluster = strata_calloc_array(n_fit, sizeof *clustering->fit_cluster);
    clustering->size = strata_calloc_array(k, sizeof *clustering->size);
    if (!clustering->fit_cluster || !clustering->size)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu clusters", k);
    STRATA_TRY(
        strata_hdf5_get_numbers(reading->group, "sizes", reading->path, H5T_NATIVE_UINT64, k, clustering->size, err));
    STRATA_TRY(strata_hdf5_get_numbers(reading->fit, "clusters", reading->path, H5T_NATIVE_INT16, n_fit,
                                       clustering->fit_cluster, err));
done:
    return status;
}

static enum strata_status read_fit(const struct reading *reading, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_clustering *clustering = reading->clustering;
    const struct {
        const char *name;
        hid_t type;
        void *value;
    } numbers[] = {
        {"inertia", H5T_NATIVE_DOUBLE, &clustering->inertia},
        {"iterations", H5T_NATIVE_INT, &clustering->iterations},
        {"converged", H5T_NATIVE_INT, &clustering->converged},
        {"restarts", H5T_NATIVE_INT, &clustering->restarts},
        {"seed", H5T_NATIVE_UINT64, &clustering->seed},
        {"min_size", H5T_NATIVE_UINT64, &clustering->min_size},
        {"dissolved", H5T_NATIVE_INT, &clustering->n_dissolved},
        {"next_number", H5T_NATIVE_INT, &clustering->next_number},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i)
        STRATA_TRY(strata_hdf5_get_number(reading->group, numbers[i].name, reading->path, numbers[i].type,
                                          numbers[i].value, err));
done:
    return status;
}

enum strata_status strata_clustering_read(hid_t file, const char *path, struct strata_clustering *clustering,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct reading reading = {-1, -1, path, clustering, &clustering->preparation};
    int k = 0, d = 0, n_fit = 0;
    char digest[STRATA_DIGEST_BYTES];
    *clustering = (struct strata_clustering){0};
    STRATA_TRY(strata_hdf5_open_group(file, "clusters", path, &reading.group, err));
    STRATA_TRY(strata_hdf5_open_group(reading.group, "fit", path, &reading.fit, err));
    STRATA_TRY(strata_hdf5_count_rows(reading.group, "columns", path, STRATA_HDF5_MAX_ROWS, &d, err));
    STRATA_TRY(strata_hdf5_count_rows(reading.group, "sizes", path, STRATA_CLUSTERS_MAX, &k, err));
    STRATA_TRY(strata_hdf5_count_rows(reading.fit, "clusters", path, STRATA_CLUSTERS_MAX, &n_fit, err));
    clustering->column = strata_calloc_array((size_t)d, sizeof *clustering->column);
    if (!clustering->column)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d columns", d);
    clustering->k = k;
    clustering->d = d;
    clustering->n_fit = n_fit;
    STRATA_TRY(strata_hdf5_get_texts(reading.group, "columns", path, (size_t)d, clustering->column, err));
    STRATA_TRY(strata_hdf5_get_text(reading.group, "weights", path, &clustering->weights, err));
    STRATA_TRY(read_preparation(&reading, err));
    STRATA_TRY(read_fit(&reading, err));
    STRATA_TRY(read_labels(&reading, (size_t)k, err));
    STRATA_TRY(read_centroids(&reading, err));
    STRATA_TRY(strata_clustering_check(clustering, path, err));
    strata_clustering_digest(clustering, digest);
    STRATA_TRY(strata_digest_check(reading.group, "/clusters", path, digest, err));
done:
    if (reading.fit >= 0)
        (void)H5Gclose(reading.fit);
    if (reading.group >= 0)
        (void)H5Gclose(reading.group);
    if (status != STRATA_OK)
        strata_clustering_release(clustering);
    return status;
}
