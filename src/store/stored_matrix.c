/* Datasets of two dimensions, and what stands beside them. */
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_read.h"
#include "stored_place.h"

bool strata_stored_look(hid_t group, const char *name, struct strata_stored_shape *shape)
{
    H5O_info_t about;
    *shape = (struct strata_stored_shape){0};
    if (H5Oget_info_by_name2(group, name, &about, H5O_INFO_BASIC, H5P_DEFAULT) < 0 || about.type != H5O_TYPE_DATASET)
        return false;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT), type = dataset < 0 ? -1 : H5Dget_type(dataset);
    hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset);
    bool is_seen = type >= 0 && space >= 0;
    if (is_seen) {
        shape->rank = H5Sget_simple_extent_ndims(space);
        shape->is_number = strata_stored_is_number(type);
        shape->has_members = H5Tget_class(type) == H5T_COMPOUND;
        shape->is_scale = H5DSis_scale(dataset) > 0;
        if (shape->rank == 1 || shape->rank == 2)
            is_seen = H5Sget_simple_extent_dims(space, shape->extent, NULL) == shape->rank;
    }
    if (space >= 0)
        (void)H5Sclose(space);
    if (type >= 0)
        (void)H5Tclose(type);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return is_seen;
}

/* The rows of a dataset of numbers with so many dimensions that does not number rows itself; -1 if it is none. */
static hssize_t count_rows(hid_t group, const char *name, int n_dimensions)
{
    struct strata_stored_shape shape;
    if (!strata_stored_look(group, name, &shape) || !shape.is_number || shape.is_scale || shape.rank != n_dimensions)
        return -1;
    return (hssize_t)shape.extent[0];
}

/* "/a/b" and "c": "/a/b/c". */
static char *join(const char *place, const char *name)
{
    char *joined;
    return asprintf(&joined, "%s/%s", strcmp(place, "/") == 0 ? "" : place, name) < 0 ? NULL : joined;
}

enum strata_status strata_stored_place_choose(struct strata_stored_place *place, char *const *names, size_t n_names,
                                              bool by_name, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char matrices[STRATA_STORED_LIST_BYTES] = "", columns[STRATA_STORED_LIST_BYTES] = "";
    size_t n_matrices = 0, matrix = 0, n_columns = 0, n_used[2] = {0};
    hssize_t n_rows = 0;
    bool is_even = true;
    for (size_t i = 0; i < n_names; ++i) {
        const hssize_t rows = count_rows(place->group, names[i], 2);
        if (rows < 0)
            continue;
        n_rows = rows;
        matrix = i;
        ++n_matrices;
        strata_stored_append_name(matrices, &n_used[0], names[i]);
    }
    for (size_t i = 0; i < place->n_columns; ++i)
        if (place->column[i].use == STRATA_STORED_MEASURE) {
            is_even = is_even && (hssize_t)place->dataset[place->column[i].dataset].extent[0] == n_rows;
            ++n_columns;
            strata_stored_append_name(columns, &n_used[1], place->column[i].name);
        }
    if (n_matrices == 0 || n_columns == 0 || (by_name && (n_matrices > 1 || !is_even)))
        return STRATA_OK;
    if (n_matrices > 1 || !is_even)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s has datasets of two dimensions in %s, %s, and others of one, %s\n"
                       "name the table with FILE.h5:%s%s, or columns with --columns",
                       place->path, place->name, matrices, columns, strcmp(place->name, "/") == 0 ? "/" : place->name,
                       strcmp(place->name, "/") == 0 ? names[matrix] : "/...");
    for (size_t i = 0; i < place->n_columns; ++i)
        if (place->column[i].use == STRATA_STORED_MEASURE)
            place->column[i].use = STRATA_STORED_BESIDE;
    if (!(place->found = join(place->name, names[matrix])))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a dataset");
    STRATA_TRY(strata_stored_place_list(place, names[matrix], true, err));
done:
    return status;
}

enum strata_status strata_stored_place_list_beside(struct strata_stored_place *place, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char **names = NULL;
    size_t n_names = 0;
    STRATA_TRY(strata_hdf5_names(place->group, place->path, &names, &n_names, err));
    for (size_t i = 0; i < n_names; ++i) {
        if (count_rows(place->group, names[i], 1) < 0)
            continue;
        size_t first = place->n_columns;
        STRATA_TRY(strata_stored_place_list(place, names[i], false, err));
        for (size_t c = first; c < place->n_columns; ++c)
            place->column[c].use = STRATA_STORED_ASIDE;
    }
done:
    strata_hdf5_free_names(names, n_names);
    return status;
}
