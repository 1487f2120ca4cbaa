#include "hdf5_dataset.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "chunk_codec.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"

/* Are the filters none but shuffle, then deflate? Where they are. */
static bool find_filters(struct strata_hdf5_layout *layout, hid_t properties)
{
    int n = H5Pget_nfilters(properties);
    layout->shuffle = layout->deflate = -1;
    for (int i = 0; i < n; ++i) {
        unsigned flags, configuration;
        size_t n_values = 0;
        H5Z_filter_t filter = H5Pget_filter2(properties, (unsigned)i, &flags, &n_values, NULL, 0, NULL, &configuration);
        if (filter == H5Z_FILTER_SHUFFLE && layout->shuffle < 0 && layout->deflate < 0)
            layout->shuffle = i;
        else if (filter == H5Z_FILTER_DEFLATE && layout->deflate < 0)
            layout->deflate = i;
        else
            return false;
    }
    return n >= 0;
}

/* Does HDF5 have all filters itself? Plug-ins are never loaded. */
static enum strata_status check_filters(const struct strata_hdf5_dataset *dataset, hid_t properties,
                                        struct strata_error *err)
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
                               dataset->path, dataset->name, (int)filter, *name ? name : "no name");
    }
    return STRATA_OK;
}

/* Rows come in parts, and a chunk that HDF5 does not keep is decoded again for each. It keeps a small one anyway. */
static enum strata_status keep_chunk(struct strata_hdf5_dataset *dataset, size_t chunk_bytes, size_t *cache_bytes,
                                     struct strata_error *err)
{
    enum { NAME_BYTES = 4096, ANYWAY_BYTES = 1 << 20 };
    char name[NAME_BYTES];
    if (chunk_bytes <= ANYWAY_BYTES || chunk_bytes > *cache_bytes)
        return STRATA_OK;
    ssize_t n_name = H5Iget_name(dataset->dataset, name, sizeof name);
    hid_t file = H5Iget_file_id(dataset->dataset), access = H5Pcreate(H5P_DATASET_ACCESS);
    const bool can_be_reopened =
        n_name > 0 && n_name < NAME_BYTES && file >= 0 && access >= 0 &&
        H5Pset_chunk_cache(access, H5D_CHUNK_CACHE_NSLOTS_DEFAULT, chunk_bytes, H5D_CHUNK_CACHE_W0_DEFAULT) >= 0;
    if (can_be_reopened) {
        (void)H5Dclose(dataset->dataset);
        dataset->dataset = H5Dopen2(file, name, access);
        *cache_bytes -= chunk_bytes;
    }
    enum strata_status status = STRATA_OK;
    if (dataset->dataset < 0)
        status = strata_hdf5_fail_input(err, dataset->path, "the dataset %s", dataset->name);
    if (access >= 0)
        (void)H5Pclose(access);
    if (file >= 0)
        (void)H5Fclose(file);
    return status;
}

/* The storage, for those rows that need not be read by HDF5. */
static enum strata_status check_chunks(struct strata_hdf5_dataset *dataset, hid_t properties, bool is_plain,
                                       size_t stored_bytes, size_t *cache_bytes, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_hdf5_extent *extent = &dataset->extent;
    hsize_t size[STRATA_HDF5_RANK_MAX] = {0}, chunk = 0;
    if (H5Pget_chunk(properties, STRATA_HDF5_RANK_MAX, size) != extent->rank ||
        (extent->rank == 2 && __builtin_mul_overflow(size[0], size[1], &chunk)))
        return strata_hdf5_fail_input(err, dataset->path, "the chunks of the dataset %s", dataset->name);
    if (extent->rank == 1)
        chunk = size[0];
    if (chunk == 0 || chunk > STRATA_HDF5_CHUNK_MAX / stored_bytes)
        return strata_fail(err, STRATA_REJECTED,
                           "%s: the dataset %s is in chunks of %llu rows, which is more than strata takes at a time; "
                           "write it in smaller chunks",
                           dataset->path, dataset->name, (unsigned long long)chunk);
    dataset->layout.chunk_rows = size[extent->axis];
    /* Chunks of a column that may grow into a matrix have room between its rows. */
    if (chunk == size[extent->axis] && find_filters(&dataset->layout, properties) && is_plain) {
        dataset->layout.storage = STRATA_HDF5_CHUNKS;
        return STRATA_OK;
    }
    STRATA_TRY(check_filters(dataset, properties, err));
    STRATA_TRY(keep_chunk(dataset, (size_t)chunk * stored_bytes, cache_bytes, err));
done:
    return status;
}

static enum strata_status check_storage(struct strata_hdf5_dataset *dataset, hid_t properties, bool is_plain,
                                        size_t *cache_bytes, struct strata_error *err)
{
    const hid_t id = dataset->dataset;
    struct strata_hdf5_layout *layout = &dataset->layout;
    hid_t stored = H5Dget_type(id);
    size_t stored_bytes = stored < 0 ? 0 : H5Tget_size(stored);
    if (stored >= 0)
        (void)H5Tclose(stored);
    if (!strata_hdf5_is_inside(properties))
        return strata_fail(err, STRATA_REJECTED, "%s: the dataset %s lies in other files; copy it into one file",
                           dataset->path, dataset->name);
    /* 0 bytes, or a failure: only the stack of errors tells. */
    if (H5Dget_storage_size(id) == 0 && H5Eget_num(H5E_DEFAULT) > 0)
        return strata_hdf5_fail_input(err, dataset->path, "the dataset %s", dataset->name);
    if (stored_bytes == 0 || !strata_hdf5_holds(id, layout->n_rows, stored_bytes))
        return strata_fail(err, STRATA_REJECTED, "%s: the dataset %s claims %llu rows, but stores %llu bytes",
                           dataset->path, dataset->name, (unsigned long long)layout->n_rows,
                           (unsigned long long)H5Dget_storage_size(id));
    if (H5Pget_layout(properties) == H5D_CHUNKED)
        return check_chunks(dataset, properties, is_plain, stored_bytes, cache_bytes, err);
    haddr_t place = is_plain && H5Pget_layout(properties) == H5D_CONTIGUOUS ? H5Dget_offset(id) : HADDR_UNDEF;
    if (place != HADDR_UNDEF && H5Dget_storage_size(id) >= layout->n_rows * layout->row_bytes) {
        layout->storage = STRATA_HDF5_CONTIGUOUS;
        layout->place = place;
    }
    return STRATA_OK;
}

/* Strings of variable length anywhere in the rows, also in members that nobody asks for. */
static bool has_variable_strings(hid_t memory)
{
    bool has = H5Tdetect_class(memory, H5T_VLEN) > 0 || H5Tis_variable_str(memory) > 0;
    for (int i = 0; !has && H5Tget_class(memory) == H5T_COMPOUND && i < H5Tget_nmembers(memory); ++i) {
        hid_t member = H5Tget_member_type(memory, (unsigned)i);
        has = H5Tis_variable_str(member) > 0;
        (void)H5Tclose(member);
    }
    return has;
}

enum strata_status strata_hdf5_dataset_open(struct strata_hdf5_dataset *dataset,
                                            const struct strata_hdf5_dataset_request *request, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t properties = -1;
    *dataset = (struct strata_hdf5_dataset){
        .path = request->path,
        .name = strata_copy_string(request->name),
        .dataset = request->dataset,
        .memory = request->memory,
        .extent = strata_hdf5_extent_of(request->dataset),
        .latch = request->latch,
        .layout = {.shuffle = -1, .deflate = -1, .n_variable = request->n_variable},
    };
    if (!dataset->name)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a dataset");
    properties = H5Dget_create_plist(dataset->dataset);
    if (properties < 0 || dataset->extent.axis < 0) {
        status = strata_hdf5_fail_input(err, request->path, "the dataset %s", request->name);
        goto done;
    }
    for (int i = 0; i < request->n_variable; ++i)
        dataset->layout.variable[i] = request->variable[i];
    dataset->layout.n_rows = dataset->extent.n_rows;
    dataset->layout.row_bytes = H5Tget_size(dataset->memory);
    dataset->has_variable = has_variable_strings(dataset->memory);
    STRATA_TRY(
        check_storage(dataset, properties, request->is_plain && !dataset->has_variable, request->cache_bytes, err));
done:
    if (properties >= 0)
        (void)H5Pclose(properties);
    if (status != STRATA_OK)
        strata_hdf5_dataset_close(dataset);
    return status;
}

void strata_hdf5_dataset_close(struct strata_hdf5_dataset *dataset)
{
    if (dataset->memory > 0)
        (void)H5Tclose(dataset->memory);
    if (dataset->dataset > 0)
        (void)H5Dclose(dataset->dataset);
    free(dataset->name);
    free(dataset->traced);
    *dataset = (struct strata_hdf5_dataset){0};
}

/* Which rows a message is about; reading failed, or the file could not be read. */
static enum strata_status fail_rows(const struct strata_hdf5_dataset *dataset, uint64_t first, struct strata_error *err)
{
    if (dataset->latch->os_error)
        return strata_fail(err, STRATA_IO, "cannot read %s: %s", dataset->path, strerror(dataset->latch->os_error));
    return strata_hdf5_fail_input(err, dataset->path, "rows from %llu of %s", (unsigned long long)first + 1,
                                  dataset->name);
}

/* How many bytes of a chunk are stored; 0 where it was never written, which is a failure of the quick call. */
static herr_t measure(const struct strata_hdf5_dataset *dataset, const hsize_t *offset, hsize_t *stored)
{
    unsigned skipped;
    haddr_t place;
    if (H5Dget_chunk_storage_size(dataset->dataset, offset, stored) >= 0)
        return 0;
    return H5Dget_chunk_info_by_coord(dataset->dataset, offset, &skipped, &place, stored);
}

/* HDF5 is asked to read the chunk, and its driver notes where. (The call that tells the place of a chunk goes through
 * all chunks before it.) */
static enum strata_status locate(struct strata_hdf5_dataset *dataset, uint64_t number, struct strata_hdf5_place *place,
                                 struct strata_error *err)
{
    const struct strata_hdf5_layout *layout = &dataset->layout;
    struct strata_hdf5_latch *latch = dataset->latch;
    hsize_t offset[STRATA_HDF5_RANK_MAX], first = number * layout->chunk_rows, stored = 0;
    const size_t chunk_bytes = (size_t)layout->chunk_rows * layout->row_bytes;
    *place = (struct strata_hdf5_place){0};
    strata_hdf5_extent_place(&dataset->extent, first, 0, offset);
    if (measure(dataset, offset, &stored) < 0)
        return fail_rows(dataset, first, err);
    if (stored == 0)
        return STRATA_OK;
    if (stored > strata_chunk_bound(chunk_bytes))
        return strata_fail(err, STRATA_REJECTED, "%s is damaged: a chunk of %s is larger than its rows", dataset->path,
                           dataset->name);
    if (stored > dataset->traced_room) {
        free(dataset->traced);
        dataset->traced = calloc((size_t)stored, 1);
        dataset->traced_room = dataset->traced ? (size_t)stored : 0;
        if (!dataset->traced)
            return strata_fail_memory(err, "a chunk", (size_t)stored, 1);
    }
    latch->is_tracing = true;
    latch->n_traced = 0;
    herr_t result = H5Dread_chunk(dataset->dataset, H5P_DEFAULT, offset, &place->skipped, dataset->traced);
    latch->is_tracing = false;
    if (result < 0 || latch->os_error)
        return fail_rows(dataset, first, err);
    if (latch->n_traced != 1 || latch->n_bytes != stored)
        return strata_fail(err, STRATA_REJECTED, "%s is damaged: a chunk of %s is in no one place", dataset->path,
                           dataset->name);
    place->offset = latch->place;
    place->n_bytes = stored;
    return STRATA_OK;
}

void strata_hdf5_dataset_locate(struct strata_hdf5_dataset *dataset, const struct strata_hdf5_range *range,
                                struct strata_wire *wire)
{
    const struct strata_hdf5_layout *layout = &dataset->layout;
    struct strata_hdf5_place place[STRATA_HDF5_PLACES_MAX];
    struct strata_error error = {0};
    enum strata_status outcome = STRATA_OK;
    const bool is_sound = layout->storage == STRATA_HDF5_CHUNKS && range->n <= STRATA_HDF5_PLACES_MAX &&
                          range->first <= layout->n_rows / layout->chunk_rows;
    if (!is_sound)
        outcome = strata_fail(&error, STRATA_INTERNAL, "places of chunks that are none");
    for (size_t i = 0; outcome == STRATA_OK && i < range->n; ++i)
        outcome = locate(dataset, range->first + i, &place[i], &error);
    strata_wire_pass_outcome(wire, &outcome, &error);
    for (size_t i = 0; outcome == STRATA_OK && i < range->n; ++i)
        strata_hdf5_place_pass(wire, &place[i]);
}

static enum strata_status read_rows(const struct strata_hdf5_dataset *dataset, const struct strata_hdf5_range *range,
                                    hid_t memory, void *rows, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hsize_t start[STRATA_HDF5_RANK_MAX], count[STRATA_HDF5_RANK_MAX];
    hid_t file = H5Dget_space(dataset->dataset);
    strata_hdf5_extent_place(&dataset->extent, range->first, 0, start);
    strata_hdf5_extent_place(&dataset->extent, range->n, 1, count);
    if (file < 0 || H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dread(dataset->dataset, dataset->memory, memory, file, H5P_DEFAULT, rows) < 0 || dataset->latch->os_error)
        status = fail_rows(dataset, range->first, err);
    if (file >= 0)
        (void)H5Sclose(file);
    return status;
}

/* Send the strings behind the rows: where they are in the rows stands where they begin among them, from 1; 0: none. */
static void send_texts(const struct strata_hdf5_layout *layout, char *rows, size_t n, char *texts, size_t n_texts,
                       struct strata_wire *wire)
{
    size_t used = 0;
    for (size_t i = 0; i < n; ++i)
        for (int v = 0; v < layout->n_variable; ++v) {
            char *at = rows + i * layout->row_bytes + layout->variable[v];
            const char *text;
            memcpy(&text, at, sizeof text);
            uint64_t place = text ? used + 1 : 0;
            if (text) {
                size_t length = strlen(text) + 1;
                memcpy(texts + used, text, length);
                used += length;
            }
            memcpy(at, &place, sizeof place);
        }
    strata_wire_pass_bytes(wire, rows, n * layout->row_bytes);
    strata_wire_pass_size(wire, &n_texts, STRATA_HDF5_TEXTS_MAX);
    strata_wire_pass_bytes(wire, texts, n_texts);
}

static size_t measure_texts(const struct strata_hdf5_layout *layout, const char *rows, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; ++i)
        for (int v = 0; v < layout->n_variable; ++v) {
            const char *text;
            memcpy(&text, rows + i * layout->row_bytes + layout->variable[v], sizeof text);
            total += text ? strlen(text) + 1 : 0;
        }
    return total;
}

void strata_hdf5_dataset_read(struct strata_hdf5_dataset *dataset, const struct strata_hdf5_range *range,
                              struct strata_wire *wire)
{
    struct strata_hdf5_layout *layout = &dataset->layout;
    struct strata_error error = {0};
    enum strata_status outcome = STRATA_OK;
    hsize_t count = range->n;
    hid_t memory = H5Screate_simple(1, &count, NULL);
    char *rows = strata_calloc_array(range->n, layout->row_bytes), *copy = NULL, *texts = NULL;
    size_t n_texts = 0;
    bool is_read = false;
    if (range->first > layout->n_rows || range->n > layout->n_rows - range->first)
        outcome = strata_fail(&error, STRATA_INTERNAL, "rows that are none");
    if (outcome == STRATA_OK && (!rows || memory < 0))
        outcome = strata_fail_memory(&error, "rows", range->n, layout->row_bytes);
    if (outcome == STRATA_OK) {
        outcome = read_rows(dataset, range, memory, rows, &error);
        is_read = outcome == STRATA_OK;
    }
    if (outcome == STRATA_OK && (n_texts = measure_texts(layout, rows, range->n)) > STRATA_HDF5_TEXTS_MAX)
        outcome = strata_fail(&error, STRATA_REJECTED, "%s: the texts of %s are longer than strata takes",
                              dataset->path, dataset->name);
    if (outcome == STRATA_OK) {
        /* What HDF5 has allocated is given back by the rows as they were. */
        copy = strata_malloc_array(range->n, layout->row_bytes);
        texts = strata_malloc_array(n_texts, 1);
        if (!copy || !texts)
            outcome = strata_fail_memory(&error, "texts", n_texts, 1);
    }
    strata_wire_pass_outcome(wire, &outcome, &error);
    if (outcome == STRATA_OK) {
        memcpy(copy, rows, range->n * layout->row_bytes);
        send_texts(layout, copy, range->n, texts, n_texts, wire);
    }
    if (is_read && dataset->has_variable)
        (void)H5Dvlen_reclaim(dataset->memory, memory, H5P_DEFAULT, rows);
    if (memory >= 0)
        (void)H5Sclose(memory);
    free(rows);
    free(copy);
    free(texts);
}
