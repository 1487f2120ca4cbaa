#include "ingest_fixture.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

static const struct strata_time_zone utc;

struct strata_ingest_options ingest_defaults(void)
{
    return (struct strata_ingest_options){
        .time_format = "auto",
        .time_zone = &utc,
        .max_bad_rows = UINT64_MAX,
        .threads = 1,
    };
}

static void forget_rows(struct collected *collected)
{
    for (size_t i = 0; i < collected->n_rows; ++i)
        free(collected->row[i].customer);
    collected->n_rows = 0;
}

static void add_row(struct collected *collected, const struct strata_batch *batch, uint32_t i)
{
    char text[STRATA_KEY_MAX_BYTES];
    size_t n = strata_key_text(batch->customer[i], text);
    char *customer = malloc(n + 1);
    memcpy(customer, text, n);
    customer[n] = '\0';
    if (collected->n_rows == collected->capacity) {
        collected->capacity = collected->capacity ? 2 * collected->capacity : 64;
        collected->row = realloc(collected->row, collected->capacity * sizeof *collected->row);
    }
    collected->row[collected->n_rows++] = (struct collected_row){customer, n, batch->day[i], batch->amount[i]};
}

static enum strata_status append(void *context, int thread, const struct strata_batch *batch, struct strata_error *err)
{
    struct collected *collected = context;
    enum strata_status status = STRATA_OK;
#pragma omp critical(test_append)
    {
        ++collected->n_appends;
        bool fails = collected->failing_append && collected->n_appends >= collected->failing_append;
        if (fails || thread < 0 || thread >= collected->options.threads || batch->n_rows == 0)
            status = strata_fail(err, STRATA_INTERNAL, "this batch was refused");
        else
            for (uint32_t i = 0; i < batch->n_rows; ++i)
                add_row(collected, batch, i);
    }
    return status;
}

static enum strata_status restart(void *context, struct strata_error *err)
{
    (void)err;
    forget_rows(context);
    ++((struct collected *)context)->n_restarts;
    return STRATA_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const struct collected_row *x = a, *y = b;
    int order = strcmp(x->customer, y->customer);
    if (order)
        return order;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->amount > y->amount) - (x->amount < y->amount);
}

static void check_laws(const struct collected *collected)
{
    struct strata_ingest_account total = strata_ingest_total(&collected->ingest);
    cr_assert_eq(total.read, total.used + total.rejected + total.excluded);
    cr_assert(total.amount_read == total.amount_used + total.amount_rejected + total.amount_excluded);
    cr_assert_eq(total.used, collected->n_rows);
    if (collected->options.skip_bad_rows)
        cr_assert_eq(total.rejected, collected->ingest.rejects.n);
    strata_amount_total sum = 0;
    for (size_t i = 0; i < collected->n_rows; ++i)
        sum += collected->row[i].amount;
    cr_assert(sum == total.amount_used);
}

void collect_paths(struct collected *collected, const char *const *paths, size_t n_paths,
                   const struct strata_ingest_options *options)
{
    int failing_append = collected->failing_append;
    *collected = (struct collected){.options = *options, .failing_append = failing_append};
    collected->options.transactions = paths;
    collected->options.n_transactions = n_paths;
    const struct strata_batch_sink sink = {collected, append, restart};
    collected->open_status = collected->status =
        strata_ingest_open(&collected->ingest, &collected->options, &collected->error);
    if (collected->open_status != STRATA_OK)
        return;
    collected->status = strata_ingest_read(&collected->ingest, &sink, &collected->error);
    if (collected->n_rows)
        qsort(collected->row, collected->n_rows, sizeof *collected->row, compare_rows);
    if (collected->status == STRATA_OK || collected->ingest.rejects.n)
        check_laws(collected);
}

void collect(struct collected *collected, const char *path, const struct strata_ingest_options *options)
{
    const char *const paths[] = {path};
    collected->failing_append = 0;
    collect_paths(collected, paths, 1, options);
}

void collect_bytes(struct collected *collected, const char *bytes, size_t n,
                   const struct strata_ingest_options *options)
{
    struct scratch scratch;
    scratch_make(&scratch);
    char *path = scratch_write(&scratch, "log.csv", bytes, n);
    collect(collected, path, options);
    free(path);
    scratch_remove(&scratch);
}

void collect_text(struct collected *collected, const char *text, const struct strata_ingest_options *options)
{
    collect_bytes(collected, text, strlen(text), options);
}

void collected_release(struct collected *collected)
{
    strata_ingest_release(&collected->ingest);
    forget_rows(collected);
    free(collected->row);
    *collected = (struct collected){0};
}

void assert_read(const struct collected *collected, uint64_t used, uint64_t rejected, uint64_t excluded)
{
    cr_assert_eq(collected->status, STRATA_OK, "%s", collected->error.message);
    struct strata_ingest_account total = strata_ingest_total(&collected->ingest);
    cr_assert(total.used == used && total.rejected == rejected && total.excluded == excluded,
              "%llu rows used, %llu rejected, %llu excluded", (unsigned long long)total.used,
              (unsigned long long)total.rejected, (unsigned long long)total.excluded);
}

void assert_reject(const struct collected *collected, size_t i, uint64_t line, uint64_t byte, unsigned column,
                   enum strata_reject_reason reason, const char *description)
{
    char text[160];
    cr_assert_lt(i, collected->ingest.rejects.n);
    const struct strata_reject *reject = &collected->ingest.rejects.reject[i];
    strata_reject_describe(reject, text, sizeof text);
    cr_assert_eq(reject->line, line, "reject %zu: line %llu", i, (unsigned long long)reject->line);
    cr_assert_eq(reject->byte, byte, "reject %zu: byte %llu", i, (unsigned long long)reject->byte);
    cr_assert_eq(reject->column, column, "reject %zu: column %u", i, reject->column);
    cr_assert_eq(reject->reason, reason, "reject %zu: %s", i, text);
    cr_assert_str_eq(text, description);
}

void assert_refused(const struct collected *collected, enum strata_status status, ...)
{
    cr_assert_eq(collected->status, status, "status %d: %s", (int)collected->status, collected->error.message);
    va_list texts;
    va_start(texts, status);
    for (const char *text; (text = va_arg(texts, const char *)) != NULL;)
        cr_assert(strstr(collected->error.message, text), "'%s' is not in: %s", text, collected->error.message);
    va_end(texts);
}
