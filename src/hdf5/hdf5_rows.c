#include "hdf5_rows.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "chunk_codec.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"

/* Are the filters none but shuffle, then deflate? Where they are. */
static bool find_filters(struct strata_hdf5_rows *rows, hid_t properties)
{
    int n = H5Pget_nfilters(properties);
    rows->shuffle = rows->deflate = -1;
    for (int i = 0; i < n; ++i) {
        unsigned flags, configuration;
        size_t n_values = 0;
        H5Z_filter_t filter = H5Pget_filter2(properties, (unsigned)i, &flags, &n_values, NULL, 0, NULL, &configuration);
        if (filter == H5Z_FILTER_SHUFFLE && rows->shuffle < 0 && rows->deflate < 0)
            rows->shuffle = i;
        else if (filter == H5Z_FILTER_DEFLATE && rows->deflate < 0)
            rows->deflate = i;
        else
            return false;
    }
    return n >= 0;
}

/* Does HDF5 have all filters itself? Plug-ins are never loaded. */
static enum strata_status check_filters(const struct strata_hdf5_rows *rows, hid_t properties, struct strata_error *err)
{
    for (int i = 0, n = H5Pget_nfilters(properties); i < n; ++i) {
        char name[64] = "";
        unsigned flags, configuration;
        size_t n_values = 0;
        H5Z_filter_t filter =
            H5Pget_filter2(properties, (unsigned)i, &flags, &n_values, NULL, sizeof name, name, &configuration);
        if (filter < 0 || H5Zfilter_avail(filter) <= 0)
            return strata_fail(err, STRATA_REJECTED,
                               "%s: the dataset %s is packed with the filter %d (%.60s), which strata does not read; "
                               "write it with gzip or without compression",
                               rows->path, rows->name, (int)filter, *name ? name : "no name");
    }
    return STRATA_OK;
}

static enum strata_status check_storage(struct strata_hdf5_rows *rows, hid_t properties, bool is_plain,
                                        struct strata_error *err)
{
    hsize_t chunk = 0;
    hid_t stored = H5Dget_type(rows->dataset);
    size_t stored_bytes = stored < 0 ? 0 : H5Tget_size(stored);
    if (stored >= 0)
        (void)H5Tclose(stored);
    if (!strata_hdf5_is_inside(properties))
        return strata_fail(err, STRATA_REJECTED, "%s: the dataset %s lies in other files; copy it into one file",
                           rows->path, rows->name);
    /* 0 bytes, or a failure: only the stack of errors tells. */
    if (H5Dget_storage_size(rows->dataset) == 0 && H5Eget_num(H5E_DEFAULT) > 0)
        return strata_hdf5_fail_input(err, rows->path, "the dataset %s", rows->name);
    if (stored_bytes == 0 || !strata_hdf5_holds(rows->dataset, rows->n_rows, stored_bytes))
        return strata_fail(err, STRATA_REJECTED, "%s: the dataset %s claims %llu rows, but stores %llu bytes",
                           rows->path, rows->name, (unsigned long long)rows->n_rows,
                           (unsigned long long)H5Dget_storage_size(rows->dataset));
    if (H5Pget_layout(properties) != H5D_CHUNKED)
        return STRATA_OK;
    if (H5Pget_chunk(properties, 1, &chunk) != 1 || chunk == 0 || chunk > STRATA_HDF5_CHUNK_MAX / stored_bytes)
        return strata_fail(err, STRATA_REJECTED,
                           "%s: the dataset %s is in chunks of %llu rows, which is more than strata takes at a time; "
                           "write it in smaller chunks",
                           rows->path, rows->name, (unsigned long long)chunk);
    rows->chunk_rows = chunk;
    rows->is_direct = find_filters(rows, properties) && is_plain;
    return rows->is_direct ? STRATA_OK : check_filters(rows, properties, err);
}

enum strata_status strata_hdf5_rows_open(struct strata_hdf5_rows *rows, hid_t dataset, hid_t memory, bool is_plain,
                                         const char *name, const char *path, pthread_mutex_t *lock,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t space = -1, properties = -1;
    hsize_t n_rows = 0;
    *rows = (struct strata_hdf5_rows){.path = path, .lock = lock, .dataset = dataset, .memory = memory};
    rows->name = strata_copy_string(name);
    if (!rows->name)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a dataset");
    space = H5Dget_space(dataset);
    properties = H5Dget_create_plist(dataset);
    if (space < 0 || properties < 0 || H5Sget_simple_extent_dims(space, &n_rows, NULL) != 1) {
        status = strata_hdf5_fail_input(err, path, "the dataset %s", name);
        goto done;
    }
    rows->n_rows = n_rows;
    rows->row_bytes = H5Tget_size(memory);
    rows->has_variable = H5Tdetect_class(memory, H5T_VLEN) > 0 || H5Tis_variable_str(memory) > 0;
    for (int i = 0; !rows->has_variable && H5Tget_class(memory) == H5T_COMPOUND && i < H5Tget_nmembers(memory); ++i) {
        hid_t member = H5Tget_member_type(memory, (unsigned)i);
        rows->has_variable = H5Tis_variable_str(member) > 0;
        (void)H5Tclose(member);
    }
    STRATA_TRY(check_storage(rows, properties, is_plain && !rows->has_variable, err));
done:
    if (properties >= 0)
        (void)H5Pclose(properties);
    if (space >= 0)
        (void)H5Sclose(space);
    if (status != STRATA_OK)
        strata_hdf5_rows_close(rows);
    return status;
}

void strata_hdf5_rows_close(struct strata_hdf5_rows *rows)
{
    if (rows->memory > 0)
        (void)H5Tclose(rows->memory);
    if (rows->dataset > 0)
        (void)H5Dclose(rows->dataset);
    free(rows->name);
    *rows = (struct strata_hdf5_rows){0};
}

size_t strata_hdf5_window_bytes(const struct strata_hdf5_rows *rows, size_t n)
{
    return rows->row_bytes * (n + (rows->is_direct ? 3 * (size_t)rows->chunk_rows : 0));
}

static void reclaim(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window)
{
    if (!window->reclaimed)
        return;
    (void)H5Dvlen_reclaim(rows->memory, window->reclaimed, H5P_DEFAULT, window->rows);
    (void)H5Sclose(window->reclaimed);
    window->reclaimed = 0;
}

void strata_hdf5_window_release(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window)
{
    reclaim(rows, window);
    libdeflate_free_decompressor(window->decompressor);
    free(window->packed);
    free(window->shuffled);
    free(window->chunk);
    free(window->rows);
    *window = (struct strata_hdf5_window){0};
}

static enum strata_status fail_memory(const struct strata_hdf5_rows *rows, struct strata_error *err)
{
    return strata_fail(err, STRATA_MEMORY, "out of memory to read the dataset %s of %s", rows->name, rows->path);
}

static enum strata_status reserve_rows(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window, size_t n,
                                       struct strata_error *err)
{
    if (n <= window->rows_room)
        return STRATA_OK;
    free(window->rows);
    window->rows = strata_calloc_array(n, rows->row_bytes);
    window->rows_room = window->rows ? n : 0;
    return window->rows ? STRATA_OK : fail_memory(rows, err);
}

/* By HDF5, under the lock. */
static herr_t read_by_library(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window, uint64_t first,
                              size_t n, unsigned char *out)
{
    hsize_t start = first, count = n;
    hid_t memory = H5Screate_simple(1, &count, NULL), file = H5Dget_space(rows->dataset);
    herr_t result = memory < 0 || file < 0 || H5Sselect_hyperslab(file, H5S_SELECT_SET, &start, NULL, &count, NULL) < 0
                        ? -1
                        : H5Dread(rows->dataset, rows->memory, memory, file, H5P_DEFAULT, out);
    if (result < 0) /* closing would erase the reason, which the caller reports */
        return result;
    if (rows->has_variable)
        window->reclaimed = memory;
    else
        (void)H5Sclose(memory);
    (void)H5Sclose(file);
    return result;
}

static enum strata_status read_locked(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                      uint64_t first, size_t n, unsigned char *out, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_session session;
    (void)pthread_mutex_lock(rows->lock);
    strata_hdf5_session_begin(&session);
    reclaim(rows, window);
    if (read_by_library(rows, window, first, n, out) < 0)
        status =
            strata_hdf5_fail_input(err, rows->path, "rows from %llu of %s", (unsigned long long)first + 1, rows->name);
    strata_hdf5_session_end(&session);
    (void)pthread_mutex_unlock(rows->lock);
    return status;
}

static enum strata_status fail_chunk(const struct strata_hdf5_rows *rows, uint64_t number, struct strata_error *err)
{
    return strata_fail(err, STRATA_REJECTED, "%s is damaged: rows from %llu of %s cannot be decompressed", rows->path,
                       (unsigned long long)(number * rows->chunk_rows + 1), rows->name);
}

/* How many bytes of a chunk are stored; 0 where it was never written, which is a failure of the quick call. */
static herr_t measure(const struct strata_hdf5_rows *rows, hsize_t offset, hsize_t *stored)
{
    unsigned skipped;
    haddr_t place;
    if (H5Dget_chunk_storage_size(rows->dataset, &offset, stored) >= 0)
        return 0;
    return H5Dget_chunk_info_by_coord(rows->dataset, &offset, &skipped, &place, stored);
}

/* The stored bytes of a chunk; *n is 0 where it was never written. */
static enum strata_status fetch(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window, uint64_t number,
                                size_t chunk_bytes, size_t *n, uint32_t *skipped, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hsize_t offset = number * rows->chunk_rows, stored = 0;
    if (measure(rows, offset, &stored) < 0)
        return strata_hdf5_fail_input(err, rows->path, "rows from %llu of %s", (unsigned long long)offset + 1,
                                      rows->name);
    *n = (size_t)stored;
    if (stored == 0)
        return STRATA_OK;
    /* Deflate never grows a chunk by more than this, nor shrinks it by more. */
    if (stored > strata_chunk_bound(chunk_bytes) || chunk_bytes / 1100 > stored)
        return fail_chunk(rows, number, err);
    if (stored > window->packed_room) {
        free(window->packed);
        window->packed = strata_malloc_array((size_t)stored, 1);
        window->packed_room = window->packed ? (size_t)stored : 0;
        if (!window->packed)
            return fail_memory(rows, err);
    }
    if (H5Dread_chunk(rows->dataset, H5P_DEFAULT, &offset, skipped, window->packed) < 0)
        status =
            strata_hdf5_fail_input(err, rows->path, "rows from %llu of %s", (unsigned long long)offset + 1, rows->name);
    return status;
}

static enum strata_status allocate(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                   struct strata_error *err)
{
    if (window->chunk)
        return STRATA_OK;
    window->chunk = strata_malloc_array((size_t)rows->chunk_rows, rows->row_bytes);
    window->shuffled = strata_malloc_array((size_t)rows->chunk_rows, rows->row_bytes);
    window->decompressor = libdeflate_alloc_decompressor();
    if (window->chunk && window->shuffled && window->decompressor)
        return STRATA_OK;
    return fail_memory(rows, err);
}

/* From the stored bytes to the rows of window->chunk. */
static enum strata_status decode(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                 uint64_t number, size_t n, uint32_t skipped, struct strata_error *err)
{
    size_t n_bytes = (size_t)rows->chunk_rows * rows->row_bytes;
    bool is_deflated = rows->deflate >= 0 && !(skipped >> rows->deflate & 1);
    bool is_shuffled = rows->shuffle >= 0 && !(skipped >> rows->shuffle & 1);
    unsigned char *plain = is_shuffled ? window->shuffled : window->chunk;
    if (is_deflated) {
        if (libdeflate_zlib_decompress(window->decompressor, window->packed, n, plain, n_bytes, NULL) !=
            LIBDEFLATE_SUCCESS)
            return fail_chunk(rows, number, err);
    } else {
        if (n != n_bytes)
            return fail_chunk(rows, number, err);
        memcpy(plain, window->packed, n_bytes);
    }
    if (is_shuffled)
        strata_chunk_unshuffle(plain, window->chunk, (size_t)rows->chunk_rows, rows->row_bytes);
    return STRATA_OK;
}

/* Have the chunk in the window; not if it was never written. */
static enum strata_status take_chunk(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                     uint64_t number, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_session session;
    uint32_t skipped = 0;
    size_t n = 0;
    if (window->has_chunk && window->chunk_number == number)
        return STRATA_OK;
    window->has_chunk = false;
    (void)pthread_mutex_lock(rows->lock);
    strata_hdf5_session_begin(&session);
    status = fetch(rows, window, number, (size_t)rows->chunk_rows * rows->row_bytes, &n, &skipped, err);
    strata_hdf5_session_end(&session);
    (void)pthread_mutex_unlock(rows->lock);
    if (status != STRATA_OK || n == 0)
        return status;
    STRATA_TRY(allocate(rows, window, err));
    STRATA_TRY(decode(rows, window, number, n, skipped, err));
    window->has_chunk = true;
    window->chunk_number = number;
done:
    return status;
}

enum strata_status strata_hdf5_rows_read(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                         uint64_t first, size_t n, const unsigned char **out, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (!rows->is_direct) {
        STRATA_TRY(reserve_rows(rows, window, n, err));
        STRATA_TRY(read_locked(rows, window, first, n, window->rows, err));
        *out = window->rows;
        goto done;
    }
    for (size_t done = 0; done < n;) {
        uint64_t row = first + done, number = row / rows->chunk_rows, inside = row % rows->chunk_rows;
        uint64_t left = rows->chunk_rows - inside;
        size_t take = left < n - done ? (size_t)left : n - done;
        STRATA_TRY(take_chunk(rows, window, number, err));
        const unsigned char *from = window->has_chunk ? window->chunk + inside * rows->row_bytes : NULL;
        if (window->has_chunk && take == n) {
            *out = from;
            break;
        }
        STRATA_TRY(reserve_rows(rows, window, n, err));
        unsigned char *to = window->rows + done * rows->row_bytes;
        if (window->has_chunk)
            memcpy(to, from, take * rows->row_bytes);
        else
            STRATA_TRY(read_locked(rows, window, row, take, to, err));
        *out = window->rows;
        done += take;
    }
done:
    return status;
}
