#include <stdlib.h>

#include "check.h"
#include "memory.h"
#include "run_state.h"
#include "same_file.h"

static enum strata_status append(void *context, int thread, const struct strata_batch *batch, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_run_state *run = context;
    STRATA_TRY(strata_run_check_texts(run, thread, err));
    STRATA_TRY(strata_ledger_append(&run->ledger, thread, batch, err));
done:
    return status;
}

static enum strata_status open_ledger(struct strata_run_state *run, struct strata_error *err)
{
    const struct strata_ledger_options options = {
        .threads = run->threads,
        .fields = run->ingest.fields,
        .memory_limit = run->memory.ledger_bytes,
        .grouping_limit = run->memory.ledger_bytes / 3 * 4,
        .temp_dir = run->memory.temp_dir,
        .n_origins = (uint32_t)run->ingest.n_files,
    };
    return strata_ledger_init(&run->ledger, &options, err);
}

static enum strata_status restart(void *context, struct strata_error *err)
{
    struct strata_run_state *run = context;
    static const char *const reasons[] = {
        [STRATA_CARE_QUOTES] = "quotes that break RFC 4180",
        [STRATA_CARE_LONG_ROW] = "a row of many megabytes",
    };
    for (size_t f = 0; f < run->ingest.n_files; ++f)
        if (run->ingest.file[f].care != STRATA_CARE_NONE)
            strata_run_log(run, STRATA_EVENT_WARNING, "ingest", "%s has %s: it is read again row by row, on one thread",
                           run->ingest.file[f].path, reasons[run->ingest.file[f].care]);
    strata_ledger_release(&run->ledger);
    return open_ledger(run, err);
}

static struct strata_ingest_options ingest_options(struct strata_run_state *run)
{
    const struct strata_config *config = run->config;
    bool drops_duplicates = config->duplicates == STRATA_CONFIG_DUPLICATES_DROP;
    bool has_days = config->as_of_day != STRATA_CONFIG_AS_OF_AUTO || config->window_days != STRATA_CONFIG_AUTO;
    return (struct strata_ingest_options){
        .transactions = (const char *const *)config->transactions.item,
        .n_transactions = config->transactions.n,
        .source = config->source,
        .query = config->query,
        .table = config->table,
        .column =
            {
                [STRATA_ROLE_CUSTOMER] = config->columns.customer,
                [STRATA_ROLE_TIME] = config->columns.time,
                [STRATA_ROLE_AMOUNT] = config->columns.amount,
                [STRATA_ROLE_ORDER] = config->columns.order,
                [STRATA_ROLE_QUANTITY] = config->columns.quantity,
                [STRATA_ROLE_UNIT_PRICE] = config->columns.unit_price,
                [STRATA_ROLE_CHANNEL] = config->columns.channel,
                [STRATA_ROLE_CATEGORY] = config->columns.category,
            },
        .encoding = config->encoding,
        .delimiter = (enum strata_delimiter)config->delimiter,
        .header = (enum strata_header)config->header,
        .time_format = config->time_format,
        .time_zone = &run->time_zone,
        .amount = &run->amount_format,
        .exclude_order_prefix = config->exclude_order_prefix,
        .exclude_returns = config->returns == STRATA_CONFIG_RETURNS_EXCLUDE,
        .exclude_zero_amounts = config->zero_amounts == STRATA_CONFIG_ZERO_AMOUNTS_EXCLUDE,
        .with_origin = drops_duplicates || has_days,
        .with_fingerprint = drops_duplicates,
        .skip_bad_rows = config->bad_rows == STRATA_CONFIG_BAD_ROWS_SKIP,
        .max_bad_rows = config->max_bad_rows == STRATA_CONFIG_AUTO ? UINT64_MAX : (uint64_t)config->max_bad_rows,
        .threads = run->threads,
        .source_memory_bytes = run->memory.source_bytes,
        .source_temp_dir = run->memory.temp_dir,
        .observer = run->observer,
    };
}

static enum strata_status check_any_used(const struct strata_run_state *run, struct strata_error *err)
{
    struct strata_ingest_account total = strata_ingest_total(&run->ingest);
    if (total.used)
        return STRATA_OK;
    const char *first = run->ingest.file[0].path, *more = run->ingest.n_files > 1 ? " and the other files" : "";
    if (total.read == 0)
        return strata_fail(err, STRATA_REJECTED, "no transactions: there are no rows in %s%s%s", first, more,
                           run->ingest.file[0].plan ? ", only a header" : "");
    return strata_fail(err, STRATA_REJECTED, "no transactions: of %llu rows in %s%s, %llu are bad and %llu excluded",
                       (unsigned long long)total.read, first, more, (unsigned long long)total.rejected,
                       (unsigned long long)total.excluded);
}

/* Other encodings of East Asia may look like it. */
static void tell_guessed_encodings(const struct strata_run_state *run)
{
    for (size_t f = 0; f < run->ingest.n_files; ++f)
        if (run->ingest.file[f].n_guessed_characters)
            strata_run_log(
                run, STRATA_EVENT_LOG, "ingest",
                "%s: %llu characters beyond ASCII were read as GB18030; if it is another encoding, such as big5, "
                "shift_jis, euc-jp or euc-kr, name it with --encoding",
                run->ingest.file[f].path, (unsigned long long)run->ingest.file[f].n_guessed_characters);
}

/* What is read must not be replaced by what is written, whatever names it goes by. */
static enum strata_status check_not_replaced(const struct strata_run_state *run, const char *written,
                                             struct strata_error *err)
{
    for (size_t f = 0; f < run->ingest.n_files; ++f) {
        const struct strata_ingest_file *file = &run->ingest.file[f];
        if (file->has_bytes && strata_is_file(written, file->device, file->inode))
            return strata_fail(err, STRATA_USAGE, "%s would be replaced: %s is the same file\ngive another --output",
                               file->path, written);
    }
    return STRATA_OK;
}

static enum strata_status check_inputs_stay(const struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *rejects = NULL;
    STRATA_TRY(check_not_replaced(run, run->config->output, err));
    if (run->config->bad_rows != STRATA_CONFIG_BAD_ROWS_SKIP)
        goto done;
    STRATA_TRY(strata_run_rejects_path(run, &rejects, err));
    STRATA_TRY(check_not_replaced(run, rejects, err));
done:
    free(rejects);
    return status;
}

enum strata_status strata_run_read(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(strata_time_zone_load(&run->time_zone, run->config->time_zone, err));
    run->amount_format = (struct strata_amount_format){
        .decimals = (int)run->config->amount.decimals,
        .rounds_half_even = run->config->amount.rounding == STRATA_CONFIG_AMOUNT_ROUNDING_HALF_EVEN,
        .style = (enum strata_amount_style)run->config->amount.style,
        .has_signs = run->config->amount.signs,
    };
    const struct strata_ingest_options options = ingest_options(run);
    STRATA_TRY(strata_ingest_open(&run->ingest, &options, err));
    STRATA_TRY(check_inputs_stay(run, err));
    run->left_out = strata_calloc_array(run->ingest.n_files, sizeof *run->left_out);
    if (!run->left_out)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %zu input files", run->ingest.n_files);
    STRATA_TRY(open_ledger(run, err));
    const struct strata_batch_sink sink = {.context = run, .append = append, .restart = restart};
    STRATA_TRY(strata_ingest_read(&run->ingest, &sink, err));
    STRATA_TRY(check_any_used(run, err));
    strata_run_tell_memory(run);
    tell_guessed_encodings(run);
    strata_run_log(run, STRATA_EVENT_LOG, "ingest", "%llu rows read",
                   (unsigned long long)strata_ingest_total(&run->ingest).read);
done:
    return status;
}
