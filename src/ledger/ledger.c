#include "ledger.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "heads.h"
#include "memory.h"
#include "slabs.h"

enum { FIRST_CHUNK_BYTES = 512, LAST_CHUNK_BYTES = 8 << 10 };

/* How many rows before it is written its place is on the way into the nearest cache. */
enum { AHEAD = 12 };

_Static_assert((FIRST_CHUNK_BYTES - sizeof(struct strata_ledger_chunk)) % STRATA_NARROW_HEAD == 0,
               "narrow rows end where their chunk does");

/* What the run does not have takes no room. */
static struct strata_ledger_layout layout_of(unsigned fields)
{
    struct strata_ledger_layout layout = {-1, -1, -1, -1, -1, 0};
    const struct {
        int *offset;
        int size;
        bool present;
    } rows[] = {
        {&layout.origin, 4, fields & STRATA_HAS_ORIGIN},
        {&layout.order, 16, fields & STRATA_HAS_ORDER},
        {&layout.channel, 8, fields & STRATA_HAS_CHANNEL},
        {&layout.category, 8, fields & STRATA_HAS_CATEGORY},
        {&layout.fingerprint, 16, fields & STRATA_HAS_FINGERPRINT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i)
        if (rows[i].present) {
            *rows[i].offset = layout.n_bytes;
            layout.n_bytes += rows[i].size;
        }
    return layout;
}

enum strata_status strata_ledger_init(struct strata_ledger *ledger, const struct strata_ledger_options *options,
                                      struct strata_error *err)
{
    const struct strata_ledger_heads_variant *heads;
    (void)strata_ledger_heads_variants(&heads);
    *ledger = (struct strata_ledger){.options = *options, .layout = layout_of(options->fields), .heads = heads};
    ledger->thread = strata_calloc_array((size_t)options->threads, sizeof *ledger->thread);
    if (!ledger->thread)
        return strata_fail_memory(err, "the ledger", (size_t)options->threads, sizeof *ledger->thread);
    for (int t = 0; t < options->threads; ++t) {
        ledger->thread[t].first_day = INT32_MAX;
        ledger->thread[t].last_day = INT32_MIN;
    }
    return STRATA_OK;
}

void strata_ledger_forget(struct strata_ledger_thread *thread, size_t neighbourhood)
{
    size_t first = neighbourhood * STRATA_LEDGER_NEIGHBOURS;
    for (int w = 0; w < STRATA_N_WIDTHS; ++w) {
        memset(&thread->list[w][first], 0, STRATA_LEDGER_NEIGHBOURS * sizeof thread->list[w][first]);
        memset(&thread->cursor[w][first], 0, STRATA_LEDGER_NEIGHBOURS * sizeof thread->cursor[w][first]);
        memset(&thread->end[w][first], 0, STRATA_LEDGER_NEIGHBOURS * sizeof thread->end[w][first]);
    }
}

void strata_ledger_release(struct strata_ledger *ledger)
{
    for (size_t n = 0; ledger->thread && n < STRATA_LEDGER_NEIGHBOURHOODS; ++n)
        strata_ledger_give_back(ledger, n);
    for (int t = 0; ledger->thread && t < ledger->options.threads; ++t) {
        strata_ledger_free_slabs(&ledger->thread[t].spare);
        strata_ledger_release_reserve(&ledger->thread[t]);
        free(ledger->thread[t].extents);
    }
    strata_page_pool_release(&ledger->pages);
    free(ledger->thread);
    free(ledger->returned);
    strata_temporary_file_close(&ledger->spill);
    *ledger = (struct strata_ledger){0};
}

uint64_t strata_ledger_count_texts(struct strata_ledger *ledger, int thread_number, uint64_t n_bytes)
{
    struct strata_ledger_thread *thread = &ledger->thread[thread_number];
    uint64_t more = n_bytes - thread->text_bytes;
    thread->text_bytes = n_bytes;
    return __atomic_add_fetch(&ledger->text_bytes, more, __ATOMIC_RELAXED);
}

/* Chunks double up to a limit: small inputs stay small, large ones waste little at the end of each partition. */
static enum strata_status add_chunk(struct strata_ledger *ledger, struct strata_ledger_thread *thread,
                                    enum strata_ledger_width width, size_t partition, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ledger_list *list = &thread->list[width][partition];
    size_t n_bytes = FIRST_CHUNK_BYTES;
    if (list->newest) {
        list->newest->used = (uint32_t)(thread->cursor[width][partition] - list->newest->rows);
        n_bytes = list->newest->n_bytes < LAST_CHUNK_BYTES ? (size_t)list->newest->n_bytes * 2 : LAST_CHUNK_BYTES;
    }
    void *memory = NULL;
    STRATA_TRY(strata_ledger_cut(ledger, thread, partition / STRATA_LEDGER_NEIGHBOURS, n_bytes, &memory, err));
    struct strata_ledger_chunk *chunk = memory;
    *chunk = (struct strata_ledger_chunk){
        .n_bytes = (uint32_t)n_bytes,
        .width = width,
        .partition = (uint32_t)partition,
    };
    strata_ledger_link(list, chunk); /* spilling may have emptied it */
    const size_t stride = strata_ledger_stride(ledger, width);
    thread->cursor[width][partition] = chunk->rows;
    thread->end[width][partition] = chunk->rows + (n_bytes - sizeof *chunk) / stride * stride;
done:
    return status;
}

void strata_ledger_settle_neighbourhood(struct strata_ledger_thread *thread, size_t neighbourhood)
{
    const size_t first = neighbourhood * STRATA_LEDGER_NEIGHBOURS;
    for (int w = 0; w < STRATA_N_WIDTHS; ++w)
        for (size_t p = first; p < first + STRATA_LEDGER_NEIGHBOURS; ++p) {
            struct strata_ledger_chunk *newest = thread->list[w][p].newest;
            if (newest)
                newest->used = (uint32_t)(thread->cursor[w][p] - newest->rows);
        }
}

static void put_optional(char *rest, const struct strata_ledger_layout *layout, const struct strata_batch *batch,
                         size_t i)
{
    if (layout->order >= 0)
        memcpy(rest + layout->order, &batch->order[i], sizeof batch->order[i]);
    if (layout->channel >= 0)
        memcpy(rest + layout->channel, &batch->channel[i], sizeof batch->channel[i]);
    if (layout->category >= 0)
        memcpy(rest + layout->category, &batch->category[i], sizeof batch->category[i]);
    if (layout->fingerprint >= 0)
        memcpy(rest + layout->fingerprint, &batch->fingerprint[i], sizeof batch->fingerprint[i]);
    if (layout->origin >= 0)
        memcpy(rest + layout->origin, &batch->origin, sizeof batch->origin);
}

static void note_days(struct strata_ledger_thread *thread, const struct strata_batch *batch)
{
    int32_t first = thread->first_day, last = thread->last_day;
    for (size_t i = 0; i < batch->n_rows; ++i) {
        first = batch->day[i] < first ? batch->day[i] : first;
        last = batch->day[i] > last ? batch->day[i] : last;
    }
    thread->first_day = first;
    thread->last_day = last;
}

static size_t partition_of(uint64_t hash) { return (size_t)(hash >> (64 - STRATA_LEDGER_PARTITION_BITS)); }

/* The narrow rows without optional fields: most rows of most runs. Chunks begin and end at multiples of the smallest,
 * so that a row rarely needs to know where its chunk ends: the cursors alone leave room in the nearest cache. */
static enum strata_status put_narrow(struct strata_ledger *ledger, struct strata_ledger_thread *thread,
                                     const struct strata_ledger_heads *heads, size_t n, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char **cursors = thread->cursor[STRATA_ROW_NARROW];
    for (size_t i = 0; i < n; ++i) {
        const size_t partition = partition_of(heads->narrow[i].hash);
        if (i + AHEAD < n)
            __builtin_prefetch(cursors[partition_of(heads->narrow[i + AHEAD].hash)], 1);
        if (__builtin_expect((uintptr_t)cursors[partition] % FIRST_CHUNK_BYTES == 0, 0) &&
            cursors[partition] == thread->end[STRATA_ROW_NARROW][partition])
            STRATA_TRY(add_chunk(ledger, thread, STRATA_ROW_NARROW, partition, err));
        memcpy(cursors[partition], &heads->narrow[i], STRATA_NARROW_HEAD);
        cursors[partition] += STRATA_NARROW_HEAD;
    }
done:
    return status;
}

/* The same for any rows: those of the batch from `first` on. */
static enum strata_status put_rows(struct strata_ledger *ledger, struct strata_ledger_thread *thread,
                                   const struct strata_batch *batch, size_t first,
                                   const struct strata_ledger_heads *heads, size_t n, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (size_t i = 0; i < n; ++i) {
        const size_t partition = partition_of(heads->narrow[i].hash), row = first + i;
        const enum strata_ledger_width width = heads->wide >> i & 1 ? STRATA_ROW_WIDE : STRATA_ROW_NARROW;
        const struct strata_ledger_wide wide = {batch->customer[row], batch->amount[row], batch->day[row]};
        char **cursor = &thread->cursor[width][partition];
        if (__builtin_expect(*cursor == thread->end[width][partition], 0))
            STRATA_TRY(add_chunk(ledger, thread, width, partition, err));
        if (width == STRATA_ROW_NARROW)
            memcpy(*cursor, &heads->narrow[i], STRATA_NARROW_HEAD);
        else
            memcpy(*cursor, &wide, STRATA_WIDE_HEAD);
        *cursor += strata_ledger_head_bytes(width);
        put_optional(*cursor, &ledger->layout, batch, row);
        *cursor += ledger->layout.n_bytes;
    }
done:
    return status;
}

enum strata_status strata_ledger_append(struct strata_ledger *ledger, int thread_number,
                                        const struct strata_batch *batch, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ledger_thread *thread = &ledger->thread[thread_number];
    for (size_t first = 0; first < batch->n_rows; first += STRATA_HEADS) {
        struct strata_ledger_heads heads;
        size_t n = batch->n_rows - first < STRATA_HEADS ? batch->n_rows - first : STRATA_HEADS;
        ledger->heads->make(batch, first, n, &heads);
        if (heads.wide || ledger->layout.n_bytes)
            STRATA_TRY(put_rows(ledger, thread, batch, first, &heads, n, err));
        else
            STRATA_TRY(put_narrow(ledger, thread, &heads, n, err));
    }
    note_days(thread, batch);
    thread->rows += batch->n_rows;
done:
    return status;
}

uint64_t strata_ledger_rows(const struct strata_ledger *ledger)
{
    uint64_t rows = 0;
    for (int t = 0; t < ledger->options.threads; ++t)
        rows += ledger->thread[t].rows;
    return rows;
}

uint64_t strata_ledger_spilled_bytes(const struct strata_ledger *ledger) { return ledger->spill.n_bytes; }

bool strata_ledger_days(const struct strata_ledger *ledger, int32_t *first, int32_t *last)
{
    *first = INT32_MAX;
    *last = INT32_MIN;
    for (int t = 0; t < ledger->options.threads; ++t) {
        const struct strata_ledger_thread *thread = &ledger->thread[t];
        *first = thread->first_day < *first ? thread->first_day : *first;
        *last = thread->last_day > *last ? thread->last_day : *last;
    }
    return *first <= *last;
}
