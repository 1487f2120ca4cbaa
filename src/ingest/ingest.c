#include "ingest.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "memory.h"
#include "text.h"

enum { DEFAULT_BLOCK_BYTES = 512 << 10 };

/* The same file twice, by whatever names, would count its revenue twice. */
static enum strata_status check_twice(const struct strata_ingest *ingest, const struct strata_ingest_file *file,
                                      struct strata_error *err)
{
    for (const struct strata_ingest_file *other = ingest->file; other < file; ++other) {
        if (file->device != other->device || file->inode != other->inode)
            continue;
        if (strcmp(file->path, other->path) == 0)
            return strata_fail(err, STRATA_USAGE, "%s is given twice", file->path);
        return strata_fail(err, STRATA_USAGE, "%s and %s are the same file; give it once", other->path, file->path);
    }
    return STRATA_OK;
}

static size_t block_bytes(const struct strata_ingest *ingest)
{
    return ingest->options.block_bytes ? ingest->options.block_bytes : DEFAULT_BLOCK_BYTES;
}

/* The file's own path, which its source borrows; "-" gets a name. */
static enum strata_status set_path(struct strata_ingest_file *file, char *path, struct strata_error *err)
{
    file->path = path;
    file->is_standard_input = strcmp(path, "-") == 0;
    if (!file->is_standard_input)
        return STRATA_OK;
    free(path);
    file->path = strata_copy_string("standard input");
    return file->path ? STRATA_OK : strata_fail(err, STRATA_MEMORY, "out of memory for a path");
}

static enum strata_status open_source(struct strata_byte_source *source, const struct strata_ingest *ingest,
                                      const struct strata_ingest_file *file, struct strata_error *err)
{
    return strata_byte_source_open(source, file->is_standard_input ? "-" : file->path, ingest->options.encoding,
                                   block_bytes(ingest), err);
}

static enum strata_status add_file(struct strata_ingest *ingest, size_t number, char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ingest_file *file = &ingest->file[number];
    struct strata_byte_source *source = strata_calloc_array(1, sizeof *source);
    STRATA_TRY(set_path(file, path, err));
    file->plan = strata_calloc_array(1, sizeof *file->plan);
    if (!source || !file->plan)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the plan of %s", file->path);
    STRATA_TRY(open_source(source, ingest, file, err));
    file->n_bytes = source->file.n_bytes;
    file->device = source->file.device;
    file->inode = source->file.inode;
    STRATA_TRY(check_twice(ingest, file, err));
    STRATA_TRY(strata_text_plan_make(file->plan, source, &ingest->options, err));
    if (!source->file.is_regular) { /* it can be read only once, so it stays open */
        file->pipe = source;
        source = NULL;
    }
done:
    if (source)
        strata_byte_source_close(source);
    free(source);
    return status;
}

static unsigned fields_of(const struct strata_text_plan *plan)
{
    return (plan->field[STRATA_ROLE_ORDER] >= 0 ? STRATA_HAS_ORDER : 0u) |
           (plan->field[STRATA_ROLE_CHANNEL] >= 0 ? STRATA_HAS_CHANNEL : 0u) |
           (plan->field[STRATA_ROLE_CATEGORY] >= 0 ? STRATA_HAS_CATEGORY : 0u);
}

/* Optional columns are in every file or in none: a feature must mean the same for every customer. */
static enum strata_status check_fields(struct strata_ingest *ingest, struct strata_error *err)
{
    const struct strata_ingest_options *options = &ingest->options;
    ingest->fields = fields_of(ingest->file[0].plan);
    for (size_t i = 1; i < ingest->n_files; ++i)
        if (fields_of(ingest->file[i].plan) != ingest->fields)
            return strata_fail(err, STRATA_REJECTED,
                               "%s and %s do not both have columns for order, channel and category; map the same "
                               "columns in all files, or none (--order '')",
                               ingest->file[0].path, ingest->file[i].path);
    if (options->exclude_order_prefix && !(ingest->fields & STRATA_HAS_ORDER))
        return strata_fail(err, STRATA_REJECTED,
                           "%s has no order column for --exclude-order-prefix; name it with "
                           "--order COLUMN",
                           ingest->file[0].path);
    if (options->with_origin)
        ingest->fields |= STRATA_HAS_ORIGIN;
    if (options->with_fingerprint)
        ingest->fields |= STRATA_HAS_FINGERPRINT;
    return STRATA_OK;
}

enum strata_status strata_ingest_open(struct strata_ingest *ingest, const struct strata_ingest_options *options,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char **paths = NULL;
    size_t n_paths = 0;
    *ingest = (struct strata_ingest){.options = *options};
    STRATA_TRY(strata_input_paths_expand(options->transactions, options->n_transactions, &paths, &n_paths, err));
    if (n_paths == 0)
        STRATA_GIVE_UP(err, STRATA_USAGE, "no transactions are given; name a file with --transactions PATH");
    ingest->file = strata_calloc_array(n_paths, sizeof *ingest->file);
    ingest->key_arena = strata_calloc_array((size_t)options->threads, sizeof *ingest->key_arena);
    if (!ingest->file || !ingest->key_arena)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %zu input files", n_paths);
    for (size_t i = 0; i < n_paths; ++i) {
        char *path = paths[i];
        paths[i] = NULL;
        ++ingest->n_files;
        STRATA_TRY(add_file(ingest, i, path, err));
    }
    STRATA_TRY(check_fields(ingest, err));
done:
    for (size_t i = 0; i < n_paths; ++i)
        free(paths[i]);
    free(paths);
    return status;
}

void strata_ingest_release(struct strata_ingest *ingest)
{
    for (size_t i = 0; i < ingest->n_files; ++i) {
        free(ingest->file[i].path);
        if (ingest->file[i].plan)
            strata_text_plan_release(ingest->file[i].plan);
        free(ingest->file[i].plan);
        if (ingest->file[i].pipe)
            strata_byte_source_close(ingest->file[i].pipe);
        free(ingest->file[i].pipe);
    }
    for (int t = 0; ingest->key_arena && t < ingest->options.threads; ++t)
        strata_key_arena_release(&ingest->key_arena[t]);
    free(ingest->file);
    free(ingest->key_arena);
    strata_rejects_release(&ingest->rejects);
    *ingest = (struct strata_ingest){0};
}

static void close_chain(struct strata_text_chain *chain)
{
    strata_byte_source_close(&chain->own);
    (void)XXH3_freeState(chain->hash);
    chain->hash = NULL;
}

/* Of a plain file, what comes before the rows is read, hashed and done with. */
static enum strata_status begin_hash(struct strata_text_chain *chain, const struct strata_ingest_file *file,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *beginning = malloc(file->plan->data_offset + 1);
    chain->hash = XXH3_createState();
    if (!chain->hash || !beginning)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory to read %s", file->path);
    (void)XXH3_128bits_reset(chain->hash);
    STRATA_TRY(strata_input_file_read(&chain->source->file, 0, beginning, file->plan->data_offset, err));
    (void)XXH3_128bits_update(chain->hash, beginning, file->plan->data_offset);
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
        STRATA_TRY(open_source(&chain->own, job->ingest, file, err));
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
    if (!chain->hash) {
        file->n_bytes = strata_byte_source_stored(chain->source, &file->hash_high, &file->hash_low);
        return;
    }
    XXH128_hash_t hash = XXH3_128bits_digest(chain->hash);
    file->hash_high = hash.high64;
    file->hash_low = hash.low64;
}

/* The blocks of a file in parallel; threads take them in order, so that a block rarely waits for the one before. */
static void read_blocks(struct strata_text_job *job, struct strata_text_worker *workers, size_t f)
{
#pragma omp parallel num_threads(job->ingest->options.threads)
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
        if (job->ingest->file[f].is_careful != careful)
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

/* One attempt at everything. *again: a file turned out to need care, so all must be read again. */
static enum strata_status read_once(struct strata_ingest *ingest, const struct strata_batch_sink *sink, bool *again,
                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const int threads = ingest->options.threads;
    const struct strata_structure_variant *variants;
    const struct strata_column_variant *columns;
    (void)strata_structure_variants(&variants);
    (void)strata_column_variants(&columns);
    struct strata_text_job job = {
        .ingest = ingest,
        .sink = sink,
        .variant = &variants[0],
        .columns = &columns[0],
        .block_bytes = block_bytes(ingest),
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

/* "FILE, line 7, column 3: not a number: 'abc'" for the first bad rows. */
static enum strata_status reject_run(const struct strata_ingest *ingest, const char *advice, struct strata_error *err)
{
    struct strata_ingest_account total = strata_ingest_total(ingest);
    char list[STRATA_ERROR_CAPACITY - 512];
    size_t at = 0;
    for (size_t i = 0; i < ingest->rejects.n && i < STRATA_REJECTS_NAMED; ++i) {
        const struct strata_reject *reject = &ingest->rejects.reject[i];
        char reason[160], column[32] = "";
        strata_reject_describe(reject, reason, sizeof reason);
        if (reject->column)
            (void)snprintf(column, sizeof column, ", column %u", reject->column);
        int n = snprintf(list + at, sizeof list - at, "\n  %s, line %llu%s: %s", ingest->file[reject->origin].path,
                         (unsigned long long)reject->line, column, reason);
        if (n < 0 || (size_t)n >= sizeof list - at)
            break;
        at += (size_t)n;
    }
    list[at] = '\0';
    return strata_fail(err, STRATA_REJECTED, "%llu of %llu rows are bad; %s%s%s", (unsigned long long)total.rejected,
                       (unsigned long long)total.read, advice,
                       total.rejected > STRATA_REJECTS_NAMED ? "; the first ten:" : ":", list);
}

/* Amounts in several currencies have no sum. */
static enum strata_status check_currency(const struct strata_ingest *ingest, struct strata_error *err)
{
    uint64_t ruled_out = 0;
    for (size_t f = 0; f < ingest->n_files; ++f) {
        ruled_out |= ingest->file[f].account.ruled_out;
        if (ruled_out == STRATA_CURRENCIES_ALL)
            return strata_fail(err, STRATA_REJECTED,
                               "%s: the signs of its amounts do not belong to one currency%s; give strata one currency "
                               "at a time",
                               ingest->file[f].path, f ? " with those of the files before" : "");
    }
    return STRATA_OK;
}

enum strata_status strata_ingest_read(struct strata_ingest *ingest, const struct strata_batch_sink *sink,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool again;
    for (;;) {
        STRATA_TRY(read_once(ingest, sink, &again, err));
        if (!again)
            break;
        STRATA_TRY(sink->restart(sink->context, err));
    }
    strata_rejects_sort(&ingest->rejects);
    uint64_t rejected = strata_ingest_total(ingest).rejected;
    if (rejected && !ingest->options.skip_bad_rows)
        STRATA_TRY(reject_run(ingest, "mend them or take the rest with --bad-rows skip", err));
    STRATA_TRY(check_currency(ingest, err));
    if (rejected > ingest->options.max_bad_rows)
        STRATA_TRY(reject_run(ingest, "that is more than --max-bad-rows allows", err));
done:
    return status;
}

struct strata_ingest_account strata_ingest_total(const struct strata_ingest *ingest)
{
    struct strata_ingest_account total = {0};
    for (size_t f = 0; f < ingest->n_files; ++f) {
        const struct strata_ingest_account *account = &ingest->file[f].account;
        total.read += account->read;
        total.used += account->used;
        total.rejected += account->rejected;
        total.excluded += account->excluded;
        total.amount_read += account->amount_read;
        total.amount_used += account->amount_used;
        total.amount_rejected += account->amount_rejected;
        total.amount_excluded += account->amount_excluded;
        total.ruled_out |= account->ruled_out;
    }
    return total;
}

char *strata_ingest_describe(const struct strata_ingest_file *file)
{
    const struct strata_text_plan *plan = file->plan;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out)
        return NULL;
    (void)fprintf(out, "%s: delimiter %s, %s", file->path, strata_delimiter_word(plan->delimiter),
                  plan->has_header ? "header" : "no header");
    if (plan->encoding != STRATA_ENCODING_UTF_8)
        (void)fprintf(out, ", %s", strata_encoding_word(plan->encoding));
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        if (plan->field[role] < 0)
            continue;
        (void)fprintf(out, ", %s = %s", strata_role_option((enum strata_role)role), plan->name[role]);
        if (role == STRATA_ROLE_TIME && plan->has_rows)
            (void)fprintf(out, " (%s)", strata_time_format_name(&plan->time_format));
    }
    if (file->is_careful)
        (void)fputs(", read row by row because its quotes break RFC 4180", out);
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}
