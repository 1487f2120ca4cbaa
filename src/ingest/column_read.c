#include "column_plan.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "plain_values.h"

static const double NOTICE_SECONDS = 0.1;

/* What the readers of one source share. */
struct reading {
    struct strata_ingest *ingest;
    size_t file;
    const struct strata_batch_sink *sink;
    const struct strata_column_progress *progress;
    struct strata_column_source source;
    bool is_open;
    uint64_t rows_done; /* atomic */
    double last_notice; /* the reader 0's */
    bool stop;          /* atomic */
    enum strata_status status;
    struct strata_error error; /* the first */
};

struct reader {
    struct strata_batch_builder builder;
    struct strata_value_converter values;
    struct strata_rejects rejects;
    size_t n_kept;
};

static enum strata_status open_again(struct reading *reading, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_ingest_file *file = &reading->ingest->file[reading->file];
    const struct strata_column_plan *plan = file->columns;
    struct strata_column_source *source = &reading->source;
    const struct strata_source_request request =
        strata_column_request(reading->ingest, file->has_bytes ? file->path : NULL);
    STRATA_TRY(plan->kind->open(source, &request, err));
    reading->is_open = true;
    bool is_same = !file->has_bytes || source->n_bytes == file->n_bytes;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        int field = plan->field[role];
        is_same = is_same &&
                  (field < 0 || ((size_t)field < source->n_columns && source->column[field].type == plan->type[role] &&
                                 source->column[field].decimals == plan->decimals[role]));
    }
    if (!is_same)
        STRATA_GIVE_UP(err, STRATA_IO, "%s has changed while it was opened", file->path);
done:
    return status;
}

static enum strata_status open_planned(struct reading *reading, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_column_plan *plan = reading->ingest->file[reading->file].columns;
    if (plan->is_open) {
        reading->source = plan->source;
        reading->is_open = true;
        plan->is_open = false;
        STRATA_TRY(plan->kind->rewind(&reading->source, reading->ingest->options.threads, err));
    } else {
        STRATA_TRY(open_again(reading, err));
    }
    STRATA_TRY(plan->kind->select(&reading->source, plan->field, err));
done:
    return status;
}

static enum strata_status begin_reader(struct reader *reader, const struct reading *reading, int number,
                                       struct strata_error *err)
{
    const struct strata_ingest *ingest = reading->ingest;
    const struct strata_column_plan *plan = ingest->file[reading->file].columns;
    reader->values.plan = plan;
    reader->values.converter = (struct strata_converter){
        .field = plan->field,
        .time_format = &plan->time_format,
        .options = &ingest->options,
        .amount = ingest->options.amount ? ingest->options.amount : &strata_amount_format_default,
        .arena = &ingest->key_arena[number],
        .builder = &reader->builder,
    };
    return strata_batch_builder_init(&reader->builder, ingest->fields, err);
}

static void release_reader(struct reader *reader)
{
    strata_batch_builder_release(&reader->builder);
    strata_rejects_release(&reader->rejects);
}

static void stop(struct reading *reading, enum strata_status status, const struct strata_error *error)
{
#pragma omp critical(strata_columns_stop)
    if (reading->status == STRATA_OK) {
        reading->error = *error;
        reading->status = status;
    }
    __atomic_store_n(&reading->stop, true, __ATOMIC_RELAXED);
}

/* How far the whole input is: nobody knows where a source does not tell how many rows it has. */
static double share_done(const struct reading *reading, uint64_t rows, uint64_t *bytes)
{
    const struct strata_ingest_file *file = &reading->ingest->file[reading->file];
    const struct strata_column_progress *progress = reading->progress;
    uint64_t n_rows = reading->source.n_rows;
    double share = n_rows == UINT64_MAX ? (double)NAN : n_rows ? (double)rows / (double)n_rows : 1;
    *bytes = progress->bytes_before;
    if (!file->has_bytes || isnan(share) || !progress->n_bytes)
        return share;
    *bytes += (uint64_t)(share * (double)file->n_bytes);
    return (double)*bytes / (double)progress->n_bytes;
}

static void tell_progress(struct reading *reading, int number, uint64_t rows)
{
    const struct strata_observer *observer = reading->ingest->options.observer;
    uint64_t rows_done = __atomic_add_fetch(&reading->rows_done, rows, __ATOMIC_RELAXED);
    if (!observer || number != 0) /* the time of the last notice is the first thread's alone */
        return;
    double time = omp_get_wtime();
    if (time - reading->last_notice < NOTICE_SECONDS)
        return;
    reading->last_notice = time;
    struct strata_event event = {
        .kind = STRATA_EVENT_PROGRESS,
        .stage = "ingest",
        .rows = reading->progress->rows_before + rows_done,
        .seconds = time - reading->progress->started,
    };
    event.share = share_done(reading, rows_done, &event.bytes);
    observer->notify(observer->context, &event);
}

static enum strata_status take_row(const struct reading *reading, struct reader *reader,
                                   const struct strata_column_block *block, size_t i, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    enum strata_row_outcome outcome;
    struct strata_reject reject = {0};
    STRATA_TRY(strata_convert_values(&reader->values, block, i, &outcome, &reject, err));
    if (outcome == STRATA_ROW_REJECTED) {
        reject.line = block->first_row + i;
        reject.origin = (uint32_t)reading->file;
        STRATA_TRY(strata_rejects_keep(&reader->rejects, &reader->n_kept, &reading->ingest->reject_rule, &reject, err));
    }
done:
    return status;
}

static enum strata_status take_block(struct reading *reading, struct reader *reader, int number,
                                     const struct strata_column_block *block, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const bool are_plain = strata_plain_values_are_possible(&reader->values);
    for (size_t first = 0; first < block->n_rows; first += STRATA_USED_ROWS) {
        size_t n = block->n_rows - first < STRATA_USED_ROWS ? block->n_rows - first : STRATA_USED_ROWS;
        uint64_t left = strata_used_rows_all(n);
        if (reader->builder.batch.n_rows + n > STRATA_BATCH_ROWS)
            STRATA_TRY(strata_batch_builder_flush(&reader->builder, reading->file, number, reading->sink, err));
        if (are_plain)
            STRATA_TRY(strata_plain_values_convert(&reader->values, block, first, n, &left, err));
        for (; left; left &= left - 1)
            STRATA_TRY(take_row(reading, reader, block, first + strata_used_rows_first(left), err));
    }
    tell_progress(reading, number, block->n_rows);
done:
    return status;
}

/* All blocks that one reader gets. */
static enum strata_status read_blocks(struct reading *reading, struct reader *reader, int number,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    while (!__atomic_load_n(&reading->stop, __ATOMIC_RELAXED)) {
        struct strata_column_block block = {0};
        STRATA_TRY(reading->source.kind->next(&reading->source, number, &block, err));
        if (block.n_rows == 0)
            break;
        STRATA_TRY(take_block(reading, reader, number, &block, err));
    }
    STRATA_TRY(strata_batch_builder_flush(&reader->builder, reading->file, number, reading->sink, err));
done:
    return status;
}

static void read_in_parallel(struct reading *reading, struct reader *readers)
{
#pragma omp parallel num_threads(reading->ingest->options.threads)
    {
        int number = omp_get_thread_num();
        struct strata_error error;
        enum strata_status status = read_blocks(reading, &readers[number], number, &error);
        if (status != STRATA_OK)
            stop(reading, status, &error);
    }
}

/* Where several readers take parts of a source, nobody knows how many rows come before a part. */
static void number_rows(const struct strata_column_source *source, struct strata_rejects *rejects)
{
    for (size_t i = 0; source->kind->row_number && i < rejects->n; ++i)
        rejects->reject[i].line = source->kind->row_number(source, rejects->reject[i].line);
}

enum strata_status strata_columns_read(struct strata_ingest *ingest, size_t f, const struct strata_batch_sink *sink,
                                       const struct strata_column_progress *progress, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const int threads = ingest->options.threads;
    struct strata_ingest_file *file = &ingest->file[f];
    struct reading reading = {.ingest = ingest, .file = f, .sink = sink, .progress = progress};
    struct reader *readers = strata_calloc_array((size_t)threads, sizeof *readers);
    if (!readers)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory to read %s", file->path);
    file->account = (struct strata_ingest_account){0};
    for (int t = 0; t < threads; ++t)
        STRATA_TRY(begin_reader(&readers[t], &reading, t, err));
    STRATA_TRY(open_planned(&reading, err));
    read_in_parallel(&reading, readers);
    if (reading.status != STRATA_OK)
        STRATA_GIVE_UP(err, reading.status, "%s", reading.error.message);
    if (reading.source.kind->finish)
        STRATA_TRY(reading.source.kind->finish(&reading.source, err));
    file->hash_high = reading.source.hash_high;
    file->hash_low = reading.source.hash_low;
    for (int t = 0; t < threads; ++t) {
        strata_ingest_account_add(&file->account, &readers[t].values.converter.account);
        number_rows(&reading.source, &readers[t].rejects);
        STRATA_TRY(strata_rejects_append(&ingest->rejects, &readers[t].rejects, err));
    }
done:
    for (int t = 0; readers && t < threads; ++t)
        release_reader(&readers[t]);
    if (reading.is_open)
        reading.source.kind->close(&reading.source);
    free(readers);
    return status;
}
