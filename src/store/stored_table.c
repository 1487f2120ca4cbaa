#include "stored_table.h"

#include <fcntl.h>
#include <hdf5_hl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "contained.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"
#include "snapshot_write.h"

enum { LIST_BYTES = 512, NAME_BYTES = 100, PART_ROWS = 1 << 20 };

struct reading {
    const char *path, *place; /* place: of the group, for messages */
    hid_t file, group;
    size_t n_names;
    char **name; /* in the group */
};

bool strata_file_is_hdf5(const char *path)
{
    /* At the beginning, or behind a block of the user's of 512, 1024, 2048, ... bytes. */
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    enum { FIRST_BLOCK = 512, N_SIGNATURE = sizeof signature - 1 };
    char found[N_SIGNATURE];
    struct stat about;
    bool is_hdf5 = false;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is_regular = file >= 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    for (off_t at = 0; is_regular && !is_hdf5 && at <= about.st_size - N_SIGNATURE; at = at ? 2 * at : FIRST_BLOCK)
        is_hdf5 = pread(file, found, N_SIGNATURE, at) == N_SIGNATURE && memcmp(found, signature, N_SIGNATURE) == 0;
    if (file >= 0)
        (void)close(file);
    return is_hdf5;
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

/* An open column, before its values are read. */
struct opened {
    const char *name; /* borrowed */
    hid_t dataset;
    size_t n_rows;
    bool is_narrow, has_fill; /* float32; with a value that means none */
    double fill;
};

/* Missing integers carry a value of their own. */
static enum strata_status read_fill_value(const struct reading *reading, struct opened *column,
                                          struct strata_error *err)
{
    if (H5Aexists(column->dataset, "_FillValue") <= 0)
        return STRATA_OK;
    hid_t attribute = H5Aopen(column->dataset, "_FillValue", H5P_DEFAULT);
    hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
    column->has_fill = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
                       H5Aread(attribute, H5T_NATIVE_DOUBLE, &column->fill) >= 0;
    if (space >= 0)
        (void)H5Sclose(space);
    if (attribute >= 0)
        (void)H5Aclose(attribute);
    if (!column->has_fill)
        return strata_fail(err, STRATA_REJECTED, "%s: the attribute _FillValue of %s is not one number", reading->path,
                           column->name);
    return STRATA_OK;
}

static enum strata_status check_size(const struct reading *reading, size_t n_wanted, const char *first_name,
                                     hid_t dataset, const char *name, hsize_t n_rows, struct strata_error *err)
{
    if (n_rows == 0)
        return strata_fail(err, STRATA_REJECTED, "%s: column %s has no rows", reading->path, name);
    if (n_wanted && n_rows != n_wanted)
        return strata_fail(err, STRATA_REJECTED,
                           "%s: column %s has %llu rows where %s has %zu\nchoose columns of one length with --columns",
                           reading->path, name, (unsigned long long)n_rows, first_name, n_wanted);
    if (!strata_hdf5_is_stored(dataset, n_rows))
        return strata_fail(err, STRATA_REJECTED, "%s: column %s claims %llu rows, but stores %llu bytes", reading->path,
                           name, (unsigned long long)n_rows, (unsigned long long)H5Dget_storage_size(dataset));
    return STRATA_OK;
}

static enum strata_status open_column(const struct reading *reading, const char *name, size_t n_rows,
                                      const char *first_name, struct opened *column, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t stored = -1;
    hsize_t n = 0;
    char all[LIST_BYTES];
    *column = (struct opened){.name = name, .dataset = -1};
    if (strchr(name, '/') || !strata_hdf5_has(reading->group, name)) {
        list_names(reading, is_measurement, all);
        STRATA_GIVE_UP(err, STRATA_USAGE, "%s has no column %s in %s\nits columns there are %s", reading->path, name,
                       reading->place, *all ? all : "none");
    }
    STRATA_TRY(strata_hdf5_open_column(reading->group, name, reading->path, &column->dataset, &n, err));
    if (!is_numeric(column->dataset))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: column %s is not numeric", reading->path, name);
    STRATA_TRY(check_size(reading, n_rows, first_name, column->dataset, name, n, err));
    column->n_rows = (size_t)n;
    stored = H5Dget_type(column->dataset);
    column->is_narrow = stored >= 0 && H5Tget_class(stored) == H5T_FLOAT && H5Tget_size(stored) == sizeof(float);
    if (!column->is_narrow)
        STRATA_TRY(read_fill_value(reading, column, err));
done:
    if (stored >= 0)
        (void)H5Tclose(stored);
    return status;
}

static enum strata_status read_part(const struct reading *reading, const struct opened *column, hsize_t first,
                                    hsize_t n, void *values, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t in_file = H5Dget_space(column->dataset), in_memory = H5Screate_simple(1, &n, NULL);
    if (in_file < 0 || in_memory < 0 || H5Sselect_hyperslab(in_file, H5S_SELECT_SET, &first, NULL, &n, NULL) < 0 ||
        H5Dread(column->dataset, column->is_narrow ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE, in_memory, in_file,
                H5P_DEFAULT, values) < 0)
        status = strata_hdf5_fail_read(err, reading->path, "column %s", column->name);
    if (in_file >= 0)
        (void)H5Sclose(in_file);
    if (in_memory >= 0)
        (void)H5Sclose(in_memory);
    double *real = values;
    for (hsize_t i = 0; status == STRATA_OK && column->has_fill && i < n; ++i)
        if (!(real[i] < column->fill || real[i] > column->fill))
            real[i] = (double)NAN;
    return status;
}

/* Its values, in parts: each with how reading it has ended. */
static void send_values(const struct reading *reading, const struct opened *column, void *part,
                        struct strata_wire *wire)
{
    const size_t size = column->is_narrow ? sizeof(float) : sizeof(double);
    enum strata_status outcome = STRATA_OK;
    for (size_t first = 0; first < column->n_rows && outcome == STRATA_OK && wire->status == STRATA_OK;
         first += PART_ROWS) {
        size_t left = column->n_rows - first, n = left < PART_ROWS ? left : PART_ROWS;
        struct strata_error error = {0};
        strata_contained_allow_time();
        outcome = read_part(reading, column, first, n, part, &error);
        strata_wire_pass_outcome(wire, &outcome, &error);
        if (outcome == STRATA_OK)
            strata_wire_pass_bytes(wire, part, n * size);
    }
}

static enum strata_status fail_no_column(const struct reading *reading, struct strata_error *err)
{
    char groups[LIST_BYTES];
    list_names(reading, is_group, groups);
    return strata_fail(err, STRATA_REJECTED, "%s has no numeric one-dimensional dataset in %s%s%s", reading->path,
                       reading->place, *groups ? "\nname one of its groups with FILE.h5:/GROUP: " : "", groups);
}

/* One column after the other: its name, its type, its values; then none. */
static void send_columns(struct reading *reading, const char *const *columns, size_t n_columns,
                         struct strata_wire *wire)
{
    void *part = strata_malloc_array(PART_ROWS, sizeof(double));
    const char *first_name = NULL;
    size_t n_rows = 0;
    enum strata_status outcome = STRATA_OK;
    struct strata_error error = {0};
    const size_t n = n_columns ? n_columns : reading->n_names;
    for (size_t i = 0; i < n && outcome == STRATA_OK && wire->status == STRATA_OK; ++i) {
        struct opened column;
        const char *name = n_columns ? columns[i] : reading->name[i];
        if (n_columns == 0 && !is_measurement(reading->group, name))
            continue;
        outcome = part ? open_column(reading, name, n_rows, first_name, &column, &error)
                       : strata_fail_memory(&error, "rows", PART_ROWS, sizeof(double));
        strata_wire_pass_outcome(wire, &outcome, &error);
        if (outcome == STRATA_OK) {
            char *sent = (char *)name;
            strata_wire_pass_text(wire, &sent, STRATA_HDF5_MAX_TEXT_BYTES);
            strata_wire_pass_bool(wire, &column.is_narrow);
            strata_wire_pass_size(wire, &column.n_rows, SIZE_MAX);
            send_values(reading, &column, part, wire);
            n_rows = column.n_rows;
            first_name = first_name ? first_name : name;
        }
        if (part && column.dataset >= 0)
            (void)H5Dclose(column.dataset);
    }
    free(part);
    if (outcome != STRATA_OK)
        return;
    if (n_rows == 0)
        outcome = fail_no_column(reading, &error);
    strata_wire_pass_outcome(wire, &outcome, &error);
    char *end = NULL;
    strata_wire_pass_text(wire, &end, 0);
}

struct order {
    const char *path, *group;
    const char *const *columns;
    size_t n_columns;
};

static void read_table(void *context, struct strata_wire *wire)
{
    const struct order *order = context;
    struct reading reading = {.path = order->path, .file = -1, .group = -1};
    struct strata_hdf5_session session;
    struct strata_error error = {0};
    strata_hdf5_session_begin(&session);
    enum strata_status outcome = open_group(&reading, order->group, &error);
    strata_wire_send(wire);
    if (outcome != STRATA_OK)
        strata_wire_pass_outcome(wire, &outcome, &error);
    else
        send_columns(&reading, order->columns, order->n_columns, wire);
    strata_hdf5_free_names(reading.name, reading.n_names);
    if (reading.group >= 0)
        (void)H5Gclose(reading.group);
    if (reading.file >= 0)
        (void)H5Fclose(reading.file);
    strata_hdf5_session_end(&session);
}

/* The values of one column of n_rows. */
static enum strata_status receive_values(struct strata_contained *contained, char *values, size_t n_rows, size_t size,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK, outcome = STRATA_OK;
    for (size_t first = 0; first < n_rows; first += PART_ROWS) {
        size_t left = n_rows - first, n = left < PART_ROWS ? left : PART_ROWS;
        strata_wire_pass_outcome(&contained->wire, &outcome, err);
        if (outcome == STRATA_OK)
            strata_wire_pass_bytes(&contained->wire, values + first * size, n * size);
        STRATA_TRY(strata_contained_check(contained, err));
        STRATA_TRY(outcome);
    }
done:
    return status;
}

/* The next column; *is_last if there is none. */
static enum strata_status receive_column(struct strata_contained *contained, struct strata_named_table *named,
                                         bool *is_last, struct strata_error *err)
{
    enum strata_status status = STRATA_OK, outcome = STRATA_OK;
    struct strata_wire *wire = &contained->wire;
    char *name = NULL;
    void *values = NULL;
    bool is_narrow = false;
    size_t n_rows = 0;
    strata_wire_pass_outcome(wire, &outcome, err);
    if (outcome == STRATA_OK)
        strata_wire_pass_text(wire, &name, STRATA_HDF5_MAX_TEXT_BYTES);
    *is_last = !name;
    if (name) {
        strata_wire_pass_bool(wire, &is_narrow);
        strata_wire_pass_size(wire, &n_rows, (size_t)1 << 40);
        strata_wire_refuse_if(wire, n_rows == 0 || (named->table.n_columns && n_rows != named->table.n_rows));
    }
    STRATA_TRY(strata_contained_check(contained, err));
    STRATA_TRY(outcome);
    if (!name)
        goto done;
    const enum strata_type type = is_narrow ? STRATA_F32 : STRATA_F64;
    values = strata_malloc_array(n_rows, strata_type_size(type));
    if (!values)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu rows of column %s", n_rows, name);
    STRATA_TRY(receive_values(contained, values, n_rows, strata_type_size(type), err));
    named->table.n_rows = n_rows;
    if (strata_table_find(&named->table, name))
        STRATA_GIVE_UP(err, STRATA_USAGE, "column %s is named twice\nleave out one", name);
    STRATA_TRY(strata_named_table_add(named, name, type, values, err));
    values = NULL;
done:
    free(values);
    free(name);
    return status;
}

enum strata_status strata_stored_table_read(const char *path, const char *group, const char *const *columns,
                                            size_t n_columns, struct strata_named_table *named,
                                            struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct order order = {path, group, columns, n_columns};
    struct strata_contained contained;
    *named = (struct strata_named_table){.has_header = true};
    STRATA_TRY(strata_contained_start(&contained, read_table, &order, -1, path, 0, err));
    for (bool is_last = false; !is_last;)
        STRATA_TRY(receive_column(&contained, named, &is_last, err));
done:
    strata_contained_stop(&contained);
    if (status != STRATA_OK)
        strata_named_table_release(named);
    return status;
}
