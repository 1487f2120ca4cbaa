#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <strata/report.h>
#include <string.h>

#include "clusters_report.h"
#include "display_text.h"

static struct strata_error err;

static void assert_table(const struct strata_segmentation *segmentation, enum strata_language language,
                         const char *expected)
{
    char *text = NULL;
    cr_assert_eq(strata_report_segments(segmentation, language, &text, &err), STRATA_OK, "%s", err.message);
    cr_expect_str_eq(text, expected, "\n%s", text);
    free(text);
}

static struct strata_segment_row rows[] = {
    {{1, "Champions", "冠军客户", NULL}, 1204, 4829015000, 0.123, 0.38249, 9, 12, 210.405},
    {{2, "Can't Lose Them", "不可流失", NULL}, 8600, 12345678901234, 0.877, 0.61751, 123.5, 1, 1000000},
    {{3, "Others", NULL, NULL}, 0, -10050, 0, 0, (double)NAN, (double)NAN, (double)NAN},
};
static const struct strata_segmentation segmentation = {"segment", "default", 3, rows, 4, 0};

Test(report, segments_in_english)
{
    assert_table(&segmentation, STRATA_ENGLISH,
                 "Segment          Customers   Share           Revenue   Share  Recency (d)  Orders      Monetary\n"
                 "Champions            1,204   12.3%        482,901.50   38.2%          9.0    12.0        210.41\n"
                 "Can't Lose Them      8,600   87.7%  1,234,567,890.12   61.8%        123.5     1.0  1,000,000.00\n"
                 "Others                   0    0.0%             -1.01    0.0%            -       -             -\n"
                 "Total                9,804  100.0%  1,235,050,790.62  100.0%\n");
}

/* The same revenue in units of other sizes. */
Test(report, revenue_of_any_decimals)
{
    static const struct {
        int decimals;
        int64_t minor;
        const char *text;
    } cases[] = {
        {0, 1234567, " 1,234,567.00 "}, {0, INT64_MIN, " -9,223,372,036,854,775,808.00 "},
        {1, -1234567, " -123,456.70 "}, {2, 1234567, " 12,345.67 "},
        {3, 1234567, " 1,234.57 "},     {9, 1234567890, " 1.23 "},
        {9, 999999999, " 1.00 "},       {9, -4999999, " 0.00 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct strata_segment_row row = {.label = {1, "a", NULL, NULL}, .revenue_minor = cases[i].minor};
        const struct strata_segmentation one = {"segment", "default", 1, &row, cases[i].decimals, 0};
        char *text = NULL;
        cr_assert_eq(strata_report_segments(&one, STRATA_ENGLISH, &text, &err), STRATA_OK);
        cr_expect(strstr(text, cases[i].text), "%s in %s", cases[i].text, text);
        free(text);
    }
}

Test(report, segments_in_chinese_align_wide_characters)
{
    assert_table(&segmentation, STRATA_CHINESE,
                 "客群      客户数    占比            销售额    占比  最近购买(天)  订单数        消费额\n"
                 "冠军客户   1,204   12.3%        482,901.50   38.2%           9.0    12.0        210.41\n"
                 "不可流失   8,600   87.7%  1,234,567,890.12   61.8%         123.5     1.0  1,000,000.00\n"
                 "Others         0    0.0%             -1.01    0.0%             -       -             -\n"
                 "合计       9,804  100.0%  1,235,050,790.62  100.0%\n");
}

Test(report, amounts_round_half_away_from_zero_and_extremes_fit)
{
    struct strata_segment_row extreme[] = {
        {{1, "a", NULL, NULL}, UINT64_MAX, INT64_MAX, 1, 1, 1e300, -0.04, -1234.5},
        {{2, "b", NULL, NULL}, 0, INT64_MIN, (double)NAN, (double)INFINITY, 0, 0.05, 0.005},
        {{3, "c", NULL, NULL}, 1, -49, 0, 0, 0, 0, 0},
        {{4, "d", NULL, NULL}, 1, 50, 0, 0, 0, 0, 0},
    };
    struct strata_segmentation wild = {"segment", NULL, 4, extreme, 4, 0};
    char *text = NULL;
    cr_assert_eq(strata_report_segments(&wild, STRATA_ENGLISH, &text, &err), STRATA_OK);
    cr_expect(strstr(text, "18,446,744,073,709,551,615"), "%s", text);
    cr_expect(strstr(text, " 922,337,203,685,477.58"), "%s", text);
    cr_expect(strstr(text, "-922,337,203,685,477.58"), "%s", text);
    cr_expect(strstr(text, "-1,234.50"), "%s", text);
    cr_expect(strstr(text, "  0.00 "), "%s", text);
    cr_expect(strstr(text, "  0.01 "), "%s", text);
    cr_expect(!strstr(text, "-0.0"), "%s", text);
    free(text);

    extreme[1].revenue_minor = 1;
    cr_assert_eq(strata_report_segments(&wild, STRATA_ENGLISH, &text, &err), STRATA_OK);
    cr_expect(strstr(text, "Total"), "%s", text);
    free(text);
}

Test(report, no_rows_make_headings_and_an_empty_total)
{
    struct strata_segmentation none = {"segment", "default", 0, NULL, 4, 0};
    assert_table(&none, STRATA_ENGLISH,
                 "Segment  Customers  Share  Revenue  Share  Recency (d)  Orders  Monetary\n"
                 "Total            0   0.0%     0.00   0.0%\n");
}

Test(report, clusters_are_called_so)
{
    struct strata_segmentation none = {"cluster", "k-means", 0, NULL, 4, 0};
    assert_table(&none, STRATA_ENGLISH,
                 "Cluster  Customers  Share  Revenue  Share  Recency (d)  Orders  Monetary\n"
                 "Total            0   0.0%     0.00   0.0%\n");
    assert_table(&none, STRATA_CHINESE,
                 "群组  客户数  占比  销售额  占比  最近购买(天)  订单数  消费额\n"
                 "合计       0  0.0%    0.00  0.0%\n");
}

Test(report, clusters_of_a_table)
{
    char *columns[] = {"income", "\x1b[2J"}, *text = NULL;
    double centroid[] = {85000.256, 0.0001234567, -1e-30, (double)NAN};
    uint64_t size[] = {1, 2999};
    struct strata_label label[] = {{.value = 1}, {.value = 7}};
    const struct strata_clustering clustering = {
        .k = 2, .d = 2, .column = columns, .centroid = centroid, .size = size, .label = label, .n_missing = 7};
    cr_assert_eq(strata_report_clusters(&clustering, &text, &err), STRATA_OK, "%s", err.message);
    cr_expect_str_eq(text,
                     "Cluster   Rows   Share   income         ?[2J\n"
                     "1            1    0.0%  85000.3  0.000123457\n"
                     "7        2,999  100.0%   -1e-30            -\n"
                     "Total    3,000  100.0%\n",
                     "\n%s", text);
    free(text);
}

Test(report, columns_that_find_no_room_are_counted)
{
    enum { D = 40 };
    char *columns[D], *text = NULL;
    double centroid[D] = {0};
    uint64_t size[] = {5};
    struct strata_label label = {.value = 1};
    for (int c = 0; c < D; ++c)
        columns[c] = "x";
    const struct strata_clustering wide = {
        .k = 1, .d = D, .column = columns, .centroid = centroid, .size = size, .label = &label};
    cr_assert_eq(strata_report_clusters(&wide, &text, &err), STRATA_OK, "%s", err.message);
    cr_expect_not_null(strstr(text, "32 more columns are in the output file\n"), "%s", text);
    free(text);
    struct strata_clustering by_one = wide;
    by_one.d = 9;
    cr_assert_eq(strata_report_clusters(&by_one, &text, &err), STRATA_OK, "%s", err.message);
    cr_expect_not_null(strstr(text, "1 more column is in the output file\n"), "%s", text);
    free(text);
}

/* Far from 0 the usual digits would make all centroids one. */
Test(report, centroids_are_told_apart)
{
    char *columns[] = {"x", "y", "z"}, *text = NULL;
    double centroid[] = {1000000.01, 1.5, 5, 1000000.0356, 1234567.8, 5};
    uint64_t size[] = {5, 6};
    struct strata_label label[] = {{.value = 1}, {.value = 2}};
    const struct strata_clustering clustering = {
        .k = 2, .d = 3, .column = columns, .centroid = centroid, .size = size, .label = label};
    cr_assert_eq(strata_report_clusters(&clustering, &text, &err), STRATA_OK, "%s", err.message);
    cr_expect_not_null(strstr(text, "  1000000.01          1.5  5\n"), "%s", text);
    cr_expect_not_null(strstr(text, "  1000000.0356  1.23457e+06  5\n"), "%s", text);
    free(text);
}

Test(report, names_cannot_steer_the_terminal)
{
    char out[64];
    cr_expect_eq(strata_display_text("a\x1b[31mb\nc\x7f", 48, out, sizeof out), 10);
    cr_expect_str_eq(out, "a?[31mb?c?");
    cr_expect_eq(strata_display_text("\xc2\x9bx", 48, out, sizeof out), 2);
    cr_expect_str_eq(out, "?x");
    cr_expect_eq(strata_display_text("x\xe2\x80\xaey", 48, out, sizeof out), 3);
    cr_expect_str_eq(out, "x?y");
    /* overlong, a surrogate, a lone continuation, a cut character */
    cr_expect_eq(strata_display_text("\xc0\xaf|\xed\xa0\x80|\x80|\xe5\xae", 48, out, sizeof out), 9);
    cr_expect_str_eq(out, "\?\?|?|?|\?\?");
}

Test(report, long_names_are_cut_at_a_character)
{
    char out[64];
    cr_expect_eq(strata_display_text("abcdefgh", 8, out, sizeof out), 8);
    cr_expect_str_eq(out, "abcdefgh");
    cr_expect_eq(strata_display_text("abcdefghi", 8, out, sizeof out), 8);
    cr_expect_str_eq(out, "abcde...");
    cr_expect_eq(strata_display_text("客户客户客户", 8, out, sizeof out), 7);
    cr_expect_str_eq(out, "客户...");
    /* bytes run out before columns do: combining marks take none */
    char marks[201] = "e";
    for (size_t i = 1; i + 1 < 200; i += 2)
        memcpy(marks + i, "\xcc\x81", 3);
    cr_expect_leq(strata_display_text(marks, 48, out, sizeof out), 4);
    cr_expect_lt(strlen(out), sizeof out);
}

Test(report, widths_of_code_points)
{
    cr_expect_eq(strata_code_point_width('A'), 1);
    cr_expect_eq(strata_code_point_width(0xE9), 1);
    cr_expect_eq(strata_code_point_width(0x4E2D), 2);
    cr_expect_eq(strata_code_point_width(0xFF08), 2);
    cr_expect_eq(strata_code_point_width(0xAC00), 2);
    cr_expect_eq(strata_code_point_width(0x1F600), 2);
    cr_expect_eq(strata_code_point_width(0x20000), 2);
    cr_expect_eq(strata_code_point_width(0x0301), 0);
    cr_expect_eq(strata_code_point_width(0x1B), -1);
    cr_expect_eq(strata_code_point_width(0x202E), -1);
    cr_expect_eq(strata_code_point_width(0x110000), -1);
}

Test(report, what_sets_clusters_apart)
{
    char *columns[] = {"recency", "a", "b", "c", "d", "e", "f", "g", "h"}, *names[] = {"recent", "rare\x1b[2J"};
    char *names_zh[] = {"近期", ""}, *text = NULL;
    double value[18] = {-1.25, 0.04, (double)NAN, 12, [9] = 0.05, -0.05};
    struct strata_cluster_differences differences = {
        .k = 2, .d = 2, .columns = columns, .names = names, .names_zh = names_zh, .value = value};
    cr_assert_eq(strata_report_differences(&differences, STRATA_ENGLISH, &text, &err), STRATA_OK);
    cr_expect_str_eq(text,
                     "Cluster   recency      a\n"
                     "recent       -1.2    0.0\n"
                     "rare?[2J        -  +12.0\n",
                     "\n%s", text);
    free(text);
    differences.d = 9;
    cr_assert_eq(strata_report_differences(&differences, STRATA_CHINESE, &text, &err), STRATA_OK);
    cr_expect(strstr(text, "近期") && strstr(text, "rare?") && strstr(text, "另有 1 列见快照"), "\n%s", text);
    free(text);
    /* Equal ones in the order of the columns, small and unknown ones not at all. */
    char *features[] = {"p", "q", "r", "s"};
    double feature_value[] = {0.5, -2.25, 0.5, 0.5, 0.01, (double)NAN, 0, -0.25};
    differences.d = 2;
    differences.n_features = 4;
    differences.features = features;
    differences.feature_value = feature_value;
    cr_assert_eq(strata_report_differences(&differences, STRATA_ENGLISH, &text, &err), STRATA_OK);
    cr_expect(strstr(text, "Cluster   farthest in  second   third\n"
                           "recent         q -2.2  p +0.5  r +0.5\n"
                           "rare?[2J       s -0.2       -       -\n"),
              "\n%s", text);
    free(text);
}
