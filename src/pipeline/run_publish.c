#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/version.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "check.h"
#include "run_state.h"
#include "snapshot_write.h"

enum { RUN_ID_BYTES = 16 };

static enum strata_status make_run_id(char out[2 * RUN_ID_BYTES + 1], struct strata_error *err)
{
    unsigned char bytes[RUN_ID_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return strata_fail(err, STRATA_IO, "cannot get a random run id: %s", strerror(errno));
    for (int i = 0; i < RUN_ID_BYTES; ++i)
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return STRATA_OK;
}

static void format_now(char out[32])
{
    time_t now = time(NULL);
    struct tm utc;
    (void)gmtime_r(&now, &utc);
    (void)strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

enum strata_status strata_run_publish(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char run_id[2 * RUN_ID_BYTES + 1], created[32], as_of[11];
    char *config = NULL;
    char *manifest = strata_run_manifest(run);
    if (!manifest)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the manifest");
    STRATA_TRY(strata_config_to_yaml(run->config, &config, err));
    STRATA_TRY(make_run_id(run_id, err));
    format_now(created);
    strata_day_format(run->window.as_of_day, as_of);
    const struct strata_snapshot_contents contents = {
        .table = &run->table,
        .tool_version = STRATA_VERSION,
        .run_id = run_id,
        .created_utc = created,
        .as_of = as_of,
        .time_zone = run->config->time_zone,
        .currency = run->config->currency ? run->config->currency : "",
        .config = config,
        .manifest = manifest,
        .thresholds = run->thresholds,
        .n_thresholds = STRATA_N_SCORES,
        .clustering = run->clustering.k ? &run->clustering : NULL,
        .segmentations = run->segmentation,
        .n_segmentations = run->n_segmentations,
        .compress = run->config->compress,
        .threads = strata_run_table_threads(run),
    };
    STRATA_TRY(strata_snapshot_write(&run->output, &contents, err));
    STRATA_TRY(strata_run_write_rejects(run, err));
    /* The rejects first: a snapshot whose rejects are missing would look complete. */
    if (run->rejects_output.is_held)
        STRATA_TRY(strata_publication_commit(&run->rejects_output, err));
    STRATA_TRY(strata_publication_commit(&run->output, err));
done:
    free(config);
    free(manifest);
    return status;
}
