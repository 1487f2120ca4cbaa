/* The main job: transactions in, a snapshot out. */
#ifndef STRATA_RUN_H
#define STRATA_RUN_H

#include <stdint.h>
#include <strata/config.h>
#include <strata/export.h>
#include <strata/observer.h>
#include <strata/status.h>

/* rows_read = rows_used + rows_rejected + rows_excluded + rows_duplicate. */
struct strata_run_result {
    uint64_t rows_read, rows_used, rows_rejected, rows_excluded, rows_duplicate;
    uint64_t customers;
    double seconds;
    uint64_t peak_memory_bytes;
    char *snapshot; /* path of the snapshot; owned */
    char *summary;  /* for people: recognised columns, reconciliation of rows and amounts, segment table; owned */
};

/* Run a validated configuration. `observer` may be NULL. On failure nothing is published, an older snapshot at the same
 * path is untouched, and `result` can be released. `result` is zeroed or released before. */
STRATA_API enum strata_status strata_run(const struct strata_config *config, const struct strata_observer *observer,
                                         struct strata_run_result *result, struct strata_error *err) STRATA_MUST_USE;

STRATA_API void strata_run_result_release(struct strata_run_result *result);

#endif
