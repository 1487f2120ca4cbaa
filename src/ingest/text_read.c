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
    if (file->care != STRATA_CARE_NONE)
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
        if (!job->ingest->file[f].plan || (job->ingest->file[f].care != STRATA_CARE_NONE) != careful)
            continue;
        job->stop = false;
        STRATA_TRY(read_file(job, workers, f, err));
    }
done:
    return status;
}

/* The first file that turned out to need care; NULL if none did. */
static const struct strata_ingest_file *find_new_careful(const struct strata_ingest *ingest, const bool *was_careful)
{
    for (size_t f = 0; f < ingest->n_files; ++f)
        if (ingest->file[f].care != STRATA_CARE_NONE && !was_careful[f])
            return &ingest->file[f];
    return NULL;
}

/* All is read again because of one file, which a pipe that has gone on cannot be. */
static enum strata_status check_pipes(const struct strata_text_job *job, const struct strata_ingest_file *careful,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_ingest *ingest = job->ingest;
    for (size_t f = 0; f < ingest->n_files; ++f) {
        const struct strata_ingest_file *pipe = &ingest->file[f];
        if (!pipe->pipe || strata_byte_source_can_restart(pipe->pipe))
            continue;
        const double kept = (double)pipe->pipe->n_kept / (1 << 20);
        if (careful->care == STRATA_CARE_LONG_ROW)
            STRATA_GIVE_UP(
                err, STRATA_MEMORY,
                "%s, line %llu: the row is longer than %.1f MiB, the most that the memory limit lets each of "
                "%d threads hold; with such a row all is read again, and of %s the first %.1f MiB alone are "
                "kept for that\nraise --memory-limit, lower --threads, or save it to a file and give that",
                careful->path, (unsigned long long)careful->care_line, (double)job->row_bytes / (1 << 20),
                ingest->options.threads, pipe->path, kept);
        STRATA_GIVE_UP(
            err, STRATA_REJECTED,
            "the quotes of %s break RFC 4180; with such quotes all is read again, and of %s the first %.1f MiB "
            "alone are kept for that\nmend them, or save %s to a file and give that",
            careful->path, pipe->path, kept, pipe->path);
    }
done:
    return status;
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
        was_careful[f] = ingest->file[f].care != STRATA_CARE_NONE;
    }
    ingest->reject_rule = (struct strata_reject_rule){
        .all = ingest->options.skip_bad_rows,
        .max = ingest->options.max_bad_rows,
        .memory_bytes = ingest->options.source_memory_bytes / 4 * 3,
    };
    STRATA_TRY(read_files(&job, workers, false, err));
    const struct strata_ingest_file *careful = find_new_careful(ingest, was_careful);
    *again = careful != NULL;
    if (*again) {
        STRATA_TRY(check_pipes(&job, careful, err));
        goto done;
    }
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
