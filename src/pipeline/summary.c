#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/report.h>
#include <string.h>

#include "check.h"
#include "decimal.h"
#include "run_state.h"

enum { GROUPED_BYTES = 64, NAMED_FILES = 5 };

/* "-1234567.8" -> "-1,234,567.8" */
static void group_digits(const char *number, char out[GROUPED_BYTES])
{
    size_t n_sign = number[0] == '-', n_digits = strspn(number + n_sign, "0123456789"), at = 0;
    memcpy(out, number, n_sign);
    at += n_sign;
    for (size_t i = 0; i < n_digits; ++i) {
        if (i && (n_digits - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = number[n_sign + i];
    }
    strcpy(out + at, number + n_sign + n_digits);
}

static void put_count_and_amount(FILE *out, const char *name, uint64_t rows, strata_amount_total amount, int decimals,
                                 const char *remark)
{
    char digits[STRATA_DECIMAL_TEXT], rows_text[GROUPED_BYTES], amount_text[GROUPED_BYTES];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, rows);
    group_digits(digits, rows_text);
    strata_decimal_format(amount, decimals, digits);
    group_digits(digits, amount_text);
    (void)fprintf(out, "  %-10s %15s %24s%s%s\n", name, rows_text, amount_text, *remark ? "  " : "", remark);
}

static void put_inputs(FILE *out, const struct strata_run_state *run)
{
    size_t n = run->ingest.n_files;
    for (size_t f = 0; f < n && f < NAMED_FILES; ++f) {
        char *description = strata_ingest_describe(&run->ingest.file[f]);
        (void)fprintf(out, "%s\n", description ? description : run->ingest.file[f].path);
        free(description);
    }
    if (n > NAMED_FILES)
        (void)fprintf(out, "and %zu more files\n", n - NAMED_FILES);
}

static void put_reconciliation(FILE *out, const struct strata_run_state *run)
{
    const struct strata_run_account total = strata_run_total_account(run);
    const int decimals = run->window.amount_decimals;
    char rejects[512] = "";
    if (run->config->bad_rows == STRATA_CONFIG_BAD_ROWS_SKIP)
        (void)snprintf(rejects, sizeof rejects, "%s.rejects.csv", run->config->output);
    (void)fprintf(out, "\n  %-10s %15s %24s\n", "", "rows", "amount");
    put_count_and_amount(out, "read", total.read, total.amount_read, decimals, "");
    put_count_and_amount(out, "used", total.used, total.amount_used, decimals, "");
    put_count_and_amount(out, "rejected", total.rejected, total.amount_rejected, decimals, rejects);
    put_count_and_amount(out, "excluded", total.excluded, total.amount_excluded, decimals, "");
    put_count_and_amount(out, "duplicate", total.duplicate, total.amount_duplicate, decimals, "");
}

static enum strata_status put_segmentations(FILE *out, const struct strata_run_state *run, struct strata_error *err)
{
    for (size_t s = 0; s < run->n_segmentations; ++s) {
        char *table = NULL;
        enum strata_status status = strata_report_segments(&run->segmentation[s], STRATA_ENGLISH, &table, err);
        if (status != STRATA_OK)
            return status;
        (void)fprintf(out, "\n%s", table);
        free(table);
    }
    return STRATA_OK;
}

enum strata_status strata_run_summary(const struct strata_run_state *run, char **text, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char as_of[11];
    size_t n = 0;
    char *buffer = NULL;
    FILE *out = open_memstream(&buffer, &n);
    if (!out)
        return strata_fail(err, STRATA_MEMORY, "out of memory for the summary");
    put_inputs(out, run);
    strata_day_format(run->window.as_of_day, as_of);
    (void)fprintf(out, "as of %s%s, time zone %s\n", as_of,
                  run->config->as_of_day == STRATA_CONFIG_AS_OF_AUTO ? " (the day after the last transaction)" : "",
                  run->config->time_zone);
    put_reconciliation(out, run);
    status = put_segmentations(out, run, err);
    (void)fprintf(out, "\nsnapshot: %s\n", run->config->output);
    bool failed = ferror(out);
    failed = fclose(out) != 0 || failed;
    if (status == STRATA_OK && failed)
        status = strata_fail(err, STRATA_MEMORY, "out of memory for the summary");
    if (status == STRATA_OK)
        *text = buffer;
    else
        free(buffer);
    return status;
}
