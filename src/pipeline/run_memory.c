#include <stdlib.h>

#include "check.h"
#include "memory_budget.h"
#include "run_state.h"

/* What a run takes beside the transactions and the table: libraries, and for each thread blocks of input and scratch
 * memory. Of each customer: LABELS are scores, segments, clusters in the table; CLUSTERED beside its values is what
 * clustering has in memory, EARLIER what earlier clusters of as many customers add to that; TIED is its row number
 * while NTILE divides equal values. Measured, rounded up. A ledger with less than LEAST_LEDGER for each thread would
 * write a few rows at a time.
 */
enum {
    MIB = 1 << 20,
    BASE = 24 * MIB,
    PER_THREAD = 2 * MIB,
    LEAST_LEDGER = 2 * MIB,
    LABELS = 16,
    CLUSTERED = 12,
    EARLIER = 2 * sizeof(int16_t),
    TIED = sizeof(size_t),
};

/* Texts of long ids stay in memory from the reading to the end. */
static uint64_t overhead_bytes(const struct strata_run_state *run)
{
    return BASE + (uint64_t)run->threads * PER_THREAD + run->ledger.text_bytes;
}

static unsigned long long mib(uint64_t n_bytes) { return (n_bytes + MIB - 1) / MIB; }

static const char *temp_dir_of(const struct strata_config *config)
{
    if (config->temp_dir)
        return config->temp_dir;
    const char *variable = getenv("TMPDIR");
    return variable && *variable ? variable : "/tmp";
}

enum strata_status strata_run_settle_memory(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_run_memory *memory = &run->memory;
    const int64_t wanted = run->config->memory_limit_bytes;
    struct strata_memory_budget budget = {(uint64_t)wanted, "--memory-limit"};
    if (wanted == STRATA_CONFIG_AUTO)
        budget = strata_memory_budget_here();
    *memory = (struct strata_run_memory){
        .limit_bytes = budget.n_bytes,
        .source = budget.source,
        .temp_dir = temp_dir_of(run->config),
    };
    if (run->config->temp_dir) {
        struct strata_temporary_file trial = {0};
        STRATA_TRY(strata_temporary_file_open(&trial, memory->temp_dir, err));
        strata_temporary_file_close(&trial);
    }
    if (!budget.n_bytes)
        return STRATA_OK;
    const uint64_t overhead = overhead_bytes(run), least = (uint64_t)run->threads * LEAST_LEDGER;
    uint64_t share = budget.n_bytes > overhead ? (budget.n_bytes - overhead) / 4 * 3 : 0;
    if (share < least && wanted != STRATA_CONFIG_AUTO)
        STRATA_GIVE_UP(err, STRATA_MEMORY,
                       "a memory limit of %lluM is too small: %d threads need at least %lluM\nraise --memory-limit or "
                       "lower --threads",
                       mib(budget.n_bytes), run->threads, mib(overhead + least / 3 * 4));
    memory->ledger_bytes = share < least ? least : share;
    memory->source_bytes = memory->ledger_bytes / 3; /* of grouping, which comes later */
done:
    return status;
}

enum strata_status strata_run_check_texts(struct strata_run_state *run, int thread, struct strata_error *err)
{
    const uint64_t texts = strata_ledger_count_texts(&run->ledger, thread, run->ingest.key_arena[thread].n_bytes);
    const uint64_t least = (uint64_t)run->threads * LEAST_LEDGER, share = run->memory.ledger_bytes;
    if (!share || texts + least <= share || texts <= least)
        return STRATA_OK;
    return strata_fail(err, STRATA_MEMORY,
                       "the texts of customer ids of more than 15 bytes take %lluM so far, and a memory limit of %lluM "
                       "(%s) leaves no more for them\nraise --memory-limit, or lower --threads: each thread keeps the "
                       "texts that it reads",
                       mib(texts), mib(run->memory.limit_bytes), run->memory.source);
}

static uint64_t table_row_bytes(const struct strata_run_state *run)
{
    uint64_t row = sizeof *run->table.customer + LABELS;
    for (size_t c = 0; c < run->table.n_columns; ++c)
        row += strata_type_size(run->table.columns[c].about.type);
    return row;
}

void strata_run_place_table(struct strata_run_state *run, size_t n_customers)
{
    struct strata_run_memory *memory = &run->memory;
    const bool fits =
        !memory->limit_bytes || overhead_bytes(run) + table_row_bytes(run) * n_customers <= memory->limit_bytes;
    if (fits && !strata_ledger_spilled_bytes(&run->ledger))
        return;
    run->table.folder = memory->temp_dir;
    strata_run_log(run, STRATA_EVENT_LOG, "features",
                   "results go to temporary files in %s: the memory limit is %lluM (%s)", memory->temp_dir,
                   mib(memory->limit_bytes), memory->source);
}

enum strata_status strata_run_check_memory(const struct strata_run_state *run, struct strata_error *err)
{
    const struct strata_config *config = run->config;
    const uint64_t limit = run->memory.limit_bytes, overhead = overhead_bytes(run), n = run->table.n_rows;
    if (!limit || !run->table.folder)
        return STRATA_OK;
    const uint64_t earlier = config->clusters.previous ? EARLIER : 0;
    const uint64_t clustered =
        config->clusters.k ? config->clusters.columns.n * sizeof(float) + CLUSTERED + earlier : 0;
    const bool may_tie = strata_config_score_method(config) == STRATA_CONFIG_SCORE_NTILE;
    const uint64_t scored = may_tie ? TIED : 0, row = clustered > scored ? clustered : scored;
    if (overhead + row * n <= limit)
        return STRATA_OK;
    return strata_fail(err, STRATA_MEMORY,
                       "%llu customers with %llu bytes each for %s need at least %lluM of memory, and the limit is "
                       "%lluM (%s)\nraise --memory-limit, or %s",
                       (unsigned long long)n, (unsigned long long)row, clustered > scored ? "clusters" : "scores",
                       mib(overhead + row * n), mib(limit), run->memory.source,
                       clustered > scored ? "take --clusters 0" : "another --score-method");
}

void strata_run_tell_memory(struct strata_run_state *run)
{
    run->memory.spilled_bytes = strata_ledger_spilled_bytes(&run->ledger);
    if (!run->memory.spilled_bytes)
        return;
    strata_run_log(run, STRATA_EVENT_LOG, "ingest",
                   "transactions go to a temporary file in %s: the memory limit is %lluM (%s)", run->memory.temp_dir,
                   mib(run->memory.limit_bytes), run->memory.source);
    if (run->ledger.spill.is_in_memory)
        strata_run_log(run, STRATA_EVENT_WARNING, "ingest",
                       "%s is kept in memory, so that a temporary file there saves none: name a folder on a disk with "
                       "--temp-dir",
                       run->memory.temp_dir);
}
