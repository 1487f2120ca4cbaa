#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

static void free_names(struct strata_label *label, int k)
{
    for (int j = 0; j < k; ++j) {
        free((char *)label[j].name);
        free((char *)label[j].name_zh);
    }
}

Test(names, thirds_of_the_ranks)
{
    static const char *const column[] = {"recency", "average_order"};
    const double centroid[] = {5, 60, 90, 50, 20, 40, 400, 30, 30, 20, 10, 10};
    struct strata_label label[6] = {0};
    struct strata_error err = {0};
    cr_assert_eq(strata_cluster_names(centroid, 6, 2, column, false, label, &err), STRATA_OK);
    cr_expect_str_eq(label[0].name, "recent, high average_order");
    cr_expect_str_eq(label[1].name, "long ago, high average_order");
    cr_expect_str_eq(label[2].name, "fairly recent, middle average_order");
    cr_expect_str_eq(label[3].name, "long ago, middle average_order");
    cr_expect_str_eq(label[4].name, "fairly recent, low average_order");
    cr_expect_str_eq(label[5].name, "recent, low average_order");
    cr_expect_str_eq(label[5].name_zh, "近期、average_order 低");
    cr_expect_eq(label[5].value, 0);
    cr_expect_null(label[5].action);
    free_names(label, 6);
}

Test(names, equal_ones_are_numbered)
{
    static const char *const column[] = {"monetary"};
    double centroid[9];
    for (int j = 0; j < 9; ++j)
        centroid[j] = 9 - j;
    struct strata_label label[9] = {0};
    struct strata_error err = {0};
    cr_assert_eq(strata_cluster_names(centroid, 9, 1, column, false, label, &err), STRATA_OK);
    cr_expect_str_eq(label[0].name, "high value");
    cr_expect_str_eq(label[1].name, "high value 2");
    cr_expect_str_eq(label[2].name, "high value 3");
    cr_expect_str_eq(label[3].name, "medium value");
    cr_expect_str_eq(label[8].name_zh, "低价值 3");
    free_names(label, 9);
}

Test(names, one_cluster_and_equal_centroids)
{
    static const char *const column[] = {"frequency", "monetary"};
    const double centroid[] = {3, 100, 3, 50};
    struct strata_label label[2] = {0};
    struct strata_error err = {0};
    cr_assert_eq(strata_cluster_names(centroid, 1, 2, column, false, label, &err), STRATA_OK);
    cr_expect_str_eq(label[0].name, "all customers");
    cr_expect_str_eq(label[0].name_zh, "全部客户");
    free_names(label, 1);
    label[0] = (struct strata_label){0};
    cr_assert_eq(strata_cluster_names(centroid, 1, 2, column, true, label, &err), STRATA_OK);
    cr_expect_str_eq(label[0].name, "all rows");
    cr_expect_str_eq(label[0].name_zh, "全部行");
    free_names(label, 1);
    label[0] = (struct strata_label){0};
    cr_assert_eq(strata_cluster_names(centroid, 2, 2, column, false, label, &err), STRATA_OK);
    cr_expect_str_eq(label[0].name, "occasional, high value");
    cr_expect_str_eq(label[1].name, "occasional, low value");
    free_names(label, 2);
}

/* What has a name keeps it, and the others keep clear of it. */
Test(names, kept_ones)
{
    static const char *const column[] = {"monetary"};
    const double centroid[] = {9, 8, 2, 1};
    struct strata_label label[4] = {{.name = strdup("high value 2"), .name_zh = strdup("高价值 2")},
                                    {0},
                                    {.name = strdup("high value"), .name_zh = NULL},
                                    {0}};
    struct strata_error err = {0};
    cr_assert_eq(strata_cluster_names(centroid, 4, 1, column, false, label, &err), STRATA_OK);
    cr_expect_str_eq(label[0].name, "high value 2");
    cr_expect_str_eq(label[1].name, "high value 3");
    cr_expect_str_eq(label[1].name_zh, "高价值 3");
    cr_expect_str_eq(label[2].name, "high value");
    cr_expect_null(label[2].name_zh);
    cr_expect_str_eq(label[3].name, "low value");
    free_names(label, 4);
}
