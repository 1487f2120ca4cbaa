/* Small clusters, and clusters that carry on earlier ones. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "continuity.h"
#include "fixtures.h"
#include "minimum.h"
#include "order.h"

static const struct strata_search_options search = {
    .restarts = 8, .swaps = 8, .max_iterations = 100, .threads = 1, .seed = 1};

/* 100 rows at 0, 100 at 10, 3 at 50, 2 at 60. */
static struct strata_fit four_places(struct strata_points *points)
{
    float value[205];
    struct matrix matrix = {205, 1, value};
    struct strata_search_options options = search;
    struct strata_fit fit;
    struct strata_error err = {0};
    for (int i = 0; i < 205; ++i)
        value[i] = i < 100 ? 0 : i < 200 ? 10 : i < 203 ? 50 : 60;
    *points = as_points(&matrix, NULL, 1);
    options.k = 4;
    cr_assert_eq(strata_search_run(points, &options, &fit, &err), STRATA_OK);
    cr_assert_eq(fit.k, 4);
    return fit;
}

static int clusters_with(uint64_t min_size, uint64_t *smallest, int *n_dissolved)
{
    struct strata_points points;
    struct strata_fit fit = four_places(&points);
    struct strata_error err = {0};
    cr_assert_eq(strata_minimum_enforce(&points, &search, min_size, &fit, n_dissolved, &err), STRATA_OK, "%s",
                 err.message);
    uint64_t n = 0;
    *smallest = UINT64_MAX;
    for (int j = 0; j < fit.k; ++j) {
        n += fit.size[j];
        *smallest = fit.size[j] < *smallest ? fit.size[j] : *smallest;
    }
    cr_expect_eq(n, 205);
    int k = fit.k;
    strata_fit_release(&fit);
    strata_points_release(&points);
    return k;
}

Test(minimum, smallest_goes_first)
{
    uint64_t smallest;
    int n_dissolved;
    cr_expect_eq(clusters_with(0, &smallest, &n_dissolved), 4);
    cr_expect(smallest == 2 && n_dissolved == 0);
    cr_expect_eq(clusters_with(2, &smallest, &n_dissolved), 4);
    /* The two at 60 go to the three at 50. */
    cr_expect_eq(clusters_with(3, &smallest, &n_dissolved), 3);
    cr_expect(smallest == 5 && n_dissolved == 1);
    /* And all five to the hundred at 10. */
    cr_expect_eq(clusters_with(6, &smallest, &n_dissolved), 2);
    cr_expect(smallest == 100 && n_dissolved == 2);
    cr_expect_eq(clusters_with(101, &smallest, &n_dissolved), 1);
    cr_expect_eq(clusters_with(1000, &smallest, &n_dissolved), 1);
    cr_expect(smallest == 205 && n_dissolved == 3);
}

Test(continuity, pairs)
{
    double centroid[] = {0, 0, 1, 0, 9, 9}, earlier[] = {1.1, 0, 0.1, 0, 5, 5, -4, 0};
    struct strata_fit fit = {.k = 3, .centroid = centroid};
    int partner[4];
    double moved[4];
    struct strata_error err = {0};
    cr_assert_eq(strata_continuity_match(&fit, 2, earlier, 4, partner, moved, &err), STRATA_OK);
    cr_expect(partner[0] == 1 && partner[1] == 0 && partner[2] == 2);
    cr_expect_float_eq(moved[0], 0.1, 1e-12);
    cr_expect_float_eq(moved[2], sqrt(32), 1e-12);
    /* In the first column alone. */
    for (int i = 0; i < 4; ++i)
        earlier[2 * i + 1] = NAN;
    cr_assert_eq(strata_continuity_match(&fit, 2, earlier, 4, partner, moved, &err), STRATA_OK);
    cr_expect(partner[0] == 1 && partner[1] == 0 && partner[2] == 2);
    cr_expect_float_eq(moved[2], 4, 1e-12);
    /* No column in common: nobody is carried on. */
    for (int i = 0; i < 4; ++i)
        earlier[2 * i] = NAN;
    cr_assert_eq(strata_continuity_match(&fit, 2, earlier, 4, partner, moved, &err), STRATA_OK);
    cr_expect(partner[0] == -1 && partner[1] == -1 && partner[2] == -1 && isnan(moved[0]));
}

/* Two clusters and two earlier ones in two columns. */
static void match_two(double *centroid, const double *earlier, int *partner, double *moved)
{
    struct strata_fit fit = {.k = 2, .centroid = centroid};
    struct strata_error err = {0};
    cr_assert_eq(strata_continuity_match(&fit, 2, earlier, 2, partner, moved, &err), STRATA_OK);
}

/* Left over after better pairs, and each has a nearer one: not the same cluster. */
Test(continuity, leftovers_are_no_pair)
{
    double centroid[] = {0, 0, 10, 0}, earlier[] = {0, 0, 3, 10};
    int partner[2];
    double moved[2];
    match_two(centroid, earlier, partner, moved);
    cr_expect(partner[0] == 0 && moved[0] == 0);
    cr_expect(partner[1] == -1 && isnan(moved[1]));
    /* Nearer to one another than to anybody else: the same cluster, however far it went. */
    earlier[2] = 12;
    match_two(centroid, earlier, partner, moved);
    cr_expect_eq(partner[1], 1);
}

/* By squared distances the first would hand its number on: 1 + 100 is less than 0 + 121. */
Test(continuity, who_stays_keeps_the_number)
{
    double centroid[] = {0, 0, -10, 0}, earlier[] = {0, 0, 1, 0};
    int partner[2];
    double moved[2];
    match_two(centroid, earlier, partner, moved);
    cr_expect(partner[0] == 0 && moved[0] == 0);
    cr_expect_eq(partner[1], -1);
}

static struct strata_cluster_place place_of(int cluster) { return (struct strata_cluster_place){.cluster = cluster}; }

Test(continuity, numbers)
{
    struct strata_label label[] = {{.value = 7}, {.value = 2}};
    struct strata_clustering previous = {.k = 2, .label = label, .next_number = 9};
    struct strata_cluster_place place[] = {place_of(2), place_of(0), place_of(3), place_of(1)};
    const int earlier[] = {1, -1, -1, 0};
    strata_places_renumber(place, 4, &previous, earlier);
    const int cluster[] = {0, 3, 2, 1}, number[] = {2, 7, 9, 10};
    for (int i = 0; i < 4; ++i)
        cr_expect(place[i].cluster == cluster[i] && place[i].number == number[i], "%d: %d is %d", i, place[i].cluster,
                  place[i].number);
    /* No number is left above: the lowest free ones. */
    previous.next_number = INT16_MAX;
    struct strata_cluster_place again[] = {place_of(2), place_of(0), place_of(3), place_of(1)};
    strata_places_renumber(again, 4, &previous, earlier);
    const int lowest[] = {1, 2, 7, INT16_MAX};
    for (int i = 0; i < 4; ++i)
        cr_expect_eq(again[i].number, lowest[i], "%d: %d", i, again[i].number);
}

/* Fresh and warm start on two clouds: k stays unless it is worth changing. */
Test(continuity, start)
{
    struct matrix matrix = mixture(3000, 2, 1, 4);
    for (size_t i = 0; i < matrix.n; ++i)
        matrix.value[2 * i] += (float)(i % 2) * 40;
    struct strata_points points = as_points(&matrix, NULL, 1);
    struct strata_search_options options = search;
    for (int previous_k = 2; previous_k <= 3; ++previous_k) {
        const struct strata_clustering previous = {.k = previous_k};
        struct strata_cluster_trial trial[4];
        struct strata_fit fit;
        struct strata_continuity continuity;
        struct strata_error err = {0};
        int n_trials, chosen;
        double start[] = {-0.3, 0, 0.3, 0, 0.4, 0.01};
        for (int wide = 0; wide <= 1; ++wide) {
            cr_assert_eq(strata_fit_auto(&points, &options, 4, STRATA_CRITERION_SILHOUETTE, &fit, trial, &n_trials,
                                         &chosen, &err),
                         STRATA_OK);
            cr_assert_eq(fit.k, 2);
            struct strata_continuity_options how = {.previous = &previous,
                                                    .max_k = 4,
                                                    .margin = wide ? 1e6 : 0.01,
                                                    .trial = trial,
                                                    .n_trials = n_trials,
                                                    .chosen = chosen};
            cr_assert_eq(strata_continuity_fit(&points, &options, &how, start, true, &fit, &continuity, &err),
                         STRATA_OK, "%s", err.message);
            if (previous_k == 2) {
                cr_expect_str_eq(continuity.measure, "inertia");
                cr_expect_float_eq(continuity.gain, 0, 1e-6);
                cr_expect_str_eq(continuity.start, "warm");
            } else {
                /* Three clusters have a clearly lower silhouette than two. */
                cr_expect_str_eq(continuity.measure, "silhouette");
                cr_expect_gt(continuity.gain, 0.01);
                cr_expect_str_eq(continuity.start, wide ? "warm" : "fresh");
            }
            cr_expect_eq(fit.k, strcmp(continuity.start, "warm") == 0 ? previous_k : 2);
            strata_fit_release(&fit);
        }
    }
    strata_points_release(&points);
    free(matrix.value);
}
