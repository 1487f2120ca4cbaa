#include "ingest.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "column_plan.h"
#include "memory.h"
#include "redact.h"
#include "text.h"

enum { MAGIC_BYTES = 16 };

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

static enum strata_status plan_text(struct strata_ingest *ingest, struct strata_ingest_file *file,
                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_byte_source *source = strata_calloc_array(1, sizeof *source);
    file->plan = strata_calloc_array(1, sizeof *file->plan);
    if (!source || !file->plan)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the plan of %s", file->path);
    STRATA_TRY(strata_text_open(source, ingest, file, err));
    file->n_bytes = source->file.n_bytes;
    file->device = source->file.device;
    file->inode = source->file.inode;
    STRATA_TRY(check_twice(ingest, file, err));
    if (ingest->options.query || ingest->options.table)
        STRATA_GIVE_UP(err, STRATA_USAGE, "%s is delimited text, for which --%s means nothing; leave it out",
                       file->path, ingest->options.query ? "query" : "table");
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

static enum strata_status plan_columns(struct strata_ingest *ingest, struct strata_ingest_file *file,
                                       const struct strata_column_source_kind *kind, struct strata_error *err)
{
    file->columns = strata_calloc_array(1, sizeof *file->columns);
    if (!file->columns)
        return strata_fail(err, STRATA_MEMORY, "out of memory for the plan of %s", file->path);
    return strata_column_plan_make(file->columns, kind, ingest, file, err);
}

/* The kind of source that a regular file is by its name and what is in it; NULL: delimited text, or a pipe, which
 * cannot be looked at twice. */
static enum strata_status find_kind(const struct strata_ingest *ingest, struct strata_ingest_file *file,
                                    const struct strata_column_source_kind **kind, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_input_file input = {.descriptor = -1};
    struct stat about;
    char magic[MAGIC_BYTES] = {0};
    *kind = NULL;
    if (file->is_standard_input || stat(file->path, &about) != 0 || !S_ISREG(about.st_mode))
        return STRATA_OK;
    STRATA_TRY(strata_input_file_open(&input, file->path, err));
    size_t n_magic = input.n_bytes < MAGIC_BYTES ? (size_t)input.n_bytes : MAGIC_BYTES;
    STRATA_TRY(strata_input_file_read(&input, 0, magic, n_magic, err));
    const struct strata_source_request request = strata_column_request(ingest, file->path);
    *kind = strata_source_kind_find(&request, magic, n_magic);
    if (!*kind)
        STRATA_TRY(strata_source_kind_find_in_file(&input, kind, err));
    file->n_bytes = input.n_bytes;
    file->device = input.device;
    file->inode = input.inode;
done:
    strata_input_file_close(&input);
    return status;
}

static enum strata_status add_file(struct strata_ingest *ingest, size_t number, char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ingest_file *file = &ingest->file[number];
    const struct strata_column_source_kind *kind;
    STRATA_TRY(set_path(file, path, err));
    file->has_bytes = true;
    STRATA_TRY(find_kind(ingest, file, &kind, err));
    if (kind) {
        STRATA_TRY(check_twice(ingest, file, err));
        STRATA_TRY(plan_columns(ingest, file, kind, err));
    } else {
        STRATA_TRY(plan_text(ingest, file, err));
    }
done:
    return status;
}

static enum strata_status add_source(struct strata_ingest *ingest, struct strata_error *err)
{
    const struct strata_source_request request = strata_column_request(ingest, NULL);
    const struct strata_column_source_kind *kind = strata_source_kind_find(&request, "", 0);
    struct strata_ingest_file *file = &ingest->file[0];
    char kinds[256];
    if (!(file->path = strata_text_redact(ingest->options.source)))
        return strata_fail(err, STRATA_MEMORY, "out of memory for the name of a source");
    ingest->n_files = 1;
    if (kind)
        return plan_columns(ingest, file, kind, err);
    strata_source_kinds_list(kinds, sizeof kinds);
    return strata_fail(err, STRATA_USAGE, "there is no source %s; sources are: %s", file->path,
                       *kinds ? kinds : "none in this build");
}

static const int *columns_of(const struct strata_ingest_file *file)
{
    return file->plan ? file->plan->field : file->columns->field;
}

static unsigned fields_of(const struct strata_ingest_file *file)
{
    const int *field = columns_of(file);
    return (field[STRATA_ROLE_ORDER] >= 0 ? STRATA_HAS_ORDER : 0u) |
           (field[STRATA_ROLE_CHANNEL] >= 0 ? STRATA_HAS_CHANNEL : 0u) |
           (field[STRATA_ROLE_CATEGORY] >= 0 ? STRATA_HAS_CATEGORY : 0u);
}

/* Optional columns are in every file or in none: a feature must mean the same for every customer. */
static enum strata_status check_fields(struct strata_ingest *ingest, struct strata_error *err)
{
    const struct strata_ingest_options *options = &ingest->options;
    ingest->fields = fields_of(&ingest->file[0]);
    for (size_t i = 1; i < ingest->n_files; ++i)
        if (fields_of(&ingest->file[i]) != ingest->fields)
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
    if (n_paths == 0 && !options->source)
        STRATA_GIVE_UP(err, STRATA_USAGE, "no transactions are given; name a file with --transactions PATH");
    ingest->file = strata_calloc_array(n_paths + 1, sizeof *ingest->file);
    ingest->key_arena = strata_calloc_array((size_t)options->threads, sizeof *ingest->key_arena);
    if (!ingest->file || !ingest->key_arena)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %zu input files", n_paths);
    if (options->source)
        STRATA_TRY(add_source(ingest, err));
    for (size_t i = 0; i < n_paths && !options->source; ++i) {
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
        if (ingest->file[i].columns)
            strata_column_plan_release(ingest->file[i].columns);
        free(ingest->file[i].columns);
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

void strata_ingest_place(const struct strata_ingest *ingest, const struct strata_reject *reject, char *out,
                         size_t capacity)
{
    const struct strata_ingest_file *file = &ingest->file[reject->origin];
    char column[32] = "";
    if (reject->column)
        (void)snprintf(column, sizeof column, ", column %u", reject->column);
    (void)snprintf(out, capacity, "%s, %s %llu%s", file->path, file->plan ? "line" : "row",
                   (unsigned long long)reject->line, column);
}

/* "FILE, line 7, column 3: not a number: 'abc'" for the first bad rows. */
static enum strata_status reject_run(const struct strata_ingest *ingest, const char *advice, struct strata_error *err)
{
    struct strata_ingest_account total = strata_ingest_total(ingest);
    char list[STRATA_ERROR_CAPACITY - 512];
    size_t at = 0;
    for (size_t i = 0; i < ingest->rejects.n && i < STRATA_REJECTS_NAMED; ++i) {
        const struct strata_reject *reject = &ingest->rejects.reject[i];
        char reason[160], place[STRATA_ERROR_CAPACITY - 1024];
        strata_reject_describe(reject, reason, sizeof reason);
        strata_ingest_place(ingest, reject, place, sizeof place);
        int n = snprintf(list + at, sizeof list - at, "\n  %s: %s", place, reason);
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

/* Sources of columns, once the text has been read for good. */
static enum strata_status read_columns(struct strata_ingest *ingest, const struct strata_batch_sink *sink,
                                       double started, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_column_progress progress = {.started = started};
    for (size_t f = 0; f < ingest->n_files; ++f)
        progress.n_bytes += ingest->file[f].n_bytes;
    for (size_t f = 0; f < ingest->n_files; ++f)
        progress.bytes_before += ingest->file[f].columns ? 0 : ingest->file[f].n_bytes;
    for (size_t f = 0; f < ingest->n_files; ++f) {
        if (!ingest->file[f].columns)
            continue;
        progress.rows_before = strata_ingest_total(ingest).read;
        STRATA_TRY(strata_columns_read(ingest, f, sink, &progress, err));
        progress.bytes_before += ingest->file[f].n_bytes;
    }
done:
    return status;
}

enum strata_status strata_ingest_read(struct strata_ingest *ingest, const struct strata_batch_sink *sink,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const double started = omp_get_wtime();
    bool again;
    for (;;) {
        STRATA_TRY(strata_text_read(ingest, sink, &again, err));
        if (!again)
            break;
        STRATA_TRY(sink->restart(sink->context, err));
    }
    STRATA_TRY(read_columns(ingest, sink, started, err));
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

static void add(struct strata_ingest_account *sum, const struct strata_ingest_account *part)
{
    sum->read += part->read;
    sum->used += part->used;
    sum->rejected += part->rejected;
    sum->excluded += part->excluded;
    sum->amount_read += part->amount_read;
    sum->amount_used += part->amount_used;
    sum->amount_rejected += part->amount_rejected;
    sum->amount_excluded += part->amount_excluded;
    sum->ruled_out |= part->ruled_out;
}

void strata_ingest_account_add(struct strata_ingest_account *sum, const struct strata_ingest_account *part)
{
#pragma omp critical(strata_ingest_account)
    add(sum, part);
}

struct strata_ingest_account strata_ingest_total(const struct strata_ingest *ingest)
{
    struct strata_ingest_account total = {0};
    for (size_t f = 0; f < ingest->n_files; ++f)
        add(&total, &ingest->file[f].account);
    return total;
}

static void put_columns(FILE *out, char *const name[STRATA_N_ROLES], const char *times)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        if (!name[role])
            continue;
        (void)fprintf(out, ", %s = %s", strata_role_option((enum strata_role)role), name[role]);
        if (role == STRATA_ROLE_TIME && *times)
            (void)fprintf(out, " (%s)", times);
    }
}

static void put_text_plan(FILE *out, const struct strata_text_plan *plan)
{
    (void)fprintf(out, "delimiter %s, %s", strata_delimiter_word(plan->delimiter),
                  plan->has_header ? "header" : "no header");
    if (strata_encoding_of(plan->encoding) != STRATA_ENCODING_UTF_8)
        (void)fprintf(out, ", %s", plan->encoding);
    put_columns(out, plan->name, plan->has_rows ? strata_time_format_name(&plan->time_format) : "");
}

static void put_column_plan(FILE *out, const struct strata_column_plan *plan)
{
    (void)fprintf(out, "%s%s%s", plan->kind->name, plan->place ? " " : "", plan->place ? plan->place : "");
    put_columns(out, plan->name, strata_column_plan_times(plan));
}

char *strata_ingest_describe(const struct strata_ingest_file *file)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out)
        return NULL;
    (void)fprintf(out, "%s: ", file->path);
    if (file->plan)
        put_text_plan(out, file->plan);
    else
        put_column_plan(out, file->columns);
    if (file->care == STRATA_CARE_QUOTES)
        (void)fputs(", read row by row because its quotes break RFC 4180", out);
    if (file->care == STRATA_CARE_LONG_ROW)
        (void)fputs(", read row by row because it has rows of many megabytes", out);
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}
