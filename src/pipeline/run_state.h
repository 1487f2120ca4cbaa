/* What a run holds on its way from the configuration to the snapshot. */
#ifndef STRATA_PIPELINE_RUN_STATE_H
#define STRATA_PIPELINE_RUN_STATE_H

#include <strata/config.h>
#include <strata/observer.h>
#include <strata/run.h>

#include "calendar.h"
#include "config_map.h"
#include "feature_table.h"
#include "ingest.h"
#include "ledger.h"
#include "publication.h"
#include "results.h"
#include "scores.h"
#include "segments.h"
#include "snapshot_source.h"

enum { STRATA_RUN_SEGMENTATIONS = 2 };

/* How much memory the run may take, and what becomes of the transactions that do not fit. */
struct strata_run_memory {
    uint64_t limit_bytes;   /* 0: none */
    const char *source;     /* of the limit; static */
    uint64_t ledger_bytes;  /* the transactions' share of it; 0: no limit */
    uint64_t source_bytes;  /* what a library that reads them may take meanwhile; 0: no limit */
    const char *temp_dir;   /* of the configuration or the environment */
    uint64_t spilled_bytes; /* written there */
};

/* The snapshot that customers are assigned by. */
struct strata_run_earlier {
    const char *path; /* borrowed */
    struct strata_snapshot_source stored;
};

/* `{0}` is empty; strata_run_state_release. */
struct strata_run_state {
    const struct strata_config *config;
    const struct strata_observer *observer; /* may be NULL */
    struct strata_run_earlier *earlier;     /* NULL: the run makes its own scores and clusters. Borrowed. */
    int threads;
    double started, features_started; /* seconds of a monotonic clock */

    struct strata_run_memory memory;
    struct strata_publication output, rejects_output;
    struct strata_time_zone time_zone;
    struct strata_amount_format amount_format;
    struct strata_ingest ingest;
    struct strata_ledger ledger;
    struct strata_ledger_account *left_out; /* one per input file */
    struct strata_window window;
    struct strata_table table;

    struct strata_thresholds thresholds[STRATA_N_SCORES];
    struct strata_config_map map;
    struct strata_segment_labels segment_labels;
    struct strata_snapshot_source previous; /* whose clusters stay; empty: none */
    struct strata_clustering clustering;    /* k = 0: none */
    size_t n_segmentations;
    struct strata_segmentation segmentation[STRATA_RUN_SEGMENTATIONS];
};

void strata_run_state_release(struct strata_run_state *run);

/* How many threads the table is worth: more than a few thousand customers each. A matter of speed alone: no result
 * depends on it. */
int strata_run_table_threads(const struct strata_run_state *run);

/* Rows and amounts of one file or of all, with what the ledger left out: read = used + rejected + excluded + duplicate.
 */
struct strata_run_account {
    uint64_t read, used, rejected, excluded, duplicate;
    strata_amount_total amount_read, amount_used, amount_rejected, amount_excluded, amount_duplicate;
};
struct strata_run_account strata_run_file_account(const struct strata_run_state *run, size_t file);
struct strata_run_account strata_run_total_account(const struct strata_run_state *run);

/* The configured method of the scores. */
enum strata_score_method strata_run_score_method(const struct strata_config *config);

/* A column for the clusters of run->clustering, whose label (n_rows) are to be written; and sum them up when they are.
 */
enum strata_status strata_run_make_clusters(struct strata_run_state *run, int16_t **label,
                                            struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_run_sum_up_clusters(struct strata_run_state *run, struct strata_error *err) STRATA_MUST_USE;

/* A stage that does not tell how far it is at least tells that it has begun. */
void strata_run_announce(const struct strata_run_state *run, const char *stage);

/* What strata_run returns of a run that has been published. */
enum strata_status strata_run_fill_result(const struct strata_run_state *run, struct strata_run_result *result,
                                          struct strata_error *err) STRATA_MUST_USE;

/* Tell the observer a line about a stage. */
void strata_run_log(const struct strata_run_state *run, enum strata_event_kind kind, const char *stage,
                    const char *format, ...) STRATA_PRINTF(4, 5);

/* Settle the memory limit and the share of the transactions: three quarters of what libraries and threads leave. The
 * rest is for what grouping takes beside them. STRATA_MEMORY if the limit is too small to begin with, STRATA_IO if the
 * configured folder for temporary files takes none. */
enum strata_status strata_run_settle_memory(struct strata_run_state *run, struct strata_error *err) STRATA_MUST_USE;

/* The table has its features and no rows: does it stay in memory for n_customers (or more, if transactions went to a
 * temporary file), or does it go to temporary files? */
void strata_run_place_table(struct strata_run_state *run, size_t n_customers);

/* All customers are known: STRATA_MEMORY if what the later stages need in memory for them is beyond the limit. */
enum strata_status strata_run_check_memory(const struct strata_run_state *run,
                                           struct strata_error *err) STRATA_MUST_USE;

/* A thread has transactions for the ledger: STRATA_MEMORY if the texts of long customer ids leave none for them. */
enum strata_status strata_run_check_texts(struct strata_run_state *run, int thread,
                                          struct strata_error *err) STRATA_MUST_USE;

/* Once all transactions are read: tell the observer if some went to a temporary file. */
void strata_run_tell_memory(struct strata_run_state *run);

/* The clusters of the snapshot that the configuration names, before anything else is read: a wrong file shows at once.
 */
enum strata_status strata_run_read_previous(struct strata_run_state *run, struct strata_error *err) STRATA_MUST_USE;

/* `*label`: the earlier cluster of each row of the table, for free(); NULL if there are none. */
enum strata_status strata_run_read_previous_labels(struct strata_run_state *run, int16_t **label,
                                                   struct strata_error *err) STRATA_MUST_USE;

/* The stages, in the order of the run; each adds to the state. */
enum strata_status strata_run_read(struct strata_run_state *run, struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_run_compute_features(struct strata_run_state *run, struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_run_score(struct strata_run_state *run, struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_run_segment(struct strata_run_state *run, struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_run_cluster(struct strata_run_state *run, struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_run_publish(struct strata_run_state *run, struct strata_error *err) STRATA_MUST_USE;

/* The manifest as JSON: inputs with their hashes and counts, totals, the snapshot that customers were assigned by; the
 * memory limit only if transactions went to a temporary file, so that it does not show which machine the run was on.
 * malloc'ed; NULL if out of memory. */
char *strata_run_manifest(const struct strata_run_state *run);

/* What a run tells people: what was recognised, how rows and amounts reconcile, the segments. malloc'ed. */
enum strata_status strata_run_summary(const struct strata_run_state *run, char **text,
                                      struct strata_error *err) STRATA_MUST_USE;

/* `<output>.rejects.csv`, in memory that the caller frees. */
enum strata_status strata_run_rejects_path(const struct strata_run_state *run, char **path,
                                           struct strata_error *err) STRATA_MUST_USE;

/* That file: file, line, byte, reason of every bad row; only with --bad-rows skip. */
enum strata_status strata_run_write_rejects(struct strata_run_state *run, struct strata_error *err) STRATA_MUST_USE;

#endif
