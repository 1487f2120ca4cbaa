/* Attributes and small datasets of a file. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_error.h"
#include "hdf5_file.h"
#include "memory.h"

hid_t strata_hdf5_text_type(size_t n_bytes)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0)
        return -1;
    if (H5Tset_size(type, n_bytes) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0 ||
        (n_bytes != H5T_VARIABLE && H5Tset_strpad(type, H5T_STR_NULLPAD) < 0)) {
        (void)H5Tclose(type);
        return -1;
    }
    return type;
}

hid_t strata_hdf5_dataset_properties(void)
{
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    if (properties < 0)
        return -1;
    if (H5Pset_obj_track_times(properties, 0) < 0 || H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER) < 0) {
        (void)H5Pclose(properties);
        return -1;
    }
    return properties;
}

enum strata_status strata_hdf5_check_name(const char *name, struct strata_error *err)
{
    if (*name == '\0' || strchr(name, '/') || strcmp(name, ".") == 0)
        return strata_fail(err, STRATA_USAGE, "'%s' cannot be a name in a snapshot: it is empty, '.' or has a '/'",
                           name);
    return STRATA_OK;
}

enum strata_status strata_hdf5_put_group(struct strata_hdf5_file *file, const char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t group = -1, properties = H5Pcreate(H5P_GROUP_CREATE);
    if (properties < 0 || H5Pset_link_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) < 0 ||
        (group = H5Gcreate2(file->file, path, file->link_properties, properties, H5P_DEFAULT)) < 0 ||
        H5Gclose(group) < 0)
        status = strata_hdf5_file_fail(file, err, "group %s", path);
    if (properties >= 0)
        (void)H5Pclose(properties);
    return status;
}

/* `extent` NULL: a scalar. */
static enum strata_status put_attribute(struct strata_hdf5_file *file, const char *path, const char *name,
                                        hid_t file_type, hid_t memory_type, const hsize_t *extent, const void *values,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t attribute = -1, space = extent ? H5Screate_simple(1, extent, NULL) : H5Screate(H5S_SCALAR);
    if (space < 0 ||
        (attribute =
             H5Acreate_by_name(file->file, path, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)) < 0 ||
        H5Awrite(attribute, memory_type, values) < 0)
        status = strata_hdf5_file_fail(file, err, "attribute %s of %s", name, path);
    if (attribute >= 0 && H5Aclose(attribute) < 0 && status == STRATA_OK)
        status = strata_hdf5_file_fail(file, err, "attribute %s of %s", name, path);
    if (space >= 0)
        (void)H5Sclose(space);
    return status;
}

enum strata_status strata_hdf5_put_text(struct strata_hdf5_file *file, const char *path, const char *name,
                                        const char *text, struct strata_error *err)
{
    if (!text)
        return STRATA_OK;
    return put_attribute(file, path, name, file->text_type, file->text_type, NULL, &text, err);
}

enum strata_status strata_hdf5_put_texts(struct strata_hdf5_file *file, const char *path, const char *name, size_t n,
                                         const char *const *texts, struct strata_error *err)
{
    hsize_t extent = n;
    return put_attribute(file, path, name, file->text_type, file->text_type, &extent, texts, err);
}

enum strata_status strata_hdf5_put_numbers(struct strata_hdf5_file *file, const char *path, const char *name,
                                           hid_t file_type, hid_t memory_type, size_t n, const void *values,
                                           struct strata_error *err)
{
    hsize_t extent = n;
    return put_attribute(file, path, name, file_type, memory_type, &extent, values, err);
}

enum strata_status strata_hdf5_put_scalar(struct strata_hdf5_file *file, const char *path, const char *name,
                                          hid_t file_type, hid_t memory_type, const void *value,
                                          struct strata_error *err)
{
    return put_attribute(file, path, name, file_type, memory_type, NULL, value, err);
}

enum strata_status strata_hdf5_put_array(struct strata_hdf5_file *file, const struct strata_hdf5_array *array,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int rank = array->extent[1] ? 2 : 1;
    hsize_t n = array->extent[0] * (rank == 2 ? array->extent[1] : 1);
    hid_t dataset = -1, space = H5Screate_simple(rank, array->extent, NULL);
    hid_t properties = strata_hdf5_dataset_properties();

    if (space < 0 || properties < 0 ||
        (dataset = H5Dcreate2(file->file, array->path, array->type, space, file->link_properties, properties,
                              H5P_DEFAULT)) < 0 ||
        (n > 0 && H5Dwrite(dataset, array->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, array->values) < 0)) {
        status = strata_hdf5_file_fail(file, err, "dataset %s", array->path);
        goto done;
    }
    STRATA_TRY(strata_hdf5_expect(file, array->path, array->extent, n * H5Tget_size(array->type), err));
    STRATA_TRY(strata_hdf5_put_text(file, array->path, "units", array->units, err));
    STRATA_TRY(strata_hdf5_put_text(file, array->path, "description", array->description, err));
done:
    if (dataset >= 0 && H5Dclose(dataset) < 0 && status == STRATA_OK)
        status = strata_hdf5_file_fail(file, err, "dataset %s", array->path);
    if (properties >= 0)
        (void)H5Pclose(properties);
    if (space >= 0)
        (void)H5Sclose(space);
    return status;
}

enum strata_status strata_hdf5_put_text_array(struct strata_hdf5_file *file, const char *path, size_t n,
                                              const char *const *texts, const char *description,
                                              struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *packed = NULL;
    hid_t type = -1;
    size_t width = 1;

    for (size_t i = 0; i < n; ++i)
        if (texts[i] && strlen(texts[i]) > width)
            width = strlen(texts[i]);
    packed = strata_calloc_array(n, width);
    if (!packed) {
        status = strata_fail_memory(err, path, n, width);
        goto done;
    }
    for (size_t i = 0; i < n; ++i)
        if (texts[i])
            memcpy(packed + i * width, texts[i], strlen(texts[i]));
    type = strata_hdf5_text_type(width);
    if (type < 0) {
        status = strata_hdf5_file_fail(file, err, "dataset %s", path);
        goto done;
    }
    struct strata_hdf5_array array = {
        .path = path, .type = type, .extent = {n}, .values = packed, .description = description};
    STRATA_TRY(strata_hdf5_put_array(file, &array, err));
done:
    if (type >= 0)
        (void)H5Tclose(type);
    free(packed);
    return status;
}
