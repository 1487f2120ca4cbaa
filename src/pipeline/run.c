#include <strata/run.h>

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "check.h"
#include "memory.h"
#include "run_state.h"

enum { CUSTOMERS_PER_THREAD = 8192 };

void strata_run_state_release(struct strata_run_state *run)
{
    for (size_t s = 0; s < run->n_segmentations; ++s)
        strata_segmentation_release(&run->segmentation[s]);
    strata_clustering_release(&run->clustering);
    strata_snapshot_source_release(&run->previous);
    strata_segment_labels_release(&run->segment_labels);
    strata_config_map_release(&run->map);
    strata_table_release(&run->table);
    strata_ledger_release(&run->ledger);
    strata_ingest_release(&run->ingest);
    strata_time_zone_release(&run->time_zone);
    strata_publication_release(&run->rejects_output);
    strata_publication_release(&run->output);
    free(run->left_out);
    *run = (struct strata_run_state){0};
}

void strata_run_result_release(struct strata_run_result *result)
{
    free(result->snapshot);
    free(result->summary);
    *result = (struct strata_run_result){0};
}

int strata_run_table_threads(const struct strata_run_state *run)
{
    size_t worth = run->table.n_rows / CUSTOMERS_PER_THREAD + 1;
    return worth < (size_t)run->threads ? (int)worth : run->threads;
}

struct strata_run_account strata_run_file_account(const struct strata_run_state *run, size_t file)
{
    const struct strata_ingest_account *ingest = &run->ingest.file[file].account;
    const struct strata_ledger_account *left_out = &run->left_out[file];
    return (struct strata_run_account){
        .read = ingest->read,
        .used = ingest->used - left_out->excluded_rows - left_out->duplicate_rows,
        .rejected = ingest->rejected,
        .excluded = ingest->excluded + left_out->excluded_rows,
        .duplicate = left_out->duplicate_rows,
        .amount_read = ingest->amount_read,
        .amount_used = ingest->amount_used - left_out->excluded_amount - left_out->duplicate_amount,
        .amount_rejected = ingest->amount_rejected,
        .amount_excluded = ingest->amount_excluded + left_out->excluded_amount,
        .amount_duplicate = left_out->duplicate_amount,
    };
}

struct strata_run_account strata_run_total_account(const struct strata_run_state *run)
{
    struct strata_run_account total = {0};
    for (size_t f = 0; f < run->ingest.n_files; ++f) {
        struct strata_run_account file = strata_run_file_account(run, f);
        total.read += file.read;
        total.used += file.used;
        total.rejected += file.rejected;
        total.excluded += file.excluded;
        total.duplicate += file.duplicate;
        total.amount_read += file.amount_read;
        total.amount_used += file.amount_used;
        total.amount_rejected += file.amount_rejected;
        total.amount_excluded += file.amount_excluded;
        total.amount_duplicate += file.amount_duplicate;
    }
    return total;
}

void strata_run_log(const struct strata_run_state *run, enum strata_event_kind kind, const char *stage,
                    const char *format, ...)
{
    if (!run->observer)
        return;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const struct strata_event event = {.kind = kind,
                                       .stage = stage,
                                       .text = text,
                                       .seconds = omp_get_wtime() - run->started};
    run->observer->notify(run->observer->context, &event);
}

void strata_run_announce(const struct strata_run_state *run, const char *stage)
{
    if (!run->observer)
        return;
    const struct strata_event event = {.kind = STRATA_EVENT_PROGRESS,
                                       .stage = stage,
                                       .rows = run->table.n_rows,
                                       .share = NAN};
    run->observer->notify(run->observer->context, &event);
}

static uint64_t peak_memory_bytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

enum strata_status strata_run_fill_result(const struct strata_run_state *run, struct strata_run_result *result,
                                          struct strata_error *err)
{
    struct strata_run_account total = strata_run_total_account(run);
    *result = (struct strata_run_result){
        .rows_read = total.read,
        .rows_used = total.used,
        .rows_rejected = total.rejected,
        .rows_excluded = total.excluded,
        .rows_duplicate = total.duplicate,
        .customers = run->table.n_rows,
        .seconds = omp_get_wtime() - run->started,
        .peak_memory_bytes = peak_memory_bytes(),
        .snapshot = strata_copy_string(run->config->output),
    };
    if (!result->snapshot)
        return strata_fail(err, STRATA_MEMORY, "out of memory for the result");
    return strata_run_summary(run, &result->summary, err);
}

enum strata_status strata_run(const struct strata_config *config, const struct strata_observer *observer,
                              struct strata_run_result *result, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_run_state run = {
        .config = config,
        .observer = observer,
        .threads = config->threads ? (int)config->threads : omp_get_max_threads(),
        .started = omp_get_wtime(),
    };
    *result = (struct strata_run_result){0};
    STRATA_TRY(strata_config_validate(config, err));
    STRATA_TRY(strata_publication_begin(&run.output, config->output, err));
    STRATA_TRY(strata_run_settle_memory(&run, err));
    STRATA_TRY(strata_run_read_previous(&run, err));
    STRATA_TRY(strata_run_read(&run, err));
    STRATA_TRY(strata_run_compute_features(&run, err));
    strata_run_announce(&run, "segments");
    STRATA_TRY(strata_run_score(&run, err));
    STRATA_TRY(strata_run_segment(&run, err));
    strata_run_announce(&run, "clusters");
    STRATA_TRY(strata_run_cluster(&run, err));
    strata_run_announce(&run, "snapshot");
    STRATA_TRY(strata_run_publish(&run, err));
    STRATA_TRY(strata_run_fill_result(&run, result, err));
done:
    strata_run_state_release(&run);
    return status;
}
