/* Inside the ledger: how rows lie in memory.
 *
 * A row is a head (customer and amount) and the part that all rows of the run have alike (day, optional fields). Most
 * heads are narrow: ids of up to 11 bytes and amounts of 32 bits need 16 bytes instead of 24. A partition keeps narrow
 * and wide rows in chunks of their own.
 */
#ifndef STRATA_LEDGER_CHUNK_H
#define STRATA_LEDGER_CHUNK_H

#include <string.h>

#include "ledger.h"

enum strata_ledger_width { STRATA_ROW_NARROW, STRATA_ROW_WIDE, STRATA_N_WIDTHS };

/* Bytes of the head, by width. */
enum { STRATA_NARROW_HEAD = 16, STRATA_WIDE_HEAD = 24 };

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
    char rows[];
};

/* Memory that chunks are cut from. */
struct strata_ledger_slab {
    struct strata_ledger_slab *next;
    char *memory;
    size_t n_bytes, used;
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

struct strata_ledger_list {
    struct strata_ledger_chunk *oldest, *newest;
};

struct strata_ledger_thread {
    struct strata_ledger_tail tail[STRATA_N_WIDTHS][STRATA_LEDGER_PARTITIONS];
    struct strata_ledger_list list[STRATA_N_WIDTHS][STRATA_LEDGER_PARTITIONS];
    struct strata_ledger_slab *slabs[STRATA_LEDGER_NEIGHBOURHOODS]; /* the newest first */
    struct strata_ledger_slab *spare;                               /* their rows have been spilled */
    struct strata_ledger_extent *extents;                           /* what has been spilled */
    size_t n_extents, extent_capacity;
    uint64_t spilled[STRATA_LEDGER_PARTITIONS]; /* bytes of chunks there */
    uint64_t n_bytes;                           /* in slabs */
    uint64_t text_bytes;
    uint64_t rows;
    int32_t first_day, last_day;
};

/* The last chunks' `used` is only known from the tails: settle it before reading. */
void strata_ledger_settle_neighbourhood(struct strata_ledger_thread *thread, size_t neighbourhood);

/* The rows of a neighbourhood are no longer in memory: the thread begins new chunks. */
void strata_ledger_forget(struct strata_ledger_thread *thread, size_t neighbourhood);

/* Give slabs back to the system. */
void strata_ledger_free_slabs(struct strata_ledger_slab **slabs);

/* Give the memory of a neighbourhood's rows back to the system. */
void strata_ledger_give_back(struct strata_ledger *ledger, size_t neighbourhood);

/* All chunks of a partition: begin with `{.ledger = ledger, .number = number}`; NULL after the last. */
struct strata_ledger_chunks {
    const struct strata_ledger *ledger;
    size_t number;
    int next_list;
    const struct strata_ledger_chunk *chunk;
};

static inline const struct strata_ledger_chunk *strata_ledger_next_chunk(struct strata_ledger_chunks *chunks)
{
    if (chunks->chunk)
        chunks->chunk = chunks->chunk->next;
    while (!chunks->chunk && chunks->next_list < chunks->ledger->options.threads * STRATA_N_WIDTHS) {
        int list = chunks->next_list++;
        chunks->chunk =
            chunks->ledger->thread[list / STRATA_N_WIDTHS].list[list % STRATA_N_WIDTHS][chunks->number].oldest;
    }
    return chunks->chunk;
}

/* The rows of a chunk: `raw` points behind the head, so that the layout's offsets hold for both widths. */
static inline size_t strata_ledger_stride(const struct strata_ledger *ledger, const struct strata_ledger_chunk *chunk)
{
    return (size_t)(strata_ledger_head_bytes(chunk->width) + ledger->layout.n_bytes);
}

static inline const char *strata_ledger_first_row(const struct strata_ledger_chunk *chunk)
{
    return chunk->rows + strata_ledger_head_bytes(chunk->width);
}

/* May the head be narrow? */
static inline bool strata_ledger_is_narrow(struct strata_key key, int64_t amount)
{
    return (key.low & 0xFFFFFFFF00u) == 0 && strata_key_is_short(key) && amount == (int32_t)amount;
}

/* A narrow head: eight bytes of the key, the next three and the tag, the amount. */
static inline void strata_ledger_put_narrow(char *raw, struct strata_key key, int64_t amount)
{
    uint32_t low = (uint32_t)(key.low >> 32) | (uint32_t)(key.low & 0xFF);
    int32_t narrow_amount = (int32_t)amount;
    memcpy(raw - 16, &key.high, sizeof key.high);
    memcpy(raw - 8, &low, sizeof low);
    memcpy(raw - 4, &narrow_amount, sizeof narrow_amount);
}

static inline void strata_ledger_put_wide(char *raw, struct strata_key key, int64_t amount)
{
    memcpy(raw - 24, &key, sizeof key);
    memcpy(raw - 8, &amount, sizeof amount);
}

static inline struct strata_key strata_ledger_key(const char *raw, enum strata_ledger_width width)
{
    struct strata_key key;
    if (width == STRATA_ROW_WIDE) {
        memcpy(&key, raw - 24, sizeof key);
        return key;
    }
    uint32_t low;
    memcpy(&key.high, raw - 16, sizeof key.high);
    memcpy(&low, raw - 8, sizeof low);
    key.low = (uint64_t)(low & 0xFFFFFF00u) << 32 | (low & 0xFF);
    return key;
}

static inline int64_t strata_ledger_amount(const char *raw, enum strata_ledger_width width)
{
    int64_t amount;
    int32_t narrow;
    if (width == STRATA_ROW_WIDE) {
        memcpy(&amount, raw - 8, sizeof amount);
        return amount;
    }
    memcpy(&narrow, raw - 4, sizeof narrow);
    return narrow;
}

#endif
