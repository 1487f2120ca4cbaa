#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "run_state.h"

/* A field of the file, quoted where RFC 4180 wants it. A spreadsheet must not take it for a formula. */
static void put_field(FILE *out, const char *text)
{
    bool is_formula = strchr("=+-@", text[0]) && text[0];
    if (!is_formula && !strpbrk(text, ",\"\r\n")) {
        (void)fputs(text, out);
        return;
    }
    (void)fputc('"', out);
    if (is_formula)
        (void)fputc('\'', out);
    for (; *text; ++text) {
        if (*text == '"')
            (void)fputc('"', out);
        (void)fputc(*text, out);
    }
    (void)fputc('"', out);
}

static void put_reject(FILE *out, const struct strata_run_state *run, const struct strata_reject *reject)
{
    char reason[160];
    const struct strata_ingest_file *file = &run->ingest.file[reject->origin];
    strata_reject_describe(reject, reason, sizeof reason);
    put_field(out, file->path);
    (void)fprintf(out, ",%llu,", (unsigned long long)reject->line);
    if (file->plan) /* rows of typed columns have no byte */
        (void)fprintf(out, "%llu", (unsigned long long)reject->byte);
    (void)fputc(',', out);
    put_field(out, reason);
    (void)fputc('\n', out);
}

enum strata_status strata_run_rejects_path(const struct strata_run_state *run, char **path, struct strata_error *err)
{
    if (asprintf(path, "%s.rejects.csv", run->config->output) >= 0)
        return STRATA_OK;
    *path = NULL;
    return strata_fail(err, STRATA_MEMORY, "out of memory for the rejects file");
}

enum strata_status strata_run_write_rejects(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    FILE *out = NULL;
    char *path = NULL;
    if (run->config->bad_rows != STRATA_CONFIG_BAD_ROWS_SKIP)
        return STRATA_OK;
    STRATA_TRY(strata_run_rejects_path(run, &path, err));
    STRATA_TRY(strata_publication_begin(&run->rejects_output, path, err));
    int descriptor = dup(run->rejects_output.file);
    out = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!out || ftruncate(descriptor, 0) != 0) {
        int reason = errno;
        if (!out && descriptor >= 0)
            (void)close(descriptor);
        STRATA_GIVE_UP(err, STRATA_IO, "cannot write %s: %s", path, strerror(reason));
    }
    (void)fputs("file,line,byte,reason\n", out);
    for (size_t i = 0; i < run->ingest.rejects.n; ++i)
        put_reject(out, run, &run->ingest.rejects.reject[i]);
    if (fflush(out) != 0 || ferror(out))
        STRATA_GIVE_UP(err, STRATA_IO, "cannot write %s: %s", path, strerror(errno));
done:
    if (out && fclose(out) != 0 && status == STRATA_OK)
        status = strata_fail(err, STRATA_IO, "cannot write %s: %s", path, strerror(errno));
    free(path);
    return status;
}
