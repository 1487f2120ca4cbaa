/* From stored bytes to the text they stand for: gzip, bgzip and zstd, told by their first bytes, or the bytes
 * themselves.
 *
 * Decoding has two steps, so that much of it can be done by several threads: strata_decoder_fetch takes stored bytes
 * in their order and is for one thread at a time; what it leaves to do, strata_decoder_finish does for any piece at any
 * time. A cut, a flipped bit (where the format has a checksum) and anything behind the end are STRATA_REJECTED.
 *
 * gzip: RFC 1952, any number of members. bgzip: gzip members of at most 64 KiB whose extra field "BC" has their size;
 * the last one must be the empty one that marks the end. zstd: RFC 8878, any number of frames and skippable frames,
 * windows up to 128 MiB.
 */
#ifndef STRATA_INGEST_DECODER_H
#define STRATA_INGEST_DECODER_H

#include "stored_bytes.h"

enum strata_coding { STRATA_CODING_NONE, STRATA_CODING_GZIP, STRATA_CODING_BGZIP, STRATA_CODING_ZSTD };

struct ZSTD_DCtx_s;
struct inflate_state;

/* A part of the text. All zero is an empty one; it is used again and again. */
struct strata_piece {
    struct strata_piece *next;
    char *bytes;
    size_t n, capacity;
    uint64_t offset; /* in the text; the caller's */
    bool is_whole;   /* nothing is left to strata_decoder_finish; the caller's after fetching */
    enum strata_coding coding;
    char *stored; /* whole members or frames */
    size_t n_stored, stored_capacity, n_expected;
    uint64_t stored_offset;    /* in the file */
    enum strata_status status; /* why the text ends here, */
    struct strata_error error; /* unless it is STRATA_OK */
};

struct strata_decoder {
    struct strata_stored_bytes *stored; /* borrowed */
    enum strata_coding coding;
    size_t piece_bytes; /* of a piece, about */
    struct inflate_state *gzip;
    struct ZSTD_DCtx_s *zstd;
    bool is_limited;      /* by the memory that may be taken, not by zstd's own default */
    int zstd_window_log;  /* so many bits count the bytes that a frame may look back */
    bool is_inside;       /* a member or frame */
    bool lacks_end_mark;  /* of bgzip */
    uint64_t part_offset; /* of the member or frame */
};

/* The coding of the bytes that a file begins with (n < 4 only where it has no more). A beginning that was cut off
 * counts. */
enum strata_coding strata_coding_of(const char *beginning, size_t n);

enum strata_status strata_decoder_init(struct strata_decoder *decoder, struct strata_stored_bytes *stored,
                                       enum strata_coding coding, size_t piece_bytes,
                                       struct strata_error *err) STRATA_MUST_USE;
void strata_decoder_release(struct strata_decoder *decoder);

/* Take no more memory for what a frame of zstd looks back to, but 8 MiB in any case, as frames of level 19 do. */
void strata_decoder_limit(struct strata_decoder *decoder, uint64_t memory_bytes);

/* The next piece of the text; an empty one that is whole is the end of it. One that is not whole needs room for its
 * n_expected bytes (strata_piece_reserve) and strata_decoder_finish. */
enum strata_status strata_decoder_fetch(struct strata_decoder *decoder, struct strata_piece *piece,
                                        struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_decoder_finish(const struct strata_decoder *decoder, struct strata_piece *piece,
                                         struct strata_error *err) STRATA_MUST_USE;

void strata_piece_release(struct strata_piece *piece);

/* Inside the decoders: one way to fetch and one to finish for each coding, room in a piece, and what to say. */

enum strata_status strata_gzip_fetch(struct strata_decoder *decoder, struct strata_piece *piece,
                                     struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_bgzip_fetch(struct strata_decoder *decoder, struct strata_piece *piece,
                                      struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_bgzip_finish(const struct strata_input_file *file, struct strata_piece *piece,
                                       struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_zstd_fetch(struct strata_decoder *decoder, struct strata_piece *piece,
                                     struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_zstd_finish(const struct strata_input_file *file, struct strata_piece *piece,
                                      struct strata_error *err) STRATA_MUST_USE;

/* The size of the whole bgzip member that begins here, 0 if it is none; n is at least 18 unless the file ends. */
size_t strata_bgzip_member_bytes(const unsigned char *member, size_t n);

enum strata_status strata_piece_reserve(struct strata_piece *piece, size_t n, struct strata_error *err) STRATA_MUST_USE;
/* Take n ready bytes into the piece, behind those it has. */
enum strata_status strata_piece_store(struct strata_piece *piece, struct strata_stored_bytes *stored, size_t n,
                                      struct strata_error *err) STRATA_MUST_USE;

enum strata_status strata_fail_cut(const struct strata_input_file *file, const char *format, struct strata_error *err);
enum strata_status strata_fail_damaged(const struct strata_input_file *file, const char *format, uint64_t offset,
                                       const char *what, struct strata_error *err);
enum strata_status strata_fail_garbage(const struct strata_input_file *file, const char *format, uint64_t offset,
                                       struct strata_error *err);

#endif
