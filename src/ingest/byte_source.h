/* The text of one input in UTF-8, by position: of a plain file straight from the file, of a compressed one, one in
 * another encoding or a pipe from a window that moves on with its readers.
 *
 * Decoding is done by the readers: one that needs text which is not there yet takes the next stored bytes (one at a
 * time) and decodes them, while the others go on with what is there. Before one of several takes a block, it decodes if
 * less than eight pieces are there for the others. So decoding and parsing overlap, several threads decode at once
 * where the format allows it, and hardly anybody waits unless decoding is slower than all the rest.
 *
 * A compressed file is decoded again where a reader goes back behind the window. A pipe cannot be: its first 64 MiB of
 * text are kept, or half of the memory that is given, behind them going back is STRATA_REJECTED.
 *
 * The window holds what its readers have not let go of; only the reader that is behind all others makes it larger than
 * 16 MiB and 8 MiB for each reader, or than the memory that is given, and what is kept.
 */
#ifndef STRATA_INGEST_BYTE_SOURCE_H
#define STRATA_INGEST_BYTE_SOURCE_H

#include <pthread.h>

#include "transcoder.h"

struct strata_byte_source {
    struct strata_input_file file;
    const char *path; /* file.path */
    bool is_plain;    /* none of what follows is used */
    size_t piece_bytes;
    struct strata_stored_bytes stored;
    struct strata_decoder decoder;
    struct strata_transcoder transcoder;
    pthread_mutex_t lock; /* on all below */
    pthread_cond_t changed;
    struct strata_piece *first, *last, *spare; /* first..last in order, */
    struct strata_piece *unplaced;             /* of these, the first whose place in the text is not known */
    uint64_t begin, end;                       /* of the text in the window */
    uint64_t expected_end;                     /* at most, when all that was fetched is decoded */
    size_t n_held, n_kept;                     /* bytes of memory in first..last; of these, not given up */
    size_t window_bytes;                       /* n_held beyond n_kept, at most, but for the reader behind all others */
    uint64_t memory_bytes;                     /* for both; 0: no limit */
    bool is_fetching, is_over;                 /* is_over: nothing is left to fetch */
    enum strata_status status;                 /* why the text ends at `end` */
    struct strata_error error;
    int n_readers;
    uint64_t *position; /* of each reader: it needs nothing before */
    uint64_t taken;     /* blocks begin behind here; UINT64_MAX: none are taken */
};

/* With one reader, 0, at the beginning; `encoding` as in transcoder.h, borrowed; piece_bytes 0 is the default.
 * STRATA_IO if it cannot be opened. On failure there is nothing to close. */
enum strata_status strata_byte_source_open(struct strata_byte_source *source, const char *path, const char *encoding,
                                           size_t piece_bytes, struct strata_error *err) STRATA_MUST_USE;
void strata_byte_source_close(struct strata_byte_source *source);

/* The memory that the window, and what is kept of a pipe, may take (0: no limit; 4 MiB for each at least): from the
 * next read_alone or share on. */
void strata_byte_source_limit(struct strata_byte_source *source, uint64_t memory_bytes);

/* From now on there is one reader, 0, which begins at `offset`. It may go back. */
enum strata_status strata_byte_source_read_alone(struct strata_byte_source *source, uint64_t offset,
                                                 struct strata_error *err) STRATA_MUST_USE;

/* From now on `n_readers` threads take blocks from `offset` on. Nobody may be reading. */
enum strata_status strata_byte_source_share(struct strata_byte_source *source, int n_readers, uint64_t offset,
                                            struct strata_error *err) STRATA_MUST_USE;

/* Can all of the text be read again from its beginning? Not of a pipe that has gone on behind what is kept of it. */
bool strata_byte_source_can_restart(const struct strata_byte_source *source);

/* The offset of the next n bytes that nobody has taken; the reader lets go of all before. It may decode first. */
uint64_t strata_byte_source_take(struct strata_byte_source *source, int reader, size_t n);

/* The reader needs nothing before `offset`; UINT64_MAX: nothing any more. */
void strata_byte_source_let_go(struct strata_byte_source *source, int reader, uint64_t offset);

/* The n bytes from `offset` on, *got less only where the text ends: *is_end says that nothing is behind them. Thread
 * safe if each reader is one thread. */
enum strata_status strata_byte_source_read(struct strata_byte_source *source, int reader, uint64_t offset, char *out,
                                           size_t n, size_t *got, bool *is_end,
                                           struct strata_error *err) STRATA_MUST_USE;

/* What the text is encoded in as it is stored: "auto" until some of it was read. */
const char *strata_byte_source_encoding(const struct strata_byte_source *source);

/* Bytes as they are stored: those read so far, and their XXH3-128. Not for plain files. */
uint64_t strata_byte_source_stored(const struct strata_byte_source *source, uint64_t *hash_high, uint64_t *hash_low);

#endif
