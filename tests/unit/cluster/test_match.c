/* Pairing: the least sum there is, by trying all pairings. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "match.h"
#include "random.h"

enum { MOST = 7 };

/* The least sum over all ways to pair the rows from `row` on with columns that are free; n_rows <= n_columns. */
static double least_sum(const double *cost, int n_rows, int n_columns, int row, unsigned taken)
{
    double least = 1e300;
    if (row == n_rows)
        return 0;
    for (int column = 0; column < n_columns; ++column) {
        if (taken >> column & 1)
            continue;
        double sum = cost[row * n_columns + column] + least_sum(cost, n_rows, n_columns, row + 1, taken | 1u << column);
        least = sum < least ? sum : least;
    }
    return least;
}

static double sum_of(const double *cost, int n_rows, int n_columns, const int *partner, int *n_pairs)
{
    double sum = 0;
    unsigned taken = 0;
    *n_pairs = 0;
    for (int row = 0; row < n_rows; ++row) {
        if (partner[row] < 0)
            continue;
        cr_assert_lt(partner[row], n_columns);
        cr_assert_not(taken >> partner[row] & 1, "column %d has two partners", partner[row]);
        taken |= 1u << partner[row];
        sum += cost[row * n_columns + partner[row]];
        ++*n_pairs;
    }
    return sum;
}

Test(match, least_of_all_pairings)
{
    for (uint64_t round = 0; round < 400; ++round) {
        struct strata_error err = {0};
        double cost[MOST * MOST], turned[MOST * MOST];
        int partner[MOST], n_pairs;
        int n = 1 + (int)(strata_uniform_at(round, 1, 0) * MOST),
            m = n + (int)(strata_uniform_at(round, 1, 1) * (MOST + 1 - n));
        for (int i = 0; i < n * m; ++i) {
            double u = strata_uniform_at(round, 2, (uint64_t)i) - 0.3;
            cost[i] = round % 2 ? u * 10 : (int)(u * 4); /* also with many ties */
            turned[i % m * n + i / m] = cost[i];
        }
        double least = least_sum(cost, n, m, 0, 0);
        cr_assert_eq(strata_match(cost, n, m, partner, &err), STRATA_OK);
        cr_expect_float_eq(sum_of(cost, n, m, partner, &n_pairs), least, 1e-9);
        cr_expect_eq(n_pairs, n);
        cr_assert_eq(strata_match(turned, m, n, partner, &err), STRATA_OK);
        cr_expect_float_eq(sum_of(turned, m, n, partner, &n_pairs), least, 1e-9);
        cr_expect_eq(n_pairs, n);
    }
}

Test(match, by_hand)
{
    /* The nearest first would take 0 and 9. */
    const double cost[] = {0, 1, 2, 9};
    int partner[2];
    struct strata_error err = {0};
    cr_assert_eq(strata_match(cost, 2, 2, partner, &err), STRATA_OK);
    cr_expect(partner[0] == 1 && partner[1] == 0);
    cr_assert_eq(strata_match(cost, 1, 4, partner, &err), STRATA_OK);
    cr_expect_eq(partner[0], 0);
}
