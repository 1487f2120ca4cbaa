/* Attributes and small datasets as values. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"

static enum strata_status open_scalar(hid_t object, const char *name, const char *file_path, hid_t *attribute,
                                      struct strata_error *err)
{
    *attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (*attribute < 0)
        return strata_hdf5_fail_read(err, file_path, "the attribute %s", name);
    hid_t space = H5Aget_space(*attribute);
    bool is_scalar = space >= 0 && H5Sget_simple_extent_npoints(space) == 1;
    if (space >= 0)
        (void)H5Sclose(space);
    if (is_scalar)
        return STRATA_OK;
    (void)H5Aclose(*attribute);
    *attribute = -1;
    return strata_fail(err, STRATA_REJECTED, "%s: the attribute %s is not a single value", file_path, name);
}

/* HDF5 allocates the text and wants it back. */
static enum strata_status read_variable(hid_t attribute, const char *file_path, const char *name, char **text,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *read = NULL;
    /* A NULL of the wrong character set would be refused: ask for the one that is stored. */
    hid_t stored = H5Aget_type(attribute), type = H5Tcopy(H5T_C_S1);
    if (stored < 0 || type < 0 || H5Tset_size(type, H5T_VARIABLE) < 0 || H5Tset_cset(type, H5Tget_cset(stored)) < 0 ||
        H5Aread(attribute, type, (void *)&read) < 0) {
        status = strata_hdf5_fail_read(err, file_path, "the attribute %s", name);
        goto done;
    }
    *text = strata_copy_string(read ? read : "");
    if (!*text)
        status = strata_fail(err, STRATA_MEMORY, "out of memory");
done:
    if (read)
        (void)H5free_memory(read);
    if (type >= 0)
        (void)H5Tclose(type);
    if (stored >= 0)
        (void)H5Tclose(stored);
    return status;
}

static enum strata_status read_fixed(hid_t attribute, hid_t type, const char *file_path, const char *name, char **text,
                                     struct strata_error *err)
{
    size_t n_bytes = H5Tget_size(type);
    if (n_bytes > STRATA_HDF5_MAX_TEXT_BYTES)
        return strata_fail(err, STRATA_REJECTED, "%s: the attribute %s is longer than any of strata's", file_path,
                           name);
    char *read = strata_calloc_array(n_bytes + 1, 1);
    if (!read)
        return strata_fail_memory(err, name, n_bytes + 1, 1);
    if (H5Aread(attribute, type, read) < 0) {
        free(read);
        return strata_hdf5_fail_read(err, file_path, "the attribute %s", name);
    }
    *text = read;
    return STRATA_OK;
}

enum strata_status strata_hdf5_get_text(hid_t object, const char *name, const char *file_path, char **text,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t attribute = -1, type = -1;
    *text = NULL;
    if (H5Aexists(object, name) <= 0)
        return STRATA_OK;
    STRATA_TRY(open_scalar(object, name, file_path, &attribute, err));
    type = H5Aget_type(attribute);
    if (type < 0 || H5Tget_class(type) != H5T_STRING)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the attribute %s is not a text", file_path, name);
    if (H5Tis_variable_str(type) > 0)
        STRATA_TRY(read_variable(attribute, file_path, name, text, err));
    else
        STRATA_TRY(read_fixed(attribute, type, file_path, name, text, err));
done:
    if (type >= 0)
        (void)H5Tclose(type);
    if (attribute >= 0)
        (void)H5Aclose(attribute);
    return status;
}

static bool type_is(hid_t type, H5T_class_t class_1, H5T_class_t class_2)
{
    H5T_class_t is = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    return is == class_1 || is == class_2;
}

static enum strata_status get_scalar(hid_t object, const char *name, const char *file_path, bool takes_real,
                                     hid_t memory_type, void *value, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t attribute = -1, type = -1;
    if (H5Aexists(object, name) <= 0)
        return strata_fail(err, STRATA_REJECTED, "%s has no attribute %s", file_path, name);
    STRATA_TRY(open_scalar(object, name, file_path, &attribute, err));
    type = H5Aget_type(attribute);
    if (!type_is(type, H5T_INTEGER, takes_real ? H5T_FLOAT : H5T_INTEGER))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the attribute %s is not %s", file_path, name,
                       takes_real ? "a number" : "an integer");
    if (H5Aread(attribute, memory_type, value) < 0)
        status = strata_hdf5_fail_read(err, file_path, "the attribute %s", name);
done:
    if (type >= 0)
        (void)H5Tclose(type);
    if (attribute >= 0)
        (void)H5Aclose(attribute);
    return status;
}

enum strata_status strata_hdf5_get_number(hid_t object, const char *name, const char *file_path, hid_t memory_type,
                                          void *value, struct strata_error *err)
{
    return get_scalar(object, name, file_path, true, memory_type, value, err);
}

enum strata_status strata_hdf5_get_int(hid_t object, const char *name, const char *file_path, int *value,
                                       struct strata_error *err)
{
    return get_scalar(object, name, file_path, false, H5T_NATIVE_INT, value, err);
}

static enum strata_status open_sized(hid_t group, const char *name, const char *file_path, size_t n, hid_t *dataset,
                                     struct strata_error *err)
{
    hsize_t n_rows = 0;
    enum strata_status status = strata_hdf5_open_column(group, name, file_path, dataset, &n_rows, err);
    if (status == STRATA_OK && n_rows != n) {
        (void)H5Dclose(*dataset);
        *dataset = -1;
        status = strata_fail(err, STRATA_REJECTED, "%s: the dataset %s has %llu rows where its group has %zu",
                             file_path, name, (unsigned long long)n_rows, n);
    }
    return status;
}

static enum strata_status read_numbers(hid_t dataset, const char *name, const char *file_path, hid_t memory_type,
                                       bool any, void *values, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t type = H5Dget_type(dataset);
    if (!type_is(type, H5T_INTEGER, H5T_FLOAT))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the dataset %s is not numeric", file_path, name);
    if (any && H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = strata_hdf5_fail_read(err, file_path, "the dataset %s", name);
done:
    if (type >= 0)
        (void)H5Tclose(type);
    return status;
}

enum strata_status strata_hdf5_get_numbers(hid_t group, const char *name, const char *file_path, hid_t memory_type,
                                           size_t n, void *values, struct strata_error *err)
{
    hid_t dataset = -1;
    enum strata_status status = open_sized(group, name, file_path, n, &dataset, err);
    if (status == STRATA_OK)
        status = read_numbers(dataset, name, file_path, memory_type, n > 0, values, err);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return status;
}

enum strata_status strata_hdf5_get_matrix(hid_t group, const char *name, const char *file_path, size_t n_rows,
                                          size_t n_columns, double **values, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t dataset = -1;
    STRATA_TRY(strata_hdf5_open_matrix(group, name, file_path, n_rows, n_columns, &dataset, err));
    if (n_rows > STRATA_HDF5_MAX_ROWS || n_columns > STRATA_HDF5_MAX_ROWS ||
        !strata_hdf5_is_plausible(dataset, (hsize_t)n_rows * n_columns * sizeof **values))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the dataset %s claims to be larger than what is stored", file_path,
                       name);
    *values = strata_malloc_array(n_rows, n_columns * sizeof **values);
    if (!*values) {
        status = strata_fail_memory(err, name, n_rows, n_columns * sizeof **values);
        goto done;
    }
    STRATA_TRY(read_numbers(dataset, name, file_path, H5T_NATIVE_DOUBLE, n_rows > 0 && n_columns > 0, *values, err));
done:
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return status;
}

enum strata_status strata_hdf5_get_texts(hid_t group, const char *name, const char *file_path, size_t n, char **texts,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t dataset = -1, type = -1;
    char *packed = NULL;
    STRATA_TRY(open_sized(group, name, file_path, n, &dataset, err));
    type = H5Dget_type(dataset);
    if (!type_is(type, H5T_STRING, H5T_STRING) || H5Tis_variable_str(type) != 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the dataset %s is not of fixed-length texts", file_path, name);
    size_t width = H5Tget_size(type);
    if (n > STRATA_HDF5_MAX_ROWS || width > STRATA_HDF5_MAX_TEXT_BYTES / (n ? n : 1))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the dataset %s is larger than any of strata's", file_path, name);
    packed = strata_malloc_array(n, width);
    if (!packed) {
        status = strata_fail_memory(err, name, n, width);
        goto done;
    }
    if (n > 0 && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, packed) < 0) {
        status = strata_hdf5_fail_read(err, file_path, "the dataset %s", name);
        goto done;
    }
    for (size_t i = 0; i < n; ++i)
        if (!(texts[i] = strndup(packed + i * width, width)))
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
done:
    free(packed);
    if (type >= 0)
        (void)H5Tclose(type);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return status;
}
