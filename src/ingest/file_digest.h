/* The checksum of a file that a library reads by itself: taken in pieces beside it, and whether the file changed. */
#ifndef STRATA_INGEST_FILE_DIGEST_H
#define STRATA_INGEST_FILE_DIGEST_H

#include <pthread.h>
#include <time.h>

#include "checksum.h"
#include "input_file.h"

struct strata_file_digest {
    struct strata_input_file file;
    struct timespec modified;
    pthread_mutex_t lock; /* on what follows */
    char *piece;
    uint64_t n_done;
    struct strata_checksum *state;
};

/* `path` is borrowed. STRATA_IO if it cannot be opened or is not a regular file. On failure there is nothing to close.
 */
enum strata_status strata_file_digest_open(struct strata_file_digest *digest, const char *path,
                                           struct strata_error *err) STRATA_MUST_USE;
void strata_file_digest_close(struct strata_file_digest *digest);

/* Take in the next piece, if no other thread is at it. */
enum strata_status strata_file_digest_step(struct strata_file_digest *digest, struct strata_error *err) STRATA_MUST_USE;

/* Take in what is left: the XXH3-128 of all bytes. STRATA_IO if the file has changed since it was opened. */
enum strata_status strata_file_digest_finish(struct strata_file_digest *digest, uint64_t *high, uint64_t *low,
                                             struct strata_error *err) STRATA_MUST_USE;

#endif
