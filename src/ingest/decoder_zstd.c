/* zstd: frames of moderate size are left to any thread, larger ones are decoded as they come. */
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "check.h"
#include "decoder.h"

enum { FRAME_TEXT_MAX = 8 << 20, HEADER_MAX = 18, BLOCK_MAX = 128 << 10 };

/* RFC 8878, 3.1.1.1: the bytes of a frame's header, of which the first five are there. */
static size_t header_bytes(const unsigned char *frame)
{
    static const size_t dictionary_bytes[] = {0, 1, 2, 4}, size_bytes[] = {0, 2, 4, 8};
    const unsigned descriptor = frame[4];
    bool is_single_segment = descriptor >> 5 & 1;
    size_t n_size = size_bytes[descriptor >> 6];
    if (is_single_segment && n_size == 0)
        n_size = 1;
    return (is_single_segment ? 5u : 6u) + dictionary_bytes[descriptor & 3] + n_size;
}

/* Is the next a frame that is there in full and whose text is at most FRAME_TEXT_MAX? Then its bytes
 * and the room for its text, else 0 bytes. 3.1.1.2: blocks of a three-byte header and their contents. */
static enum strata_status measure_frame(struct strata_stored_bytes *stored, size_t *n_bytes, size_t *room,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n, at;
    *n_bytes = *room = 0;
    STRATA_TRY(strata_stored_bytes_fill(stored, HEADER_MAX, err));
    const unsigned char *frame = (const unsigned char *)strata_stored_bytes_ready(stored, &n);
    if (n < 5 || memcmp(frame, "\x28\xb5\x2f\xfd", 4) != 0)
        goto done;
    unsigned long long n_text = ZSTD_getFrameContentSize(frame, n);
    if (n_text == ZSTD_CONTENTSIZE_ERROR || (n_text != ZSTD_CONTENTSIZE_UNKNOWN && n_text > FRAME_TEXT_MAX))
        goto done;
    bool has_checksum = frame[4] >> 2 & 1;
    at = header_bytes(frame);
    for (bool is_last = false; !is_last;) {
        STRATA_TRY(strata_stored_bytes_fill(stored, at + 3, err));
        frame = (const unsigned char *)strata_stored_bytes_ready(stored, &n);
        if (n < at + 3)
            goto done;
        uint32_t block = frame[at] | (uint32_t)frame[at + 1] << 8 | (uint32_t)frame[at + 2] << 16;
        is_last = block & 1;
        bool repeats_a_byte = (block >> 1 & 3) == 1;
        *room += BLOCK_MAX;
        at += 3 + (repeats_a_byte ? 1 : block >> 3);
        if (*room > FRAME_TEXT_MAX + BLOCK_MAX || at > 2 * FRAME_TEXT_MAX)
            goto done;
    }
    at += has_checksum ? 4 : 0;
    STRATA_TRY(strata_stored_bytes_fill(stored, at, err));
    (void)strata_stored_bytes_ready(stored, &n);
    if (n < at)
        goto done;
    if (n_text != ZSTD_CONTENTSIZE_UNKNOWN && n_text < *room)
        *room = (size_t)n_text;
    *n_bytes = at;
done:
    return status;
}

/* As many whole frames as make a piece. */
static enum strata_status store_frames(struct strata_decoder *decoder, struct strata_piece *piece,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_stored_bytes *stored = decoder->stored;
    size_t n_frame, room;
    piece->stored_offset = strata_stored_bytes_offset(stored);
    while (piece->n_expected < decoder->piece_bytes) {
        STRATA_TRY(measure_frame(stored, &n_frame, &room, err));
        if (n_frame == 0)
            break;
        piece->n_expected += room;
        STRATA_TRY(strata_piece_store(piece, stored, n_frame, err));
    }
    piece->is_whole = piece->n_stored == 0;
done:
    return status;
}

static enum strata_status fail_window(const struct strata_decoder *decoder, struct strata_error *err)
{
    const char *path = decoder->stored->file->path;
    if (decoder->is_limited)
        return strata_fail(err, STRATA_MEMORY,
                           "%s needs more than %d MiB of memory to be decompressed, the most that the memory limit "
                           "leaves for it\nraise --memory-limit, or compress it again without --long or --ultra",
                           path, 1 << (decoder->zstd_window_log - 20));
    return strata_fail(err, STRATA_REJECTED,
                       "%s needs more than 128 MiB of memory to be decompressed; compress it again without --long "
                       "or --ultra",
                       path);
}

static enum strata_status fail_zstd(const struct strata_input_file *file, uint64_t offset, size_t result,
                                    struct strata_error *err)
{
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_memory_allocation: return strata_fail(err, STRATA_MEMORY, "out of memory to read %s", file->path);
    case ZSTD_error_prefix_unknown: return strata_fail_garbage(file, "zstd", offset, err);
    default: return strata_fail_damaged(file, "zstd", offset, ZSTD_getErrorName(result), err);
    }
}

static enum strata_status decode_some(struct strata_decoder *decoder, struct strata_piece *piece,
                                      struct strata_error *err)
{
    struct strata_stored_bytes *stored = decoder->stored;
    size_t n, n_before = piece->n;
    enum strata_status status = strata_stored_bytes_fill(stored, 1, err);
    if (status != STRATA_OK)
        return status;
    const char *ready = strata_stored_bytes_ready(stored, &n);
    ZSTD_inBuffer in = {ready, n, 0};
    ZSTD_outBuffer out = {piece->bytes, decoder->piece_bytes, piece->n};
    size_t result = ZSTD_decompressStream(decoder->zstd, &out, &in);
    stored->at += in.pos;
    piece->n = out.pos;
    if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
        return fail_window(decoder, err);
    if (ZSTD_isError(result))
        return fail_zstd(stored->file, decoder->part_offset, result, err);
    decoder->is_inside = result != 0;
    if (decoder->is_inside && in.pos == 0 && piece->n == n_before)
        return strata_fail_cut(stored->file, "zstd", err);
    return STRATA_OK;
}

enum strata_status strata_zstd_fetch(struct strata_decoder *decoder, struct strata_piece *piece,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_stored_bytes *stored = decoder->stored;
    size_t n;
    STRATA_TRY(strata_piece_reserve(piece, decoder->piece_bytes, err));
    while (piece->n < decoder->piece_bytes) {
        if (!decoder->is_inside) {
            STRATA_TRY(strata_stored_bytes_fill(stored, 1, err));
            (void)strata_stored_bytes_ready(stored, &n);
            if (n == 0 || piece->n)
                break;
            STRATA_TRY(store_frames(decoder, piece, err));
            if (!piece->is_whole)
                break;
            decoder->part_offset = strata_stored_bytes_offset(stored);
        }
        STRATA_TRY(decode_some(decoder, piece, err));
    }
done:
    return status;
}

enum strata_status strata_zstd_finish(const struct strata_input_file *file, struct strata_piece *piece,
                                      struct strata_error *err)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    if (!zstd)
        return strata_fail(err, STRATA_MEMORY, "out of memory to read %s", file->path);
    size_t result = ZSTD_decompressDCtx(zstd, piece->bytes, piece->n_expected, piece->stored, piece->n_stored);
    (void)ZSTD_freeDCtx(zstd);
    if (ZSTD_isError(result))
        return fail_zstd(file, piece->stored_offset, result, err);
    piece->n = result;
    return STRATA_OK;
}
