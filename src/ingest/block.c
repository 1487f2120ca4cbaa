#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "plain_rows.h"
#include "record_reader.h"
#include "span.h"
#include "text.h"
#include "wait.h"

enum { TAIL_BYTES = 4096, FRONT_BYTES = STRATA_STRUCTURE_WORD };

/* A block in the worker's buffer. It owns the records that begin behind one of its newlines; the last of them may end
 * in the bytes behind the block. */
struct block {
    uint64_t offset; /* in the file */
    size_t n;        /* bytes of the block itself */
    size_t filled;   /* bytes in the buffer */
    size_t indexed;  /* bytes whose structure is known */
    size_t n_positions;
    bool holds_end; /* of the file */
    struct strata_structure structure;
    size_t counted; /* bytes whose newlines are in `counted_line`, the line behind them */
    uint64_t counted_line;
};

/* Room for n bytes, a newline behind the last row, and the last word of the indexer; and padding before all that. */
static enum strata_status reserve(struct strata_text_worker *worker, size_t n, struct strata_error *err)
{
    size_t capacity = n + 2 * STRATA_STRUCTURE_WORD;
    if (capacity <= worker->capacity)
        return STRATA_OK;
    char *memory = realloc(worker->memory, FRONT_BYTES + capacity);
    if (!memory)
        return strata_fail_memory(err, "a block of text", FRONT_BYTES + capacity, 1);
    memset(memory, 0, FRONT_BYTES);
    worker->memory = memory;
    worker->buffer = memory + FRONT_BYTES;
    uint32_t *position = realloc(worker->position, capacity * sizeof *position);
    if (!position)
        return strata_fail_memory(err, "the structure of a block", capacity, sizeof *position);
    worker->position = position;
    worker->capacity = capacity;
    return STRATA_OK;
}

static enum strata_status read_bytes(struct strata_text_worker *worker, const struct strata_text_chain *chain,
                                     struct block *block, size_t wanted, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t got;
    STRATA_TRY(reserve(worker, wanted, err));
    STRATA_TRY(strata_byte_source_read(chain->source, worker->number, block->offset + block->filled,
                                       worker->buffer + block->filled, wanted - block->filled, &got, &block->holds_end,
                                       err));
    block->filled += got;
done:
    return status;
}

/* Until it is the turn of this block; false if the job stops. */
static bool wait_for_turn(const struct strata_text_job *job, const uint64_t *turn, uint64_t number)
{
    for (struct strata_wait wait = {0}; __atomic_load_n(turn, __ATOMIC_ACQUIRE) != number; strata_wait_step(&wait))
        if (__atomic_load_n(&job->stop, __ATOMIC_RELAXED))
            return false;
    return true;
}

static uint64_t count_newlines(const uint32_t *position, size_t n)
{
    uint32_t newlines = 0; /* as wide as a position, so that the compiler counts several at once */
    for (size_t i = 0; i < n; ++i)
        newlines += strata_structure_is_newline(position[i]);
    return newlines;
}

/* In the order of the blocks: learn the state at the beginning of this one and hand on that of the next. Up to its
 * first quote, the block is indexed as if it began outside of quotes; if it does not, that is forgotten. */
static bool take_turn(struct strata_text_worker *worker, struct strata_text_chain *chain, uint64_t number,
                      struct strata_dialect dialect, struct block *block)
{
    const struct strata_structure_variant *variant = worker->job->variant;
    uint64_t newlines, quotes;
    block->structure = strata_structure_begin();
    block->indexed = variant->index_plain(worker->buffer, 0, block->n, dialect, &block->structure, worker->position,
                                          &block->n_positions);
    variant->count(worker->buffer + block->indexed, block->n - block->indexed, &newlines, &quotes);
    newlines += count_newlines(worker->position, block->n_positions);
    if (!wait_for_turn(worker->job, &chain->turn, number))
        return false;
    bool is_inside = chain->quotes & 1;
    block->counted_line = chain->line;
    chain->quotes += quotes;
    chain->line += newlines;
    __atomic_store_n(&chain->turn, number + 1, __ATOMIC_RELEASE);
    if (is_inside) {
        block->structure = strata_structure_begin();
        block->structure.inside = ~(uint64_t)0;
        block->indexed = block->n_positions = 0;
    }
    return true;
}

/* In the order of the blocks, and before the long work on this one: blocks begin in their order, but need not end in
 * it, and a thread that had to wait for the block before to end would be idle. */
static bool take_hash_turn(const struct strata_text_job *job, struct strata_text_chain *chain, uint64_t number,
                           const char *buffer, size_t n)
{
    if (!chain->hash)
        return true;
    if (!wait_for_turn(job, &chain->hash_turn, number))
        return false;
    strata_checksum_update(chain->hash, buffer, n);
    __atomic_store_n(&chain->hash_turn, number + 1, __ATOMIC_RELEASE);
    return true;
}

/* The structure of all bytes in the buffer. A last row without line end gets one. */
static void index_bytes(struct strata_text_worker *worker, struct block *block, struct strata_dialect dialect)
{
    size_t to = block->filled;
    if (block->holds_end) {
        if (to == 0 || worker->buffer[to - 1] != '\n')
            worker->buffer[to++] = '\n';
        memset(worker->buffer + to, 0, STRATA_STRUCTURE_WORD);
    } else {
        to = to / STRATA_STRUCTURE_WORD * STRATA_STRUCTURE_WORD;
    }
    worker->job->variant->index(worker->buffer, block->indexed, to, dialect, &block->structure, worker->position,
                                &block->n_positions);
    block->indexed = to;
}

static void mark_careful(struct strata_text_job *job, size_t number, enum strata_care care, uint64_t line)
{
    struct strata_ingest_file *file = &job->ingest->file[number];
#pragma omp critical(strata_text_care)
    if (file->care == STRATA_CARE_NONE) {
        file->care = care;
        file->care_line = line;
    }
    __atomic_store_n(&job->stop, true, __ATOMIC_RELAXED);
}

static uint64_t line_at(const struct strata_text_job *job, const char *buffer, struct block *block, size_t at)
{
    uint64_t newlines, quotes;
    job->variant->count(buffer + block->counted, at - block->counted, &newlines, &quotes);
    block->counted = at;
    block->counted_line += newlines;
    return block->counted_line;
}

static enum strata_status take_record(struct strata_text_worker *worker, size_t file, struct block *block,
                                      const struct strata_indexed_text *indexed, const struct strata_span *span,
                                      struct strata_error *err)
{
    const struct strata_text_plan *plan = worker->converter.plan;
    uint64_t byte = block->offset + span->start;
    if (strata_span_is_blank(indexed, span))
        return STRATA_OK;
    if (strata_span_count_fields(indexed, span) != plan->n_fields)
        return strata_text_bad_row(worker, file, STRATA_REJECT_FIELD_COUNT, 0,
                                   line_at(worker->job, indexed->text, block, span->start), byte, err);
    struct strata_field field[STRATA_N_ROLES];
    for (int i = 0; i < plan->n_mapped; ++i)
        field[plan->mapped[i]] = strata_span_field(indexed, span, (size_t)plan->field[plan->mapped[i]]);
    size_t rejects = worker->rejects.n;
    enum strata_status status = strata_text_row(worker, file, field, 0, byte, err);
    if (worker->rejects.n > rejects) /* lines are counted for bad rows alone */
        worker->rejects.reject[rejects].line = line_at(worker->job, indexed->text, block, span->start);
    return status;
}

static struct strata_indexed_text indexed_text(const struct strata_text_worker *worker, const struct block *block)
{
    return (struct strata_indexed_text){
        .text = worker->buffer,
        .position = worker->position,
        .n_positions = block->n_positions,
        .dialect = worker->converter.plan->dialect,
        .has_quotes = block->structure.has_quotes,
    };
}

/* The row with this number, all before it having n_fields. */
static struct strata_span row_of(const struct strata_indexed_text *indexed, const struct strata_span *first,
                                 size_t n_fields, size_t number)
{
    struct strata_span row = *first;
    if (number > 0) {
        row.last = row.first + number * n_fields - 1;
        strata_span_step(indexed, &row);
    }
    row.last = row.first + n_fields - 1;
    return row;
}

/* The rows from the span on that have their fields, up to a bunch of them; *n_taken of them, 0 if none follow. */
static enum strata_status take_plain_rows(struct strata_text_worker *worker, size_t file, struct block *block,
                                          const struct strata_indexed_text *indexed, struct strata_span *span,
                                          size_t *n_taken, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const size_t n_fields = worker->converter.plan->n_fields;
    uint64_t left;
    size_t n = strata_plain_rows_count(worker->job->columns, indexed, span, n_fields, block->n);
    *n_taken = n;
    if (n == 0)
        goto done;
    if (worker->builder.batch.n_rows + STRATA_PLAIN_ROWS > STRATA_BATCH_ROWS)
        STRATA_TRY(strata_text_flush(worker, file, err));
    STRATA_TRY(strata_plain_rows_convert(&worker->converter, worker->job->columns, indexed, span, n, &left, err));
    for (; left; left &= left - 1) {
        struct strata_span row = row_of(indexed, span, n_fields, (size_t)__builtin_ctzll(left));
        STRATA_TRY(take_record(worker, file, block, indexed, &row, err));
    }
    *span = row_of(indexed, span, n_fields, n);
done:
    return status;
}

/* Where the block's first own record begins; false if it has none. */
static bool find_first(const struct strata_indexed_text *indexed, const struct block *block, uint64_t number,
                       struct strata_span *span)
{
    *span = (struct strata_span){0, 0, 0};
    if (number == 0)
        return true;
    if (!strata_span_find_end(indexed, 1, span) || strata_structure_offset(indexed->position[span->last]) >= block->n)
        return false;
    strata_span_step(indexed, span);
    return true;
}

/* All records that the block owns. */
static enum strata_status take_records(struct strata_text_worker *worker, size_t file, uint64_t number,
                                       struct block *block, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_text_job *job = worker->job;
    const struct strata_text_plan *plan = worker->converter.plan;
    struct strata_indexed_text indexed = indexed_text(worker, block);
    struct strata_span span;
    if (!find_first(&indexed, block, number, &span))
        goto done;
    const bool is_possible = strata_plain_rows_are_possible(&worker->converter);
    while (span.start <= block->n && (span.start < block->filled || !block->holds_end)) {
        size_t n = 0;
        if (is_possible)
            STRATA_TRY(take_plain_rows(worker, file, block, &indexed, &span, &n, err));
        if (n > 0)
            continue;
        if (strata_span_find_end(&indexed, plan->n_fields, &span)) {
            STRATA_TRY(take_record(worker, file, block, &indexed, &span, err));
            strata_span_step(&indexed, &span);
            continue;
        }
        if (block->holds_end || block->filled > block->n + job->row_bytes) {
            mark_careful(job, file, block->holds_end ? STRATA_CARE_QUOTES : STRATA_CARE_LONG_ROW,
                         line_at(job, worker->buffer, block, span.start));
            goto done;
        }
        STRATA_TRY(read_bytes(worker, &job->chain[file], block, block->filled + block->filled, err));
        index_bytes(worker, block, plan->dialect);
        indexed = indexed_text(worker, block);
    }
done:
    return status;
}

enum strata_status strata_text_block(struct strata_text_worker *worker, size_t file, uint64_t offset, bool *is_past_end,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_text_job *job = worker->job;
    struct strata_text_chain *chain = &job->chain[file];
    const struct strata_text_plan *plan = worker->converter.plan;
    uint64_t rows = worker->converter.account.read;
    uint64_t number = (offset - plan->data_offset) / job->block_bytes;
    struct block block = {.offset = offset};
    STRATA_TRY(read_bytes(worker, chain, &block, job->block_bytes + TAIL_BYTES, err));
    *is_past_end = block.filled == 0;
    if (*is_past_end)
        goto done;
    block.n = block.filled < job->block_bytes ? block.filled : job->block_bytes;
    if (!take_turn(worker, chain, number, plan->dialect, &block) ||
        !take_hash_turn(job, chain, number, worker->buffer, block.n))
        goto done;
    index_bytes(worker, &block, plan->dialect);
    if (!block.structure.is_broken)
        STRATA_TRY(take_records(worker, file, number, &block, err));
    if (block.structure.is_broken)
        mark_careful(job, file, STRATA_CARE_QUOTES, 0);
    STRATA_TRY(strata_text_flush(worker, file, err));
    strata_text_progress(worker, file, block.n, worker->converter.account.read - rows);
done:
    return status;
}
