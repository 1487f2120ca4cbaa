/* The scores of the R package rfm for its example orders. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "scores.h"

enum { N_CUSTOMERS = 995 };

Test(r_rfm, scores_of_the_example_orders)
{
    const char *folder = getenv("STRATA_TEST_DATA");
    char path[4096];
    snprintf(path, sizeof path, "%s/rfm_orders/scores.csv", folder ? folder : ".");
    FILE *file = fopen(path, "r");
    if (!file)
        cr_skip("skipped: data not found");

    static const struct strata_column about[3] = {{"recency", STRATA_I32, "d", "test"},
                                                  {"frequency", STRATA_F32, "1", "test"},
                                                  {"monetary", STRATA_F64, "currency", "test"}};
    struct strata_table table = {.customer = strata_calloc_array(N_CUSTOMERS, sizeof *table.customer)};
    int32_t *recency = strata_malloc_array(N_CUSTOMERS, sizeof *recency);
    float *frequency = strata_malloc_array(N_CUSTOMERS, sizeof *frequency);
    double *monetary = strata_malloc_array(N_CUSTOMERS, sizeof *monetary);
    int expected[N_CUSTOMERS][3];
    char line[256];
    cr_assert_not_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        size_t i = table.n_rows++;
        cr_assert_lt(i, N_CUSTOMERS);
        int n, *score = expected[i];
        cr_assert_eq(sscanf(line, "%*[^,],%d,%d,%lf,%d,%d,%d", &recency[i], &n, &monetary[i], &score[0], &score[1],
                            &score[2]),
                     6);
        frequency[i] = (float)n;
    }
    fclose(file);
    cr_assert_eq(table.n_rows, N_CUSTOMERS);
    struct strata_error err;
    void *values[3] = {recency, frequency, monetary};
    for (int s = 0; s < 3; ++s)
        cr_assert_eq(strata_table_add_column(&table, &about[s], NULL, values[s], &err), STRATA_OK);

    struct strata_score_options options = {.method = STRATA_SCORE_R_RFM, .levels = 5, .threads = 2};
    for (int s = 0; s < STRATA_N_SCORES; ++s) {
        int8_t scores[N_CUSTOMERS];
        struct strata_thresholds thresholds;
        cr_assert_eq(strata_score_compute(&table, &strata_score_specs[s], &options, scores, &thresholds, &err),
                     STRATA_OK);
        for (size_t i = 0; i < N_CUSTOMERS; ++i)
            cr_assert_eq(scores[i], expected[i][s], "customer %zu: %s %d, not %d", i, thresholds.score, scores[i],
                         expected[i][s]);
    }
    strata_table_release(&table);
}
