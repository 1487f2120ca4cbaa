#include "file_digest.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "check.h"
#include "memory.h"

enum { PIECE_BYTES = 256 << 10 };

static bool is_same_time(struct timespec one, struct timespec other)
{
    return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

enum strata_status strata_file_digest_open(struct strata_file_digest *digest, const char *path,
                                           struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct stat about;
    *digest = (struct strata_file_digest){.file.descriptor = -1};
    (void)pthread_mutex_init(&digest->lock, NULL);
    STRATA_TRY(strata_input_file_open(&digest->file, path, err));
    if (!digest->file.is_regular)
        STRATA_GIVE_UP(err, STRATA_IO, "%s is a pipe, and what it holds can only be read from a file; save it to one",
                       digest->file.path);
    if (fstat(digest->file.descriptor, &about) == 0)
        digest->modified = about.st_mtim;
    digest->piece = strata_malloc_array(PIECE_BYTES, 1);
    digest->state = strata_checksum_create();
    if (!digest->piece || !digest->state)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory to read %s", path);
done:
    if (status != STRATA_OK)
        strata_file_digest_close(digest);
    return status;
}

void strata_file_digest_close(struct strata_file_digest *digest)
{
    strata_input_file_close(&digest->file);
    (void)pthread_mutex_destroy(&digest->lock);
    free(digest->piece);
    strata_checksum_free(digest->state);
    digest->piece = NULL;
    digest->state = NULL;
}

static enum strata_status take_piece(struct strata_file_digest *digest, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    uint64_t left = digest->file.n_bytes - digest->n_done;
    size_t n = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    STRATA_TRY(strata_input_file_read(&digest->file, digest->n_done, digest->piece, n, err));
    strata_checksum_update(digest->state, digest->piece, n);
    digest->n_done += n;
done:
    return status;
}

enum strata_status strata_file_digest_step(struct strata_file_digest *digest, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (pthread_mutex_trylock(&digest->lock) != 0)
        return STRATA_OK;
    if (digest->n_done < digest->file.n_bytes)
        status = take_piece(digest, err);
    (void)pthread_mutex_unlock(&digest->lock);
    return status;
}

enum strata_status strata_file_digest_finish(struct strata_file_digest *digest, uint64_t *high, uint64_t *low,
                                             struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct stat here, there;
    while (digest->n_done < digest->file.n_bytes)
        STRATA_TRY(take_piece(digest, err));
    if (fstat(digest->file.descriptor, &here) != 0 || stat(digest->file.path, &there) != 0 ||
        (uint64_t)here.st_size != digest->file.n_bytes || !is_same_time(here.st_mtim, digest->modified) ||
        here.st_dev != there.st_dev || here.st_ino != there.st_ino)
        STRATA_GIVE_UP(err, STRATA_IO, "%s has changed while it was read", digest->file.path);
    strata_checksum_digest(digest->state, high, low);
done:
    return status;
}
