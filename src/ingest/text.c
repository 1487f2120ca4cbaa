#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "memory.h"
#include "record_reader.h"

static const double NOTICE_SECONDS = 0.1;

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void strata_text_stop(struct strata_text_job *job, enum strata_status status, const struct strata_error *error)
{
#pragma omp critical(strata_text_stop)
    if (job->status == STRATA_OK) {
        job->error = *error;
        job->status = status;
    }
    __atomic_store_n(&job->stop, true, __ATOMIC_RELAXED);
}

enum strata_status strata_text_worker_init(struct strata_text_worker *worker, struct strata_text_job *job, int number,
                                           struct strata_error *err)
{
    *worker = (struct strata_text_worker){.job = job, .number = number, .last_notice = now()};
    worker->scratch = strata_malloc_array(STRATA_N_ROLES, sizeof *worker->scratch);
    if (!worker->scratch)
        return strata_fail_memory(err, "quoted fields", STRATA_N_ROLES, sizeof *worker->scratch);
    return strata_batch_builder_init(&worker->builder, job->ingest->fields, err);
}

void strata_text_worker_release(struct strata_text_worker *worker)
{
    free(worker->memory);
    free(worker->position);
    free(worker->scratch);
    strata_batch_builder_release(&worker->builder);
    strata_rejects_release(&worker->rejects);
    *worker = (struct strata_text_worker){0};
}

void strata_text_worker_begin(struct strata_text_worker *worker, size_t file)
{
    struct strata_ingest *ingest = worker->job->ingest;
    const struct strata_text_plan *plan = ingest->file[file].plan;
    worker->n_kept = 0;
    worker->converter = (struct strata_converter){
        .plan = plan,
        .field = plan->field,
        .time_format = &plan->time_format,
        .options = &ingest->options,
        .amount = ingest->options.amount ? ingest->options.amount : &strata_amount_format_default,
        .arena = &ingest->key_arena[worker->number],
        .builder = &worker->builder,
        .scratch = worker->scratch,
    };
}

void strata_text_worker_end(struct strata_text_worker *worker, size_t file)
{
    strata_ingest_account_add(&worker->job->ingest->file[file].account, &worker->converter.account);
}

enum strata_status strata_text_flush(struct strata_text_worker *worker, size_t file, struct strata_error *err)
{
    return strata_batch_builder_flush(&worker->builder, file, worker->number, worker->job->sink, err);
}

/* A worker comes to the rows of a file in their order: where bad rows only make a message, the first are enough. */
static enum strata_status keep_reject(struct strata_text_worker *worker, const struct strata_reject *reject,
                                      struct strata_error *err)
{
    return strata_rejects_keep(&worker->rejects, &worker->n_kept, &worker->job->ingest->reject_rule, reject, err);
}

enum strata_status strata_text_row(struct strata_text_worker *worker, size_t file,
                                   struct strata_field field[STRATA_N_ROLES], uint64_t line, uint64_t byte,
                                   struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    enum strata_row_outcome outcome;
    struct strata_reject reject;
    STRATA_TRY(strata_convert_row(&worker->converter, field, &outcome, &reject, err));
    if (outcome == STRATA_ROW_REJECTED) {
        reject.line = line;
        reject.byte = byte;
        reject.origin = (uint32_t)file;
        STRATA_TRY(keep_reject(worker, &reject, err));
    }
    if (worker->builder.batch.n_rows == STRATA_BATCH_ROWS)
        STRATA_TRY(strata_text_flush(worker, file, err));
done:
    return status;
}

enum strata_status strata_text_bad_row(struct strata_text_worker *worker, size_t file, enum strata_reject_reason reason,
                                       size_t column, uint64_t line, uint64_t byte, struct strata_error *err)
{
    strata_convert_bad_row(&worker->converter);
    const struct strata_reject reject = {
        .line = line,
        .byte = byte,
        .origin = (uint32_t)file,
        .column = column <= UINT16_MAX ? (uint16_t)column : 0,
        .reason = (uint8_t)reason,
    };
    return keep_reject(worker, &reject, err);
}

void strata_text_progress(struct strata_text_worker *worker, size_t file, uint64_t bytes, uint64_t rows)
{
    struct strata_text_job *job = worker->job;
    struct strata_byte_source *source = job->chain[file].source;
    if (!source->is_plain)
        bytes = strata_stored_bytes_count(&source->stored);
    uint64_t bytes_done = __atomic_add_fetch(&job->bytes_done, bytes, __ATOMIC_RELAXED);
    uint64_t rows_done = __atomic_add_fetch(&job->rows_done, rows, __ATOMIC_RELAXED);
    const struct strata_observer *observer = job->ingest->options.observer;
    double time = observer && worker->number == 0 ? now() : 0;
    if (time - worker->last_notice < NOTICE_SECONDS)
        return;
    worker->last_notice = time;
    const struct strata_event event = {
        .kind = STRATA_EVENT_PROGRESS,
        .stage = "ingest",
        .rows = rows_done,
        .bytes = bytes_done,
        .share = job->has_pipe  ? (double)NAN
                 : job->n_bytes ? (double)bytes_done / (double)job->n_bytes
                                : 1,
        .seconds = time - job->started,
    };
    observer->notify(observer->context, &event);
}

static enum strata_status take_careful_record(struct strata_text_worker *worker, size_t file,
                                              const struct strata_record_reader *reader,
                                              enum strata_record_result result, struct strata_error *err)
{
    const struct strata_text_plan *plan = worker->converter.plan;
    const struct strata_record *record = &reader->record;
    if (record->is_blank)
        return STRATA_OK;
    if (result == STRATA_RECORD_BAD)
        return strata_text_bad_row(worker, file, record->reason, record->bad_field + 1, reader->record_line,
                                   reader->record_offset, err);
    if (record->n_fields != plan->n_fields)
        return strata_text_bad_row(worker, file, STRATA_REJECT_FIELD_COUNT, 0, reader->record_line,
                                   reader->record_offset, err);
    struct strata_field field[STRATA_N_ROLES];
    for (int i = 0; i < plan->n_mapped; ++i)
        field[plan->mapped[i]] = record->field[plan->field[plan->mapped[i]]];
    return strata_text_row(worker, file, field, reader->record_line, reader->record_offset, err);
}

enum strata_status strata_text_careful(struct strata_text_worker *worker, size_t file, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_text_chain *chain = &worker->job->chain[file];
    struct strata_record_reader reader = {0};
    bool is_end;
    strata_text_worker_begin(worker, file);
    const struct strata_text_plan *plan = worker->converter.plan;
    STRATA_TRY(
        strata_record_reader_open(&reader, chain->source, plan->dialect, plan->data_offset, plan->data_line, err));
    reader.hash = chain->hash;
    for (;;) {
        enum strata_record_result result;
        STRATA_TRY(strata_record_reader_next(&reader, &result, &is_end, err));
        if (is_end)
            break;
        STRATA_TRY(take_careful_record(worker, file, &reader, result, err));
        strata_text_progress(worker, file, reader.record.n_bytes, 1);
    }
    STRATA_TRY(strata_text_flush(worker, file, err));
    strata_text_worker_end(worker, file);
done:
    strata_record_reader_close(&reader);
    return status;
}
