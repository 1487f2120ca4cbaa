#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "record_reader.h"
#include "text.h"

enum { TAIL_BYTES = 4096, SPINS = 64 };

/* A block in the worker's buffer. It owns the records that begin behind one of its newlines; the last of them may end
 * in the bytes behind the block. */
struct block {
    uint64_t offset; /* in the file */
    size_t n;        /* bytes of the block itself */
    size_t filled;   /* bytes in the buffer */
    size_t indexed;  /* bytes whose structure is known */
    size_t n_positions;
    bool holds_end; /* of the file */
    bool is_inside; /* quotes, at the first byte */
    uint64_t line;  /* of the first byte */
    struct strata_structure structure;
    size_t counted; /* bytes whose newlines are in `counted_line` */
    uint64_t counted_line;
};

/* Room for n bytes, a newline behind the last row, and the last word of the indexer. */
static enum strata_status reserve(struct strata_text_worker *worker, size_t n, struct strata_error *err)
{
    size_t capacity = n + 2 * STRATA_STRUCTURE_WORD;
    if (capacity <= worker->capacity)
        return STRATA_OK;
    char *buffer = realloc(worker->buffer, capacity);
    if (!buffer)
        return strata_fail_memory(err, "a block of text", capacity, 1);
    worker->buffer = buffer;
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
    uint64_t left = chain->file.n_bytes - block->offset;
    block->holds_end = wanted >= left;
    if (block->holds_end)
        wanted = (size_t)left;
    STRATA_TRY(reserve(worker, wanted, err));
    STRATA_TRY(strata_input_file_read(&chain->file, block->offset + block->filled, worker->buffer + block->filled,
                                      wanted - block->filled, err));
    block->filled = wanted;
done:
    return status;
}

/* In the order of the blocks: learn the state at the beginning of this one and hand on that of the next. */
static bool take_turn(struct strata_text_job *job, struct strata_text_chain *chain, uint64_t number, const char *buffer,
                      struct block *block)
{
    uint64_t newlines, quotes;
    job->variant->count(buffer, block->n, &newlines, &quotes);
    for (int spins = 0; __atomic_load_n(&chain->turn, __ATOMIC_ACQUIRE) != number; ++spins) {
        if (__atomic_load_n(&job->stop, __ATOMIC_RELAXED))
            return false;
        if (spins > SPINS)
            (void)sched_yield();
    }
    block->is_inside = chain->quotes & 1;
    block->line = chain->line;
    chain->quotes += quotes;
    chain->line += newlines;
    (void)XXH3_128bits_update(chain->hash, buffer, block->n);
    __atomic_store_n(&chain->turn, number + 1, __ATOMIC_RELEASE);
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

static void mark_careful(struct strata_text_job *job, size_t file)
{
    __atomic_store_n(&job->ingest->file[file].is_careful, true, __ATOMIC_RELAXED);
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

/* A record inside the index: its fields end at position[first..last]. */
struct span {
    size_t start, first, last;
};

static struct strata_field field_at(const char *buffer, const uint32_t *position, const struct span *span, int field)
{
    size_t from = field == 0 ? span->start : position[span->first + (size_t)field - 1] + 1;
    size_t to = position[span->first + (size_t)field];
    if (span->first + (size_t)field == span->last && to > from && buffer[to - 1] == '\r')
        --to;
    return (struct strata_field){buffer + from, to - from};
}

/* With merging delimiters a field begins behind a run of them. */
static struct strata_field without_run(struct strata_field field, char delimiter)
{
    while (field.n && field.text[0] == delimiter) {
        ++field.text;
        --field.n;
    }
    return field;
}

static bool is_blank_span(const char *buffer, const uint32_t *position, const struct span *span,
                          struct strata_dialect dialect)
{
    if (span->first != span->last)
        return false;
    struct strata_field field = field_at(buffer, position, span, 0);
    if (dialect.merges)
        field = without_run(field, dialect.delimiter);
    return field.n == 0;
}

static size_t count_fields(const char *buffer, const uint32_t *position, const struct span *span,
                           struct strata_dialect dialect)
{
    size_t n = span->last - span->first + 1;
    if (!dialect.merges || n == 1)
        return n;
    /* Blanks before the line end make no field. */
    struct strata_field last = field_at(buffer, position, span, (int)n - 1);
    return without_run(last, dialect.delimiter).n == 0 ? n - 1 : n;
}

/* Find the position of the record's newline; false if it is not in the index. */
static bool find_end(const char *buffer, const uint32_t *position, size_t n_positions, size_t n_fields,
                     struct span *span)
{
    size_t at = span->first;
    size_t usual = at + n_fields - 1;
    if (usual < n_positions) {
        while (at < usual && buffer[position[at]] != '\n')
            ++at;
        if (buffer[position[at]] == '\n') {
            span->last = at;
            return true;
        }
    }
    while (at < n_positions && buffer[position[at]] != '\n')
        ++at;
    span->last = at;
    return at < n_positions;
}

static enum strata_status take_record(struct strata_text_worker *worker, size_t file, struct block *block,
                                      const struct span *span, struct strata_error *err)
{
    const struct strata_text_plan *plan = worker->converter.plan;
    const char *buffer = worker->buffer;
    uint64_t byte = block->offset + span->start;
    if (is_blank_span(buffer, worker->position, span, plan->dialect))
        return STRATA_OK;
    size_t n_fields = count_fields(buffer, worker->position, span, plan->dialect);
    if (n_fields != plan->n_fields)
        return strata_text_bad_row(worker, file, STRATA_REJECT_FIELD_COUNT, 0,
                                   line_at(worker->job, buffer, block, span->start), byte, err);
    struct strata_field field[STRATA_N_ROLES];
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        if (plan->field[role] < 0)
            continue;
        field[role] = field_at(buffer, worker->position, span, plan->field[role]);
        if (plan->dialect.merges)
            field[role] = without_run(field[role], plan->dialect.delimiter);
    }
    size_t rejects = worker->rejects.n;
    enum strata_status status = strata_text_row(worker, file, field, 0, byte, err);
    if (worker->rejects.n > rejects) /* lines are counted for bad rows alone */
        worker->rejects.reject[rejects].line = line_at(worker->job, buffer, block, span->start);
    return status;
}

/* Where the block's first own record begins; false if it has none. */
static bool find_first(const struct strata_text_worker *worker, const struct block *block, uint64_t number,
                       struct span *span)
{
    *span = (struct span){0, 0, 0};
    if (number == 0)
        return true;
    size_t k = 0;
    while (k < block->n_positions && worker->buffer[worker->position[k]] != '\n')
        ++k;
    if (k == block->n_positions || worker->position[k] >= block->n)
        return false;
    span->start = worker->position[k] + 1;
    span->first = k + 1;
    return true;
}

/* All records that the block owns. */
static enum strata_status take_records(struct strata_text_worker *worker, size_t file, uint64_t number,
                                       struct block *block, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_text_job *job = worker->job;
    const struct strata_text_plan *plan = worker->converter.plan;
    struct span span;
    if (!find_first(worker, block, number, &span))
        goto done;
    while (span.start <= block->n && (span.start < block->filled || !block->holds_end)) {
        if (find_end(worker->buffer, worker->position, block->n_positions, plan->n_fields, &span)) {
            STRATA_TRY(take_record(worker, file, block, &span, err));
            span.start = worker->position[span.last] + 1;
            span.first = span.last + 1;
            continue;
        }
        if (block->holds_end || block->filled > block->n + STRATA_ROW_MAX_BYTES) {
            mark_careful(job, file);
            goto done;
        }
        STRATA_TRY(read_bytes(worker, &job->chain[file], block, block->filled + block->filled, err));
        index_bytes(worker, block, plan->dialect);
    }
done:
    return status;
}

enum strata_status strata_text_block(struct strata_text_worker *worker, size_t file, uint64_t number,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_text_job *job = worker->job;
    struct strata_text_chain *chain = &job->chain[file];
    const struct strata_text_plan *plan = worker->converter.plan;
    uint64_t rows = worker->converter.account.read;
    struct block block = {.offset = plan->data_offset + number * job->block_bytes};
    uint64_t left = chain->file.n_bytes - block.offset;
    block.n = left < job->block_bytes ? (size_t)left : job->block_bytes;
    STRATA_TRY(read_bytes(worker, chain, &block, block.n + TAIL_BYTES, err));
    if (!take_turn(job, chain, number, worker->buffer, &block))
        goto done;
    block.counted_line = block.line;
    block.structure = strata_structure_begin();
    block.structure.inside = block.is_inside ? ~(uint64_t)0 : 0;
    index_bytes(worker, &block, plan->dialect);
    if (!block.structure.is_broken)
        STRATA_TRY(take_records(worker, file, number, &block, err));
    if (block.structure.is_broken)
        mark_careful(job, file);
    STRATA_TRY(strata_text_flush(worker, file, err));
    strata_text_progress(worker, block.n, worker->converter.account.read - rows);
done:
    return status;
}
