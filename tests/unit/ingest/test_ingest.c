/* Several files, failing sinks, progress and what is told about a file. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "ingest_fixture.h"
#include "scratch.h"

enum { FILES = 40 };

/* Files of different dialects; every third breaks the rule of quotes; each with one bad row. */
static char *write_files(const struct scratch *scratch)
{
    static const char delimiters[] = ",;\t|";
    for (int f = 0; f < FILES; ++f) {
        char name[32], text[8192];
        char d = delimiters[f % 4];
        size_t n = (size_t)sprintf(text, "customer%cdate%camount%cnote\n", d, d, d);
        for (int i = 0; i < 100; ++i)
            n += (size_t)sprintf(text + n, "C%d%c2024-01-%02d%c%d.5%c%s\n", i, d, 1 + i % 28, d, f, d,
                                 f % 3 == 2 && i == 50 ? "5\" pipe" : "\"a\"\"b\"");
        n += (size_t)sprintf(text + n, "C%c2024-01-01%cx%c\n", d, d, d);
        (void)snprintf(name, sizeof name, "part-%02d.csv", f);
        free(scratch_write(scratch, name, text, n));
    }
    return scratch_path(scratch, "part-*.csv");
}

/* One restart is enough, however many files turn out to need care. */
Test(ingest, many_files)
{
    struct scratch scratch;
    scratch_make(&scratch);
    char *pattern = write_files(&scratch);
    for (int threads = 1; threads <= 3; ++threads) {
        struct collected collected = {0};
        struct strata_ingest_options options = ingest_defaults();
        options.skip_bad_rows = true;
        options.threads = threads;
        options.block_bytes = 1024;
        collect(&collected, pattern, &options);
        assert_read(&collected, 100 * FILES - FILES / 3, FILES + FILES / 3, 0);
        cr_assert_eq(collected.n_restarts, 1);
        for (size_t f = 0, i = 0; f < FILES; ++f) {
            cr_assert_eq(collected.ingest.file[f].care, f % 3 == 2 ? STRATA_CARE_QUOTES : STRATA_CARE_NONE);
            const struct strata_reject *reject = &collected.ingest.rejects.reject[i++];
            if (f % 3 == 2) {
                cr_assert(reject->line == 52 && reject->origin == f && reject->column == 4);
                cr_assert_eq(reject->reason, STRATA_REJECT_QUOTE_IN_FIELD);
                reject = &collected.ingest.rejects.reject[i++];
            }
            cr_assert(reject->line == 102 && reject->origin == f && reject->column == 3);
        }
        collected_release(&collected);
    }
    free(pattern);
    scratch_remove(&scratch);
}

/* Without skipping only as many bad rows are kept as are named, but all are counted. */
Test(ingest, many_bad_rows_take_no_memory)
{
    size_t n = 0, capacity = 1 << 20;
    char *text = malloc(capacity);
    n += (size_t)sprintf(text, "customer,date,amount\n");
    for (int i = 0; i < 40000; ++i)
        n += (size_t)sprintf(text + n, "C,2024-01-02,x%s\n", i == 30000 ? "\"" : "");
    for (int threads = 1; threads <= 8; threads *= 2) {
        struct collected collected = {0};
        struct strata_ingest_options options = ingest_defaults();
        options.threads = threads;
        options.block_bytes = 4096;
        collect_bytes(&collected, text, n, &options);
        assert_refused(&collected, STRATA_REJECTED, "40000 of 40000 rows are bad", "the first ten:", "line 2, column 3",
                       "line 11, column 3", NULL);
        cr_assert_not(strstr(collected.error.message, "line 12"));
        cr_assert_leq(collected.ingest.rejects.n, (size_t)(10 * threads));
        collected_release(&collected);
    }
    free(text);
}

Test(ingest, more_files_than_descriptors)
{
    struct scratch scratch;
    scratch_make(&scratch);
    char *pattern = write_files(&scratch);
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 30;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    struct collected collected = {0};
    struct strata_ingest_options options = ingest_defaults();
    options.skip_bad_rows = true;
    collect(&collected, pattern, &options);
    cr_assert_eq(collected.status, STRATA_OK, "%s", collected.error.message);
    collected_release(&collected);
    free(pattern);
    scratch_remove(&scratch);
}

/* No thread waits for ever for a block that is not to come. */
Test(ingest, failing_sink, .timeout = 60)
{
    struct scratch scratch;
    scratch_make(&scratch);
    char *pattern = write_files(&scratch);
    const char *const paths[] = {pattern};
    for (int threads = 1; threads <= 8; threads *= 2)
        for (int failing = 1; failing < 60; failing += 6) {
            struct collected collected = {.failing_append = failing};
            struct strata_ingest_options options = ingest_defaults();
            options.skip_bad_rows = true;
            options.threads = threads;
            options.block_bytes = 256;
            collect_paths(&collected, paths, 1, &options);
            assert_refused(&collected, STRATA_INTERNAL, "this batch was refused", NULL);
            collected_release(&collected);
        }
    free(pattern);
    scratch_remove(&scratch);
}

/* A file that shrinks between opening and reading. */
Test(ingest, changed_file, .timeout = 60)
{
    struct scratch scratch;
    scratch_make(&scratch);
    char *path = scratch_write_text(&scratch, "a.csv", "customer,date,amount\n1,2024-01-02,3\n");
    const char *const paths[] = {path};
    struct strata_ingest ingest;
    struct strata_error error;
    struct strata_ingest_options options = ingest_defaults();
    options.transactions = paths;
    options.n_transactions = 1;
    cr_assert_eq(strata_ingest_open(&ingest, &options, &error), STRATA_OK);
    free(scratch_write_text(&scratch, "a.csv", "customer,date\n"));
    const struct strata_batch_sink sink = {0};
    cr_assert_eq(strata_ingest_read(&ingest, &sink, &error), STRATA_IO);
    cr_assert(strstr(error.message, "has changed"), "%s", error.message);
    strata_ingest_release(&ingest);
    free(path);
    scratch_remove(&scratch);
}

struct progress {
    uint64_t rows, bytes;
    int n_events;
    bool is_right;
};

static void notify(void *context, const struct strata_event *event)
{
    struct progress *progress = context;
    progress->is_right = progress->is_right && event->kind == STRATA_EVENT_PROGRESS &&
                         strcmp(event->stage, "ingest") == 0 && event->share >= 0 && event->share <= 1 &&
                         event->rows >= progress->rows && event->bytes >= progress->bytes;
    progress->rows = event->rows;
    progress->bytes = event->bytes;
    ++progress->n_events;
}

Test(ingest, progress)
{
    struct scratch scratch;
    struct progress progress = {.is_right = true};
    const struct strata_observer observer = {notify, &progress};
    scratch_make(&scratch);
    char *pattern = write_files(&scratch);
    struct collected collected = {0};
    struct strata_ingest_options options = ingest_defaults();
    options.skip_bad_rows = true;
    options.block_bytes = 64;
    options.observer = &observer;
    collect(&collected, pattern, &options);
    cr_assert_eq(collected.status, STRATA_OK);
    cr_assert(progress.is_right);
    collected_release(&collected);
    free(pattern);
    scratch_remove(&scratch);
}

Test(ingest, describes_a_file)
{
    struct collected collected = {0};
    struct strata_ingest_options options = ingest_defaults();
    collect_text(&collected, "客户编号;下单日期;金额;x\n1;2024-01-02;3;\"\"\n", &options);
    assert_read(&collected, 1, 0, 0);
    char *text = strata_ingest_describe(&collected.ingest.file[0]);
    cr_assert(strstr(text, "log.csv: delimiter semicolon, header, customer = 客户编号, time = 下单日期 (YYYY-MM-DD)"),
              "%s", text);
    cr_assert(strstr(text, ", amount = 金额"), "%s", text);
    cr_assert_not(strchr(text, '\n'));
    free(text);
    collected_release(&collected);
}

/* Long ids of many rows take the memory of one. */
Test(ingest, long_ids_are_kept_once)
{
    struct collected collected = {0};
    struct strata_ingest_options options = ingest_defaults();
    size_t capacity = 1 << 20, n = (size_t)0;
    char *text = malloc(capacity);
    n += (size_t)sprintf(text, "customer,date,amount\n");
    for (int i = 0; i < 10000; ++i)
        n += (size_t)sprintf(text + n, "somebody-with-a-long-name-%d@example.org,2024-01-02,3\n", i % 10);
    collect_bytes(&collected, text, n, &options);
    assert_read(&collected, 10000, 0, 0);
    cr_assert_eq(collected.ingest.key_arena[0].n_keys, 10);
    collected_release(&collected);
    free(text);
}
