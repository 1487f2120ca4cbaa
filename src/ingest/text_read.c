#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "record_reader.h"
#include "text.h"

/* A long row takes a thread twice its length of text, as many positions of four bytes, and as much of a window. */
enum { DEFAULT_BLOCK_BYTES = 512 << 10, MEMORY_OF_ROW = 12, LEAST_ROW_BYTES = 256 << 10 };

/* Stored bytes of so small a part of a block are text that one thread reads as soon as several would. */
enum { SMALL_COMPRESSED_PART = 32 };

static size_t block_bytes(const struct strata_ingest *ingest)
{
    return ingest->options.block_bytes ? ingest->options.block_bytes : DEFAULT_BLOCK_BYTES;
}

/* How long rows may be that all threads hold at once within half of what sources may take. */
static size_t row_bytes(const struct strata_ingest_options *options)
{
    const uint64_t share = options->source_memory_bytes / 2 / MEMORY_OF_ROW / (uint64_t)options->threads;
    if (options->source_memory_bytes == 0 || share > STRATA_ROW_MAX_BYTES)
        return STRATA_ROW_MAX_BYTES;
    return share > LEAST_ROW_BYTES ? (size_t)share : LEAST_ROW_BYTES;
}

enum strata_status strata_text_open(struct strata_byte_source *source, const struct strata_ingest *ingest,
                                    const struct strata_ingest_file *file, struct strata_error *err)
{
    const char *path = file->is_standard_input ? "-" : file->path;
    enum strata_status status =
        strata_byte_source_open(source, path, ingest->options.encoding, block_bytes(ingest), err);
    if (status == STRATA_OK)
        strata_byte_source_limit(source, ingest->options.source_memory_bytes);
    return status;
}

static void close_chain(struct strata_text_chain *chain)
{
    strata_byte_source_close(&chain->own);
    strata_checksum_free(chain->hash);
    chain->hash = NULL;
}

/* Of a plain file, what comes before the rows is read, hashed and done with. */
static enum strata_status begin_hash(struct strata_text_chain *chain, const struct strata_ingest_file *file,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *beginning = malloc(file->plan->data_offset + 1);
    chain->hash = strata_checksum_create();
    if (!chain->hash || !beginning)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory to read %s", file->path);
    STRATA_TRY(strata_input_file_read(&chain->source->file, 0, beginning, file->plan->data_offset, err));
    strata_checksum_update(chain->hash, beginning, file->plan->data_offset);
done:
    free(beginning);
    return status;
}

/* A file from its first row. */
static enum strata_status open_chain(struct strata_text_job *job, size_t f, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ingest_file *file = &job->ingest->file[f];
    struct strata_text_chain *chain = &job->chain[f];
    chain->source = file->pipe ? file->pipe : &chain->own;
    if (!file->pipe) {
        STRATA_TRY(strata_text_open(&chain->own, job->ingest, file, err));
        const struct strata_input_file *input = &chain->own.file;
        if (input->n_bytes != file->n_bytes || input->device != file->device || input->inode != file->inode)
            STRATA_GIVE_UP(err, STRATA_IO, "%s has changed while it was opened", file->path);
    }
    STRATA_TRY(strata_byte_source_share(chain->source, job->ingest->options.threads, file->plan->data_offset, err));
    chain->line = file->plan->data_line;
    if (chain->source->is_plain)
        STRATA_TRY(begin_hash(chain, file, err));
    file->account = (struct strata_ingest_account){0};
done:
    return status;
}

static void end_chain(const struct strata_text_chain *chain, struct strata_ingest_file *file)
{
    const struct strata_transcoder *transcoder = &chain->source->transcoder;
    file->n_guessed_characters = transcoder->is_guessed ? transcoder->n_characters : 0;
    if (!chain->hash) {
        file->n_bytes = strata_byte_source_stored(chain->source, &file->hash_high, &file->hash_low);
        return;
    }
    strata_checksum_digest(chain->hash, &file->hash_high, &file->hash_low);
}

/* No more threads than there are blocks, and one for a small compressed file: on a busy machine threads that have
 * nothing to do cost each of many small files the time that they wait for a processor. */
static int threads_for(const struct strata_text_job *job, size_t f)
{
    const struct strata_ingest_file *file = &job->ingest->file[f];
    const int threads = job->ingest->options.threads;
    if (file->pipe)
        return threads;
    if (!job->chain[f].source->is_plain)
        return file->n_bytes > job->block_bytes / SMALL_COMPRESSED_PART ? threads : 1;
    const uint64_t n_blocks = file->n_bytes / job->block_bytes + 1;
    return n_blocks < (uint64_t)threads ? (int)n_blocks : threads;
}

/* The blocks of a file in parallel; threads take them in order, so that a block rarely waits for the one before. */
static void read_blocks(struct strata_text_job *job, struct strata_text_worker *workers, size_t f)
{
#pragma omp parallel num_threads(threads_for(job, f))
    {
        struct strata_text_worker *worker = &workers[omp_get_thread_num()];
        strata_text_worker_begin(worker, f);
        struct strata_byte_source *source = job->chain[f].source;
        bool is_past_end = false;
        while (!is_past_end && !__atomic_load_n(&job->stop, __ATOMIC_RELAXED)) {
            uint64_t offset = strata_byte_source_take(source, worker->number, job->block_bytes);
            struct strata_error error;
            enum strata_status status = strata_text_block(worker, f, offset, &is_past_end, &error);
            if (status != STRATA_OK)
                strata_text_stop(job, status, &error);
        }
        strata_byte_source_let_go(source, worker->number, UINT64_MAX);
        strata_text_worker_end(worker, f);
    }
}

/* One file, open only meanwhile: there may be more files than descriptors. Where blocks fail, job->status says so. */
static enum strata_status read_file(struct strata_text_job *job, struct strata_text_worker *workers, size_t f,
                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ingest_file *file = &job->ingest->file[f];
    STRATA_TRY(open_chain(job, f, err));
    if (file->is_careful)
        STRATA_TRY(strata_text_careful(&workers[0], f, err));
    else
        read_blocks(job, workers, f);
    if (job->status == STRATA_OK && !job->stop)
        end_chain(&job->chain[f], file);
done:
    close_chain(&job->chain[f]);
    return status;
}

/* All files that are read in blocks, or all that are read row by row. A file that turns out to need care does not keep
 * the rest from being looked at, so that all such files are known at once. */
static enum strata_status read_files(struct strata_text_job *job, struct strata_text_worker *workers, bool careful,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (size_t f = 0; f < job->ingest->n_files && job->status == STRATA_OK; ++f) {
        if (!job->ingest->file[f].plan || job->ingest->file[f].is_careful != careful)
            continue;
        job->stop = false;
        STRATA_TRY(read_file(job, workers, f, err));
    }
done:
    return status;
}

static bool any_new_careful(const struct strata_ingest *ingest, const bool *was_careful)
{
    for (size_t f = 0; f < ingest->n_files; ++f)
        if (ingest->file[f].is_careful && !was_careful[f])
            return true;
    return false;
}

enum strata_status strata_text_read(struct strata_ingest *ingest, const struct strata_batch_sink *sink, bool *again,
                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const int threads = ingest->options.threads;
    const struct strata_structure_variant *variants;
    const struct strata_plain_column_variant *columns;
    (void)strata_structure_variants(&variants);
    (void)strata_plain_column_variants(&columns);
    struct strata_text_job job = {
        .ingest = ingest,
        .sink = sink,
        .variant = &variants[0],
        .columns = &columns[0],
        .block_bytes = block_bytes(ingest),
        .row_bytes = row_bytes(&ingest->options),
        .started = omp_get_wtime(),
    };
    struct strata_text_worker *workers = strata_calloc_array((size_t)threads, sizeof *workers);
    bool *was_careful = strata_calloc_array(ingest->n_files, sizeof *was_careful);
    job.chain = strata_calloc_array(ingest->n_files, sizeof *job.chain);
    if (!workers || !was_careful || !job.chain)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory to read the transactions");
    for (int t = 0; t < threads; ++t)
        STRATA_TRY(strata_text_worker_init(&workers[t], &job, t, err));
    for (size_t f = 0; f < ingest->n_files; ++f) {
        job.n_bytes += ingest->file[f].n_bytes;
        job.has_pipe = job.has_pipe || ingest->file[f].pipe;
        was_careful[f] = ingest->file[f].is_careful;
    }
    ingest->reject_rule = (struct strata_reject_rule){
        .all = ingest->options.skip_bad_rows,
        .max = ingest->options.max_bad_rows,
        .memory_bytes = ingest->options.source_memory_bytes / 4 * 3,
    };
    STRATA_TRY(read_files(&job, workers, false, err));
    *again = any_new_careful(ingest, was_careful);
    if (*again)
        goto done;
    if (job.status != STRATA_OK)
        STRATA_GIVE_UP(err, job.status, "%s", job.error.message);
    STRATA_TRY(read_files(&job, workers, true, err));
    for (int t = 0; t < threads; ++t)
        STRATA_TRY(strata_rejects_append(&ingest->rejects, &workers[t].rejects, err));
done:
    for (int t = 0; workers && t < threads; ++t)
        strata_text_worker_release(&workers[t]);
    free(job.chain);
    free(was_careful);
    free(workers);
    return status;
}
