/* What a snapshot says about where customers belong: for assigning others to its scores and clusters. */
#ifndef STRATA_STORE_SNAPSHOT_SOURCE_H
#define STRATA_STORE_SNAPSHOT_SOURCE_H

#include <stddef.h>

#include "results.h"

/* The thresholds of one score, as they are stored. */
struct strata_stored_score {
    char *method; /* owned */
    int n_thresholds;
    double value[STRATA_MAX_LEVELS - 1]; /* not checked */
};

/* `{0}` is empty; texts are owned, NULL where the file has none. */
struct strata_snapshot_source {
    char *run_id, *created_utc, *tool_version;
    char *config; /* YAML; never NULL */
    size_t n_scores;
    struct strata_stored_score *score;   /* n_scores, in the order asked for */
    struct strata_clustering clustering; /* k 0: none. All but the trials, checked to be usable: finite, in range. */
};

/* Read them from a file that somebody else may have made, under the rules of strata_snapshot_read. `scores`: n_scores
 * names that must be there. STRATA_IO, STRATA_REJECTED, STRATA_MEMORY; the source is empty then. */
enum strata_status strata_snapshot_source_read(const char *path, const char *const *scores, size_t n_scores,
                                               struct strata_snapshot_source *source,
                                               struct strata_error *err) STRATA_MUST_USE;
void strata_snapshot_source_release(struct strata_snapshot_source *source);

/* The configuration of a snapshot, to be given to free(). */
enum strata_status strata_snapshot_config_read(const char *path, char **config,
                                               struct strata_error *err) STRATA_MUST_USE;

#endif
