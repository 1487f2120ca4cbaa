#include "hdf5_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "chunk_codec.h"
#include "memory.h"

size_t strata_hdf5_window_bytes(const struct strata_hdf5_rows *rows, size_t n)
{
    const struct strata_hdf5_layout *layout = &rows->layout;
    return layout->row_bytes * (n + (layout->storage == STRATA_HDF5_CHUNKS ? 3 * (size_t)layout->chunk_rows : 0));
}

void strata_hdf5_window_release(struct strata_hdf5_window *window)
{
    libdeflate_free_decompressor(window->decompressor);
    free(window->packed);
    free(window->shuffled);
    free(window->chunk);
    free(window->rows);
    free(window->texts);
    *window = (struct strata_hdf5_window){0};
}

static enum strata_status fail_memory(const struct strata_hdf5_rows *rows, struct strata_error *err)
{
    return strata_fail(err, STRATA_MEMORY, "out of memory to read the dataset %s of %s", rows->name,
                       rows->source->path);
}

/* Room for `n` elements, in the place of `array` and what is in it if that has too little; NULL: out of memory. */
static void *reserve(void *array, size_t *room, size_t n, size_t size)
{
    if (array && n <= *room)
        return array;
    free(array);
    array = strata_malloc_array(n, size);
    *room = array ? n : 0;
    return array;
}

static enum strata_status fail_damaged(const struct strata_hdf5_rows *rows, uint64_t first, const char *what,
                                       struct strata_error *err)
{
    return strata_fail(err, STRATA_REJECTED, "%s is damaged: rows from %llu of %s %s", rows->source->path,
                       (unsigned long long)first + 1, rows->name, what);
}

/* All n bytes of the file; `first` is the row they are for. */
static enum strata_status read_file(const struct strata_hdf5_rows *rows, uint64_t offset, unsigned char *out, size_t n,
                                    uint64_t first, struct strata_error *err)
{
    if (offset > (uint64_t)INT64_MAX - n)
        return fail_damaged(rows, first, "are beyond the end of the file", err);
    while (n > 0) {
        ssize_t got = pread(rows->source->descriptor, out, n, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return strata_fail(err, STRATA_IO, "cannot read %s: %s", rows->source->path, strerror(errno));
        if (got == 0)
            return fail_damaged(rows, first, "are beyond the end of the file", err);
        out += got;
        offset += (uint64_t)got;
        n -= (size_t)got;
    }
    return STRATA_OK;
}

/* Ask the process that runs HDF5; the lock is held, and the wire is receiving. *outcome: what it says. */
static void ask(const struct strata_hdf5_rows *rows, enum strata_hdf5_request request, uint64_t first, size_t n,
                enum strata_status *outcome, struct strata_error *err)
{
    struct strata_wire *wire = &rows->source->contained->wire;
    struct strata_hdf5_range range = {.dataset = rows->number, .first = first, .n = n};
    int number = (int)request;
    strata_wire_send(wire);
    strata_wire_pass_int(wire, &number, 0, STRATA_HDF5_N_REQUESTS - 1);
    strata_hdf5_range_pass(wire, &range);
    strata_wire_receive(wire);
    strata_wire_pass_outcome(wire, outcome, err);
}

static void receive_rows(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window, unsigned char *out,
                         size_t n, size_t *n_texts)
{
    struct strata_wire *wire = &rows->source->contained->wire;
    strata_wire_pass_bytes(wire, out, n * rows->layout.row_bytes);
    strata_wire_pass_size(wire, n_texts, STRATA_HDF5_TEXTS_MAX);
    window->texts = reserve(window->texts, &window->texts_room, *n_texts + 1, 1);
    if (!window->texts && wire->status == STRATA_OK)
        wire->status = STRATA_MEMORY;
    if (wire->status != STRATA_OK)
        return;
    strata_wire_pass_bytes(wire, window->texts, *n_texts);
    window->texts[*n_texts] = '\0';
}

/* Places among the texts become pointers to them. */
static bool link_texts(const struct strata_hdf5_rows *rows, const struct strata_hdf5_window *window, unsigned char *out,
                       size_t n, size_t n_texts)
{
    const struct strata_hdf5_layout *layout = &rows->layout;
    for (size_t i = 0; i < n; ++i)
        for (int v = 0; v < layout->n_variable; ++v) {
            unsigned char *at = out + i * layout->row_bytes + layout->variable[v];
            uint64_t place;
            memcpy(&place, at, sizeof place);
            if (place > n_texts)
                return false;
            const char *text = place ? window->texts + place - 1 : NULL;
            memcpy(at, &text, sizeof text);
        }
    return true;
}

static enum strata_status read_by_library(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                          uint64_t first, size_t n, unsigned char *out, struct strata_error *err)
{
    const struct strata_hdf5_source *source = rows->source;
    enum strata_status status = STRATA_OK, outcome = STRATA_OK;
    size_t n_texts = 0;
    (void)pthread_mutex_lock(source->lock);
    ask(rows, STRATA_HDF5_READ, first, n, &outcome, err);
    if (outcome == STRATA_OK)
        receive_rows(rows, window, out, n, &n_texts);
    status = strata_contained_check(source->contained, err);
    (void)pthread_mutex_unlock(source->lock);
    if (status == STRATA_OK)
        status = outcome;
    if (status == STRATA_OK && !link_texts(rows, window, out, n, n_texts))
        status = fail_damaged(rows, first, "have texts that are none", err);
    return status;
}

/* Know the place of this chunk, and of some behind it. */
static enum strata_status locate(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                 uint64_t number, struct strata_error *err)
{
    const struct strata_hdf5_source *source = rows->source;
    enum strata_status status = STRATA_OK, outcome = STRATA_OK;
    if (number >= window->first_place && number - window->first_place < window->n_places)
        return STRATA_OK;
    uint64_t n_chunks = (rows->layout.n_rows - 1) / rows->layout.chunk_rows + 1, left = n_chunks - number;
    size_t n = left < STRATA_HDF5_PLACES_MAX ? (size_t)left : STRATA_HDF5_PLACES_MAX;
    window->n_places = 0;
    (void)pthread_mutex_lock(source->lock);
    ask(rows, STRATA_HDF5_LOCATE, number, n, &outcome, err);
    for (size_t i = 0; outcome == STRATA_OK && i < n; ++i)
        strata_hdf5_place_pass(&source->contained->wire, &window->place[i]);
    status = strata_contained_check(source->contained, err);
    (void)pthread_mutex_unlock(source->lock);
    if (status == STRATA_OK)
        status = outcome;
    if (status == STRATA_OK) {
        window->first_place = number;
        window->n_places = n;
    }
    return status;
}

/* The stored bytes of a chunk that was written. */
static enum strata_status fetch(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window, uint64_t number,
                                const struct strata_hdf5_place *place, struct strata_error *err)
{
    const size_t chunk_bytes = (size_t)rows->layout.chunk_rows * rows->layout.row_bytes;
    const uint64_t first = number * rows->layout.chunk_rows;
    /* Deflate never grows a chunk by more than this, nor shrinks it by more. */
    if (place->n_bytes > strata_chunk_bound(chunk_bytes) || chunk_bytes / 1100 > place->n_bytes)
        return fail_damaged(rows, first, "cannot be decompressed", err);
    window->packed = reserve(window->packed, &window->packed_room, (size_t)place->n_bytes, 1);
    if (!window->packed)
        return fail_memory(rows, err);
    return read_file(rows, place->offset, window->packed, (size_t)place->n_bytes, first, err);
}

static enum strata_status allocate(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                   struct strata_error *err)
{
    if (window->chunk)
        return STRATA_OK;
    window->chunk = strata_malloc_array((size_t)rows->layout.chunk_rows, rows->layout.row_bytes);
    window->shuffled = strata_malloc_array((size_t)rows->layout.chunk_rows, rows->layout.row_bytes);
    window->decompressor = libdeflate_alloc_decompressor();
    if (window->chunk && window->shuffled && window->decompressor)
        return STRATA_OK;
    return fail_memory(rows, err);
}

static bool is_filtered(int filter, const struct strata_hdf5_place *place)
{
    return filter >= 0 && !(place->skipped >> filter & 1);
}

/* From the stored bytes to the rows of window->chunk. */
static enum strata_status decode(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                 uint64_t number, const struct strata_hdf5_place *place, struct strata_error *err)
{
    const struct strata_hdf5_layout *layout = &rows->layout;
    const size_t n_bytes = (size_t)layout->chunk_rows * layout->row_bytes, n = (size_t)place->n_bytes;
    bool is_shuffled = is_filtered(layout->shuffle, place), is_sound;
    unsigned char *plain = is_shuffled ? window->shuffled : window->chunk;
    if (is_filtered(layout->deflate, place)) {
        is_sound = libdeflate_zlib_decompress(window->decompressor, window->packed, n, plain, n_bytes, NULL) ==
                   LIBDEFLATE_SUCCESS;
    } else {
        is_sound = n == n_bytes;
        if (is_sound)
            memcpy(plain, window->packed, n_bytes);
    }
    if (!is_sound)
        return fail_damaged(rows, number * layout->chunk_rows, "cannot be decompressed", err);
    if (is_shuffled)
        strata_chunk_unshuffle(plain, window->chunk, (size_t)layout->chunk_rows, layout->row_bytes);
    return STRATA_OK;
}

/* Have the chunk in the window; not if it was never written. */
static enum strata_status take_chunk(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                     uint64_t number, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (window->has_chunk && window->chunk_number == number)
        return STRATA_OK;
    window->has_chunk = false;
    STRATA_TRY(locate(rows, window, number, err));
    const struct strata_hdf5_place *place = &window->place[number - window->first_place];
    if (place->n_bytes == 0)
        goto done;
    STRATA_TRY(fetch(rows, window, number, place, err));
    STRATA_TRY(allocate(rows, window, err));
    STRATA_TRY(decode(rows, window, number, place, err));
    window->has_chunk = true;
    window->chunk_number = number;
done:
    return status;
}

static enum strata_status read_chunks(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                      uint64_t first, size_t n, const unsigned char **out, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const uint64_t chunk_rows = rows->layout.chunk_rows;
    const size_t row_bytes = rows->layout.row_bytes;
    for (size_t done = 0; done < n;) {
        uint64_t row = first + done, number = row / chunk_rows, inside = row % chunk_rows, left = chunk_rows - inside;
        size_t take = left < n - done ? (size_t)left : n - done;
        STRATA_TRY(take_chunk(rows, window, number, err));
        const unsigned char *from = window->has_chunk ? window->chunk + inside * row_bytes : NULL;
        if (window->has_chunk && take == n) {
            *out = from;
            break;
        }
        window->rows = reserve(window->rows, &window->rows_room, n, row_bytes);
        if (!window->rows) {
            status = fail_memory(rows, err);
            goto done;
        }
        unsigned char *to = window->rows + done * row_bytes;
        if (window->has_chunk)
            memcpy(to, from, take * row_bytes);
        else
            STRATA_TRY(read_by_library(rows, window, row, take, to, err));
        *out = window->rows;
        done += take;
    }
done:
    return status;
}

enum strata_status strata_hdf5_rows_read(const struct strata_hdf5_rows *rows, struct strata_hdf5_window *window,
                                         uint64_t first, size_t n, const unsigned char **out, struct strata_error *err)
{
    const struct strata_hdf5_layout *layout = &rows->layout;
    if (layout->storage == STRATA_HDF5_CHUNKS)
        return read_chunks(rows, window, first, n, out, err);
    window->rows = reserve(window->rows, &window->rows_room, n, layout->row_bytes);
    if (!window->rows)
        return fail_memory(rows, err);
    *out = window->rows;
    if (layout->storage == STRATA_HDF5_BY_LIBRARY)
        return read_by_library(rows, window, first, n, window->rows, err);
    return read_file(rows, layout->place + first * layout->row_bytes, window->rows, n * layout->row_bytes, first, err);
}
