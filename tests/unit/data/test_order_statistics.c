#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "order_statistics.h"

static struct strata_error err;

static uint64_t state = 1;
static uint64_t draw(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

static int compare_values(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Every order statistic of every group, against a full sort. */
static void check_against_sort(enum strata_type type, void *values, size_t n, const int16_t *group, int16_t first_group,
                               int n_groups, int threads)
{
    struct strata_table_column column = {.about = {"x", type, "1", "test"}, .values = values};
    struct strata_order_source source = {&column, n, group, first_group, n_groups, threads};
    struct strata_order order;
    cr_assert_eq(strata_order_init(&order, &source, &err), STRATA_OK);

    double *sorted = malloc((n + 1) * sizeof *sorted), *value = malloc((n + 1) * sizeof *value);
    struct strata_order_rank *rank = malloc((n + 1) * sizeof *rank);
    size_t n_ranks = 0;
    for (int g = 0; g < n_groups; ++g) {
        size_t begin = n_ranks;
        for (size_t i = 0; i < n; ++i) {
            double v = strata_table_value(&column, i);
            if (!isnan(v) && (!group || group[i] - first_group == g))
                sorted[n_ranks++] = v;
        }
        qsort(sorted + begin, n_ranks - begin, sizeof *sorted, compare_values);
        cr_assert_eq(order.count[g], n_ranks - begin);
        for (size_t i = begin; i < n_ranks; ++i)
            rank[i] = (struct strata_order_rank){g, i - begin};
    }
    cr_assert_eq(strata_order_select(&order, rank, n_ranks, value, &err), STRATA_OK);
    for (size_t i = 0; i < n_ranks; ++i)
        cr_assert(value[i] == sorted[i], "rank %zu: %a is not %a", i, value[i], sorted[i]);

    /* A few ranks only: the usual case. */
    size_t n_few = 0;
    for (size_t i = 0; i < n_ranks; i += 1 + n_ranks / 9)
        rank[n_few++] = rank[i];
    cr_assert_eq(strata_order_select(&order, rank, n_few, value, &err), STRATA_OK);
    for (size_t i = 0, few = 0; i < n_ranks; i += 1 + n_ranks / 9, ++few)
        cr_assert(value[few] == sorted[i]);

    strata_order_release(&order);
    strata_order_release(&order);
    free(sorted);
    free(value);
    free(rank);
}

Test(order_statistics, special_values_in_order)
{
    double values[] = {0.0,     -0.0,  INFINITY, -INFINITY, NAN, 1.0,  -1.0, 5e-324,
                       -5e-324, 1e308, -1e308,   NAN,       0.1, -0.1, 1.0,  1.0};
    check_against_sort(STRATA_F64, values, sizeof values / sizeof *values, NULL, 0, 1, 1);
}

Test(order_statistics, negative_zero_is_zero)
{
    double values[] = {-0.0, -0.0}, value;
    struct strata_table_column column = {.about = {"x", STRATA_F64, "1", "test"}, .values = values};
    struct strata_order_source source = {&column, 2, NULL, 0, 1, 1};
    struct strata_order order;
    cr_assert_eq(strata_order_init(&order, &source, &err), STRATA_OK);
    cr_assert_eq(strata_order_select(&order, &(struct strata_order_rank){0, 1}, 1, &value, &err), STRATA_OK);
    cr_assert(value == 0 && !signbit(value));
    strata_order_release(&order);
}

Test(order_statistics, nothing_and_one)
{
    double one = 3.5;
    float missing[3] = {NAN, NAN, NAN};
    check_against_sort(STRATA_F64, &one, 0, NULL, 0, 1, 3);
    check_against_sort(STRATA_F64, &one, 1, NULL, 0, 1, 3);
    check_against_sort(STRATA_F32, missing, 3, NULL, 0, 1, 3);
}

Test(order_statistics, random_doubles_with_ties_and_missing)
{
    enum { N = 20000 };
    static double values[N];
    for (int threads = 1; threads <= 3; ++threads)
        for (int shape = 0; shape < 5; ++shape) {
            for (int i = 0; i < N; ++i) {
                double u = (double)draw() / 2147483648.0;
                switch (shape) {
                case 0: values[i] = u - 0.5; break;
                case 1: values[i] = floor(1 / (u + 1e-3)); break;                  /* heavy ties */
                case 2: values[i] = exp(40 * (u - 0.5)) * (i % 2 ? 1 : -1); break; /* many magnitudes */
                case 3: values[i] = 7.25; break;
                default: values[i] = (double)(draw() % 1000000) / 10000; break; /* money */
                }
                if (shape != 3 && draw() % 10 == 0)
                    values[i] = draw() % 2 ? (double)NAN : draw() % 2 ? (double)INFINITY : -(double)INFINITY;
            }
            check_against_sort(STRATA_F64, values, N, NULL, 0, 1, threads);
        }
}

Test(order_statistics, random_integers_and_floats)
{
    enum { N = 5000 };
    static int32_t integers[N];
    static float reals[N];
    static int8_t bytes[N];
    for (int i = 0; i < N; ++i) {
        integers[i] = draw() % 20 == 0 ? STRATA_MISSING_I32 : (int32_t)(draw() % 700) - 100;
        reals[i] = draw() % 20 == 0 ? NAN : (float)(draw() % 400);
        bytes[i] = draw() % 20 == 0 ? STRATA_MISSING_I8 : (int8_t)(draw() % 200 - 100);
    }
    check_against_sort(STRATA_I32, integers, N, NULL, 0, 1, 2);
    check_against_sort(STRATA_F32, reals, N, NULL, 0, 1, 2);
    check_against_sort(STRATA_I8, bytes, N, NULL, 0, 1, 2);
}

Test(order_statistics, groups_and_rows_outside_of_them)
{
    enum { N = 6000, N_GROUPS = 40 };
    static double values[N];
    static int16_t group[N];
    for (int i = 0; i < N; ++i) {
        values[i] = draw() % 30 == 0 ? (double)NAN : (double)(draw() % 1000) / 8 - 40;
        group[i] = (int16_t)((int)(draw() % (N_GROUPS + 6)) - 5); /* -5..40: groups -3..36, one of them empty */
        if (group[i] == 12)
            group[i] = INT16_MIN;
    }
    for (int threads = 1; threads <= 3; ++threads)
        check_against_sort(STRATA_F64, values, N, group, -3, N_GROUPS, threads);
}

Test(order_statistics, many_groups)
{
    enum { N = 9000, N_GROUPS = 20000 };
    static double values[N];
    static int16_t group[N];
    for (int i = 0; i < N; ++i) {
        values[i] = (double)draw();
        group[i] = (int16_t)(draw() % N_GROUPS);
    }
    check_against_sort(STRATA_F64, values, N, group, 0, N_GROUPS, 2);
}

Test(order_statistics, reading_a_column_is_reading_its_values)
{
    int32_t integers[] = {1, STRATA_MISSING_I32, -3};
    int64_t longs[] = {1, 2, -3};
    int16_t shorts[] = {1, 2, -3};
    int8_t bytes[] = {1, STRATA_MISSING_I8, -3};
    float floats[] = {1, NAN, -3};
    double doubles[] = {1, NAN, -3};
    struct {
        enum strata_type type;
        void *values;
    } cases[] = {{STRATA_I32, integers}, {STRATA_I64, longs},  {STRATA_I16, shorts},
                 {STRATA_I8, bytes},     {STRATA_F32, floats}, {STRATA_F64, doubles}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c) {
        struct strata_table_column column = {.about = {"x", cases[c].type, "1", "test"}, .values = cases[c].values};
        double read[2];
        strata_table_read(&column, 1, 2, read);
        double expected = strata_table_value(&column, 1);
        cr_assert(isnan(expected) ? isnan(read[0]) : read[0] == expected);
        cr_assert(read[1] == -3);
    }
}
