/* Where the time goes from bytes to features: bench_stages LOG [THREADS [RUNS]]
 *
 * LOG is delimited text without quotes. Each step does what the one before it does and one thing more, so that the
 * difference is the stage: reading the file in blocks; finding the fields in them; batches of converted rows; rows in
 * the ledger; histories that nobody looks at; all features. The best of RUNS, as a table in Markdown. The last column
 * is the time that the memory alone would take for what the stage must bring from it or take to it, over the stage's:
 * how near it is to the limit. A stage whose data stay in the caches has none. */
#include <fcntl.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest.h"
#include "memory.h"
#include "sinks.h"
#include "structure.h"

enum { BLOCK_BYTES = 512 << 10, MEMORY_BYTES = 256 << 20, ROW_BYTES = 16 };
enum { READ, STRUCTURE, PARSE, PARTITION, GROUP, FEATURES, N_STAGES };

static const char *const names[N_STAGES] = {"read", "structure", "parse", "partition", "group", "features"};

struct measurement {
    const char *path;
    int threads;
    uint64_t n_bytes, rows;
    size_t customers, table_bytes;
    double seconds[N_STAGES]; /* since the beginning */
    double memory_speed;      /* bytes/s, of all threads together */
};

/* Every thread adds up an array of its own. */
static double measure_memory(int threads)
{
    size_t n = MEMORY_BYTES / sizeof(uint64_t);
    double best = 0;
    uint64_t *array = strata_malloc_array(n * (size_t)threads, sizeof *array);
    if (!array)
        return 0;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t i = 0; i < n * (size_t)threads; ++i)
        array[i] = i;
    for (int run = 0; run < 5; ++run) {
        uint64_t sum = 0;
        double began = omp_get_wtime();
#pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : sum)
        for (size_t i = 0; i < n * (size_t)threads; ++i)
            sum += array[i];
        double speed = (double)(n * (size_t)threads * sizeof *array) / (omp_get_wtime() - began);
        best = sum && speed > best ? speed : best;
    }
    free(array);
    return best;
}

/* Blocks in order into the same buffer of each thread; with structure, the fields in them. */
static enum strata_status read_blocks(const struct measurement *m, bool with_structure, struct strata_error *err)
{
    const struct strata_structure_variant *variant;
    const struct strata_dialect dialect = {.delimiter = ','};
    size_t n_blocks = (m->n_bytes + BLOCK_BYTES - 1) / BLOCK_BYTES, n_fields = 0;
    bool failed = strata_structure_variants(&variant) == 0;
    int file = open(m->path, O_RDONLY | O_CLOEXEC);
    failed = failed || file < 0;
#pragma omp parallel num_threads(m->threads) reduction(+ : n_fields) reduction(|| : failed)
    {
        char *block = strata_calloc_array(BLOCK_BYTES + STRATA_STRUCTURE_WORD, 1);
        uint32_t *position = strata_malloc_array(BLOCK_BYTES, sizeof *position);
        failed = failed || !block || !position;
#pragma omp for schedule(dynamic, 1)
        for (size_t b = 0; b < n_blocks; ++b) {
            ssize_t n = failed ? -1 : pread(file, block, BLOCK_BYTES, (off_t)(b * BLOCK_BYTES));
            struct strata_structure state = strata_structure_begin();
            size_t n_positions = 0;
            failed = failed || n <= 0;
            if (!failed && with_structure)
                variant[0].index(block, 0, (size_t)n, dialect, &state, position, &n_positions);
            n_fields += n_positions;
        }
        free(block);
        free(position);
    }
    if (file >= 0)
        (void)close(file);
    return failed || (with_structure && n_fields == 0) ? strata_fail(err, STRATA_IO, "cannot read %s", m->path)
                                                       : STRATA_OK;
}

static enum strata_status drop(void *context, int thread, const struct strata_batch *batch, struct strata_error *err)
{
    (void)context, (void)thread, (void)batch, (void)err;
    return STRATA_OK;
}

static enum strata_status append(void *context, int thread, const struct strata_batch *batch, struct strata_error *err)
{
    return strata_ledger_append(context, thread, batch, err);
}

static enum strata_status refuse(void *context, struct strata_error *err)
{
    (void)context;
    return strata_fail(err, STRATA_REJECTED, "the log has quotes that break the rule");
}

/* Up to `last`, PARSE or a later stage. */
static enum strata_status run_engine(struct measurement *m, int last, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_time_zone utc = {0};
    const struct strata_ingest_options ingest_options = {
        .transactions = &m->path, .n_transactions = 1, .time_format = "auto", .time_zone = &utc, .threads = m->threads};
    const struct strata_ledger_options ledger_options = {.threads = m->threads, .n_origins = 1};
    const struct strata_ledger_filter everything = {.first_day = INT32_MIN, .last_day = INT32_MAX};
    struct strata_ingest ingest = {0};
    struct strata_ledger ledger = {0};
    struct sink histories = {.ledger = &ledger};
    const struct strata_batch_sink sink = {&ledger, last > PARSE ? append : drop, refuse};
    const struct strata_ledger_visitor visitor = sink_visitor(&histories, last == FEATURES);
    STRATA_TRY(strata_ingest_open(&ingest, &ingest_options, err));
    STRATA_TRY(strata_ledger_init(&ledger, &ledger_options, err));
    STRATA_TRY(strata_ingest_read(&ingest, &sink, err));
    m->rows = strata_ingest_total(&ingest).read;
    if (last >= GROUP)
        STRATA_TRY(strata_ledger_group(&ledger, &everything, &visitor, NULL, NULL, NULL, err));
    if (last == FEATURES) {
        m->customers = histories.table.n_rows;
        m->table_bytes = sizeof *histories.table.customer * histories.table.n_rows;
        for (size_t c = 0; c < histories.table.n_columns; ++c)
            m->table_bytes += strata_type_size(histories.table.columns[c].about.type) * histories.table.n_rows;
    }
done:
    strata_table_release(&histories.table);
    strata_ledger_release(&ledger);
    strata_ingest_release(&ingest);
    return status;
}

static enum strata_status measure(struct measurement *m, int runs, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int s = 0; s < N_STAGES; ++s)
        m->seconds[s] = 1e300;
    for (int run = 0; run < runs; ++run)
        for (int s = 0; s < N_STAGES; ++s) {
            double began = omp_get_wtime();
            if (s < PARSE)
                STRATA_TRY(read_blocks(m, s == STRUCTURE, err));
            else
                STRATA_TRY(run_engine(m, s, err));
            double seconds = omp_get_wtime() - began;
            m->seconds[s] = seconds < m->seconds[s] ? seconds : m->seconds[s];
        }
done:
    return status;
}

static void print(const struct measurement *m)
{
    /* The text once; every row into the ledger and out of it again; the table once. */
    const double traffic[N_STAGES] = {
        [READ] = (double)m->n_bytes,
        [PARTITION] = (double)m->rows * ROW_BYTES,
        [GROUP] = (double)m->rows * ROW_BYTES,
        [FEATURES] = (double)m->table_bytes,
    };
    printf("%.0f MB, %llu rows, %zu customers, %d threads; reading memory: %.1f GB/s\n\n", (double)m->n_bytes / 1e6,
           (unsigned long long)m->rows, m->customers, m->threads, m->memory_speed / 1e9);
    printf("| stage | seconds so far | seconds | ns per row and thread | of the memory's speed |\n");
    printf("|---|---|---|---|---|\n");
    for (int s = 0; s < N_STAGES; ++s) {
        double own = m->seconds[s] - (s > 0 ? m->seconds[s - 1] : 0);
        printf("| %s | %.3f | %.3f | %.1f | ", names[s], m->seconds[s], own, own * 1e9 * m->threads / (double)m->rows);
        if (traffic[s] > 0)
            printf("%.0f %% |\n", 100 * traffic[s] / m->memory_speed / own);
        else
            printf("in cache |\n");
    }
}

int main(int argc, char **argv)
{
    struct strata_error err = {0};
    struct stat about;
    if (argc < 2 || stat(argv[1], &about) != 0) {
        (void)fprintf(stderr, "usage: bench_stages LOG [THREADS [RUNS]]\n");
        return strata_status_exit_code(STRATA_USAGE);
    }
    struct measurement m = {
        .path = argv[1],
        .threads = argc > 2 ? atoi(argv[2]) : omp_get_max_threads(),
        .n_bytes = (uint64_t)about.st_size,
    };
    enum strata_status status = measure(&m, argc > 3 ? atoi(argv[3]) : 3, &err);
    m.memory_speed = measure_memory(m.threads);
    if (status == STRATA_OK)
        print(&m);
    else
        (void)fprintf(stderr, "bench_stages: %s\n", err.message);
    return strata_status_exit_code(status);
}
