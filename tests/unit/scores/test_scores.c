#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "scores.h"

static struct strata_error err;

static uint64_t state = 7;
static uint64_t draw(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

static const struct strata_score_spec higher = {"x_score", "x", false}, lower = {"x_score", "x", true};

/* A table of one column and ids that are in no particular order. */
static struct strata_table table_of(const double *values, size_t n)
{
    struct strata_table table = {.n_rows = n, .customer = strata_malloc_array(n, sizeof *table.customer)};
    double *copy = strata_malloc_array(n, sizeof *copy);
    memcpy(copy, values, n * sizeof *copy);
    for (size_t i = 0; i < n; ++i) {
        char text[32];
        int length = snprintf(text, sizeof text, "C%zu", (i * 7919) % 100003);
        table.customer[i] = strata_key_from_short(text, (size_t)length);
    }
    static const struct strata_column about = {"x", STRATA_F64, "1", "test"};
    cr_assert_eq(strata_table_add_column(&table, &about, NULL, copy, &err), STRATA_OK);
    return table;
}

static struct strata_thresholds score(const double *values, size_t n, const struct strata_score_spec *spec,
                                      const struct strata_score_options *options, int8_t *scores)
{
    struct strata_table table = table_of(values, n);
    struct strata_thresholds thresholds = {0};
    cr_assert_eq(strata_score_compute(&table, spec, options, scores, &thresholds, &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(thresholds.n_thresholds, thresholds.n_levels - 1);
    cr_assert_str_eq(thresholds.method, strata_score_method_names[options->method]);
    cr_assert_str_eq(thresholds.score, spec->score);
    cr_assert_str_eq(thresholds.column, spec->column);
    cr_assert_not_null(thresholds.rule);
    strata_table_release(&table);
    return thresholds;
}

static void check(const double *values, size_t n, const struct strata_score_spec *spec,
                  struct strata_score_options options, const char *expected)
{
    int8_t scores[64];
    options.threads = 2;
    score(values, n, spec, &options, scores);
    for (size_t i = 0; i < n; ++i)
        cr_assert_eq(scores[i], expected[i] - '0', "row %zu: %d, not %c", i, scores[i], expected[i]);
}

static const struct strata_score_options quantile5 = {.method = STRATA_SCORE_QUANTILE, .levels = 5},
                                         ntile5 = {.method = STRATA_SCORE_NTILE, .levels = 5},
                                         rfm5 = {.method = STRATA_SCORE_R_RFM, .levels = 5},
                                         mean = {.method = STRATA_SCORE_MEAN};

Test(scores, quantile_by_hand)
{
    /* n = 10: edges are the 2nd, 4th, 6th and 8th. */
    check((double[]){10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10, &higher, quantile5, "5544332211");
    check((double[]){10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10, &lower, quantile5, "1122334455");
    /* Ties stay together: edges 1, 1, 1, 3 */
    check((double[]){1, 1, 1, 1, 1, 1, 1, 3, 4, 9}, 10, &higher, quantile5, "1111111455");
    check((double[]){NAN, 1, 2, 3, 4, 5}, 6, &higher, quantile5, "112345");
    check((double[]){NAN, 1, 2, 3, 4, 5}, 6, &lower, quantile5, "154321");
    check((double[]){-0.0, 0.0, INFINITY, -INFINITY}, 4, &higher,
          (struct strata_score_options){.method = STRATA_SCORE_QUANTILE, .levels = 4}, "2241");
}

Test(scores, quantile_thresholds_in_the_order_of_rising_score)
{
    double values[] = {1, 2, 3, 4, 5, 6};
    int8_t scores[6];
    struct strata_score_options options = {.method = STRATA_SCORE_QUANTILE, .levels = 3, .threads = 1};
    struct strata_thresholds up = score(values, 6, &higher, &options, scores);
    cr_assert(up.value[0] == 2 && up.value[1] == 4);
    struct strata_thresholds down = score(values, 6, &lower, &options, scores);
    cr_assert(down.value[0] == 5 && down.value[1] == 3);
    cr_assert(strcmp(up.rule, down.rule) != 0);
}

Test(scores, ntile_by_hand)
{
    /* 7 customers in 5: sizes 2, 2, 1, 1, 1. Ids C0, C7919, C15838, C23757, C31676, C39595, C47514. */
    check((double[]){1, 2, 3, 4, 5, 6, 7}, 7, &higher, ntile5, "1122345");
    check((double[]){1, 2, 3, 4, 5, 6, 7}, 7, &lower, ntile5, "5432211");
    /* All alike: in order of id as bytes: C0 C15838 C23757 C31676 C39595 C47514 C7919. */
    check((double[]){8, 8, 8, 8, 8, 8, 8}, 7, &higher, ntile5, "1512234");
    check((double[]){8, 8, 8, 8, 8, 8, 8}, 7, &lower, ntile5, "1512234");
    /* Fewer customers than levels. */
    check((double[]){5, 4}, 2, &higher, ntile5, "21");
    check((double[]){NAN, 5, 4, NAN}, 4, &higher, ntile5, "1211");
}

Test(scores, r_rfm_by_hand)
{
    /* Type 7 of 0..10 at .2 .4 .6 .8: 2, 4, 6, 8; plus 1: 3, 5, 7, 9. */
    double values[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    check(values, 11, &higher, rfm5, "11122334455");
    check(values, 11, &lower, rfm5, "55544332211");
    /* Between neighbours: at .2 of four 0.6 of the way from 1 to 2, at .4 0.2 of the way from 2 to 5; plus 1. */
    int8_t scores[4];
    struct strata_score_options options = rfm5;
    options.threads = 1;
    struct strata_thresholds thresholds = score((double[]){1, 2, 5, 9}, 4, &higher, &options, scores);
    cr_assert_float_eq(thresholds.value[0], 2.6, 1e-12);
    cr_assert_float_eq(thresholds.value[1], 3.6, 1e-12);
}

Test(scores, fixed_by_hand)
{
    struct strata_score_options options = {.method = STRATA_SCORE_FIXED,
                                           .cuts = (double[]){10, 20, 50},
                                           .n_cuts = 3,
                                           .levels = 99};
    double values[] = {9.99, 10, 19, 20, 50, 51, NAN};
    check(values, 7, &higher, options, "1223441");
    check(values, 7, &lower, options, "4433211");
    int8_t scores[7];
    options.threads = 1;
    struct strata_thresholds thresholds = score(values, 7, &lower, &options, scores);
    cr_assert_eq(thresholds.n_levels, 4);
    cr_assert(thresholds.value[0] == 50 && thresholds.value[1] == 20 && thresholds.value[2] == 10);
    options.n_cuts = 1;
    check(values, 7, &higher, options, "1222221");
}

Test(scores, mean_by_hand)
{
    check((double[]){1, 2, 3, 10}, 4, &higher, mean, "0001"); /* mean 4 */
    check((double[]){1, 4, 4, 7, NAN}, 5, &higher, mean, "01110");
    check((double[]){1, 4, 4, 7, NAN}, 5, &lower, mean, "11100");
    /* Three tenths add up to more than 0.3. */
    check((double[]){0.1, 0.1, 0.1}, 3, &higher, mean, "111");
    check((double[]){0.1, 0.1, 0.1}, 3, &lower, mean, "111");
    /* The small one survives the large ones. */
    int8_t scores[3];
    struct strata_score_options options = mean;
    options.threads = 1;
    struct strata_thresholds thresholds = score((double[]){1e16, 3, -1e16}, 3, &higher, &options, scores);
    cr_assert(thresholds.value[0] == 1);
    cr_assert_eq(thresholds.n_levels, 2);
}

Test(scores, degenerate_columns)
{
    int8_t scores[3];
    for (int method = 0; method < STRATA_N_SCORE_METHODS; ++method) {
        struct strata_score_options options = {
            .method = (enum strata_score_method)method, .levels = 5, .cuts = (double[]){1}, .n_cuts = 1, .threads = 3};
        int lowest = method == STRATA_SCORE_MEAN ? 0 : 1;
        struct strata_thresholds none = score((double[]){NAN, NAN, NAN}, 3, &lower, &options, scores);
        cr_assert(scores[0] == lowest && scores[1] == lowest && scores[2] == lowest);
        for (int i = 0; i < none.n_thresholds; ++i)
            cr_assert(isnan(none.value[i]));
        score((double[]){4}, 0, &higher, &options, scores);
        score((double[]){4}, 1, &higher, &options, scores);
        int one = method == STRATA_SCORE_FIXED ? 2 : 1;
        cr_assert_eq(scores[0], one);
    }
    check((double[]){4, 4, 4}, 3, &higher, quantile5, "111");
    check((double[]){4, 4, 4}, 3, &lower, quantile5, "111");
    check((double[]){4, 4, 4}, 3, &higher, rfm5, "111");
    check((double[]){4, 4, 4}, 3, &lower, rfm5, "555");
}

Test(scores, negative_infinity_and_infinity_have_a_defined_mean)
{
    check((double[]){-INFINITY, 0, INFINITY}, 3, &higher, mean, "111");
    check((double[]){0, 1, INFINITY}, 3, &higher, mean, "001");
}

/* The definition, by a full sort. */
struct customer {
    double goodness;
    struct strata_key id;
    size_t row;
};

static int compare_customers(const void *a, const void *b)
{
    const struct customer *x = a, *y = b;
    if (x->goodness != y->goodness)
        return x->goodness < y->goodness ? -1 : 1;
    return strata_key_compare(x->id, y->id);
}

static void check_random(const double *values, size_t n, const struct strata_score_spec *spec, int levels, int threads)
{
    struct strata_table table = table_of(values, n);
    struct customer *sorted = malloc(n * sizeof *sorted);
    int8_t *scores = malloc(n);
    size_t n_values = 0;
    for (size_t i = 0; i < n; ++i)
        if (!isnan(values[i]))
            sorted[n_values++] =
                (struct customer){spec->lower_is_better ? -values[i] : values[i], table.customer[i], i};
    qsort(sorted, n_values, sizeof *sorted, compare_customers);

    struct strata_thresholds thresholds;
    struct strata_score_options options = {.method = STRATA_SCORE_QUANTILE, .levels = levels, .threads = threads};
    cr_assert_eq(strata_score_compute(&table, spec, &options, scores, &thresholds, &err), STRATA_OK);
    for (size_t i = 0; i < n_values; ++i) {
        int expected = 1;
        for (int e = 1; e < levels; ++e)
            expected +=
                sorted[(n_values * (size_t)e + (size_t)levels - 1) / (size_t)levels - 1].goodness < sorted[i].goodness;
        cr_assert_eq(scores[sorted[i].row], expected);
    }

    options.method = STRATA_SCORE_NTILE;
    cr_assert_eq(strata_score_compute(&table, spec, &options, scores, &thresholds, &err), STRATA_OK);
    size_t at = 0;
    for (int level = 1; level <= levels; ++level) {
        size_t size = n_values / (size_t)levels + ((size_t)level <= n_values % (size_t)levels);
        for (size_t i = 0; i < size; ++i, ++at)
            cr_assert_eq(scores[sorted[at].row], level, "place %zu of %zu: %d, not %d", at, n_values,
                         scores[sorted[at].row], level);
    }
    for (size_t i = 0; i < n; ++i)
        if (isnan(values[i]))
            cr_assert_eq(scores[i], 1);
    strata_table_release(&table);
    free(sorted);
    free(scores);
}

Test(scores, random_columns_against_a_full_sort)
{
    enum { N = 6000 };
    static double values[N];
    for (int levels = 3; levels <= 10; ++levels)
        for (int shape = 0; shape < 3; ++shape) {
            size_t n = shape == 2 ? 1 + draw() % 12 : N - draw() % 100;
            for (size_t i = 0; i < n; ++i) {
                double u = (double)draw() / 2147483648.0;
                values[i] = shape == 0 ? u - 0.5 : floor(1 / (u + 0.01)) - 3;
                if (draw() % 12 == 0)
                    values[i] = draw() % 3 ? (double)NAN : draw() % 2 ? (double)INFINITY : -(double)INFINITY;
            }
            check_random(values, n, levels % 2 ? &higher : &lower, levels, 1 + levels % 3);
        }
}

Test(scores, the_same_for_every_number_of_threads)
{
    enum { N = 30000 };
    static double values[N];
    static int8_t scores[2][N];
    for (int i = 0; i < N; ++i)
        values[i] = exp((double)(draw() % 10000) / 1000);
    for (int method = 0; method < STRATA_N_SCORE_METHODS; ++method) {
        struct strata_score_options options = {.method = (enum strata_score_method)method,
                                               .levels = 7,
                                               .cuts = (double[]){3, 80},
                                               .n_cuts = 2,
                                               .threads = 1};
        struct strata_thresholds one = score(values, N, &higher, &options, scores[0]);
        for (options.threads = 2; options.threads <= 8; options.threads += 3) {
            struct strata_thresholds more = score(values, N, &higher, &options, scores[1]);
            cr_assert_eq(memcmp(one.value, more.value, sizeof one.value), 0);
            cr_assert_eq(memcmp(scores[0], scores[1], N), 0);
        }
    }
}

static void check_refused(const struct strata_score_options *options, const char *words)
{
    struct strata_table table = table_of((double[]){1, 2}, 2);
    struct strata_thresholds thresholds;
    int8_t scores[2];
    cr_assert_eq(strata_score_compute(&table, &higher, options, scores, &thresholds, &err), STRATA_USAGE);
    cr_assert_not_null(strstr(err.message, words), "%s", err.message);
    cr_assert_not_null(strstr(err.message, "x_score"), "%s", err.message);
    strata_table_release(&table);
}

Test(scores, unusable_options_are_refused)
{
    check_refused(&(struct strata_score_options){.method = STRATA_SCORE_QUANTILE, .levels = 2, .threads = 1},
                  "3 to 10");
    check_refused(&(struct strata_score_options){.method = STRATA_SCORE_NTILE, .levels = 11, .threads = 1}, "3 to 10");
    struct strata_score_options fixed = {.method = STRATA_SCORE_FIXED, .threads = 1};
    check_refused(&fixed, "1 to 9 cut points, not 0");
    fixed.n_cuts = 10;
    check_refused(&fixed, "not 10");
    fixed.n_cuts = 2;
    fixed.cuts = (double[]){2, 2};
    check_refused(&fixed, "2 is followed by 2");
    fixed.cuts = (double[]){2, NAN};
    check_refused(&fixed, "cut point 2");
}

Test(scores, a_column_that_is_not_there_is_refused)
{
    struct strata_table table = table_of((double[]){1, 2}, 2);
    struct strata_thresholds thresholds;
    struct strata_score_options options = quantile5;
    int8_t scores[2];
    cr_assert_eq(strata_score_compute(&table, &strata_score_specs[STRATA_R_SCORE], &options, scores, &thresholds, &err),
                 STRATA_USAGE);
    cr_assert_str_eq(err.message, "r_score needs the column recency, which is not there");
    strata_table_release(&table);
}

Test(scores, names_of_methods)
{
    enum strata_score_method method;
    for (int i = 0; i < STRATA_N_SCORE_METHODS; ++i) {
        cr_assert_eq(strata_score_method_parse(strata_score_method_names[i], &method, &err), STRATA_OK);
        cr_assert_eq((int)method, i);
    }
    cr_assert_eq(strata_score_method_parse("r_rfm", &method, &err), STRATA_USAGE);
    cr_assert_str_eq(err.message, "there is no score method \"r_rfm\"; choose one of: quantile ntile r-rfm fixed mean");
}

Test(scores, columns_describe_the_scores)
{
    for (int s = 0; s < STRATA_N_SCORES; ++s) {
        cr_assert_str_eq(strata_score_specs[s].score, strata_score_columns[s].name);
        cr_assert_eq(strata_score_columns[s].type, STRATA_I8);
    }
}

Test(scores, stored_thresholds_give_the_same_levels)
{
    enum { MANY = 997 };
    double values[MANY], cuts[] = {20, 40, 90};
    int8_t fitted[MANY], applied[MANY];
    for (size_t i = 0; i < MANY; ++i)
        values[i] = i % 50 ? (double)(draw() % 100) : (double)NAN;
    for (int method = 0; method < STRATA_N_SCORE_METHODS; ++method)
        for (int side = 0; side < 2; ++side) {
            const struct strata_score_spec *spec = side ? &lower : &higher;
            struct strata_score_options options = {
                .method = (enum strata_score_method)method, .levels = 5, .cuts = cuts, .n_cuts = 3, .threads = 2};
            struct strata_thresholds made = score(values, MANY, spec, &options, fitted), read;
            struct strata_table table = table_of(values, MANY);
            cr_assert_eq(strata_score_apply(&table, spec, options.method, made.value, made.n_thresholds, 2, applied,
                                            &read, &err),
                         STRATA_OK, "%s", err.message);
            cr_expect_eq(memcmp(made.value, read.value, (size_t)made.n_thresholds * sizeof *made.value), 0);
            cr_expect_str_eq(made.rule, read.rule);
            cr_expect_eq(made.n_levels, read.n_levels);
            for (size_t i = 0; i < MANY; ++i)
                if (method == STRATA_SCORE_NTILE)
                    cr_assert_leq(applied[i], fitted[i]);
                else
                    cr_assert_eq(applied[i], fitted[i], "%s, row %zu", made.method, i);
            strata_table_release(&table);
        }
}

Test(scores, thresholds_of_no_method_are_refused)
{
    struct strata_table table = table_of((double[]){1, 2, 3}, 3);
    struct strata_thresholds thresholds;
    int8_t scores[3];
    static const struct {
        enum strata_score_method method;
        int n;
        double value[10];
    } cases[] = {
        {STRATA_SCORE_QUANTILE, 0, {0}},
        {STRATA_SCORE_QUANTILE, 10, {0}},
        {STRATA_SCORE_MEAN, 2, {1, 2}},
        {STRATA_SCORE_QUANTILE, 2, {2, 1}},
        {STRATA_SCORE_QUANTILE, 2, {1, INFINITY}},
        {STRATA_SCORE_QUANTILE, 2, {1, (double)NAN}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
        cr_expect_eq(strata_score_apply(&table, &higher, cases[i].method, cases[i].value, cases[i].n, 1, scores,
                                        &thresholds, &err),
                     STRATA_REJECTED, "%zu", i);
    const struct strata_score_spec other = {"y_score", "y", false};
    cr_expect_eq(strata_score_apply(&table, &other, STRATA_SCORE_MEAN, (double[]){1}, 1, 1, scores, &thresholds, &err),
                 STRATA_USAGE);
    /* Nobody had a value when they were made: everybody is at the lowest level. */
    cr_assert_eq(strata_score_apply(&table, &higher, STRATA_SCORE_QUANTILE, (double[]){(double)NAN, (double)NAN}, 2, 1,
                                    scores, &thresholds, &err),
                 STRATA_OK, "%s", err.message);
    cr_expect(scores[0] == 1 && scores[2] == 1);
    strata_table_release(&table);
}
