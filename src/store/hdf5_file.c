#include "hdf5_file.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "hdf5_error.h"
#include "memory.h"

enum { LEAST_WRITTEN_BACK = 1 << 20 };

enum strata_status strata_hdf5_file_fail(const struct strata_hdf5_file *file, struct strata_error *err,
                                         const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return strata_hdf5_fail_write(err, file->output, what, file->latch.os_error);
}

enum strata_status strata_hdf5_file_check(const struct strata_hdf5_file *file, struct strata_error *err)
{
    return file->latch.os_error ? strata_hdf5_fail_write(err, file->output, NULL, file->latch.os_error) : STRATA_OK;
}

enum strata_status strata_hdf5_file_create(struct strata_hdf5_file *file, int descriptor, const char *temporary,
                                           const char *output, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t access = -1, creation = -1;
    *file = (struct strata_hdf5_file){.output = output, .temporary = temporary, .descriptor = descriptor};

    file->driver = strata_hdf5_driver_register();
    if (file->driver < 0 || (access = H5Pcreate(H5P_FILE_ACCESS)) < 0 || (creation = H5Pcreate(H5P_FILE_CREATE)) < 0 ||
        H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18) < 0 ||
        H5Pset_obj_track_times(creation, false) < 0 ||
        strata_hdf5_driver_use(access, file->driver, descriptor, &file->latch) < 0 ||
        (file->file = H5Fcreate(temporary, H5F_ACC_TRUNC, creation, access)) < 0 ||
        (file->text_type = strata_hdf5_text_type(H5T_VARIABLE)) < 0 ||
        (file->link_properties = H5Pcreate(H5P_LINK_CREATE)) < 0 ||
        H5Pset_create_intermediate_group(file->link_properties, 1) < 0)
        status = strata_hdf5_file_fail(file, err, "creating the file");
    if (access >= 0)
        (void)H5Pclose(access);
    if (creation >= 0)
        (void)H5Pclose(creation);
    return status;
}

void strata_hdf5_file_write_back(struct strata_hdf5_file *file)
{
    struct stat about;
    if (fstat(file->descriptor, &about) != 0 || about.st_size - file->n_written_back < LEAST_WRITTEN_BACK)
        return;
    /* A hint: what fails here fails again, and is told, when the file is synchronised. */
    (void)sync_file_range(file->descriptor, file->n_written_back, about.st_size - file->n_written_back,
                          SYNC_FILE_RANGE_WRITE);
    file->n_written_back = about.st_size;
}

/* Ids of 0 or less were never opened. Fails if the file could not be closed. */
static herr_t close_all(struct strata_hdf5_file *file)
{
    herr_t closed = 0;
    if (file->text_type > 0)
        (void)H5Tclose(file->text_type);
    if (file->link_properties > 0)
        (void)H5Pclose(file->link_properties);
    if (file->file > 0)
        closed = H5Fclose(file->file);
    file->text_type = file->link_properties = file->file = 0;
    return closed;
}

void strata_hdf5_file_release(struct strata_hdf5_file *file)
{
    (void)close_all(file);
    if (file->driver > 0)
        (void)H5FDunregister(file->driver);
    for (size_t i = 0; i < file->n_expected; ++i)
        free(file->expected[i].path);
    free(file->expected);
    *file = (struct strata_hdf5_file){0};
}

enum strata_status strata_hdf5_expect(struct strata_hdf5_file *file, const char *path, const hsize_t extent[2],
                                      hsize_t stored_bytes, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    void *expected = file->expected;
    STRATA_TRY(strata_grow_array(&expected, &file->capacity, file->n_expected + 1, sizeof *file->expected, err));
    file->expected = expected;
    char *copy = strata_copy_string(path);
    if (!copy)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    file->expected[file->n_expected++] = (struct strata_hdf5_expectation){.path = copy,
                                                                          .rank = extent[1] ? 2 : 1,
                                                                          .extent = {extent[0], extent[1]},
                                                                          .stored_bytes = stored_bytes};
done:
    return status;
}

static bool is_as_expected(hid_t file, const struct strata_hdf5_expectation *expected)
{
    hsize_t extent[2] = {0};
    hid_t dataset = H5Dopen2(file, expected->path, H5P_DEFAULT);
    hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset);
    bool same = space >= 0 && H5Sget_simple_extent_ndims(space) == expected->rank &&
                H5Sget_simple_extent_dims(space, extent, NULL) == expected->rank &&
                memcmp(extent, expected->extent, sizeof extent) == 0 &&
                H5Dget_storage_size(dataset) == expected->stored_bytes;
    if (space >= 0)
        (void)H5Sclose(space);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return same;
}

static enum strata_status verify(const struct strata_hdf5_file *file, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hsize_t total = 0;
    struct stat about;
    hid_t opened = -1, access = H5Pcreate(H5P_FILE_ACCESS);

    if (access < 0 || strata_hdf5_disable_locks(access) < 0 ||
        (opened = H5Fopen(file->temporary, H5F_ACC_RDONLY, access)) < 0) {
        status = strata_hdf5_file_fail(file, err, "reading back what was written");
        goto done;
    }
    for (size_t i = 0; i < file->n_expected; ++i) {
        if (!is_as_expected(opened, &file->expected[i]))
            STRATA_GIVE_UP(err, STRATA_IO,
                           "cannot write %s: %s is not in the file as it was written; an earlier snapshot there is "
                           "untouched; check the disk",
                           file->output, file->expected[i].path);
        total += file->expected[i].stored_bytes;
    }
    if (stat(file->temporary, &about) != 0 || (hsize_t)about.st_size < total)
        STRATA_GIVE_UP(
            err, STRATA_IO,
            "cannot write %s: the file is shorter than its contents; an earlier snapshot there is untouched; "
            "check the disk",
            file->output);
done:
    if (opened >= 0)
        (void)H5Fclose(opened);
    if (access >= 0)
        (void)H5Pclose(access);
    return status;
}

enum strata_status strata_hdf5_file_finish(struct strata_hdf5_file *file, struct strata_error *err)
{
    if (close_all(file) < 0)
        return strata_hdf5_file_fail(file, err, "closing the file");
    enum strata_status status = strata_hdf5_file_check(file, err);
    return status == STRATA_OK ? verify(file, err) : status;
}
