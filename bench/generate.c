/* How fast is a log generated? usage: bench_generate [customers] [days] [threads] [runs] */
#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/generate.h>

int main(int argc, char **argv)
{
    struct strata_generate_options options;
    strata_generate_options_init(&options);
    options.customers = argc > 1 ? strtoull(argv[1], NULL, 10) : 500000;
    options.days = argc > 2 ? atoi(argv[2]) : 730;
    options.threads = argc > 3 ? atoi(argv[3]) : 0;
    int runs = argc > 4 ? atoi(argv[4]) : 3;
    for (int run = 0; run < runs; ++run) {
        struct strata_error err = {0};
        uint64_t rows = 0;
        double began = omp_get_wtime();
        enum strata_status status = strata_generate(&options, "/dev/null", NULL, &rows, &err);
        double seconds = omp_get_wtime() - began;
        if (status != STRATA_OK) {
            fprintf(stderr, "%s\n", err.message);
            return strata_status_exit_code(status);
        }
        printf("%" PRIu64 " rows, %.3f s, %.2f million rows/s\n", rows, seconds, (double)rows / seconds / 1e6);
    }
    return 0;
}
