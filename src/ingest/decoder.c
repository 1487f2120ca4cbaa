#include "decoder.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "check.h"
#include "memory.h"

static const char gzip_magic[] = "\x1f\x8b", zstd_magic[] = "\x28\xb5\x2f\xfd";

static bool begins_with(const char *beginning, size_t n, const char *magic, size_t n_magic)
{
    return n > 0 && memcmp(beginning, magic, n < n_magic ? n : n_magic) == 0;
}

static bool is_skippable(const char *beginning, size_t n)
{
    return n >= 4 && (beginning[0] & 0xf0) == 0x50 && memcmp(beginning + 1, "\x2a\x4d\x18", 3) == 0;
}

enum strata_coding strata_coding_of(const char *beginning, size_t n)
{
    if (begins_with(beginning, n, gzip_magic, 2))
        return strata_bgzip_member_bytes((const unsigned char *)beginning, n) ? STRATA_CODING_BGZIP
                                                                              : STRATA_CODING_GZIP;
    if (begins_with(beginning, n, zstd_magic, 4) || is_skippable(beginning, n))
        return STRATA_CODING_ZSTD;
    return STRATA_CODING_NONE;
}

enum { LEAST_WINDOW_LOG = 23, MOST_WINDOW_LOG = 27 };

enum strata_status strata_decoder_init(struct strata_decoder *decoder, struct strata_stored_bytes *stored,
                                       enum strata_coding coding, size_t piece_bytes, struct strata_error *err)
{
    *decoder = (struct strata_decoder){.stored = stored, .coding = coding, .piece_bytes = piece_bytes};
    if (coding == STRATA_CODING_GZIP || coding == STRATA_CODING_BGZIP) {
        decoder->gzip = strata_calloc_array(1, sizeof *decoder->gzip);
        if (!decoder->gzip)
            return strata_fail_memory(err, "reading gzip", 1, sizeof *decoder->gzip);
    }
    if (coding == STRATA_CODING_ZSTD) {
        decoder->zstd = ZSTD_createDCtx();
        if (!decoder->zstd)
            return strata_fail(err, STRATA_MEMORY, "out of memory to read zstd");
        decoder->zstd_window_log = MOST_WINDOW_LOG;
    }
    return STRATA_OK;
}

void strata_decoder_limit(struct strata_decoder *decoder, uint64_t memory_bytes)
{
    int window_log = MOST_WINDOW_LOG;
    while (window_log > LEAST_WINDOW_LOG && (uint64_t)1 << window_log > memory_bytes)
        --window_log;
    decoder->zstd_window_log = window_log;
    decoder->is_limited = window_log < MOST_WINDOW_LOG;
    if (decoder->zstd)
        (void)ZSTD_DCtx_setParameter(decoder->zstd, ZSTD_d_windowLogMax, window_log);
}

void strata_decoder_release(struct strata_decoder *decoder)
{
    free(decoder->gzip);
    (void)ZSTD_freeDCtx(decoder->zstd);
    *decoder = (struct strata_decoder){0};
}

static enum strata_status fetch_plain(struct strata_decoder *decoder, struct strata_piece *piece,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_stored_bytes *stored = decoder->stored;
    size_t n_ready, got;
    const char *ready = strata_stored_bytes_ready(stored, &n_ready);
    STRATA_TRY(strata_piece_reserve(piece, decoder->piece_bytes, err));
    if (n_ready) {
        piece->n = n_ready < decoder->piece_bytes ? n_ready : decoder->piece_bytes;
        memcpy(piece->bytes, ready, piece->n);
        stored->at += piece->n;
        goto done;
    }
    status = strata_stored_bytes_read(stored, piece->bytes, decoder->piece_bytes, &got, err);
    piece->n = got;
done:
    return status;
}

enum strata_status strata_decoder_fetch(struct strata_decoder *decoder, struct strata_piece *piece,
                                        struct strata_error *err)
{
    piece->n = piece->n_stored = piece->n_expected = 0;
    piece->is_whole = true;
    piece->status = STRATA_OK;
    piece->coding = decoder->coding;
    switch (decoder->coding) {
    case STRATA_CODING_GZIP: return strata_gzip_fetch(decoder, piece, err);
    case STRATA_CODING_BGZIP: return strata_bgzip_fetch(decoder, piece, err);
    case STRATA_CODING_ZSTD: return strata_zstd_fetch(decoder, piece, err);
    default: return fetch_plain(decoder, piece, err);
    }
}

enum strata_status strata_decoder_finish(const struct strata_decoder *decoder, struct strata_piece *piece,
                                         struct strata_error *err)
{
    const struct strata_input_file *file = decoder->stored->file;
    return piece->coding == STRATA_CODING_ZSTD ? strata_zstd_finish(file, piece, err)
                                               : strata_bgzip_finish(file, piece, err);
}

void strata_piece_release(struct strata_piece *piece)
{
    free(piece->bytes);
    free(piece->stored);
    *piece = (struct strata_piece){0};
}

static enum strata_status reserve(char **bytes, size_t *capacity, size_t n, struct strata_error *err)
{
    if (n <= *capacity)
        return STRATA_OK;
    char *grown = realloc(*bytes, n);
    if (!grown)
        return strata_fail_memory(err, "decompressed text", n, 1);
    *bytes = grown;
    *capacity = n;
    return STRATA_OK;
}

enum strata_status strata_piece_reserve(struct strata_piece *piece, size_t n, struct strata_error *err)
{
    return reserve(&piece->bytes, &piece->capacity, n ? n : 1, err);
}

enum strata_status strata_piece_store(struct strata_piece *piece, struct strata_stored_bytes *stored, size_t n,
                                      struct strata_error *err)
{
    size_t needed = piece->n_stored + n;
    if (needed > piece->stored_capacity) {
        enum strata_status status = reserve(&piece->stored, &piece->stored_capacity, needed + needed / 2, err);
        if (status != STRATA_OK)
            return status;
    }
    memcpy(piece->stored + piece->n_stored, stored->bytes + stored->at, n);
    piece->n_stored += n;
    stored->at += n;
    return STRATA_OK;
}

enum strata_status strata_fail_cut(const struct strata_input_file *file, const char *format, struct strata_error *err)
{
    return strata_fail(err, STRATA_REJECTED, "%s is cut off: its %s data has no end; copy or compress it again",
                       file->path, format);
}

enum strata_status strata_fail_damaged(const struct strata_input_file *file, const char *format, uint64_t offset,
                                       const char *what, struct strata_error *err)
{
    return strata_fail(err, STRATA_REJECTED,
                       "%s is damaged: %s in the %s data that begins at byte %llu; copy or compress it again",
                       file->path, what, format, (unsigned long long)offset);
}

enum strata_status strata_fail_garbage(const struct strata_input_file *file, const char *format, uint64_t offset,
                                       struct strata_error *err)
{
    return strata_fail(err, STRATA_REJECTED,
                       "%s is damaged: what begins at byte %llu, behind the end of its %s data, is something else; "
                       "copy or compress it again",
                       file->path, (unsigned long long)offset, format);
}
