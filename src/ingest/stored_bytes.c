#include "stored_bytes.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

enum { READ_BYTES = 256 << 10 };

enum strata_status strata_stored_bytes_init(struct strata_stored_bytes *stored, const struct strata_input_file *file,
                                            struct strata_error *err)
{
    *stored = (struct strata_stored_bytes){.file = file, .hash = strata_checksum_create()};
    if (!stored->hash)
        return strata_fail(err, STRATA_MEMORY, "out of memory to read %s", file->path);
    return STRATA_OK;
}

void strata_stored_bytes_release(struct strata_stored_bytes *stored)
{
    free(stored->bytes);
    strata_checksum_free(stored->hash);
    *stored = (struct strata_stored_bytes){0};
}

void strata_stored_bytes_rewind(struct strata_stored_bytes *stored)
{
    strata_checksum_reset(stored->hash);
    stored->at = stored->filled = 0;
    stored->n_read = stored->n_counted = 0;
    stored->is_end = false;
}

enum strata_status strata_stored_bytes_read(struct strata_stored_bytes *stored, char *out, size_t n, size_t *got,
                                            struct strata_error *err)
{
    *got = 0;
    while (*got < n && !stored->is_end) {
        size_t more;
        enum strata_status status =
            strata_input_file_read_on(stored->file, stored->n_read, out + *got, n - *got, &more, err);
        if (status != STRATA_OK)
            return status;
        strata_checksum_update(stored->hash, out + *got, more);
        *got += more;
        __atomic_store_n(&stored->n_read, stored->n_read + more, __ATOMIC_RELAXED);
        stored->is_end = more == 0;
    }
    if (stored->is_end && stored->file->is_regular && stored->n_read != stored->file->n_bytes)
        return strata_fail(err, STRATA_IO, "%s has changed while it was read (it had %llu bytes)", stored->file->path,
                           (unsigned long long)stored->file->n_bytes);
    return STRATA_OK;
}

enum strata_status strata_stored_bytes_fill(struct strata_stored_bytes *stored, size_t n, struct strata_error *err)
{
    size_t ready = stored->filled - stored->at;
    if (ready >= n || stored->is_end)
        return STRATA_OK;
    if (stored->at)
        memmove(stored->bytes, stored->bytes + stored->at, ready);
    stored->at = 0;
    stored->filled = ready;
    if (n > stored->capacity) {
        size_t capacity = 2 * stored->capacity < READ_BYTES ? READ_BYTES : 2 * stored->capacity;
        if (capacity < n)
            capacity = n;
        char *grown = realloc(stored->bytes, capacity);
        if (!grown)
            return strata_fail_memory(err, "compressed bytes", capacity, 1);
        stored->bytes = grown;
        stored->capacity = capacity;
    }
    size_t got, wanted = stored->capacity - ready < READ_BYTES ? stored->capacity - ready : READ_BYTES;
    if (wanted < n - ready)
        wanted = n - ready;
    enum strata_status status = strata_stored_bytes_read(stored, stored->bytes + ready, wanted, &got, err);
    stored->filled += got;
    return status;
}

uint64_t strata_stored_bytes_count(struct strata_stored_bytes *stored)
{
    uint64_t n_read = __atomic_load_n(&stored->n_read, __ATOMIC_RELAXED);
    uint64_t n_counted = __atomic_exchange_n(&stored->n_counted, n_read, __ATOMIC_RELAXED);
    return n_read > n_counted ? n_read - n_counted : 0;
}
