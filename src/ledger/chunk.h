/* Inside the ledger: how rows lie in memory.
 *
 * A row is a head (customer, amount, day) and the part that all rows of the run have alike (optional fields). Most
 * heads are narrow: ids of up to 10 bytes, amounts of 32 bits, days from 1970 to 2149 need 16 bytes instead of 28.
 * Instead of the id a narrow head keeps the id's hash, from which the id can be had back, so that nobody has to hash it
 * again. A partition keeps narrow and wide rows in chunks of their own.
 */
#ifndef STRATA_LEDGER_CHUNK_H
#define STRATA_LEDGER_CHUNK_H

#include <string.h>

#include "ledger.h"

enum strata_ledger_width { STRATA_ROW_NARROW, STRATA_ROW_WIDE, STRATA_N_WIDTHS };

/* Bytes of the head, by width. */
enum { STRATA_NARROW_HEAD = 16, STRATA_WIDE_HEAD = 28 };

static inline int strata_ledger_head_bytes(enum strata_ledger_width width)
{
    return width == STRATA_ROW_NARROW ? STRATA_NARROW_HEAD : STRATA_WIDE_HEAD;
}

/* Rows of one partition, one width and one thread, in the order in which they came. */
struct strata_ledger_chunk {
    struct strata_ledger_chunk *next;
    uint32_t n_bytes; /* of the chunk with this header */
    uint32_t used;    /* bytes of rows */
    enum strata_ledger_width width;
    uint32_t partition;
    _Alignas(16) char rows[];
};

/* Memory that chunks are cut from. */
struct strata_ledger_slab {
    struct strata_ledger_slab *next;
    char *memory;         /* address space for STRATA_LEDGER_SLAB_BYTES */
    size_t n_bytes, used; /* of it: what has been taken from the system, what chunks have */
};

/* Neighbouring partitions share slabs of memory and are grouped about the same time, so that whole slabs go back to
 * the system while the table grows. */
enum {
    STRATA_LEDGER_NEIGHBOURS = 32,
    STRATA_LEDGER_NEIGHBOURHOODS = STRATA_LEDGER_PARTITIONS / STRATA_LEDGER_NEIGHBOURS,
};

/* The memory of a neighbourhood in few pieces: each that moves to the table is a call, and interrupts all threads. */
enum { STRATA_LEDGER_SLAB_BYTES = 2 << 20 };

struct strata_ledger_list {
    struct strata_ledger_chunk *oldest, *newest;
    uint64_t older_bytes; /* of rows, in the chunks before the newest */
};

/* A chunk joins a list whose newest has its `used`. */
static inline void strata_ledger_link(struct strata_ledger_list *list, struct strata_ledger_chunk *chunk)
{
    chunk->next = NULL;
    if (list->newest) {
        list->older_bytes += list->newest->used;
        list->newest->next = chunk;
    } else {
        list->oldest = chunk;
    }
    list->newest = chunk;
}

/* Bytes of rows in a settled list. */
static inline uint64_t strata_ledger_list_bytes(const struct strata_ledger_list *list)
{
    return list->newest ? list->older_bytes + list->newest->used : 0;
}

struct strata_ledger_thread {
    char *cursor[STRATA_N_WIDTHS][STRATA_LEDGER_PARTITIONS]; /* where the next row goes, */
    char *end[STRATA_N_WIDTHS][STRATA_LEDGER_PARTITIONS];    /* and where the chunk has room for no more */
    struct strata_ledger_list list[STRATA_N_WIDTHS][STRATA_LEDGER_PARTITIONS];
    struct strata_ledger_slab *slabs[STRATA_LEDGER_NEIGHBOURHOODS]; /* the newest first */
    struct strata_ledger_slab *spare;                               /* their rows have been spilled */
    char *reserve;                                                  /* address space for further slabs */
    size_t reserve_bytes;
    struct strata_ledger_extent *extents; /* what has been spilled */
    size_t n_extents, extent_capacity;
    uint64_t spilled[STRATA_LEDGER_PARTITIONS]; /* bytes of chunks there */
    uint64_t n_bytes;                           /* in slabs */
    uint64_t text_bytes;
    uint64_t rows;
    int32_t first_day, last_day;
};

/* The last chunks' `used` is only known from the cursors: settle it before reading. */
void strata_ledger_settle_neighbourhood(struct strata_ledger_thread *thread, size_t neighbourhood);

/* The rows of a neighbourhood are no longer in memory: the thread begins new chunks. */
void strata_ledger_forget(struct strata_ledger_thread *thread, size_t neighbourhood);

static inline size_t strata_ledger_stride(const struct strata_ledger *ledger, enum strata_ledger_width width)
{
    return (size_t)(strata_ledger_head_bytes(width) + ledger->layout.n_bytes);
}

/* The head of a narrow row. */
struct strata_ledger_narrow {
    uint64_t hash;
    uint64_t rest; /* from the lowest bit on: 16 bits of suffix, 16 of the day, 32 of the amount */
};

static inline uint16_t strata_ledger_narrow_suffix(struct strata_ledger_narrow head) { return (uint16_t)head.rest; }

static inline uint16_t strata_ledger_narrow_day(struct strata_ledger_narrow head)
{
    return (uint16_t)(head.rest >> 16);
}

static inline int32_t strata_ledger_narrow_amount(struct strata_ledger_narrow head)
{
    return (int32_t)(uint32_t)(head.rest >> 32);
}

/* The head of a wide row, but for the padding at its end. */
struct strata_ledger_wide {
    struct strata_key customer;
    int64_t amount;
    int32_t day;
};

/* What a narrow row keeps of an id beside its hash: the ninth byte and the tenth; if there is no ninth, the length. */
static inline uint16_t strata_ledger_suffix(struct strata_key key)
{
    uint16_t bytes = (uint16_t)(key.low >> 48);
    return bytes >> 8 ? bytes : (uint16_t)(bytes | (key.low & 0xFF));
}

/* key.low of an id with this suffix, if it has one. */
static inline uint64_t strata_ledger_low(uint16_t suffix)
{
    uint64_t long_id = (uint64_t)suffix << 48 | (suffix & 0xFF ? 10u : 9u);
    return suffix >> 8 ? long_id : suffix;
}

enum { STRATA_SUFFIX_MAX_BYTES = 10 };

/* Can the id be had back from its hash and its suffix? */
static inline bool strata_ledger_has_suffix(struct strata_key key)
{
    return (key.low & 0xFF) <= STRATA_SUFFIX_MAX_BYTES && strata_ledger_low(strata_ledger_suffix(key)) == key.low;
}

/* The narrow head of a row that may have one. */
static inline struct strata_ledger_narrow strata_ledger_narrow_head(struct strata_key key, uint64_t hash,
                                                                    int64_t amount, int32_t day)
{
    const uint64_t rest = (uint64_t)amount << 32 | (uint64_t)(uint16_t)day << 16 | strata_ledger_suffix(key);
    return (struct strata_ledger_narrow){hash, rest};
}

/* May the head be narrow? */
static inline bool strata_ledger_is_narrow(struct strata_key key, int64_t amount, int32_t day)
{
    return strata_ledger_has_suffix(key) & (amount == (int32_t)amount) & (day == (uint16_t)day);
}

#endif
