/* Reading delimited text: bench_ingest [CUSTOMERS [DAYS [THREADS [RUNS]]]]
 *
 * A generated log (customer, time, amount) in a temporary file, in the page cache. First the structure indexer alone,
 * on one thread, once for each instruction set that runs here; then the whole parser, bytes to batches, into a sink
 * that drops them, with the best of these. One line for each; the best of RUNS. */
#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/generate.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest.h"
#include "memory.h"
#include "structure.h"

enum { BLOCK_BYTES = 1 << 20 };

static enum strata_status drop(void *context, int thread, const struct strata_batch *batch, struct strata_error *err)
{
    (void)context, (void)thread, (void)batch, (void)err;
    return STRATA_OK;
}

static enum strata_status forget(void *context, struct strata_error *err)
{
    (void)context, (void)err;
    return STRATA_OK;
}

static enum strata_status read_once(const char *path, int threads, uint64_t *rows, double *seconds,
                                    struct strata_error *err)
{
    const struct strata_time_zone utc = {0};
    const struct strata_ingest_options options = {.transactions = &path,
                                                  .n_transactions = 1,
                                                  .time_format = "auto",
                                                  .time_zone = &utc,
                                                  .max_bad_rows = UINT64_MAX,
                                                  .threads = threads};
    const struct strata_batch_sink sink = {.append = drop, .restart = forget};
    struct strata_ingest ingest = {0};
    double began = omp_get_wtime();
    enum strata_status status = strata_ingest_open(&ingest, &options, err);
    if (status == STRATA_OK)
        status = strata_ingest_read(&ingest, &sink, err);
    *seconds = omp_get_wtime() - began;
    if (status == STRATA_OK)
        *rows = strata_ingest_total(&ingest).read;
    strata_ingest_release(&ingest);
    return status;
}

static double index_once(const struct strata_structure_variant *variant, const char *text, size_t n, uint32_t *position,
                         size_t *n_positions)
{
    struct strata_structure state = strata_structure_begin();
    const struct strata_dialect dialect = {.delimiter = ','};
    double began = omp_get_wtime();
    *n_positions = 0;
    for (size_t at = 0; at < n; at += BLOCK_BYTES) {
        size_t n_here = 0, end = n - at < BLOCK_BYTES ? n - at : BLOCK_BYTES;
        variant->index(text + at, 0, end, dialect, &state, position, &n_here);
        *n_positions += n_here;
    }
    return omp_get_wtime() - began;
}

/* The first bytes of the file, padded for the indexer. */
static char *load(const char *path, size_t limit, size_t *n)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(limit + STRATA_STRUCTURE_WORD, 1);
    *n = file && text ? fread(text, 1, limit, file) : 0;
    if (file)
        (void)fclose(file);
    return text;
}

static void measure_structure(const char *path, int runs)
{
    const struct strata_structure_variant *variant;
    size_t n_variants = strata_structure_variants(&variant), n, n_positions = 0;
    char *text = load(path, (size_t)256 << 20, &n);
    uint32_t *position = malloc((BLOCK_BYTES + STRATA_STRUCTURE_SLACK) * sizeof *position);
    for (size_t v = 0; text && position && v < n_variants; ++v) {
        double best = 1e300;
        for (int run = 0; run < runs; ++run) {
            double seconds = index_once(&variant[v], text, n, position, &n_positions);
            best = seconds < best ? seconds : best;
        }
        printf("structure %-8s  1 thread   %7.1f MB, %zu fields, %.4f s, %.2f GB/s\n", variant[v].name, (double)n / 1e6,
               n_positions, best, (double)n / best / 1e9);
    }
    free(position);
    free(text);
}

static enum strata_status measure_parser(const char *path, int threads, int runs, struct strata_error *err)
{
    struct stat about;
    double best = 1e300;
    uint64_t rows = 0;
    for (int run = 0; run < runs; ++run) {
        double seconds;
        enum strata_status status = read_once(path, threads, &rows, &seconds, err);
        if (status != STRATA_OK)
            return status;
        best = seconds < best ? seconds : best;
    }
    if (stat(path, &about) == 0)
        printf("bytes to batches    %d thread%s  %7.1f MB, %" PRIu64 " rows, %.4f s, %.2f GB/s, %.1f million rows/s\n",
               threads, threads == 1 ? " " : "s", (double)about.st_size / 1e6, rows, best,
               (double)about.st_size / best / 1e9, (double)rows / best / 1e6);
    return STRATA_OK;
}

int main(int argc, char **argv)
{
    struct strata_generate_options options;
    struct strata_error err = {0};
    const char *folder = getenv("TMPDIR");
    char path[4096];
    strata_generate_options_init(&options);
    options.customers = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000;
    options.days = argc > 2 ? atoi(argv[2]) : 730;
    int threads = argc > 3 ? atoi(argv[3]) : omp_get_max_threads(), runs = argc > 4 ? atoi(argv[4]) : 5;
    options.columns = "customer,time,amount";
    (void)snprintf(path, sizeof path, "%s/strata-bench-XXXXXX", folder ? folder : "/tmp");
    int file = mkstemp(path);
    if (file < 0) {
        perror(path);
        return strata_status_exit_code(STRATA_IO);
    }
    (void)close(file);
    enum strata_status status = strata_generate(&options, path, NULL, NULL, &err);
    if (status == STRATA_OK) {
        measure_structure(path, runs);
        status = measure_parser(path, 1, runs, &err);
    }
    if (status == STRATA_OK && threads > 1)
        status = measure_parser(path, threads, runs, &err);
    if (status != STRATA_OK)
        (void)fprintf(stderr, "bench_ingest: %s\n", err.message);
    (void)unlink(path);
    return strata_status_exit_code(status);
}
