#include "hdf5_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "hdf5_error.h"
#include "memory.h"

/* HDF5 says little about a file that it cannot open: find out first. */
static enum strata_status check_readable(const char *path, struct strata_error *err)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return strata_fail(err, STRATA_IO, "cannot read %s: %s", path, strerror(errno));
    bool is_regular = fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    (void)close(file);
    if (!is_regular)
        return strata_fail(err, STRATA_IO, "cannot read %s: it is not a regular file", path);
    htri_t is_hdf5 = H5Fis_hdf5(path);
    if (is_hdf5 < 0)
        return strata_hdf5_fail_read(err, path, "looking at its beginning");
    if (is_hdf5 == 0)
        return strata_fail(err, STRATA_REJECTED, "%s is not a snapshot of strata: it is not an HDF5 file", path);
    return STRATA_OK;
}

enum strata_status strata_hdf5_open(const char *path, hid_t *file, struct strata_error *err)
{
    enum strata_status status = check_readable(path, err);
    if (status != STRATA_OK)
        return status;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access < 0 || strata_hdf5_disable_locks(access) < 0 || (*file = H5Fopen(path, H5F_ACC_RDONLY, access)) < 0)
        status = strata_hdf5_fail_read(err, path, "opening it (is it whole?)");
    if (access >= 0)
        (void)H5Pclose(access);
    return status;
}

bool strata_hdf5_has(hid_t group, const char *name)
{
    H5L_info_t link;
    return H5Lexists(group, name, H5P_DEFAULT) > 0 && H5Lget_info(group, name, &link, H5P_DEFAULT) >= 0 &&
           link.type == H5L_TYPE_HARD;
}

enum strata_status strata_hdf5_open_group(hid_t parent, const char *name, const char *file_path, hid_t *group,
                                          struct strata_error *err)
{
    if (!strata_hdf5_has(parent, name) || (*group = H5Gopen2(parent, name, H5P_DEFAULT)) < 0)
        return strata_fail(err, STRATA_REJECTED, "%s is not a whole snapshot: it has no group %s", file_path, name);
    return STRATA_OK;
}

bool strata_hdf5_is_inside(hid_t dataset_properties)
{
    return H5Pget_layout(dataset_properties) != H5D_VIRTUAL && H5Pget_external_count(dataset_properties) == 0;
}

bool strata_hdf5_holds(hid_t dataset, hsize_t n_rows, size_t row_bytes)
{
    static const hsize_t most_expansion = 1100, free_bytes = 1 << 20, most_rows = (hsize_t)1 << 40;
    hsize_t stored = H5Dget_storage_size(dataset), needed;
    return n_rows <= most_rows && !__builtin_mul_overflow(n_rows, row_bytes, &needed) &&
           (needed <= free_bytes || (needed - free_bytes) / most_expansion <= stored);
}

bool strata_hdf5_is_stored(hid_t dataset, hsize_t n_rows)
{
    hid_t type = H5Dget_type(dataset);
    size_t width = type < 0 ? 0 : H5Tget_size(type);
    if (type >= 0)
        (void)H5Tclose(type);
    return width > 0 && strata_hdf5_holds(dataset, n_rows, width);
}

/* Everything about how it is stored is known and harmless. */
static bool storage_is_plain(hid_t dataset)
{
    hid_t properties = H5Dget_create_plist(dataset);
    if (properties < 0)
        return false;
    bool plain = strata_hdf5_is_inside(properties);
    int n_filters = H5Pget_nfilters(properties);
    for (int i = 0; plain && i < n_filters; ++i) {
        unsigned flags, configuration;
        size_t n_values = 0;
        H5Z_filter_t filter = H5Pget_filter2(properties, (unsigned)i, &flags, &n_values, NULL, 0, NULL, &configuration);
        plain = filter == H5Z_FILTER_SHUFFLE || filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_FLETCHER32;
    }
    (void)H5Pclose(properties);
    return plain && n_filters >= 0;
}

/* Open a dataset of `rank` dimensions, whatever their sizes are. */
static enum strata_status open_dataset(hid_t group, const char *name, const char *file_path, int rank, hid_t *dataset,
                                       hsize_t *extent, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (!strata_hdf5_has(group, name) || (*dataset = H5Dopen2(group, name, H5P_DEFAULT)) < 0)
        return strata_fail(err, STRATA_REJECTED, "%s is not a whole snapshot: it has no dataset %s", file_path, name);
    hid_t space = H5Dget_space(*dataset);
    if (space < 0 || H5Sget_simple_extent_ndims(space) != rank ||
        H5Sget_simple_extent_dims(space, extent, NULL) != rank || !storage_is_plain(*dataset)) {
        (void)H5Dclose(*dataset);
        *dataset = -1;
        status = strata_fail(err, STRATA_REJECTED,
                             "%s: the dataset %s is not one that strata reads (%s, stored in this file, no filters but "
                             "shuffle and deflate)",
                             file_path, name, rank == 1 ? "one dimension" : "two dimensions");
    }
    if (space >= 0)
        (void)H5Sclose(space);
    return status;
}

enum strata_status strata_hdf5_open_column(hid_t group, const char *name, const char *file_path, hid_t *dataset,
                                           hsize_t *n_rows, struct strata_error *err)
{
    return open_dataset(group, name, file_path, 1, dataset, n_rows, err);
}

enum strata_status strata_hdf5_count_rows(hid_t group, const char *name, const char *file_path, size_t most,
                                          int *n_rows, struct strata_error *err)
{
    hid_t dataset = -1;
    hsize_t n = 0;
    enum strata_status status = strata_hdf5_open_column(group, name, file_path, &dataset, &n, err);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    if (status == STRATA_OK && (n < 1 || n > most))
        status = strata_fail(err, STRATA_REJECTED, "%s: the dataset %s has %llu rows; strata writes 1 to %zu",
                             file_path, name, (unsigned long long)n, most);
    *n_rows = (int)n;
    return status;
}

enum strata_status strata_hdf5_open_matrix(hid_t group, const char *name, const char *file_path, size_t n_rows,
                                           size_t n_columns, hid_t *dataset, struct strata_error *err)
{
    hsize_t extent[2] = {0};
    enum strata_status status = open_dataset(group, name, file_path, 2, dataset, extent, err);
    if (status != STRATA_OK || (extent[0] == n_rows && extent[1] == n_columns))
        return status;
    (void)H5Dclose(*dataset);
    *dataset = -1;
    return strata_fail(err, STRATA_REJECTED, "%s: the dataset %s is %llu x %llu where its group has %zu x %zu",
                       file_path, name, (unsigned long long)extent[0], (unsigned long long)extent[1], n_rows,
                       n_columns);
}

struct name_list {
    char **names;
    size_t n, capacity;
    enum strata_status status;
};

static herr_t collect_name(hid_t group, const char *name, const H5L_info_t *link, void *context)
{
    (void)group;
    struct name_list *list = context;
    void *names = list->names;
    if (link->type != H5L_TYPE_HARD)
        return 0;
    if (list->n == STRATA_HDF5_MAX_NAMES) {
        list->status = STRATA_REJECTED;
        return -1;
    }
    list->status = strata_grow_array(&names, &list->capacity, list->n + 1, sizeof *list->names, NULL);
    list->names = names;
    if (list->status == STRATA_OK && !(list->names[list->n] = strata_copy_string(name)))
        list->status = STRATA_MEMORY;
    if (list->status != STRATA_OK)
        return -1;
    ++list->n;
    return 0;
}

static H5_index_t order_of(hid_t group)
{
    unsigned order = 0;
    hid_t properties = H5Gget_create_plist(group);
    if (properties >= 0) {
        (void)H5Pget_link_creation_order(properties, &order);
        (void)H5Pclose(properties);
    }
    return order & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

enum strata_status strata_hdf5_names(hid_t group, const char *file_path, char ***names, size_t *n_names,
                                     struct strata_error *err)
{
    struct name_list list = {0};
    if (H5Literate(group, order_of(group), H5_ITER_INC, NULL, collect_name, &list) < 0) {
        enum strata_status status =
            list.status == STRATA_MEMORY
                ? strata_fail(err, STRATA_MEMORY, "out of memory")
                : strata_fail(err, STRATA_REJECTED, "%s is not a whole snapshot: a group cannot be listed", file_path);
        strata_hdf5_free_names(list.names, list.n);
        return status;
    }
    *names = list.names;
    *n_names = list.n;
    return STRATA_OK;
}

void strata_hdf5_free_names(char **names, size_t n_names)
{
    for (size_t i = 0; i < n_names; ++i)
        free(names[i]);
    free(names);
}
