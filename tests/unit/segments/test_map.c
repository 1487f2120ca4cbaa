#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "segments.h"

static struct strata_error err;

static const struct strata_score_scale five = {1, 5}, halves = {0, 1};

static const char *segment_of(const char *map_name, struct strata_score_scale scale, int r, int f, int m)
{
    const struct strata_segment_map *map = strata_segment_map_find(map_name);
    int rule = strata_segment_match(map, scale, r, f, m);
    return rule < 0 ? map->otherwise.name : map->rules[rule].name;
}

Test(maps, are_complete)
{
    for (int i = 0; i < STRATA_N_SEGMENT_MAPS; ++i) {
        const struct strata_segment_map *map = &strata_segment_maps[i];
        struct strata_score_scale scale = map->grid == STRATA_GRID_MEAN ? halves : five;
        cr_assert_eq(strata_segment_map_find(map->name), map);
        cr_assert_eq(strata_segment_map_validate(map, scale, &err), STRATA_OK, "%s", err.message);
        cr_assert_eq(strata_segment_map_accepts(map, scale, &err), STRATA_OK);
        for (int rule = 0; rule < map->n_rules; ++rule) {
            cr_assert_not_null(map->rules[rule].name_zh);
            cr_assert_not_null(map->rules[rule].action);
        }
        cr_assert_str_eq(map->otherwise.name, "Others");
        cr_assert_str_eq(map->otherwise.name_zh, "其他");
    }
    cr_assert_null(strata_segment_map_find("vignette"));
}

Test(maps, default_grid)
{
    static const char *const grid[5][5] = {
        {"Lost", "Lost", "At Risk", "At Risk", "Can't Lose Them"},
        {"Hibernating", "Hibernating", "At Risk", "At Risk", "Can't Lose Them"},
        {"About To Sleep", "About To Sleep", "Need Attention", "Loyal Customers", "Loyal Customers"},
        {"Promising", "Potential Loyalists", "Potential Loyalists", "Loyal Customers", "Champions"},
        {"New Customers", "Potential Loyalists", "Potential Loyalists", "Loyal Customers", "Champions"},
    };
    for (int r = 1; r <= 5; ++r)
        for (int f = 1; f <= 5; ++f)
            for (int m = 1; m <= 5; ++m)
                cr_assert_str_eq(segment_of("default", five, r, f, m), grid[r - 1][(f + m + 1) / 2 - 1]);
    cr_assert_str_eq(segment_of("default", five, 5, 5, 4), "Champions"); /* 4.5 rounds up */
}

Test(maps, default_rescales_other_levels)
{
    static const struct {
        int highest;
        const char *levels;
    } cases[] = {{3, "135"},     {4, "1245"},      {5, "12345"},      {6, "123345"},
                 {7, "1223445"}, {9, "122334455"}, {10, "1122334455"}};
    const struct strata_segment_map *map = strata_segment_map_find("default");
    for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c)
        for (int level = 1; level <= cases[c].highest; ++level) {
            int expected = (int)((level - 1) * 4.0 / (cases[c].highest - 1) + 0.5) + 1;
            int actual = strata_segment_level(map, (struct strata_score_scale){1, cases[c].highest}, level);
            cr_assert_eq(actual, expected);
            cr_assert_eq(actual, cases[c].levels[level - 1] - '0', "level %d of %d", level, cases[c].highest);
        }
    cr_assert_eq(strata_segment_level(map, halves, 0), 1);
    cr_assert_eq(strata_segment_level(map, halves, 1), 5);
    cr_assert_str_eq(segment_of("default", (struct strata_score_scale){1, 3}, 3, 3, 3), "Champions");
    cr_assert_eq(strata_segment_level(strata_segment_map_find("r-vignette"), (struct strata_score_scale){1, 3}, 3), 3);
}

Test(maps, chinese_eight_classes)
{
    static const char *const names[2][2][2] = {{{"一般挽留", "重要挽留"}, {"一般保持", "重要保持"}},
                                               {{"一般发展", "重要发展"}, {"一般价值", "重要价值"}}};
    const struct strata_segment_map *map = strata_segment_map_find("chinese-8");
    for (int r = 0; r < 2; ++r)
        for (int f = 0; f < 2; ++f)
            for (int m = 0; m < 2; ++m)
                cr_assert_str_eq(map->rules[strata_segment_match(map, halves, r, f, m)].name_zh, names[r][f][m]);
    cr_assert_str_eq(segment_of("chinese-8", halves, 1, 0, 1), "Important Growth");
}

Test(maps, r_packages_examples)
{
    cr_assert_str_eq(segment_of("r-vignette", five, 4, 4, 4), "Champions");
    cr_assert_str_eq(segment_of("r-vignette", five, 2, 3, 3), "Loyal Customers");
    cr_assert_str_eq(segment_of("r-vignette", five, 1, 1, 1), "Lost");
    cr_assert_str_eq(segment_of("r-vignette", five, 5, 1, 5), "Others");
    cr_assert_str_eq(segment_of("r-0.3.0", five, 5, 5, 5), "Champions");
    cr_assert_str_eq(segment_of("r-0.3.0", five, 4, 4, 4), "Potential Loyalist");
    cr_assert_str_eq(segment_of("r-0.3.0", five, 5, 1, 1), "New Customers");
    cr_assert_str_eq(segment_of("r-0.3.0", five, 1, 5, 1), "Lost");
}

static void check_refused(const char *map, struct strata_score_scale scale, const char *words)
{
    cr_assert_eq(strata_segment_map_accepts(strata_segment_map_find(map), scale, &err), STRATA_USAGE);
    cr_assert_not_null(strstr(err.message, map));
    cr_assert_not_null(strstr(err.message, words), "%s", err.message);
}

Test(maps, refuse_scores_they_are_not_made_for)
{
    check_refused("chinese-8", five, "scores.method to mean");
    check_refused("r-vignette", (struct strata_score_scale){1, 4}, "not 4: set scores.levels to 5");
    check_refused("r-0.3.0", (struct strata_score_scale){1, 10}, "scores.levels to 5");
    check_refused("r-0.3.0", halves, "the method mean has 2");
    for (int highest = 2; highest <= 10; ++highest)
        cr_assert_eq(strata_segment_map_accepts(strata_segment_map_find("default"),
                                                (struct strata_score_scale){1, highest}, &err),
                     STRATA_OK);
}

static void check_range(const char *text, int from, int to)
{
    struct strata_level_range range;
    cr_assert_eq(strata_segment_range_parse(text, &range, &err), STRATA_OK, "%s", err.message);
    cr_assert(range.from == from && range.to == to, "%s: %d-%d", text, range.from, range.to);
}

Test(ranges, are_parsed)
{
    check_range("4-5", 4, 5);
    check_range(" 1 - 10 ", 1, 10);
    check_range("3", 3, 3);
    check_range("0", 0, 0);
    check_range("any", 0, INT8_MAX);
    check_range(" any ", 0, INT8_MAX);
}

Test(ranges, that_are_not_ranges_are_refused)
{
    static const char *const wrong[] = {
        "", "-", "4-", "-4", "4-5-6", "a", "anyone", "11", "999999999999999999999", "1-11", "4,5", "4.5", "+4"};
    struct strata_level_range range = {7, 8};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        cr_assert_eq(strata_segment_range_parse(wrong[i], &range, &err), STRATA_USAGE, "%s", wrong[i]);
        cr_assert_not_null(strstr(err.message, "write for example 4-5, 3 or any"));
    }
    cr_assert_eq(strata_segment_range_parse("5-4", &range, &err), STRATA_USAGE);
    cr_assert_str_eq(err.message, "the range of scores \"5-4\" runs backwards; write 4-5");
    cr_assert(range.from == 7 && range.to == 8);
}

#define ANY STRATA_ANY_LEVEL

static void check_invalid(struct strata_map_rule rule, int n_rules, const char *otherwise, const char *words)
{
    struct strata_map_rule rules[2] = {{"Best", NULL, NULL, {5, 5}, ANY, ANY, ANY}, rule};
    struct strata_segment_map map = {"own", STRATA_GRID_AS_SCORED, n_rules, rules, {.name = otherwise}};
    cr_assert_eq(strata_segment_map_validate(&map, five, &err), STRATA_USAGE);
    cr_assert_not_null(strstr(err.message, words), "%s", err.message);
}

Test(own_maps, are_validated)
{
    struct strata_map_rule good = {"Rest", NULL, NULL, {1, 4}, ANY, ANY, {1, 5}}, rule = good;
    struct strata_segment_map map = {"own", STRATA_GRID_AS_SCORED, 1, &good, {.name = "Others"}};
    cr_assert_eq(strata_segment_map_validate(&map, five, &err), STRATA_OK);

    rule.name = NULL;
    check_invalid(rule, 2, "Others", "rule 2 has no name");
    rule.name = "";
    check_invalid(rule, 2, "Others", "rule 2 has no name");
    rule = good;
    rule.f = (struct strata_level_range){4, 2};
    check_invalid(rule, 2, "Others", "rule 2 (Rest): f: 4-2 runs backwards; write 2-4");
    rule = good;
    rule.fm = (struct strata_level_range){1, 6};
    check_invalid(rule, 2, "Others", "rule 2 (Rest): fm: 1-6 leaves the scores, which run from 1 to 5");
    rule = good;
    rule.m = (struct strata_level_range){0, 3};
    check_invalid(rule, 2, "Others", "m: 0-3 leaves");
    check_invalid(good, 0, "Others", "has 0 rules");
    check_invalid(good, STRATA_MAX_SEGMENT_RULES + 1, "Others", "1001 rules");
    check_invalid(good, 2, NULL, "no name for the customers that no rule matches");
}

Test(check, vignette_of_the_r_package)
{
    struct strata_map_report report;
    const struct strata_segment_map *map = strata_segment_map_find("r-vignette");
    cr_assert_eq(strata_segment_map_check(map, five, &report, &err), STRATA_OK);
    cr_assert_eq(report.n_cells, 125);
    cr_assert_eq(report.n_unmatched, 36);
    cr_assert(report.unmatched[0].r == 1 && report.unmatched[0].f == 1 && report.unmatched[0].m == 3);
    static const int won[] = {8, 28, 24, 0, 0, 3, 3, 20, 0, 3};
    for (int i = 0; i < map->n_rules; ++i)
        cr_assert_eq(report.won[i], won[i]);
    cr_assert_eq(report.n_unreachable, 3);
    cr_assert_str_eq(map->rules[report.unreachable[0]].name, "New Customers");
    cr_assert_str_eq(map->rules[report.unreachable[1]].name, "Promising");
    cr_assert_str_eq(map->rules[report.unreachable[2]].name, "Can't Lose Them");
    /* Champions are all loyal customers too: 2 x 2 x 2 cells. */
    cr_assert_eq(report.overlaps[0].first, 0);
    cr_assert_eq(report.overlaps[0].second, 1);
    cr_assert_eq(report.overlaps[0].n_cells, 8);
    strata_map_report_release(&report);
    strata_map_report_release(&report);
}

Test(check, example_of_the_r_package_0_3_0)
{
    struct strata_map_report report;
    cr_assert_eq(strata_segment_map_check(strata_segment_map_find("r-0.3.0"), five, &report, &err), STRATA_OK);
    cr_assert_eq(report.n_unmatched, 10);
    cr_assert_eq(report.n_unreachable, 0);
    strata_map_report_release(&report);
}

Test(check, total_and_disjoint_maps)
{
    struct strata_map_report report;
    for (int highest = 2; highest <= 10; ++highest) {
        struct strata_score_scale scale = {1, highest};
        cr_assert_eq(strata_segment_map_check(strata_segment_map_find("default"), scale, &report, &err), STRATA_OK);
        cr_assert_eq(report.n_cells, highest * highest * highest);
        cr_assert_eq(report.n_unmatched, 0);
        cr_assert_eq(report.n_overlaps, 0);
        cr_assert(highest < 5 || report.n_unreachable == 0);
        strata_map_report_release(&report);
    }
    cr_assert_eq(strata_segment_map_check(strata_segment_map_find("chinese-8"), halves, &report, &err), STRATA_OK);
    cr_assert_eq(report.n_cells, 8);
    cr_assert(report.n_unmatched == 0 && report.n_overlaps == 0 && report.n_unreachable == 0);
    strata_map_report_release(&report);
}

Test(check, overlaps_of_random_maps_against_counting)
{
    unsigned seed = 5;
    for (int trial = 0; trial < 20; ++trial) {
        struct strata_map_rule rules[7];
        for (int i = 0; i < 7; ++i) {
            rules[i] = (struct strata_map_rule){"Rule", NULL, NULL, ANY, ANY, ANY, ANY};
            struct strata_level_range *ranges[] = {&rules[i].r, &rules[i].f, &rules[i].m, &rules[i].fm};
            for (int c = 0; c < 4; ++c) {
                int a = rand_r(&seed) % 5 + 1, b = rand_r(&seed) % 5 + 1;
                if (rand_r(&seed) % 3)
                    *ranges[c] = (struct strata_level_range){(int8_t)(a < b ? a : b), (int8_t)(a < b ? b : a)};
            }
        }
        struct strata_segment_map map = {"own", STRATA_GRID_AS_SCORED, 7, rules, {.name = "Others"}};
        struct strata_map_report report;
        cr_assert_eq(strata_segment_map_check(&map, five, &report, &err), STRATA_OK);
        int n_overlaps = 0, n_won = 0;
        for (int i = 0; i < 7; ++i) {
            n_won += report.won[i];
            for (int j = i + 1; j < 7; ++j) {
                int n_cells = 0;
                for (int cell = 0; cell < 125; ++cell) {
                    int r = cell / 25 + 1, f = cell / 5 % 5 + 1, m = cell % 5 + 1;
                    n_cells += strata_segment_rule_matches(&map, five, i, r, f, m) &&
                               strata_segment_rule_matches(&map, five, j, r, f, m);
                }
                if (n_cells == 0)
                    continue;
                cr_assert_eq(report.overlaps[n_overlaps].first, i);
                cr_assert_eq(report.overlaps[n_overlaps].second, j);
                cr_assert_eq(report.overlaps[n_overlaps++].n_cells, n_cells);
            }
        }
        cr_assert_eq(report.n_overlaps, n_overlaps);
        cr_assert_eq(n_won + report.n_unmatched, 125);
        strata_map_report_release(&report);
    }
}
