#include "byte_source.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

enum {
    DEFAULT_PIECE_BYTES = 512 << 10,
    WINDOW_BYTES = 16 << 20,
    WINDOW_BYTES_OF_READER = 8 << 20,
    LEAST_BYTES = 4 << 20,
    AHEAD_PIECES = 8,
    FILE_KEPT_BYTES = 4 << 20,
    PIPE_KEPT_BYTES = 64 << 20,
    BEGINNING_BYTES = 18,
};

static enum strata_status set_readers(struct strata_byte_source *source, int n_readers, uint64_t position_of_each,
                                      struct strata_error *err)
{
    uint64_t *position = strata_malloc_array((size_t)n_readers, sizeof *position);
    if (!position)
        return strata_fail(err, STRATA_MEMORY, "out of memory to read %s", source->path);
    for (int i = 0; i < n_readers; ++i)
        position[i] = position_of_each;
    free(source->position);
    source->position = position;
    source->n_readers = n_readers;
    source->window_bytes = WINDOW_BYTES + WINDOW_BYTES_OF_READER * (size_t)n_readers;
    return STRATA_OK;
}

/* What a limit leaves of the usual size. */
static size_t limited(size_t usual, uint64_t limit)
{
    if (limit == 0 || limit >= usual)
        return usual;
    return limit > LEAST_BYTES ? (size_t)limit : LEAST_BYTES;
}

static size_t pipe_kept_bytes(const struct strata_byte_source *source)
{
    return limited(PIPE_KEPT_BYTES, source->memory_bytes ? source->memory_bytes / 2 + 1 : 0);
}

void strata_byte_source_limit(struct strata_byte_source *source, uint64_t memory_bytes)
{
    source->memory_bytes = memory_bytes;
    if (memory_bytes)
        strata_decoder_limit(&source->decoder, memory_bytes);
}

enum strata_status strata_byte_source_read_alone(struct strata_byte_source *source, uint64_t offset,
                                                 struct strata_error *err)
{
    enum strata_status status = set_readers(source, 1, offset, err);
    source->taken = UINT64_MAX;
    source->n_kept = source->file.is_regular ? FILE_KEPT_BYTES : pipe_kept_bytes(source);
    return status;
}

/* Of an uncompressed file it is known from the start whether its bytes are the text. */
static enum strata_status decide_encoding(struct strata_byte_source *source, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_input_file *file = &source->file;
    size_t n = file->n_bytes < STRATA_ENCODING_SAMPLE ? (size_t)file->n_bytes : STRATA_ENCODING_SAMPLE;
    char *beginning = NULL;
    if (source->transcoder.is_decided)
        goto done;
    beginning = malloc(n + 1);
    if (!beginning)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory to read %s", source->path);
    STRATA_TRY(strata_input_file_read(file, 0, beginning, n, err));
    STRATA_TRY(strata_transcoder_decide(&source->transcoder, beginning, n, source->path, err));
done:
    free(beginning);
    return status;
}

enum strata_status strata_byte_source_open(struct strata_byte_source *source, const char *path, const char *encoding,
                                           size_t piece_bytes, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n;
    *source = (struct strata_byte_source){.piece_bytes = piece_bytes ? piece_bytes : DEFAULT_PIECE_BYTES};
    (void)pthread_mutex_init(&source->lock, NULL);
    (void)pthread_cond_init(&source->changed, NULL);
    strata_transcoder_init(&source->transcoder, encoding);
    STRATA_TRY(strata_input_file_open(&source->file, path, err));
    source->path = source->file.path;
    STRATA_TRY(strata_byte_source_read_alone(source, 0, err));
    STRATA_TRY(strata_stored_bytes_init(&source->stored, &source->file, err));
    STRATA_TRY(strata_stored_bytes_fill(&source->stored, BEGINNING_BYTES, err));
    const char *beginning = strata_stored_bytes_ready(&source->stored, &n);
    enum strata_coding coding = strata_coding_of(beginning, n);
    if (source->file.is_regular && coding == STRATA_CODING_NONE) {
        STRATA_TRY(decide_encoding(source, err));
        source->is_plain = source->transcoder.encoding == STRATA_ENCODING_UTF_8;
    }
    if (source->is_plain)
        strata_stored_bytes_release(&source->stored);
    else
        status = strata_decoder_init(&source->decoder, &source->stored, coding, source->piece_bytes, err);
done:
    if (status != STRATA_OK)
        strata_byte_source_close(source);
    return status;
}

static void free_pieces(struct strata_piece *piece)
{
    while (piece) {
        struct strata_piece *next = piece->next;
        strata_piece_release(piece);
        free(piece);
        piece = next;
    }
}

void strata_byte_source_close(struct strata_byte_source *source)
{
    if (source->piece_bytes == 0)
        return;
    free_pieces(source->first);
    free_pieces(source->spare);
    strata_decoder_release(&source->decoder);
    strata_transcoder_release(&source->transcoder);
    strata_stored_bytes_release(&source->stored);
    strata_input_file_close(&source->file);
    free(source->position);
    (void)pthread_cond_destroy(&source->changed);
    (void)pthread_mutex_destroy(&source->lock);
    *source = (struct strata_byte_source){0};
}

enum strata_status strata_byte_source_share(struct strata_byte_source *source, int n_readers, uint64_t offset,
                                            struct strata_error *err)
{
    enum strata_status status = set_readers(source, n_readers, UINT64_MAX, err);
    source->taken = offset;
    source->n_kept = source->file.is_regular ? 0 : pipe_kept_bytes(source);
    const uint64_t memory = source->memory_bytes, left = memory > source->n_kept ? memory - source->n_kept : 1;
    source->window_bytes = limited(source->window_bytes, memory ? left : 0);
    return status;
}

static uint64_t first_position(const struct strata_byte_source *source)
{
    uint64_t first = UINT64_MAX;
    for (int i = 0; i < source->n_readers; ++i)
        if (source->position[i] < first)
            first = source->position[i];
    return first;
}

static size_t memory_of(const struct strata_piece *piece) { return piece->capacity + piece->stored_capacity; }

/* Pieces that nobody needs become spare ones. */
static void drop_pieces(struct strata_byte_source *source)
{
    uint64_t needed = first_position(source);
    if (source->taken < needed)
        needed = source->taken;
    while (source->first && source->first->offset != UINT64_MAX && source->first->offset + source->first->n <= needed &&
           source->n_held > source->n_kept) {
        struct strata_piece *piece = source->first;
        source->begin = piece->offset + piece->n;
        source->n_held -= memory_of(piece);
        source->first = piece->next;
        if (!source->first)
            source->last = NULL;
        piece->next = source->spare;
        source->spare = piece;
    }
}

void strata_byte_source_let_go(struct strata_byte_source *source, int reader, uint64_t offset)
{
    if (source->is_plain)
        return;
    (void)pthread_mutex_lock(&source->lock);
    source->position[reader] = offset;
    drop_pieces(source);
    (void)pthread_cond_broadcast(&source->changed);
    (void)pthread_mutex_unlock(&source->lock);
}

/* Pieces that have become whole get their place in the text, in order; the first that failed ends it. */
static void place_pieces(struct strata_byte_source *source)
{
    while (source->unplaced && source->unplaced->is_whole && source->status == STRATA_OK) {
        struct strata_piece *piece = source->unplaced;
        piece->offset = source->end;
        source->end += piece->n;
        source->status = piece->status;
        source->error = piece->error;
        source->unplaced = piece->next;
    }
}

/* Fetch and decode the next piece. The lock is held before and after, not meanwhile. */
static void fetch(struct strata_byte_source *source)
{
    struct strata_piece *piece = source->spare;
    if (piece)
        source->spare = piece->next;
    source->is_fetching = true;
    (void)pthread_mutex_unlock(&source->lock);

    if (!piece)
        piece = strata_calloc_array(1, sizeof *piece);
    if (piece) {
        piece->next = NULL;
        piece->status = strata_transcoder_fetch(&source->transcoder, &source->decoder, piece, &piece->error);
        if (piece->status == STRATA_OK && !piece->is_whole)
            piece->status = strata_piece_reserve(piece, piece->n_expected, &piece->error);
        piece->is_whole = piece->is_whole || piece->status != STRATA_OK;
        piece->offset = UINT64_MAX;
    }

    (void)pthread_mutex_lock(&source->lock);
    source->is_fetching = false;
    if (!piece) {
        source->status = strata_fail(&source->error, STRATA_MEMORY, "out of memory to read %s", source->path);
        source->is_over = true;
    } else {
        source->is_over = piece->status != STRATA_OK || (piece->is_whole && piece->n == 0);
        source->n_held += memory_of(piece);
        source->expected_end += piece->is_whole ? piece->n : piece->n_expected;
        if (source->last)
            source->last->next = piece;
        else
            source->first = piece;
        source->last = piece;
        if (!source->unplaced)
            source->unplaced = piece;
        if (!piece->is_whole) {
            (void)pthread_cond_broadcast(&source->changed);
            (void)pthread_mutex_unlock(&source->lock);
            enum strata_status status = strata_decoder_finish(&source->decoder, piece, &piece->error);
            (void)pthread_mutex_lock(&source->lock);
            source->expected_end -= piece->n_expected - (status == STRATA_OK ? piece->n : 0);
            piece->status = status;
            piece->is_whole = true;
        }
        place_pieces(source);
    }
    (void)pthread_cond_broadcast(&source->changed);
}

static bool can_fetch(const struct strata_byte_source *source)
{
    return !source->is_fetching && !source->is_over && source->status == STRATA_OK;
}

/* Is there room for another piece like the last one? */
static bool has_room(const struct strata_byte_source *source)
{
    size_t next = source->last ? memory_of(source->last) : 0;
    return source->n_held + next < source->window_bytes + source->n_kept;
}

/* May this reader make the window larger? */
static bool may_fetch(const struct strata_byte_source *source, int reader)
{
    return can_fetch(source) &&
           (has_room(source) || (!source->unplaced && source->position[reader] == first_position(source)));
}

/* Is there little text that nobody has taken? Then whoever parses next would have to wait for whoever decodes. */
static bool is_short(const struct strata_byte_source *source)
{
    return source->n_readers > 1 && source->expected_end < source->taken + AHEAD_PIECES * source->piece_bytes;
}

uint64_t strata_byte_source_take(struct strata_byte_source *source, int reader, size_t n)
{
    if (source->is_plain)
        return __atomic_fetch_add(&source->taken, n, __ATOMIC_RELAXED);
    (void)pthread_mutex_lock(&source->lock);
    source->position[reader] = source->taken;
    drop_pieces(source);
    while (is_short(source) && can_fetch(source) && has_room(source))
        fetch(source);
    uint64_t offset = source->taken;
    source->taken += n;
    source->position[reader] = offset;
    drop_pieces(source);
    (void)pthread_cond_broadcast(&source->changed);
    (void)pthread_mutex_unlock(&source->lock);
    return offset;
}

bool strata_byte_source_can_restart(const struct strata_byte_source *source)
{
    return source->file.is_regular || source->begin == 0;
}

static enum strata_status go_back(struct strata_byte_source *source, struct strata_error *err)
{
    if (!source->file.is_regular)
        return strata_fail(
            err, STRATA_REJECTED,
            "%s cannot be read twice: the first %.1f MiB of it are kept, and it took more to settle the layout of its "
            "times\ndeclare --time-format, or save it to a file and give that",
            source->path, (double)source->n_kept / (1 << 20));
    strata_stored_bytes_rewind(&source->stored);
    strata_transcoder_rewind(&source->transcoder);
    enum strata_status status = strata_stored_bytes_fill(&source->stored, BEGINNING_BYTES, err);
    if (status != STRATA_OK)
        return status;
    size_t n;
    const char *beginning = strata_stored_bytes_ready(&source->stored, &n);
    enum strata_coding coding = strata_coding_of(beginning, n);
    strata_decoder_release(&source->decoder);
    free_pieces(source->first);
    source->first = source->last = source->unplaced = NULL;
    source->begin = source->end = source->expected_end = 0;
    source->n_held = 0;
    source->is_over = false;
    source->status = STRATA_OK;
    return strata_decoder_init(&source->decoder, &source->stored, coding, source->piece_bytes, err);
}

/* The piece with the byte at `offset`, which is in the window; `piece` is one before, or NULL. */
static const struct strata_piece *find_piece(const struct strata_byte_source *source, const struct strata_piece *piece,
                                             uint64_t offset)
{
    if (!piece)
        piece = source->first;
    while (piece->offset + piece->n <= offset)
        piece = piece->next;
    return piece;
}

static enum strata_status read_window(struct strata_byte_source *source, int reader, uint64_t offset, char *out,
                                      size_t n, size_t *got, bool *is_end, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_piece *piece = NULL;
    (void)pthread_mutex_lock(&source->lock);
    if (offset < source->begin)
        STRATA_TRY(go_back(source, err));
    for (;;) {
        uint64_t at = offset + *got;
        if (at < source->end && *got == n)
            break;
        if (at < source->end) {
            piece = find_piece(source, piece, at);
            size_t from = (size_t)(at - piece->offset);
            size_t part = piece->n - from < n - *got ? piece->n - from : n - *got;
            (void)pthread_mutex_unlock(&source->lock); /* the piece stays: this reader has not let go of it */
            memcpy(out + *got, piece->bytes + from, part);
            (void)pthread_mutex_lock(&source->lock);
            *got += part;
        } else if (source->status != STRATA_OK) {
            STRATA_GIVE_UP(err, source->status, "%s", source->error.message);
        } else if (source->is_over && !source->unplaced) {
            *is_end = true;
            break;
        } else if (may_fetch(source, reader)) {
            fetch(source);
        } else {
            (void)pthread_cond_wait(&source->changed, &source->lock);
        }
    }
done:
    (void)pthread_mutex_unlock(&source->lock);
    return status;
}

enum strata_status strata_byte_source_read(struct strata_byte_source *source, int reader, uint64_t offset, char *out,
                                           size_t n, size_t *got, bool *is_end, struct strata_error *err)
{
    *got = 0;
    *is_end = false;
    if (!source->is_plain)
        return read_window(source, reader, offset, out, n, got, is_end, err);
    uint64_t left = offset < source->file.n_bytes ? source->file.n_bytes - offset : 0;
    *is_end = n >= left;
    *got = *is_end ? (size_t)left : n;
    return strata_input_file_read(&source->file, offset, out, *got, err);
}

const char *strata_byte_source_encoding(const struct strata_byte_source *source)
{
    return strata_transcoder_encoding(&source->transcoder);
}

uint64_t strata_byte_source_stored(const struct strata_byte_source *source, uint64_t *hash_high, uint64_t *hash_low)
{
    strata_checksum_digest(source->stored.hash, hash_high, hash_low);
    return source->stored.n_read;
}
