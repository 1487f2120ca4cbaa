/* Which outcomes of restarts are worth more iterations. */
#include <criterion/criterion.h>

#include "outcomes.h"

Test(outcomes, are_ordered_by_inertia_and_the_first_wins_ties)
{
    struct strata_outcome outcome[] = {{.inertia = 2, .restart = 0},
                                       {.inertia = 1, .restart = 3},
                                       {.inertia = 1, .restart = 1},
                                       {.inertia = 3, .restart = 2}};
    const int order[] = {1, 3, 0, 2};
    strata_outcomes_sort(outcome, 4);
    for (int i = 0; i < 4; ++i)
        cr_expect_eq(outcome[i].restart, order[i]);
}

Test(outcomes, those_worse_by_a_larger_share_do_not_count)
{
    const struct strata_outcome outcome[] = {{.inertia = 100}, {.inertia = 101}, {.inertia = 102}, {.inertia = 103}};
    cr_expect_eq(strata_outcomes_count(outcome, 4, 0.5), 4);
    cr_expect_eq(strata_outcomes_count(outcome, 4, 0.02), 3);
    cr_expect_eq(strata_outcomes_count(outcome, 4, 0), 1);
    cr_expect_eq(strata_outcomes_count(outcome, 1, 0), 1);
}

/* Of an inertia of 0 all others are worse, unless it is theirs, too. */
Test(outcomes, of_nothing_left_to_explain)
{
    const struct strata_outcome outcome[] = {{.inertia = 0}, {.inertia = 0}, {.inertia = 1e-300}};
    cr_expect_eq(strata_outcomes_count(outcome, 3, 0.5), 2);
}

/* Two centroids in the plane: places 0, 1 and 3 are the same but for the order and a little; 2 has one centroid
 * elsewhere, 4 has one less. */
Test(outcomes, places_found_again_are_left_behind)
{
    double centroid[5][4] = {{0, 0, 1, 1}, {1, 1, 0, 0.01}, {0, 0, 2, 1}, {0.01, 0, 1, 1}, {0, 0}};
    struct strata_outcome outcome[5];
    for (int i = 0; i < 5; ++i)
        outcome[i] =
            (struct strata_outcome){.centroid = centroid[i], .inertia = 10 + i, .k = i < 4 ? 2 : 1, .restart = i};
    cr_expect_eq(strata_outcomes_gather(outcome, 5, 2, 2e-4, 5), 3);
    cr_expect_eq(outcome[0].restart, 0);
    cr_expect_eq(outcome[1].restart, 2);
    cr_expect_eq(outcome[2].restart, 4);
    cr_expect_eq(strata_outcomes_gather(outcome, 3, 2, 2e-4, 2), 2);
    cr_expect_eq(strata_outcomes_gather(outcome, 1, 2, 2e-4, 5), 1);
}

/* Inertias that are equal by chance do not make two places one. */
Test(outcomes, places_of_equal_inertia_are_told_apart)
{
    double centroid[2][2] = {{0, 1}, {0, 2}};
    struct strata_outcome outcome[] = {{.centroid = centroid[0], .inertia = 1, .k = 2, .restart = 0},
                                       {.centroid = centroid[1], .inertia = 1, .k = 2, .restart = 1}};
    cr_expect_eq(strata_outcomes_gather(outcome, 2, 1, 0.5, 2), 2);
}
