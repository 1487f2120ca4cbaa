#include <stdio.h>
#include <stdlib.h>

#include "decimal.h"
#include "json.h"
#include "run_state.h"

static void put_counts(FILE *out, const struct strata_run_account *account)
{
    (void)fprintf(out, "\"rows\":{\"read\":%llu,\"used\":%llu,\"rejected\":%llu,\"excluded\":%llu,\"duplicate\":%llu}",
                  (unsigned long long)account->read, (unsigned long long)account->used,
                  (unsigned long long)account->rejected, (unsigned long long)account->excluded,
                  (unsigned long long)account->duplicate);
}

/* Amounts are exact decimal texts: a JSON number would be read as a double. */
static void put_amounts(FILE *out, const struct strata_run_account *account, int decimals)
{
    const struct {
        const char *name;
        strata_amount_total value;
    } amounts[] = {
        {"read", account->amount_read},           {"used", account->amount_used},
        {"rejected", account->amount_rejected},   {"excluded", account->amount_excluded},
        {"duplicate", account->amount_duplicate},
    };
    (void)fputs(",\"amounts\":{", out);
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; ++i) {
        char text[STRATA_DECIMAL_TEXT];
        strata_decimal_format(amounts[i].value, decimals, text);
        (void)fprintf(out, "%s\"%s\":\"%s\"", i ? "," : "", amounts[i].name, text);
    }
    (void)fputs("}", out);
}

static void put_file(FILE *out, const struct strata_run_state *run, size_t f)
{
    const struct strata_ingest_file *file = &run->ingest.file[f];
    const struct strata_run_account account = strata_run_file_account(run, f);
    char *description = strata_ingest_describe(file);
    (void)fputs(f ? ",{\"path\":" : "{\"path\":", out);
    strata_json_put_text(out, file->path);
    if (file->has_bytes)
        (void)fprintf(out, ",\"bytes\":%llu,\"xxh3_128\":\"%016llx%016llx\"", (unsigned long long)file->n_bytes,
                      (unsigned long long)file->hash_high, (unsigned long long)file->hash_low);
    (void)fputs(",\"read_as\":", out);
    strata_json_put_text(out, description ? description : "");
    (void)fputs(",", out);
    put_counts(out, &account);
    put_amounts(out, &account, run->window.amount_decimals);
    (void)fputs("}", out);
    free(description);
}

/* The snapshot that customers were assigned by. */
static void put_earlier(FILE *out, const struct strata_run_earlier *earlier)
{
    const struct {
        const char *name, *text;
    } members[] = {
        {"path", earlier->path},
        {"run_id", earlier->stored.run_id},
        {"created_utc", earlier->stored.created_utc},
        {"tool_version", earlier->stored.tool_version},
    };
    (void)fputs(",\"assigned_by\":{", out);
    for (size_t i = 0; i < sizeof members / sizeof *members; ++i) {
        (void)fprintf(out, "%s\"%s\":", i ? "," : "", members[i].name);
        strata_json_put_text(out, members[i].text ? members[i].text : "");
    }
    (void)fputs("}", out);
}

char *strata_run_manifest(const struct strata_run_state *run)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out)
        return NULL;
    (void)fputs("{\"inputs\":[", out);
    for (size_t f = 0; f < run->ingest.n_files; ++f)
        put_file(out, run, f);
    const struct strata_run_account total = strata_run_total_account(run);
    (void)fputs("],\"total\":{", out);
    put_counts(out, &total);
    put_amounts(out, &total, run->window.amount_decimals);
    (void)fprintf(out, ",\"customers\":%zu}", run->table.n_rows);
    if (run->earlier)
        put_earlier(out, run->earlier);
    if (run->memory.spilled_bytes)
        (void)fprintf(out, ",\"memory\":{\"limit_bytes\":%llu,\"spilled_bytes\":%llu}",
                      (unsigned long long)run->memory.limit_bytes, (unsigned long long)run->memory.spilled_bytes);
    (void)fputs("}", out);
    int failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}
