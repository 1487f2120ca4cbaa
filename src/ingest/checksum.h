/* The XXH3-128 of bytes that come one after the other, by the widest instructions of the machine. */
#ifndef STRATA_INGEST_CHECKSUM_H
#define STRATA_INGEST_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

struct strata_checksum;

/* Of no bytes yet. NULL for lack of memory. */
struct strata_checksum *strata_checksum_create(void);
void strata_checksum_free(struct strata_checksum *checksum);

/* Of no bytes again. */
void strata_checksum_reset(struct strata_checksum *checksum);

/* Take in the next n bytes. */
void strata_checksum_update(struct strata_checksum *checksum, const void *bytes, size_t n);

/* Of the bytes so far; more may follow. */
void strata_checksum_digest(const struct strata_checksum *checksum, uint64_t *high, uint64_t *low);

/* One instruction set's xxHash, with a state of its own. All give the same results. */
struct strata_checksum_variant {
    const char *name; /* "avx512", "avx2", "baseline" */
    void *(*create)(void);
    void (*free)(void *state);
    void (*reset)(void *state);
    void (*update)(void *state, const void *bytes, size_t n);
    void (*digest)(const void *state, uint64_t *high, uint64_t *low);
};

/* The variants that this machine can run, the best first; the last is the library's. */
size_t strata_checksum_variants(const struct strata_checksum_variant *const **first);

#endif
