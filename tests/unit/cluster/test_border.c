/* The rows near a border between clusters, copied out. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "bounds.h"
#include "fixtures.h"

static struct strata_points cloud(size_t n, size_t d)
{
    struct matrix matrix = mixture(n, d, 1, n);
    struct strata_points points = as_points(&matrix, NULL, 1);
    free(matrix.value);
    return points;
}

static void release(struct strata_border *border, struct strata_points *points)
{
    strata_border_release(border);
    strata_points_release(points);
}

Test(border, rows_are_found_again)
{
    enum { N = 5000, FIRST = 4096, ADDED = 20 }; /* FIRST begins the second chunk */
    struct strata_points points = cloud(N, 3);
    struct strata_border border;
    struct strata_error err = {0};
    uint16_t row[ADDED], label[900] = {0};
    cr_assert_eq(strata_border_init(&border, &points, &err), STRATA_OK);
    cr_expect_eq(strata_border_points(&border, &points, 1).n, 0);
    for (uint16_t i = 0; i < ADDED; ++i) {
        row[i] = (uint16_t)(7 * i);
        label[row[i]] = i;
    }
    strata_border_add(&border, &points, 1, FIRST, row, 5, label);
    strata_border_add(&border, &points, 1, FIRST, row + 5, ADDED - 5, label);
    struct strata_points found = strata_border_points(&border, &points, 1);
    cr_assert_eq(found.n, ADDED);
    cr_expect_eq(found.n_tiles, 2);
    for (size_t i = 0; i < ADDED; ++i) {
        cr_expect_eq(border.row[border.room + i], row[i]);
        cr_expect_eq(border.label[border.room + i], i);
        for (int c = 0; c < 3; ++c)
            cr_expect_eq(strata_points_value(&found, i, c), strata_points_value(&points, FIRST + row[i], c));
    }
    cr_expect(strata_border_is_whole(&border, &points));
    release(&border, &points);
}

Test(border, takes_eight_bytes_per_row)
{
    for (size_t d = 1; d <= 40; ++d) {
        struct strata_points points = cloud(8192, d);
        struct strata_border border;
        struct strata_error err = {0};
        cr_assert_eq(strata_border_init(&border, &points, &err), STRATA_OK);
        cr_expect_gt(border.room, 0);
        cr_expect_leq(points.n_chunks * border.room * (4 * d + 6), 8 * points.n);
        release(&border, &points);
    }
}

/* Rows that are too many are counted, and none is written beyond the room. */
Test(border, too_many_rows)
{
    enum { N = 4096 };
    struct strata_points points = cloud(N, 3);
    struct strata_border border;
    struct strata_error err = {0};
    uint16_t row[STRATA_LIST_ROWS], label[STRATA_LIST_ROWS] = {0};
    cr_assert_eq(strata_border_init(&border, &points, &err), STRATA_OK);
    for (uint16_t i = 0; i < STRATA_LIST_ROWS; ++i)
        row[i] = i;
    size_t added = 0;
    for (; added + STRATA_LIST_ROWS <= border.room; added += STRATA_LIST_ROWS)
        strata_border_add(&border, &points, 0, added, row, STRATA_LIST_ROWS, label);
    strata_border_add(&border, &points, 0, added, row, border.room - added, label);
    cr_expect(strata_border_is_whole(&border, &points));
    strata_border_add(&border, &points, 0, added, row, 1, label);
    cr_expect_eq(border.n[0], border.room + 1);
    cr_expect_not(strata_border_is_whole(&border, &points));
    release(&border, &points);
}

/* A border that did not hold is tried again when half as many rows move. */
Test(border, is_tried_again)
{
    struct strata_points points = cloud(4096, 3);
    struct strata_bounds bounds;
    struct strata_error err = {0};
    cr_assert_eq(strata_bounds_init(&bounds, &points, 8, true, &err), STRATA_OK);
    cr_assert(bounds.bordered);
    strata_bounds_forget(&bounds);
    strata_bounds_choose(&bounds, &points, 4096, 2000, 8);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_PLAIN);
    strata_bounds_choose(&bounds, &points, 4096, 40, 8);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_GATHER);
    bounds.border.n[0] = bounds.border.room + 1;
    strata_bounds_choose(&bounds, &points, 4096, 30, 8);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_PLAIN);
    strata_bounds_choose(&bounds, &points, 4096, 20, 8);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_PLAIN);
    strata_bounds_choose(&bounds, &points, 4096, 15, 8);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_GATHER);
    bounds.border.n[0] = bounds.border.room;
    strata_bounds_choose(&bounds, &points, 4096, 15, 8);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_BORDER);
    strata_bounds_release(&bounds);
    strata_points_release(&points);
}

/* The shift of a cluster and the farthest one of the others: past what the border was gathered for, it is no longer
 * enough. */
Test(border, holds_until_it_is_passed)
{
    const float before[] = {0, 0.5F}, moved[] = {0.01F, 0.5F}, farther[] = {0.3F, 0.5F};
    struct strata_points points = cloud(4096, 1);
    struct strata_bounds bounds;
    struct strata_error err = {0};
    cr_assert_eq(strata_bounds_init(&bounds, &points, 2, true, &err), STRATA_OK);
    strata_bounds_forget(&bounds);
    strata_bounds_advance(&bounds, &points, before, 2);
    strata_bounds_choose(&bounds, &points, 4096, 4, 2);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_GATHER);
    strata_bounds_advance(&bounds, &points, moved, 2);
    for (int j = 0; j < 2; ++j)
        cr_expect_float_eq((double)bounds.reach[j], 0.01 * bounds.passes, 1e-6);
    strata_bounds_choose(&bounds, &points, 4096, 4, 2);
    strata_bounds_advance(&bounds, &points, before, 2);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_BORDER);
    for (int j = 0; j < 2; ++j)
        cr_expect_float_eq(bounds.reached[j], 0.01, 1e-6);
    strata_bounds_choose(&bounds, &points, 100, 4, 2);
    strata_bounds_advance(&bounds, &points, farther, 2);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_GATHER);
    strata_bounds_choose(&bounds, &points, 4096, 4000, 2);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_BORDER);
    strata_bounds_advance(&bounds, &points, before, 2);
    strata_bounds_choose(&bounds, &points, 100, 4000, 2);
    strata_bounds_advance(&bounds, &points, (float[]){-20, 20}, 2);
    cr_expect_eq(bounds.mode, STRATA_ASSIGN_PLAIN);
    strata_bounds_release(&bounds);
    strata_points_release(&points);
}
