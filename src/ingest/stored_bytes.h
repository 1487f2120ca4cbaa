/* The bytes of an input as they are stored, one after the other: counted, hashed, and ahead of what is taken. */
#ifndef STRATA_INGEST_STORED_BYTES_H
#define STRATA_INGEST_STORED_BYTES_H

#include "checksum.h"
#include "input_file.h"

struct strata_stored_bytes {
    const struct strata_input_file *file; /* borrowed */
    char *bytes;                          /* bytes[at .. filled) are read and not taken */
    size_t at, filled, capacity;
    uint64_t n_read;              /* from the file */
    uint64_t n_counted;           /* of these, handed out by strata_stored_bytes_count; atomic, as n_read */
    bool is_end;                  /* nothing is left in the file */
    struct strata_checksum *hash; /* of all bytes that were read */
};

enum strata_status strata_stored_bytes_init(struct strata_stored_bytes *stored, const struct strata_input_file *file,
                                            struct strata_error *err) STRATA_MUST_USE;
void strata_stored_bytes_release(struct strata_stored_bytes *stored);

/* A regular file from its first byte again. */
void strata_stored_bytes_rewind(struct strata_stored_bytes *stored);

/* Have at least `n` bytes ready, or all that are left. */
enum strata_status strata_stored_bytes_fill(struct strata_stored_bytes *stored, size_t n,
                                            struct strata_error *err) STRATA_MUST_USE;

/* Read up to `n` bytes past the memory here, of which there must be none ready; *got is less only at the end. */
enum strata_status strata_stored_bytes_read(struct strata_stored_bytes *stored, char *out, size_t n, size_t *got,
                                            struct strata_error *err) STRATA_MUST_USE;

static inline const char *strata_stored_bytes_ready(const struct strata_stored_bytes *stored, size_t *n)
{
    *n = stored->filled - stored->at;
    return stored->bytes + stored->at;
}

/* The place in the file of the next byte that is taken. */
static inline uint64_t strata_stored_bytes_offset(const struct strata_stored_bytes *stored)
{
    return stored->n_read - (stored->filled - stored->at);
}

/* How many bytes were read since the last call, by whichever thread. */
uint64_t strata_stored_bytes_count(struct strata_stored_bytes *stored);

#endif
