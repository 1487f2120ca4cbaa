#include "hdf5_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_error.h"
#include "hdf5_extent.h"
#include "hdf5_read.h"
#include "memory.h"

/* A group that links to itself has no end. */
enum { DEPTH_MAX = 8, GROUPS_MAX = 1000, PATH_MAX_BYTES = 1024, CANDIDATES_MAX = 64, LIST_BYTES = 512 };

/* What a search goes through. */
struct search {
    const char *path; /* of the file */
    size_t n_groups;
    size_t n_tables, n_logs;
    struct strata_hdf5_table *best; /* the only one so far, or the only one with the usual names */
    char list[LIST_BYTES];
    size_t n_list;
};

static bool has_usual(const struct strata_hdf5_table *table, enum strata_role role)
{
    for (size_t i = 0; i < table->n_columns; ++i)
        if (strata_role_recognises(role, table->column[i].name, (unsigned)strlen(table->column[i].name)))
            return true;
    return false;
}

/* Keep a table that was found, with what cannot be read of it, or release it. */
static enum strata_status consider(struct search *search, struct strata_hdf5_table *table,
                                   struct strata_hdf5_table *refused, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool is_log = has_usual(table, STRATA_ROLE_CUSTOMER) && has_usual(table, STRATA_ROLE_TIME);
    bool is_better = search->n_tables == 0 || (is_log && search->n_logs == 0);
    ++search->n_tables;
    search->n_logs += is_log;
    if (search->n_tables <= CANDIDATES_MAX && search->n_list + strlen(table->path) + 3 < LIST_BYTES)
        search->n_list += (size_t)snprintf(search->list + search->n_list, LIST_BYTES - search->n_list, "%s%s",
                                           search->n_list ? ", " : "", table->path);
    if (is_better) {
        STRATA_TRY(strata_hdf5_table_take_refused(table, refused, err));
        struct strata_hdf5_table other = *search->best;
        *search->best = *table;
        *table = other;
    }
done:
    strata_hdf5_table_release(table);
    return status;
}

static enum strata_status join(char out[PATH_MAX_BYTES], const char *place, const char *name, const char *path,
                               struct strata_error *err)
{
    int n = snprintf(out, PATH_MAX_BYTES, "%s/%s", strcmp(place, "/") == 0 ? "" : place, name);
    if (n < 0 || n >= PATH_MAX_BYTES)
        return strata_fail(err, STRATA_REJECTED, "%s: the names of groups in %s are too long", path, place);
    return STRATA_OK;
}

/* Complex numbers, as h5py, MATLAB and others write them: two numbers that make one value, not columns of a table. */
static bool is_complex(hid_t type)
{
    static const char *const parts[][2] = {{"r", "i"}, {"re", "im"}, {"real", "imag"}};
    bool is_found = false;
    if (H5Tget_class(type) != H5T_COMPOUND || H5Tget_nmembers(type) != 2)
        return false;
    char *first = H5Tget_member_name(type, 0), *second = H5Tget_member_name(type, 1);
    for (size_t i = 0; first && second && i < sizeof parts / sizeof parts[0]; ++i)
        is_found = is_found || (strcmp(first, parts[i][0]) == 0 && strcmp(second, parts[i][1]) == 0);
    if (first)
        (void)H5free_memory(first);
    if (second)
        (void)H5free_memory(second);
    return is_found;
}

/* A dataset with members becomes a table of its own, and is no column of its group; a simple one is. A single value is
 * neither. */
static enum strata_status look_at_dataset(struct search *search, struct strata_hdf5_table *group,
                                          struct strata_hdf5_table *group_refused, hid_t parent, const char *place,
                                          const char *name, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_table table = {.is_compound = true}, refused = {0};
    char path[PATH_MAX_BYTES];
    hid_t dataset = H5Dopen2(parent, name, H5P_DEFAULT), type = dataset < 0 ? -1 : H5Dget_type(dataset);
    if (type < 0) {
        status = strata_hdf5_fail_input(err, search->path, "the dataset %s in %s", name, place);
        goto done;
    }
    const struct strata_hdf5_extent extent = strata_hdf5_extent_of(dataset);
    if (extent.rank > 0 && extent.axis < 0)
        STRATA_TRY(strata_hdf5_table_refuse(group_refused, STRATA_HDF5_UNREAD_SHAPE, name, -1, err));
    if (extent.axis < 0)
        goto done;
    if (H5Tget_class(type) != H5T_COMPOUND) {
        STRATA_TRY(
            strata_hdf5_table_add_dataset(group, group_refused, dataset, type, name, extent.n_rows, search->path, err));
        goto done;
    }
    STRATA_TRY(strata_hdf5_table_refuse(group_refused, STRATA_HDF5_UNREAD_TYPE, name, -1, err));
    if (is_complex(type))
        goto done;
    STRATA_TRY(join(path, place, name, search->path, err));
    STRATA_TRY(strata_hdf5_table_add_members(&table, &refused, dataset, type, extent.n_rows, search->path, err));
    if (table.n_columns == 0)
        goto done;
    if (!(table.path = strata_copy_string(path)))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a dataset");
    STRATA_TRY(consider(search, &table, &refused, err));
done:
    strata_hdf5_table_release(&table);
    strata_hdf5_table_release(&refused);
    if (type >= 0)
        (void)H5Tclose(type);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return status;
}

struct links {
    struct strata_hdf5_table *refused;
    enum strata_status status;
    struct strata_error *err;
};

static herr_t add_link(hid_t group, const char *name, const H5L_info_t *link, void *context)
{
    (void)group;
    struct links *links = context;
    if (link->type != H5L_TYPE_HARD)
        links->status = strata_hdf5_table_refuse(links->refused, STRATA_HDF5_UNREAD_LINK, name, -1, links->err);
    return links->status == STRATA_OK ? 0 : -1;
}

static enum strata_status add_links(struct strata_hdf5_table *refused, hid_t group, const char *path,
                                    struct strata_error *err)
{
    struct links links = {.refused = refused, .err = err};
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, add_link, &links) < 0 && links.status == STRATA_OK)
        return strata_hdf5_fail_input(err, path, "the links of a group");
    return links.status;
}

/* All tables in a group, and in those inside it down to `depth`. */
static enum strata_status search_group(struct search *search, hid_t group, const char *place, int depth,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_table table = {0}, refused = {0};
    char **names = NULL;
    size_t n_names = 0;
    char path[PATH_MAX_BYTES];
    if (++search->n_groups > GROUPS_MAX)
        return STRATA_OK;
    STRATA_TRY(strata_hdf5_names(group, search->path, &names, &n_names, err));
    for (size_t i = 0; i < n_names; ++i) {
        H5O_info_t about;
        if (H5Oget_info_by_name2(group, names[i], &about, H5O_INFO_BASIC, H5P_DEFAULT) < 0) {
            status = strata_hdf5_fail_input(err, search->path, "%s in %s", names[i], place);
            goto done;
        }
        if (about.type == H5O_TYPE_DATASET)
            STRATA_TRY(look_at_dataset(search, &table, &refused, group, place, names[i], err));
        if (about.type == H5O_TYPE_GROUP)
            STRATA_TRY(strata_hdf5_table_refuse(&refused, STRATA_HDF5_UNREAD_GROUP, names[i], -1, err));
        if (about.type != H5O_TYPE_GROUP || depth == 0)
            continue;
        STRATA_TRY(join(path, place, names[i], search->path, err));
        hid_t inner = H5Gopen2(group, names[i], H5P_DEFAULT);
        if (inner < 0) {
            status = strata_hdf5_fail_input(err, search->path, "the group %s", path);
            goto done;
        }
        status = search_group(search, inner, path, depth - 1, err);
        (void)H5Gclose(inner);
        if (status != STRATA_OK)
            goto done;
    }
    if (table.n_columns < 2) /* neither customer and time nor an amount would fit */
        goto done;
    if (!(table.path = strata_copy_string(place)))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a group");
    STRATA_TRY(add_links(&refused, group, search->path, err));
    STRATA_TRY(consider(search, &table, &refused, err));
done:
    strata_hdf5_table_release(&table);
    strata_hdf5_table_release(&refused);
    strata_hdf5_free_names(names, n_names);
    return status;
}

/* The object at "/a/b" through hard links alone: its group, and the name of its last component there ("" for the root,
 * which is *parent itself). */
static enum strata_status descend(hid_t file, const char *place, const char *path, hid_t *parent, char **last,
                                  struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *copy = strata_copy_string(place), *rest = copy;
    *parent = H5Gopen2(file, "/", H5P_DEFAULT);
    if (!copy || !(*last = strata_copy_string("")))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a group");
    if (*parent < 0) {
        status = strata_hdf5_fail_input(err, path, "its root");
        goto done;
    }
    for (char *name; (name = strsep(&rest, "/"));) {
        if (!*name)
            continue;
        if (**last) {
            hid_t inner = H5Gopen2(*parent, *last, H5P_DEFAULT);
            if (inner < 0)
                STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has no group or dataset %s", path, place);
            (void)H5Gclose(*parent);
            *parent = inner;
        }
        /* "." would be the group itself, not one that it links to. */
        if (strcmp(name, ".") == 0 || !strata_hdf5_has(*parent, name))
            STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has no group or dataset %s", path, place);
        free(*last);
        if (!(*last = strata_copy_string(name)))
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a group");
    }
done:
    free(copy);
    return status;
}

/* What `place` names: a dataset with members, or a group, whose only such dataset will do as well. */
static enum strata_status search_place(struct search *search, hid_t file, const char *place, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_table unused = {0}, unused_refused = {0};
    hid_t parent = -1, group = -1;
    char *last = NULL;
    H5O_info_t about;
    STRATA_TRY(descend(file, place, search->path, &parent, &last, err));
    if (!*last) {
        STRATA_TRY(search_group(search, parent, "/", 0, err));
        goto done;
    }
    if (H5Oget_info_by_name2(parent, last, &about, H5O_INFO_BASIC, H5P_DEFAULT) < 0) {
        status = strata_hdf5_fail_input(err, search->path, "%s", place);
        goto done;
    }
    /* The parent's place: without the last component. */
    size_t n = strlen(place);
    while (n && place[n - 1] == '/')
        --n;
    n -= strlen(last);
    char above[PATH_MAX_BYTES];
    while (n && place[n - 1] == '/')
        --n;
    (void)snprintf(above, sizeof above, "%s%.*s", place[0] == '/' ? "" : "/", (int)n, place);
    if (about.type == H5O_TYPE_DATASET) {
        STRATA_TRY(look_at_dataset(search, &unused, &unused_refused, parent, above, last, err));
    } else if (about.type == H5O_TYPE_GROUP) {
        char path[PATH_MAX_BYTES];
        STRATA_TRY(join(path, strcmp(above, "/") == 0 ? "" : above, last, search->path, err));
        if ((group = H5Gopen2(parent, last, H5P_DEFAULT)) < 0) {
            status = strata_hdf5_fail_input(err, search->path, "%s", place);
            goto done;
        }
        STRATA_TRY(search_group(search, group, path, 0, err));
    }
done:
    strata_hdf5_table_release(&unused);
    strata_hdf5_table_release(&unused_refused);
    free(last);
    if (group >= 0)
        (void)H5Gclose(group);
    if (parent >= 0)
        (void)H5Gclose(parent);
    return status;
}

enum strata_status strata_hdf5_table_find(struct strata_hdf5_table *table, hid_t file, const char *place,
                                          const char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct search search = {.path = path, .best = table};
    *table = (struct strata_hdf5_table){0};
    if (place) {
        STRATA_TRY(search_place(&search, file, place, err));
    } else {
        hid_t root = H5Gopen2(file, "/", H5P_DEFAULT);
        status =
            root < 0 ? strata_hdf5_fail_input(err, path, "its root") : search_group(&search, root, "/", DEPTH_MAX, err);
        if (root >= 0)
            (void)H5Gclose(root);
    }
    if (status != STRATA_OK)
        goto done;
    if (search.n_tables == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s has no columns%s%s: neither a group of one-dimensional datasets nor a dataset with named "
                       "members",
                       path, place ? " in " : "", place ? place : "");
    if (search.n_tables > 1 && search.n_logs != 1)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has several tables; choose one with --table: %s", path, search.list);
done:
    if (status != STRATA_OK)
        strata_hdf5_table_release(table);
    return status;
}
