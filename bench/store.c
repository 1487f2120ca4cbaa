/* Writing a snapshot: bench_store CUSTOMERS [THREADS [FILE [contiguous]]]
 *
 * 20 float32 columns and ids like C0001234; half of the columns are whole numbers of few values, as days and counts
 * are, half are amounts in hundredths. Prints one line of JSON; MB are those of the table in memory, ids included. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "memory.h"
#include "random.h"
#include "snapshot_write.h"

enum { N_COLUMNS = 20, NAME_BYTES = 16 };

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static float value(size_t column, size_t row)
{
    double u = strata_uniform_at(1, column, row);
    return column % 2 ? (float)(int)(u * u * 730) : (float)((int)(u * u * 1000000) / 100.0);
}

static enum strata_status make_table(struct strata_table *table, char names[N_COLUMNS][NAME_BYTES], size_t n,
                                     struct strata_error *err)
{
    table->customer = strata_malloc_array(n, sizeof *table->customer);
    if (!table->customer)
        return strata_fail_memory(err, "ids", n, sizeof *table->customer);
    table->n_rows = n;
    for (size_t i = 0; i < n; ++i) {
        char id[16];
        int n_bytes = snprintf(id, sizeof id, "C%08zu", i % 100000000);
        table->customer[i] = strata_key_from_short(id, (size_t)n_bytes);
    }
    for (size_t c = 0; c < N_COLUMNS; ++c) {
        float *values = strata_malloc_array(n, sizeof *values);
        if (!values)
            return strata_fail_memory(err, "a column", n, sizeof *values);
#pragma omp parallel for
        for (size_t i = 0; i < n; ++i)
            values[i] = value(c, i);
        (void)snprintf(names[c], NAME_BYTES, "column_%02zu", c);
        struct strata_column about = {names[c], STRATA_F32, "1", "A column of the benchmark"};
        enum strata_status status = strata_table_add_column(table, &about, NULL, values, err);
        if (status != STRATA_OK) {
            free(values);
            return status;
        }
    }
    return STRATA_OK;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 1000000;
    const char *path = argc > 3 ? argv[3] : "bench_store.h5";
    struct strata_error err = {0};
    struct strata_table table = {0};
    struct strata_publication publication = {0};
    char names[N_COLUMNS][NAME_BYTES];
    struct strata_snapshot_contents contents = {.table = &table,
                                                .tool_version = "bench",
                                                .compress = argc < 5 || strcmp(argv[4], "contiguous") != 0,
                                                .threads = argc > 2 ? atoi(argv[2]) : 1};

    enum strata_status status = make_table(&table, names, n, &err);
    double begin = now(), written = 0, published = 0;
    if (status == STRATA_OK)
        status = strata_publication_begin(&publication, path, &err);
    if (status == STRATA_OK)
        status = strata_snapshot_write(&publication, &contents, &err);
    written = now();
    if (status == STRATA_OK)
        status = strata_publication_commit(&publication, &err);
    published = now();
    struct stat about = {0};
    if (status != STRATA_OK)
        (void)fprintf(stderr, "bench_store: %s\n", err.message);
    else if (stat(path, &about) == 0) {
        double megabytes = (double)n * (N_COLUMNS * sizeof(float) + 9) / 1e6;
        (void)
            printf("{\"customers\": %zu, \"threads\": %d, \"compress\": %s, \"write_seconds\": %.3f, "
                   "\"sync_seconds\": %.3f, \"megabytes\": %.1f, \"file_megabytes\": %.1f, \"mb_per_second\": %.1f}\n",
                   n, contents.threads, contents.compress ? "true" : "false", written - begin, published - written,
                   megabytes, (double)about.st_size / 1e6, megabytes / (written - begin));
    }
    strata_publication_release(&publication);
    strata_table_release(&table);
    return strata_status_exit_code(status);
}
