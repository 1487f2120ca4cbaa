/* Scoring: bench_scores [CUSTOMERS [THREADS [RUNS]]]
 *
 * The column monetary, amounts in hundredths with some customers missing, scored by each method. One line for each;
 * the best of RUNS. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "random.h"
#include "scores.h"

static enum strata_status make_table(struct strata_table *table, size_t n, struct strata_error *err)
{
    static const struct strata_column about = {"monetary", STRATA_F64, "currency", "A column of the benchmark"};
    double *values = strata_malloc_array(n, sizeof *values);
    table->n_rows = n;
    table->customer = strata_malloc_array(n, sizeof *table->customer);
    if (!values || !table->customer) {
        free(values);
        return strata_fail_memory(err, "customers", n, sizeof *table->customer);
    }
#pragma omp parallel for
    for (size_t i = 0; i < n; ++i) {
        char id[24];
        double u = strata_uniform_at(1, 1, i);
        int n_bytes = snprintf(id, sizeof id, "C%08zu", i % 100000000);
        table->customer[i] = strata_key_from_short(id, (size_t)n_bytes);
        values[i] = i % 100 == 99 ? (double)NAN : floor(-6000 * log(u)) / 100;
    }
    enum strata_status status = strata_table_add_column(table, &about, NULL, values, err);
    if (status != STRATA_OK)
        free(values);
    return status;
}

static enum strata_status measure(const struct strata_table *table, enum strata_score_method method, int threads,
                                  int runs, int8_t *score, struct strata_error *err)
{
    static const double cuts[] = {10, 50, 100, 250};
    const struct strata_score_options options = {
        .method = method, .levels = 5, .cuts = cuts, .n_cuts = sizeof cuts / sizeof *cuts, .threads = threads};
    double best = 1e300;
    for (int run = 0; run < runs; ++run) {
        struct strata_thresholds thresholds;
        double began = omp_get_wtime();
        enum strata_status status =
            strata_score_compute(table, &strata_score_specs[STRATA_M_SCORE], &options, score, &thresholds, err);
        double seconds = omp_get_wtime() - began;
        if (status != STRATA_OK)
            return status;
        best = seconds < best ? seconds : best;
    }
    printf("%-9s %d thread%s  %zu customers, %.4f s, %.1f million customers/s\n", strata_score_method_names[method],
           threads, threads == 1 ? " " : "s", table->n_rows, best, (double)table->n_rows / best / 1e6);
    return STRATA_OK;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000000;
    int threads = argc > 2 ? atoi(argv[2]) : omp_get_max_threads(), runs = argc > 3 ? atoi(argv[3]) : 3;
    struct strata_error err = {0};
    struct strata_table table = {0};
    int8_t *score = strata_malloc_array(n, 1);
    enum strata_status status = score ? make_table(&table, n, &err) : strata_fail_memory(&err, "scores", n, 1);
    for (int method = 0; method < STRATA_N_SCORE_METHODS && status == STRATA_OK; ++method)
        status = measure(&table, (enum strata_score_method)method, threads, runs, score, &err);
    if (status != STRATA_OK)
        (void)fprintf(stderr, "bench_scores: %s\n", err.message);
    free(score);
    strata_table_release(&table);
    return strata_status_exit_code(status);
}
