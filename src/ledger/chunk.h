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

/* Neighbouring partitions share slabs of memory and are grouped about the same time, so that whole slabs go back to
 * the system while the table grows. */
enum {
    STRATA_LEDGER_NEIGHBOURS = 32,
    STRATA_LEDGER_NEIGHBOURHOODS = STRATA_LEDGER_PARTITIONS / STRATA_LEDGER_NEIGHBOURS,
};

/* Where a thread writes the next row of a partition. */
struct strata_ledger_tail {
    char *cursor, *end;
};

struct strata_ledger_thread {
    struct strata_ledger_tail tail[STRATA_LEDGER_PARTITIONS];
    struct strata_ledger_chunk *oldest[STRATA_LEDGER_PARTITIONS], *newest[STRATA_LEDGER_PARTITIONS];
    struct strata_ledger_slab *slabs[STRATA_LEDGER_NEIGHBOURHOODS]; /* the newest first */
    uint64_t rows;
    int32_t first_day, last_day;
};

/* The last chunk's `used` is only known from the tail: settle it before reading. */
void strata_ledger_settle(struct strata_ledger *ledger);

/* Give the memory of a neighbourhood's rows back to the system. */
void strata_ledger_give_back(struct strata_ledger *ledger, size_t neighbourhood);

#endif
