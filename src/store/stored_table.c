#include "stored_table.h"

#include <hdf5_hl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"
#include "snapshot_write.h"

enum { LIST_BYTES = 512, NAME_BYTES = 100 };

struct reading {
    const char *path, *place; /* place: of the group, for messages */
    hid_t file, group;
    size_t n_names;
    char **name; /* in the group */
};

bool strata_file_is_hdf5(const char *path)
{
    struct strata_hdf5_session session;
    strata_hdf5_session_begin(&session);
    htri_t is_hdf5 = H5Fis_hdf5(path);
    strata_hdf5_session_end(&session);
    return is_hdf5 > 0;
}

/* Step into each component of "/a/b". */
static enum strata_status descend(struct reading *reading, const char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *copy = strata_copy_string(path), *rest = copy;
    if (!copy)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a group");
    for (char *name; (name = strsep(&rest, "/"));) {
        hid_t inner = -1;
        if (!*name)
            continue;
        /* "." would be the group itself, not one that it links to. */
        if (strcmp(name, ".") == 0 || !strata_hdf5_has(reading->group, name) ||
            (inner = H5Gopen2(reading->group, name, H5P_DEFAULT)) < 0)
            STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has no group %s", reading->path, path);
        (void)H5Gclose(reading->group);
        reading->group = inner;
    }
done:
    free(copy);
    return status;
}

static enum strata_status open_group(struct reading *reading, const char *group, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *schema = NULL;
    if (!strata_file_is_hdf5(reading->path))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s is not an HDF5 file", reading->path);
    STRATA_TRY(strata_hdf5_open(reading->path, &reading->file, err));
    reading->group = H5Gopen2(reading->file, "/", H5P_DEFAULT);
    if (reading->group < 0) {
        status = strata_hdf5_fail_read(err, reading->path, "its root");
        goto done;
    }
    if (!group) {
        STRATA_TRY(strata_hdf5_get_text(reading->file, "schema", reading->path, &schema, err));
        group = schema && strcmp(schema, STRATA_SNAPSHOT_SCHEMA) == 0 ? "/customers" : "/";
    }
    reading->place = group;
    STRATA_TRY(descend(reading, group, err));
    STRATA_TRY(strata_hdf5_names(reading->group, reading->path, &reading->name, &reading->n_names, err));
done:
    free(schema);
    return status;
}

static bool is_numeric(hid_t dataset)
{
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    bool is = (class == H5T_INTEGER || class == H5T_FLOAT) && space >= 0 && H5Sget_simple_extent_ndims(space) == 1;
    if (type >= 0)
        (void)H5Tclose(type);
    if (space >= 0)
        (void)H5Sclose(space);
    return is;
}

/* Is it a column to take unless asked for others? */
static bool is_measurement(hid_t group, const char *name)
{
    H5O_info_t about;
    if (H5Oget_info_by_name2(group, name, &about, H5O_INFO_BASIC, H5P_DEFAULT) < 0 || about.type != H5O_TYPE_DATASET)
        return false;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0)
        return false;
    bool is = is_numeric(dataset) && H5DSis_scale(dataset) <= 0 && H5Aexists(dataset, "flag_values") <= 0;
    (void)H5Dclose(dataset);
    return is;
}

/* The names of the group's members that `is_one` picks, for a message. */
static void list_names(const struct reading *reading, bool (*is_one)(hid_t group, const char *name),
                       char out[LIST_BYTES])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < reading->n_names && used < LIST_BYTES - NAME_BYTES - 8; ++i)
        if (is_one(reading->group, reading->name[i]))
            used += (size_t)snprintf(out + used, LIST_BYTES - used, "%s%.*s", used ? ", " : "", NAME_BYTES,
                                     reading->name[i]);
}

static bool is_group(hid_t group, const char *name)
{
    H5O_info_t about;
    return H5Oget_info_by_name2(group, name, &about, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 && about.type == H5O_TYPE_GROUP;
}

/* Missing integers carry a value of their own. */
static enum strata_status blank_fill_values(const struct reading *reading, hid_t dataset, const char *name,
                                            double *values, size_t n, struct strata_error *err)
{
    double fill;
    if (H5Aexists(dataset, "_FillValue") <= 0)
        return STRATA_OK;
    hid_t attribute = H5Aopen(dataset, "_FillValue", H5P_DEFAULT);
    hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
    bool is_read =
        space >= 0 && H5Sget_simple_extent_npoints(space) == 1 && H5Aread(attribute, H5T_NATIVE_DOUBLE, &fill) >= 0;
    if (space >= 0)
        (void)H5Sclose(space);
    if (attribute >= 0)
        (void)H5Aclose(attribute);
    if (!is_read)
        return strata_fail(err, STRATA_REJECTED, "%s: the attribute _FillValue of %s is not one number", reading->path,
                           name);
    for (size_t i = 0; i < n; ++i)
        if (!(values[i] < fill || values[i] > fill))
            values[i] = (double)NAN;
    return STRATA_OK;
}

static enum strata_status check_size(const struct reading *reading, const struct strata_table *table, hid_t dataset,
                                     const char *name, hsize_t n_rows, struct strata_error *err)
{
    if (n_rows == 0)
        return strata_fail(err, STRATA_REJECTED, "%s: column %s has no rows", reading->path, name);
    if (table->n_columns && n_rows != table->n_rows)
        return strata_fail(err, STRATA_REJECTED,
                           "%s: column %s has %llu rows where %s has %zu\nchoose columns of one length with --columns",
                           reading->path, name, (unsigned long long)n_rows, table->columns[0].about.name,
                           table->n_rows);
    if (!strata_hdf5_is_stored(dataset, n_rows))
        return strata_fail(err, STRATA_REJECTED, "%s: column %s claims %llu rows, but stores %llu bytes", reading->path,
                           name, (unsigned long long)n_rows, (unsigned long long)H5Dget_storage_size(dataset));
    return STRATA_OK;
}

static enum strata_status read_column(const struct reading *reading, const char *name, struct strata_named_table *named,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t dataset = -1, stored = -1;
    hsize_t n_rows = 0;
    void *values = NULL;
    char all[LIST_BYTES];
    if (strchr(name, '/') || !strata_hdf5_has(reading->group, name)) {
        list_names(reading, is_measurement, all);
        STRATA_GIVE_UP(err, STRATA_USAGE, "%s has no column %s in %s\nits columns there are %s", reading->path, name,
                       reading->place, *all ? all : "none");
    }
    STRATA_TRY(strata_hdf5_open_column(reading->group, name, reading->path, &dataset, &n_rows, err));
    if (!is_numeric(dataset))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: column %s is not numeric", reading->path, name);
    STRATA_TRY(check_size(reading, &named->table, dataset, name, n_rows, err));
    stored = H5Dget_type(dataset);
    bool is_narrow = stored >= 0 && H5Tget_class(stored) == H5T_FLOAT && H5Tget_size(stored) == sizeof(float);
    enum strata_type type = is_narrow ? STRATA_F32 : STRATA_F64;
    values = strata_malloc_array((size_t)n_rows, strata_type_size(type));
    if (!values)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %llu rows of column %s", (unsigned long long)n_rows, name);
    if (H5Dread(dataset, is_narrow ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
        status = strata_hdf5_fail_read(err, reading->path, "column %s", name);
        goto done;
    }
    if (!is_narrow)
        STRATA_TRY(blank_fill_values(reading, dataset, name, values, (size_t)n_rows, err));
    named->table.n_rows = (size_t)n_rows;
    if (strata_table_find(&named->table, name))
        STRATA_GIVE_UP(err, STRATA_USAGE, "column %s is named twice\nleave out one", name);
    STRATA_TRY(strata_named_table_add(named, name, type, values, err));
    values = NULL;
done:
    free(values);
    if (stored >= 0)
        (void)H5Tclose(stored);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return status;
}

static enum strata_status fail_no_column(const struct reading *reading, struct strata_error *err)
{
    char groups[LIST_BYTES];
    list_names(reading, is_group, groups);
    return strata_fail(err, STRATA_REJECTED, "%s has no numeric one-dimensional dataset in %s%s%s", reading->path,
                       reading->place, *groups ? "\nname one of its groups with FILE.h5:/GROUP: " : "", groups);
}

enum strata_status strata_stored_table_read(const char *path, const char *group, const char *const *columns,
                                            size_t n_columns, struct strata_named_table *named,
                                            struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct reading reading = {.path = path, .file = -1, .group = -1};
    struct strata_hdf5_session session;
    *named = (struct strata_named_table){.has_header = true};
    strata_hdf5_session_begin(&session);
    STRATA_TRY(open_group(&reading, group, err));
    for (size_t c = 0; c < n_columns; ++c)
        STRATA_TRY(read_column(&reading, columns[c], named, err));
    for (size_t i = 0; n_columns == 0 && i < reading.n_names; ++i)
        if (is_measurement(reading.group, reading.name[i]))
            STRATA_TRY(read_column(&reading, reading.name[i], named, err));
    if (named->table.n_columns == 0)
        status = fail_no_column(&reading, err);
done:
    strata_hdf5_free_names(reading.name, reading.n_names);
    if (reading.group >= 0)
        (void)H5Gclose(reading.group);
    if (reading.file >= 0)
        (void)H5Fclose(reading.file);
    strata_hdf5_session_end(&session);
    if (status != STRATA_OK)
        strata_named_table_release(named);
    return status;
}
