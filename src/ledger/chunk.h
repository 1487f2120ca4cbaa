/* Inside the ledger: how rows lie in memory. */
#ifndef STRATA_LEDGER_CHUNK_H
#define STRATA_LEDGER_CHUNK_H

#include "ledger.h"

/* Rows of one partition and one thread, in the order in which they came. Chunks are whole pages, so that a grouped
 * partition's memory can go back. */
struct strata_ledger_chunk {
    struct strata_ledger_chunk *next;
    uint32_t n_bytes; /* of the chunk with this header */
    uint32_t used;    /* bytes of rows */
    char rows[];
};

/* Where a thread writes the next row of a partition. */
struct strata_ledger_tail {
    char *cursor, *end;
};

struct strata_ledger_thread {
    struct strata_ledger_tail tail[STRATA_LEDGER_PARTITIONS];
    struct strata_ledger_chunk *oldest[STRATA_LEDGER_PARTITIONS], *newest[STRATA_LEDGER_PARTITIONS];
    struct strata_ledger_slab *slabs;
    uint64_t rows;
    int32_t first_day, last_day;
};

/* The last chunk's `used` is only known from the tail: settle it before reading. */
void strata_ledger_settle(struct strata_ledger *ledger);

#endif
