/* What a process that was taken over may say: whoever listens gets through it, with a result that can be used or a
 * message. The first byte chooses who listens. */
#include <string.h>

#include "clustering_read.h"
#include "contained_reply.h"
#include "fuzz.h"
#include "ingest.h"
#include "snapshot_source.h"
#include "stored_table.h"
#include <strata/snapshot.h>

static const char signature[] = "\x89HDF\r\n\x1a\n";

static enum strata_status append(void *context, int thread, const struct strata_batch *batch, struct strata_error *err)
{
    uint64_t *rows = context;
    (void)thread;
    (void)err;
    *rows += batch->n_rows;
    return STRATA_OK;
}

static enum strata_status read_log(const char *path, struct strata_error *error)
{
    struct strata_ingest ingest;
    uint64_t rows = 0;
    static const struct strata_time_zone utc;
    const struct strata_ingest_options options = {
        .transactions = &path,
        .n_transactions = 1,
        .time_format = "auto",
        .time_zone = &utc,
        .skip_bad_rows = true,
        .max_bad_rows = UINT64_MAX,
        .threads = 1,
        .source_memory_bytes = 64 << 20,
    };
    const struct strata_batch_sink sink = {.context = &rows, .append = append};
    enum strata_status status = strata_ingest_open(&ingest, &options, error);
    if (status == STRATA_OK)
        status = strata_ingest_read(&ingest, &sink, error);
    FUZZ_CHECK(status != STRATA_OK || strata_ingest_total(&ingest).used == rows, "%llu rows", (unsigned long long)rows);
    strata_ingest_release(&ingest);
    return status;
}

static enum strata_status read_source(const char *path, struct strata_error *error)
{
    static const char *const scores[] = {"r_score", "f_score"};
    struct strata_snapshot_source source;
    enum strata_status status = strata_snapshot_source_read(path, scores, 2, &source, error);
    const struct strata_clustering *clustering = &source.clustering;
    FUZZ_CHECK(status != STRATA_OK || (source.config && source.n_scores == 2), "no configuration");
    for (int j = 0; status == STRATA_OK && j < clustering->n_fit; ++j)
        FUZZ_CHECK(clustering->fit_cluster[j] >= clustering->label[0].value, "a cluster that is none");
    strata_snapshot_source_release(&source);
    return status;
}

static enum strata_status read_snapshot(const char *path, struct strata_error *error)
{
    struct strata_snapshot snapshot;
    enum strata_status status = strata_snapshot_read(path, &snapshot, error);
    for (size_t i = 0; i < snapshot.n_columns; ++i)
        FUZZ_CHECK(strlen(snapshot.columns[i].name) < SIZE_MAX, "a column without a name");
    strata_snapshot_release(&snapshot);
    return status;
}

static enum strata_status read_table(const char *path, struct strata_error *error)
{
    struct strata_named_table named;
    enum strata_status status = strata_stored_table_read(path, NULL, NULL, 0, &named, error);
    strata_named_table_release(&named);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static enum strata_status (*const readers[])(const char *path, struct strata_error *error) = {read_log, read_source,
                                                                                                  read_snapshot,
                                                                                                  read_table};
    struct strata_error error = {0};
    if (n < 1 || n > 16384)
        return -1;
    fuzz_reply(data + 1, n - 1);
    enum strata_status status =
        readers[data[0] % (sizeof readers / sizeof *readers)](fuzz_file(signature, sizeof signature - 1), &error);
    FUZZ_CHECK(status == STRATA_OK || error.status == status, "%d: %s", (int)status, error.message);
    return 0;
}
