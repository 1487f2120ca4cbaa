#include "stored_rows.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"

enum { LIST_BYTES = 512, NAME_BYTES = 100 };

/* Rows of a dataset that are read at a time: so many bytes, but whole chunks of up to CHUNK_BYTES. */
enum { PART_BYTES = 8 << 20, CHUNK_BYTES = 128 << 20 };

void strata_stored_rows_close(struct strata_stored_rows *rows)
{
    for (size_t i = 0; i < rows->n_sources; ++i) {
        if (rows->source[i].memory >= 0)
            (void)H5Tclose(rows->source[i].memory);
        if (rows->source[i].dataset >= 0)
            (void)H5Dclose(rows->source[i].dataset);
    }
    free(rows->source);
    free(rows->wanted);
    *rows = (struct strata_stored_rows){0};
}

/* The column of that name; the message about one that is none lists those that are taken without being named. */
static enum strata_status find_column(const struct strata_stored_place *place, const char *name,
                                      const struct strata_stored_column **found, struct strata_error *err)
{
    char all[LIST_BYTES] = "";
    size_t used = 0;
    *found = NULL;
    for (size_t i = 0; i < place->n_columns && !*found; ++i)
        if (strcmp(place->column[i].name, name) == 0)
            *found = &place->column[i];
    if (*found && (*found)->use == STRATA_STORED_NO_NUMBER)
        return strata_fail(err, STRATA_REJECTED, "%s: column %s is not numeric", place->path, name);
    if (*found)
        return STRATA_OK;
    /* "." would be the group itself. */
    if (*name && !strchr(name, '/') && strcmp(name, ".") != 0 && strata_hdf5_has(place->group, name)) {
        char group[LIST_BYTES] = "/";
        (void)H5Iget_name(place->group, group, sizeof group);
        return strata_fail(err, STRATA_REJECTED,
                           "%s: %s in %s is not a column of numbers\nif it is a table of its own, name it with "
                           "FILE.h5:%s/%s",
                           place->path, name, group, strcmp(group, "/") == 0 ? "" : group, name);
    }
    for (size_t i = 0; i < place->n_columns && used < LIST_BYTES - NAME_BYTES - 8; ++i)
        if (place->column[i].use == STRATA_STORED_MEASURE)
            used += (size_t)snprintf(all + used, LIST_BYTES - used, "%s%.*s", used ? ", " : "", NAME_BYTES,
                                     place->column[i].name);
    return strata_fail(err, STRATA_USAGE, "%s has no column %s in %s\nits columns there are %s", place->path, name,
                       place->name, *all ? all : "none");
}

static enum strata_status choose_columns(struct strata_stored_rows *rows, const char *const *columns, size_t n_columns,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_stored_place *place = rows->place;
    const size_t room = n_columns ? n_columns : place->n_columns;
    rows->wanted = strata_calloc_array(room, sizeof *rows->wanted);
    rows->source = strata_calloc_array(room, sizeof *rows->source);
    if (!rows->wanted || !rows->source)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %zu columns", room);
    for (size_t i = 0; i < n_columns; ++i) {
        const struct strata_stored_column **column = &rows->wanted[rows->n_wanted].column;
        STRATA_TRY(find_column(place, columns[i], column, err));
        for (size_t other = 0; other < rows->n_wanted; ++other)
            if (rows->wanted[other].column == *column)
                STRATA_GIVE_UP(err, STRATA_USAGE, "column %s is named twice\nleave out one", columns[i]);
        ++rows->n_wanted;
    }
    for (size_t i = 0; n_columns == 0 && i < place->n_columns; ++i)
        if (place->column[i].use == STRATA_STORED_MEASURE)
            rows->wanted[rows->n_wanted++].column = &place->column[i];
done:
    return status;
}

static const struct strata_stored_dataset *dataset_of(const struct strata_stored_rows *rows, size_t wanted)
{
    return &rows->place->dataset[rows->wanted[wanted].column->dataset];
}

static enum strata_status check_size(const struct strata_stored_rows *rows, size_t wanted, hid_t dataset,
                                     struct strata_error *err)
{
    const char *path = rows->place->path, *name = rows->wanted[wanted].column->name;
    const struct strata_stored_dataset *about = dataset_of(rows, wanted);
    hsize_t n_rows = about->extent[0], n_values = 0;
    bool is_sound = about->rank == 1 || !__builtin_mul_overflow(n_rows, about->extent[1], &n_values);
    if (about->rank == 1)
        n_values = n_rows;
    if (n_rows == 0)
        return strata_fail(err, STRATA_REJECTED, "%s: column %s has no rows", path, name);
    if (rows->n_rows && n_rows != rows->n_rows)
        return strata_fail(err, STRATA_REJECTED,
                           "%s: column %s has %llu rows where %s has %zu\nchoose columns of one length with --columns",
                           path, name, (unsigned long long)n_rows, rows->wanted[0].column->name, rows->n_rows);
    if (!is_sound || !strata_hdf5_is_stored(dataset, n_values))
        return strata_fail(err, STRATA_REJECTED, "%s: column %s claims %llu rows, but stores %llu bytes", path, name,
                           (unsigned long long)n_rows, (unsigned long long)H5Dget_storage_size(dataset));
    return STRATA_OK;
}

/* Missing integers carry a value of their own. */
static enum strata_status read_fill_value(const struct strata_stored_rows *rows, struct strata_stored_source *source,
                                          const char *name, struct strata_error *err)
{
    if (H5Aexists(source->dataset, "_FillValue") <= 0)
        return STRATA_OK;
    hid_t attribute = H5Aopen(source->dataset, "_FillValue", H5P_DEFAULT);
    hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
    source->has_fill = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
                       H5Aread(attribute, H5T_NATIVE_DOUBLE, &source->fill) >= 0;
    if (space >= 0)
        (void)H5Sclose(space);
    if (attribute >= 0)
        (void)H5Aclose(attribute);
    if (!source->has_fill)
        return strata_fail(err, STRATA_REJECTED, "%s: the attribute _FillValue of %s is not one number",
                           rows->place->path, name);
    return STRATA_OK;
}

static bool is_narrow(hid_t type) { return H5Tget_class(type) == H5T_FLOAT && H5Tget_size(type) == sizeof(float); }

static hid_t native(bool narrow) { return narrow ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE; }

static size_t size_of(bool narrow) { return narrow ? sizeof(float) : sizeof(double); }

/* The wanted elements of member `number` become part of the memory's type. */
static enum strata_status insert_member(struct strata_stored_rows *rows, size_t source, hid_t stored, int number,
                                        hid_t memory, size_t *row_bytes, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t member = H5Tget_member_type(stored, (unsigned)number), element = -1, type = -1;
    char *name = H5Tget_member_name(stored, (unsigned)number);
    bool is_array = member >= 0 && H5Tget_class(member) == H5T_ARRAY;
    hsize_t extent[H5S_MAX_RANK];
    int rank = is_array ? H5Tget_array_dims2(member, extent) : 0;
    element = member < 0 ? -1 : is_array ? H5Tget_super(member) : H5Tcopy(member);
    bool narrow = element >= 0 && is_narrow(element);
    if (element >= 0 && rank >= 0)
        type = is_array ? H5Tarray_create2(native(narrow), (unsigned)rank, extent) : H5Tcopy(native(narrow));
    if (type < 0 || !name || H5Tset_size(memory, *row_bytes + H5Tget_size(type)) < 0 ||
        H5Tinsert(memory, name, *row_bytes, type) < 0)
        status = strata_hdf5_fail_input(err, rows->place->path, "the members of a dataset");
    for (size_t i = 0; i < rows->n_wanted; ++i) {
        struct strata_stored_wanted *wanted = &rows->wanted[i];
        if (wanted->source != source || wanted->column->member != number)
            continue;
        wanted->is_narrow = narrow;
        wanted->offset = *row_bytes + wanted->column->element * size_of(narrow);
    }
    *row_bytes += type < 0 ? 0 : H5Tget_size(type);
    if (type >= 0)
        (void)H5Tclose(type);
    if (element >= 0)
        (void)H5Tclose(element);
    if (member >= 0)
        (void)H5Tclose(member);
    if (name)
        (void)H5free_memory(name);
    return status;
}

static enum strata_status make_compound(struct strata_stored_rows *rows, size_t number, hid_t stored,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_stored_source *source = &rows->source[number];
    source->memory = H5Tcreate(H5T_COMPOUND, 1);
    for (int m = 0, n = H5Tget_nmembers(stored); m < n; ++m) {
        bool is_wanted = false;
        for (size_t i = 0; i < rows->n_wanted && !is_wanted; ++i)
            is_wanted = rows->wanted[i].source == number && rows->wanted[i].column->member == m;
        if (is_wanted)
            STRATA_TRY(insert_member(rows, number, stored, m, source->memory, &source->row_bytes, err));
    }
done:
    return status;
}

/* Its elements are the values. */
static enum strata_status make_simple(struct strata_stored_rows *rows, size_t number, size_t first, hid_t stored,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_stored_source *source = &rows->source[number];
    const struct strata_stored_dataset *about = dataset_of(rows, first);
    const bool narrow = is_narrow(stored);
    source->memory = H5Tcopy(native(narrow));
    source->row_bytes = size_of(narrow) * (about->rank == 2 ? (size_t)about->extent[1] : 1);
    for (size_t i = 0; i < rows->n_wanted; ++i)
        if (rows->wanted[i].source == number) {
            rows->wanted[i].is_narrow = narrow;
            rows->wanted[i].offset = rows->wanted[i].column->element * size_of(narrow);
        }
    if (!narrow)
        STRATA_TRY(read_fill_value(rows, source, rows->wanted[first].column->name, err));
done:
    return status;
}

/* As many rows as fill a part, in whole chunks: these are decoded once. */
static size_t part_rows(const struct strata_stored_source *source)
{
    size_t rows = PART_BYTES / source->row_bytes;
    hsize_t chunk[2] = {0};
    hid_t properties = H5Dget_create_plist(source->dataset);
    if (properties >= 0 && H5Pget_layout(properties) == H5D_CHUNKED && H5Pget_chunk(properties, 2, chunk) > 0 &&
        chunk[0] > 0 && chunk[0] <= CHUNK_BYTES / source->row_bytes)
        rows = rows > chunk[0] ? rows - rows % chunk[0] : (size_t)chunk[0];
    if (properties >= 0)
        (void)H5Pclose(properties);
    return rows ? rows : 1;
}

/* The dataset of wanted column `first`, for all columns that are in it. */
static enum strata_status open_dataset(struct strata_stored_rows *rows, size_t first, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_stored_dataset *about = dataset_of(rows, first);
    const size_t number = rows->n_sources++;
    struct strata_stored_source *source = &rows->source[number];
    hsize_t n_rows = 0;
    hid_t stored = -1;
    *source = (struct strata_stored_source){.dataset = -1, .memory = -1};
    for (size_t i = 0; i < rows->n_wanted; ++i)
        if (dataset_of(rows, i) == about)
            rows->wanted[i].source = number;
    if (about->rank == 1)
        STRATA_TRY(strata_hdf5_open_column(rows->place->group, about->name, rows->place->path, &source->dataset,
                                           &n_rows, err));
    else
        STRATA_TRY(strata_hdf5_open_matrix(rows->place->group, about->name, rows->place->path, about->extent[0],
                                           about->extent[1], &source->dataset, err));
    STRATA_TRY(check_size(rows, first, source->dataset, err));
    rows->n_rows = (size_t)about->extent[0];
    stored = H5Dget_type(source->dataset);
    if (rows->wanted[first].column->member >= 0)
        STRATA_TRY(make_compound(rows, number, stored, err));
    else
        STRATA_TRY(make_simple(rows, number, first, stored, err));
    source->part_rows = part_rows(source);
done:
    if (stored >= 0)
        (void)H5Tclose(stored);
    return status;
}

enum strata_status strata_stored_rows_open(struct strata_stored_rows *rows, const struct strata_stored_place *place,
                                           const char *const *columns, size_t n_columns, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *rows = (struct strata_stored_rows){.place = place};
    STRATA_TRY(choose_columns(rows, columns, n_columns, err));
    for (size_t i = 0; i < rows->n_wanted; ++i)
        rows->wanted[i].source = SIZE_MAX;
    for (size_t i = 0; i < rows->n_wanted; ++i)
        if (rows->wanted[i].source == SIZE_MAX)
            STRATA_TRY(open_dataset(rows, i, err));
done:
    if (status != STRATA_OK)
        strata_stored_rows_close(rows);
    return status;
}

enum strata_status strata_stored_rows_read(const struct strata_stored_rows *rows, size_t source, hsize_t first,
                                           size_t n, void *part, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_stored_source *from = &rows->source[source];
    hid_t in_file = H5Dget_space(from->dataset), in_memory = -1;
    hsize_t start[2] = {first, 0}, count[2] = {n, 0};
    hsize_t extent[2] = {0};
    int rank = in_file < 0 ? -1 : H5Sget_simple_extent_dims(in_file, extent, NULL);
    count[1] = extent[1];
    if (rank == 1 || rank == 2)
        in_memory = H5Screate_simple(rank, count, NULL);
    if (in_memory < 0 || H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dread(from->dataset, from->memory, in_memory, in_file, H5P_DEFAULT, part) < 0)
        status = strata_hdf5_fail_read(err, rows->place->path, "rows from %llu of %s", (unsigned long long)first + 1,
                                       rows->place->name);
    if (in_memory >= 0)
        (void)H5Sclose(in_memory);
    if (in_file >= 0)
        (void)H5Sclose(in_file);
    return status;
}

void strata_stored_rows_pick(const struct strata_stored_rows *rows, size_t number, const void *part, size_t n,
                             void *values)
{
    const struct strata_stored_wanted *wanted = &rows->wanted[number];
    const struct strata_stored_source *source = &rows->source[wanted->source];
    const size_t size = size_of(wanted->is_narrow);
    const char *from = (const char *)part + wanted->offset;
    for (size_t i = 0; i < n; ++i)
        memcpy((char *)values + i * size, from + i * source->row_bytes, size);
    double *real = values;
    for (size_t i = 0; source->has_fill && !wanted->is_narrow && i < n; ++i)
        if (!(real[i] < source->fill || real[i] > source->fill))
            real[i] = (double)NAN;
}
