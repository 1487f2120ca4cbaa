/* bgzip: gzip members that tell their size, so that any thread can inflate any of them. */
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "decoder.h"
#include "memory.h"

enum { HEADER_BYTES = 12, PROBE_BYTES = 18, MOST_TEXT = 64 << 10, TRAILER_BYTES = 8 };

static unsigned load_16(const unsigned char *bytes) { return bytes[0] | (unsigned)bytes[1] << 8; }

static uint32_t load_32(const unsigned char *bytes) { return load_16(bytes) | (uint32_t)load_16(bytes + 2) << 16; }

/* Magic, deflate, FEXTRA alone; then six bytes of extra field: "BC", its length 2, the member's size less one. */
size_t strata_bgzip_member_bytes(const unsigned char *member, size_t n)
{
    if (n < PROBE_BYTES || memcmp(member, "\x1f\x8b\x08\x04", 4) != 0 || load_16(member + 10) != 6 ||
        memcmp(member + HEADER_BYTES, "BC\x02\0", 4) != 0)
        return 0;
    size_t n_member = (size_t)load_16(member + 16) + 1;
    return n_member < PROBE_BYTES + TRAILER_BYTES ? 0 : n_member;
}

/* The next member into the piece. A member of another kind makes the rest of the file ordinary gzip. */
static enum strata_status store_member(struct strata_decoder *decoder, struct strata_piece *piece, bool *is_last,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_stored_bytes *stored = decoder->stored;
    size_t n;
    STRATA_TRY(strata_stored_bytes_fill(stored, PROBE_BYTES, err));
    const unsigned char *ready = (const unsigned char *)strata_stored_bytes_ready(stored, &n);
    *is_last = n == 0;
    if (*is_last) {
        status = decoder->lacks_end_mark ? strata_fail_cut(stored->file, "bgzip", err) : STRATA_OK;
        goto done;
    }
    size_t n_member = strata_bgzip_member_bytes(ready, n);
    if (n_member == 0) {
        decoder->coding = STRATA_CODING_GZIP;
        *is_last = true;
        goto done;
    }
    STRATA_TRY(strata_stored_bytes_fill(stored, n_member, err));
    ready = (const unsigned char *)strata_stored_bytes_ready(stored, &n);
    if (n < n_member) {
        status = strata_fail_cut(stored->file, "bgzip", err);
        goto done;
    }
    uint32_t n_text = load_32(ready + n_member - 4);
    if (n_text > MOST_TEXT) {
        status = strata_fail_damaged(stored->file, "bgzip", strata_stored_bytes_offset(stored), "a wrong size", err);
        goto done;
    }
    decoder->lacks_end_mark = n_text > 0;
    piece->n_expected += n_text;
    status = strata_piece_store(piece, stored, n_member, err);
done:
    return status;
}

enum strata_status strata_bgzip_fetch(struct strata_decoder *decoder, struct strata_piece *piece,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool is_last = false;
    piece->stored_offset = strata_stored_bytes_offset(decoder->stored);
    while (piece->n_expected < decoder->piece_bytes && !is_last)
        STRATA_TRY(store_member(decoder, piece, &is_last, err));
    piece->is_whole = piece->n_stored == 0;
    if (piece->is_whole && decoder->coding == STRATA_CODING_GZIP)
        status = strata_gzip_fetch(decoder, piece, err);
done:
    return status;
}

/* A member whose text must be n_text bytes. */
static bool inflate_member(struct inflate_state *state, const unsigned char *member, size_t n_member, char *text,
                           uint32_t n_text)
{
    isal_inflate_reset(state);
    state->crc_flag = ISAL_GZIP;
    state->next_in = (uint8_t *)(uintptr_t)member;
    state->avail_in = (uint32_t)n_member;
    state->next_out = (uint8_t *)text;
    state->avail_out = n_text;
    return isal_inflate(state) == ISAL_DECOMP_OK && state->block_state == ISAL_BLOCK_FINISH && state->avail_in == 0 &&
           state->avail_out == 0;
}

enum strata_status strata_bgzip_finish(const struct strata_input_file *file, struct strata_piece *piece,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct inflate_state *state = strata_malloc_array(1, sizeof *state);
    if (!state)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory to read %s", file->path);
    isal_inflate_init(state);
    for (size_t at = 0; at < piece->n_stored;) {
        const unsigned char *member = (const unsigned char *)piece->stored + at;
        size_t n_member = strata_bgzip_member_bytes(member, piece->n_stored - at);
        uint32_t n_text = load_32(member + n_member - 4);
        if (!inflate_member(state, member, n_member, piece->bytes + piece->n, n_text)) {
            status = strata_fail_damaged(file, "bgzip", piece->stored_offset + at,
                                         "impossible codes or a wrong checksum", err);
            goto done;
        }
        piece->n += n_text;
        at += n_member;
    }
done:
    free(state);
    return status;
}
