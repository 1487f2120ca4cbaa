/* gzip, one member after the other. */
#include <isa-l/igzip_lib.h>
#include <string.h>

#include "check.h"
#include "decoder.h"

enum { FLAGS_AT = 3, RESERVED_FLAGS = 0xE0 };

/* Begin with a member; *is_end where there is none. Reserved flags may speak of fields that this format does not know
 * yet, and must be refused (RFC 1952, 2.3.1.2), which ISA-L does not do. */
static enum strata_status begin_member(struct strata_decoder *decoder, bool *is_end, struct strata_error *err)
{
    struct strata_stored_bytes *stored = decoder->stored;
    size_t n;
    enum strata_status status = strata_stored_bytes_fill(stored, FLAGS_AT + 1, err);
    if (status != STRATA_OK)
        return status;
    const char *ready = strata_stored_bytes_ready(stored, &n);
    *is_end = n == 0;
    if (*is_end)
        return STRATA_OK;
    decoder->part_offset = strata_stored_bytes_offset(stored);
    if (memcmp(ready, "\x1f\x8b", n < 2 ? n : 2) != 0)
        return strata_fail_garbage(stored->file, "gzip", decoder->part_offset, err);
    if (n > FLAGS_AT && (ready[FLAGS_AT] & RESERVED_FLAGS))
        return strata_fail_damaged(stored->file, "gzip", decoder->part_offset, "a wrong header", err);
    isal_inflate_init(decoder->gzip);
    decoder->gzip->crc_flag = ISAL_GZIP;
    decoder->is_inside = true;
    return STRATA_OK;
}

static const char *what_failed(int result)
{
    switch (result) {
    case ISAL_INCORRECT_CHECKSUM: return "a wrong checksum";
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD: return "a wrong header";
    default: return "impossible codes";
    }
}

/* Inflate what is ready into the room that the piece has. */
static enum strata_status inflate_some(struct strata_decoder *decoder, struct strata_piece *piece,
                                       struct strata_error *err)
{
    struct strata_stored_bytes *stored = decoder->stored;
    struct inflate_state *gzip = decoder->gzip;
    size_t n;
    enum strata_status status = strata_stored_bytes_fill(stored, 1, err);
    if (status != STRATA_OK)
        return status;
    const char *ready = strata_stored_bytes_ready(stored, &n);
    size_t room = decoder->piece_bytes - piece->n;
    gzip->next_in = (uint8_t *)(uintptr_t)ready;
    gzip->avail_in = n < UINT32_MAX / 2 ? (uint32_t)n : UINT32_MAX / 2;
    gzip->next_out = (uint8_t *)piece->bytes + piece->n;
    gzip->avail_out = room < UINT32_MAX / 2 ? (uint32_t)room : UINT32_MAX / 2;
    const uint32_t n_in = gzip->avail_in, n_out = gzip->avail_out;
    int result = isal_inflate(gzip);
    stored->at += n_in - gzip->avail_in;
    piece->n += n_out - gzip->avail_out;
    if (result < 0)
        return strata_fail_damaged(stored->file, "gzip", decoder->part_offset, what_failed(result), err);
    if (gzip->block_state == ISAL_BLOCK_FINISH) {
        decoder->is_inside = false;
        return STRATA_OK;
    }
    if (n_in != gzip->avail_in || n_out != gzip->avail_out)
        return STRATA_OK;
    return n == 0 ? strata_fail_cut(stored->file, "gzip", err)
                  : strata_fail_damaged(stored->file, "gzip", decoder->part_offset, what_failed(0), err);
}

enum strata_status strata_gzip_fetch(struct strata_decoder *decoder, struct strata_piece *piece,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool is_end = false;
    STRATA_TRY(strata_piece_reserve(piece, decoder->piece_bytes, err));
    while (piece->n < decoder->piece_bytes) {
        if (!decoder->is_inside)
            STRATA_TRY(begin_member(decoder, &is_end, err));
        if (is_end)
            break;
        STRATA_TRY(inflate_some(decoder, piece, err));
    }
done:
    return status;
}
