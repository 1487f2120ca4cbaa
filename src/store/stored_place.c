#include "stored_place.h"

#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"

/* A group that links to itself has no end. */
enum { DEPTH_MAX = 8, GROUPS_MAX = 1000, PATH_BYTES = 1024 };

void strata_stored_place_close(struct strata_stored_place *place)
{
    for (size_t i = 0; i < place->n_columns; ++i)
        free(place->column[i].name);
    for (size_t i = 0; i < place->n_datasets; ++i)
        free(place->dataset[i].name);
    free(place->column);
    free(place->dataset);
    free(place->name);
    free(place->found);
    if (place->group >= 0)
        (void)H5Gclose(place->group);
    *place = (struct strata_stored_place){.group = -1};
}

enum strata_status strata_stored_place_add_dataset(struct strata_stored_place *place, const char *name, hid_t *dataset,
                                                   struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_stored_dataset added = {0};
    H5O_info_t about;
    hid_t space = -1;
    *dataset = -1;
    if (!strata_hdf5_has(place->group, name) ||
        H5Oget_info_by_name2(place->group, name, &about, H5O_INFO_BASIC, H5P_DEFAULT) < 0 ||
        about.type != H5O_TYPE_DATASET || (*dataset = H5Dopen2(place->group, name, H5P_DEFAULT)) < 0)
        return STRATA_OK;
    space = H5Dget_space(*dataset);
    added.rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if ((added.rank != 1 && added.rank != 2) || H5Sget_simple_extent_dims(space, added.extent, NULL) != added.rank) {
        (void)H5Dclose(*dataset);
        *dataset = -1;
        goto done;
    }
    void *array = place->dataset;
    status = strata_grow_array(&array, &place->dataset_capacity, place->n_datasets + 1, sizeof added, err);
    place->dataset = array;
    if (status == STRATA_OK && !(added.name = strata_copy_string(name)))
        status = strata_fail(err, STRATA_MEMORY, "out of memory for the name of a dataset");
    if (status == STRATA_OK)
        place->dataset[place->n_datasets++] = added;
done:
    if (space >= 0)
        (void)H5Sclose(space);
    if (status != STRATA_OK) {
        (void)H5Dclose(*dataset);
        *dataset = -1;
    }
    return status;
}

enum strata_status strata_stored_place_add_column(struct strata_stored_place *place, const char *name, int member,
                                                  size_t element, enum strata_stored_use use, struct strata_error *err)
{
    void *array = place->column;
    if (place->n_columns == STRATA_STORED_COLUMNS_MAX)
        return strata_fail(err, STRATA_REJECTED, "%s: %s has more than %d columns", place->path, place->name,
                           STRATA_STORED_COLUMNS_MAX);
    enum strata_status status =
        strata_grow_array(&array, &place->column_capacity, place->n_columns + 1, sizeof *place->column, err);
    place->column = array;
    if (status != STRATA_OK)
        return status;
    char *copy = strata_copy_string(name);
    if (!copy)
        return strata_fail(err, STRATA_MEMORY, "out of memory for the name of a column");
    place->column[place->n_columns++] =
        (struct strata_stored_column){copy, place->n_datasets - 1, member, element, use};
    return STRATA_OK;
}

bool strata_stored_is_number(hid_t type)
{
    H5T_class_t class = H5Tget_class(type);
    return class == H5T_INTEGER || class == H5T_FLOAT;
}

/* n columns called 1, 2, ..., or NAME.1, NAME.2, ... */
static enum strata_status add_numbered(struct strata_stored_place *place, const char *name, int member, size_t n,
                                       enum strata_stored_use use, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char numbered[PATH_BYTES];
    for (size_t i = 0; i < n && status == STRATA_OK; ++i) {
        (void)snprintf(numbered, sizeof numbered, "%s%s%zu", name ? name : "", name ? "." : "", i + 1);
        status = strata_stored_place_add_column(place, numbered, member, i, use, err);
    }
    return status;
}

/* The elements of a member, an array or not. */
static enum strata_status list_member(struct strata_stored_place *place, hid_t dataset, hid_t type, int member,
                                      const char *name, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char **names = NULL;
    enum strata_stored_use use;
    bool is_array = H5Tget_class(type) == H5T_ARRAY;
    hid_t element = is_array ? H5Tget_super(type) : H5Tcopy(type);
    size_t size = element < 0 ? 0 : H5Tget_size(element), n = is_array && size ? H5Tget_size(type) / size : 1;
    bool is_named = strata_frame_describe_member(dataset, name, n, &names, &use);
    if (element < 0 || !strata_stored_is_number(element))
        use = STRATA_STORED_NO_NUMBER;
    else if (!is_named)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s: pandas has stored the names of the %zu columns of %s as an object of Python, which strata "
                       "reads only where it is a plain list of texts or whole numbers; write the data frame with "
                       "to_hdf(..., format=\"table\", data_columns=True)",
                       place->path, n, name);
    for (size_t i = 0; names && i < n; ++i)
        STRATA_TRY(strata_stored_place_add_column(place, names[i], member, i, use, err));
    if (!names && n == 1)
        status = strata_stored_place_add_column(place, name, member, 0, use, err);
    else if (!names)
        status = add_numbered(place, name, member, n, use, err);
done:
    strata_hdf5_free_names(names, names ? n : 0);
    if (element >= 0)
        (void)H5Tclose(element);
    return status;
}

static enum strata_status list_members(struct strata_stored_place *place, hid_t dataset, hid_t type,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int i = 0, n = H5Tget_nmembers(type); i < n && status == STRATA_OK; ++i) {
        hid_t member = H5Tget_member_type(type, (unsigned)i);
        char *name = H5Tget_member_name(type, (unsigned)i);
        if (member < 0 || !name)
            status = strata_hdf5_fail_input(err, place->path, "the members of a dataset");
        else
            status = list_member(place, dataset, member, i, name, err);
        if (member >= 0)
            (void)H5Tclose(member);
        if (name)
            (void)H5free_memory(name);
    }
    return status;
}

/* What a dataset is good for that is one column. */
static enum strata_stored_use use_of(hid_t dataset, hid_t type)
{
    if (!strata_stored_is_number(type))
        return STRATA_STORED_NO_NUMBER;
    return H5DSis_scale(dataset) > 0 || H5Aexists(dataset, "flag_values") > 0 ? STRATA_STORED_ASIDE
                                                                              : STRATA_STORED_MEASURE;
}

enum strata_status strata_stored_place_list(struct strata_stored_place *place, const char *name, bool alone,
                                            struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t dataset, type = -1;
    STRATA_TRY(strata_stored_place_add_dataset(place, name, &dataset, err));
    type = dataset < 0 ? -1 : H5Dget_type(dataset);
    if (type < 0)
        goto done;
    const struct strata_stored_dataset *added = &place->dataset[place->n_datasets - 1];
    bool is_compound = H5Tget_class(type) == H5T_COMPOUND;
    if (added->rank == 1 && !is_compound)
        status = strata_stored_place_add_column(place, name, -1, 0, use_of(dataset, type), err);
    else if (added->rank == 1 && alone)
        status = list_members(place, dataset, type, err);
    else if (added->rank == 2 && alone && strata_stored_is_number(type)) {
        place->has_names = false;
        status = add_numbered(place, NULL, -1, added->extent[1], STRATA_STORED_MEASURE, err);
    }
done:
    if (type >= 0)
        (void)H5Tclose(type);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return status;
}

static bool has_columns(const struct strata_stored_place *place, bool by_name)
{
    for (size_t i = 0; i < place->n_columns; ++i)
        if (place->column[i].use == STRATA_STORED_MEASURE ||
            (by_name && place->column[i].use != STRATA_STORED_NO_NUMBER))
            return true;
    return false;
}

static enum strata_status list_group(struct strata_stored_place *place, bool by_name, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char **names = NULL;
    size_t n_names = 0;
    switch (strata_frame_of(place->group)) {
    case STRATA_FRAME_FIXED: return strata_frame_list_fixed(place, err);
    case STRATA_FRAME_TABLE: return strata_stored_place_list(place, "table", true, err);
    case STRATA_FRAME_SERIES: return strata_stored_place_list(place, "values", false, err);
    case STRATA_FRAME_NONE: break;
    }
    STRATA_TRY(strata_hdf5_names(place->group, place->path, &names, &n_names, err));
    for (size_t i = 0; i < n_names; ++i)
        STRATA_TRY(strata_stored_place_list(place, names[i], false, err));
    STRATA_TRY(strata_stored_place_choose(place, names, n_names, by_name, err));
done:
    strata_hdf5_free_names(names, n_names);
    return status;
}

void strata_stored_append_name(char list[STRATA_STORED_LIST_BYTES], size_t *n, const char *name)
{
    if (*n + strlen(name) + 3 < STRATA_STORED_LIST_BYTES)
        *n += (size_t)snprintf(list + *n, STRATA_STORED_LIST_BYTES - *n, "%s%s", *n ? ", " : "", name);
}

/* The tables in a group that has no columns of its own. */
struct search {
    const char *path;
    size_t n_groups, n_found, n_list, n_inner;
    char found[PATH_BYTES]; /* the first one */
    char list[STRATA_STORED_LIST_BYTES], inner[STRATA_STORED_LIST_BYTES];
};

static void note(struct search *search, const char *place)
{
    if (search->n_found++ == 0)
        (void)snprintf(search->found, sizeof search->found, "%s", place);
    strata_stored_append_name(search->list, &search->n_list, place);
}

/* Is it a dataset with members, or, where that is asked for, one of numbers in two dimensions? */
static bool is_table(hid_t group, const char *name, bool or_matrix)
{
    struct strata_stored_shape shape;
    if (!strata_stored_look(group, name, &shape))
        return false;
    return (shape.rank == 1 && shape.has_members) ||
           (or_matrix && shape.rank == 2 && shape.is_number && !shape.is_scale);
}

static enum strata_status search_group(struct search *search, hid_t group, const char *place, int depth,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char **names = NULL, inner_place[PATH_BYTES];
    size_t n_names = 0;
    if (++search->n_groups > GROUPS_MAX)
        return STRATA_OK;
    STRATA_TRY(strata_hdf5_names(group, search->path, &names, &n_names, err));
    for (size_t i = 0; i < n_names; ++i) {
        H5O_info_t about;
        int n = snprintf(inner_place, sizeof inner_place, "%s/%s", strcmp(place, "/") == 0 ? "" : place, names[i]);
        if (H5Oget_info_by_name2(group, names[i], &about, H5O_INFO_BASIC, H5P_DEFAULT) < 0 || n >= PATH_BYTES)
            continue;
        if (about.type == H5O_TYPE_DATASET && is_table(group, names[i], depth == DEPTH_MAX))
            note(search, inner_place);
        hid_t inner = about.type == H5O_TYPE_GROUP ? H5Gopen2(group, names[i], H5P_DEFAULT) : -1;
        if (inner < 0)
            continue;
        if (depth == DEPTH_MAX)
            strata_stored_append_name(search->inner, &search->n_inner, names[i]);
        if (strata_frame_of(inner) != STRATA_FRAME_NONE)
            note(search, inner_place);
        else if (depth > 0)
            status = search_group(search, inner, inner_place, depth - 1, err);
        (void)H5Gclose(inner);
        STRATA_TRY(status);
    }
done:
    strata_hdf5_free_names(names, n_names);
    return status;
}

/* Step into each component of `name`; *last is the dataset that the last one is, "" if it is a group. */
static enum strata_status descend(struct strata_stored_place *place, const char *name, char last[PATH_BYTES],
                                  struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *copy = strata_copy_string(name), *rest = copy;
    *last = '\0';
    if (!copy)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a group");
    for (char *step; (step = strsep(&rest, "/"));) {
        H5O_info_t about;
        hid_t inner = -1;
        if (!*step)
            continue;
        /* "." would be the group itself, not one that it links to. */
        if (*last || strcmp(step, ".") == 0 || !strata_hdf5_has(place->group, step) || strlen(step) >= PATH_BYTES ||
            H5Oget_info_by_name2(place->group, step, &about, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
            STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has no group or dataset %s", place->path, name);
        if (about.type == H5O_TYPE_DATASET) {
            (void)snprintf(last, PATH_BYTES, "%s", step);
            continue;
        }
        if ((inner = H5Gopen2(place->group, step, H5P_DEFAULT)) < 0)
            STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has no group or dataset %s", place->path, name);
        (void)H5Gclose(place->group);
        place->group = inner;
    }
done:
    free(copy);
    return status;
}

static enum strata_status open_at(struct strata_stored_place *place, hid_t file, const char *path, const char *name,
                                  bool by_name, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char last[PATH_BYTES];
    *place = (struct strata_stored_place){.path = path, .group = -1, .has_names = true};
    if (!(place->name = strata_copy_string(name)))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a group");
    place->group = H5Gopen2(file, "/", H5P_DEFAULT);
    if (place->group < 0) {
        status = strata_hdf5_fail_read(err, path, "its root");
        goto done;
    }
    STRATA_TRY(descend(place, name, last, err));
    STRATA_TRY(*last ? strata_stored_place_list(place, last, true, err) : list_group(place, by_name, err));
    if (*last && !place->has_names)
        STRATA_TRY(strata_stored_place_list_beside(place, err));
done:
    return status;
}

enum strata_status strata_stored_place_open(struct strata_stored_place *place, hid_t file, const char *path,
                                            const char *name, bool by_name, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct search search = {.path = path};
    STRATA_TRY(open_at(place, file, path, name, by_name, err));
    if (has_columns(place, by_name))
        goto done;
    STRATA_TRY(search_group(&search, place->group, name, DEPTH_MAX, err));
    if (search.n_found == 1) {
        strata_stored_place_close(place);
        STRATA_TRY(open_at(place, file, path, search.found, by_name, err));
        if (!(place->found = strata_copy_string(search.found)))
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a dataset");
    }
    if (search.n_found > 1)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has several tables in %s\nname one of them with FILE.h5:/PLACE: %s",
                       path, name, search.list);
    if (!has_columns(place, by_name))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has no column of numbers in %s%s%s", path, place->name,
                       *search.inner ? "\nname one of its groups with FILE.h5:/GROUP: " : "", search.inner);
done:
    if (status != STRATA_OK)
        strata_stored_place_close(place);
    return status;
}
