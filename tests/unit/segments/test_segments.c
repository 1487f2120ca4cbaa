#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "memory.h"
#include "segments.h"

static struct strata_error err;
static const struct strata_score_scale five = {1, 5}, halves = {0, 1};

#define ANY STRATA_ANY_LEVEL

Test(labels, are_numbered_by_first_appearance_with_others_last)
{
    struct strata_segment_labels labels;
    const struct strata_segment_map *map = strata_segment_map_find("default");
    cr_assert_eq(strata_segment_labels_init(&labels, map, five, &err), STRATA_OK);
    cr_assert_eq(labels.labels.n_labels, 11); /* twelve rules, one name twice, nobody left over */
    cr_assert_str_eq(labels.label[1].name, "Loyal Customers");
    cr_assert_str_eq(labels.label[2].name, "Potential Loyalists");
    cr_assert_str_eq(labels.label[10].name_zh, "已流失客户");
    strata_segment_labels_release(&labels);
    strata_segment_labels_release(&labels);

    cr_assert_eq(strata_segment_labels_init(&labels, strata_segment_map_find("r-vignette"), five, &err), STRATA_OK);
    cr_assert_eq(labels.labels.n_labels, 11);
    for (int i = 0; i < 11; ++i)
        cr_assert_eq(labels.labels.labels[i].value, i + 1);
    cr_assert_str_eq(labels.label[10].name, "Others");
    cr_assert_not_null(labels.label[10].action);
    strata_segment_labels_release(&labels);

    cr_assert_eq(strata_segment_labels_init(&labels, strata_segment_map_find("chinese-8"), halves, &err), STRATA_OK);
    cr_assert_eq(labels.labels.n_labels, 8);
    strata_segment_labels_release(&labels);
}

Test(labels, a_rule_may_carry_the_name_of_the_rest)
{
    struct strata_map_rule rules[] = {{"Rest", "其余", "first", {5, 5}, ANY, ANY, ANY},
                                      {"Best", NULL, NULL, {4, 4}, ANY, ANY, ANY},
                                      {"Rest", NULL, "second", {3, 3}, ANY, ANY, ANY}};
    struct strata_segment_map map = {"own", STRATA_GRID_AS_SCORED, 3, rules, {.name = "Rest"}};
    struct strata_segment_labels labels;
    cr_assert_eq(strata_segment_labels_init(&labels, &map, five, &err), STRATA_OK);
    cr_assert_eq(labels.labels.n_labels, 2);
    cr_assert_str_eq(labels.label[0].name, "Rest");
    cr_assert_str_eq(labels.label[0].name_zh, "其余");
    cr_assert_str_eq(labels.label[0].action, "first");
    int8_t r[] = {1, 3, 4, 5}, f[] = {1, 1, 1, 1};
    int16_t label[4];
    strata_segments_assign(&map, five, r, f, f, 4, label, 1);
    cr_assert(label[0] == 1 && label[1] == 1 && label[2] == 2 && label[3] == 1);
    strata_segment_labels_release(&labels);
}

Test(assign, agrees_with_the_rules_everywhere)
{
    int8_t r[1331], f[1331], m[1331];
    int16_t label[2][1331];
    for (int i = 0; i < 1331; ++i) {
        r[i] = (int8_t)(i / 121);
        f[i] = (int8_t)(i / 11 % 11);
        m[i] = (int8_t)(i % 11);
    }
    for (int which = 0; which < STRATA_N_SEGMENT_MAPS; ++which) {
        const struct strata_segment_map *map = &strata_segment_maps[which];
        struct strata_score_scale scale = map->grid == STRATA_GRID_MEAN            ? halves
                                          : map->grid == STRATA_GRID_FIVE_RESCALED ? (struct strata_score_scale){1, 10}
                                                                                   : five;
        struct strata_segment_labels labels;
        cr_assert_eq(strata_segment_labels_init(&labels, map, scale, &err), STRATA_OK);
        strata_segments_assign(map, scale, r, f, m, 1331, label[0], 1);
        strata_segments_assign(map, scale, r, f, m, 1331, label[1], 3);
        cr_assert_eq(memcmp(label[0], label[1], sizeof label[0]), 0);
        for (int i = 0; i < 1331; ++i) {
            bool on_scale = r[i] >= scale.lowest && r[i] <= scale.highest && f[i] >= scale.lowest &&
                            f[i] <= scale.highest && m[i] >= scale.lowest && m[i] <= scale.highest;
            if (!on_scale) {
                cr_assert_eq(label[0][i], 0);
                continue;
            }
            int rule = strata_segment_match(map, scale, r[i], f[i], m[i]);
            const char *expected = rule < 0 ? "Others" : map->rules[rule].name;
            cr_assert_leq(label[0][i], labels.labels.n_labels);
            cr_assert_str_eq(labels.label[label[0][i] - 1].name, expected);
        }
        strata_segment_labels_release(&labels);
    }
}

Test(assign, scores_off_the_scale_get_no_segment)
{
    int8_t off[] = {STRATA_MISSING_I8, -1, 0, 11, 100}, one[] = {1, 1, 1, 1, 1};
    int16_t label[5];
    strata_segments_assign(strata_segment_map_find("default"), five, off, one, one, 5, label, 1);
    for (int i = 0; i < 5; ++i)
        cr_assert_eq(label[i], 0);
}

/* recency float32, frequency int32, monetary float64 */
static struct strata_table table_of(const float *recency, const int32_t *frequency, const double *monetary, size_t n)
{
    static const struct strata_column about[] = {{"recency", STRATA_F32, "d", "test"},
                                                 {"frequency", STRATA_I32, "1", "test"},
                                                 {"monetary", STRATA_F64, "currency", "test"}};
    const void *from[] = {recency, frequency, monetary};
    struct strata_table table = {.n_rows = n, .customer = strata_calloc_array(n, sizeof *table.customer)};
    for (int c = 0; c < 3; ++c) {
        size_t size = strata_type_size(about[c].type);
        void *values = strata_malloc_array(n, size);
        memcpy(values, from[c], n * size);
        cr_assert_eq(strata_table_add_column(&table, &about[c], NULL, values, &err), STRATA_OK);
    }
    return table;
}

static const struct strata_label three_labels[] = {{1, "A", NULL, NULL}, {3, "B", "乙", "write"}, {4, "C", NULL, NULL}};
static const struct strata_labels three = {3, three_labels};

Test(summary, by_hand)
{
    float recency[] = {10, 20, 35, NAN, 5, 7};
    int32_t frequency[] = {1, 2, 4, STRATA_MISSING_I32, 9, 1};
    double monetary[] = {0.1, 0.2, 0.7, -3, 10, 4};
    int16_t label[] = {1, 1, 1, 3, 3, -1};
    struct strata_table table = table_of(recency, frequency, monetary, 6);
    struct strata_segmentation out;
    cr_assert_eq(strata_segmentation_summarise(&table, label, &three, "segment", "own", 4, 2, &out, &err), STRATA_OK);
    cr_assert_str_eq(out.scheme, "segment");
    cr_assert_str_eq(out.map, "own");
    cr_assert_eq(out.n_rows, 3);

    const struct strata_segment_row *a = &out.rows[0], *b = &out.rows[1], *c = &out.rows[2];
    cr_assert_eq(a->customers, 3);
    cr_assert_eq(a->revenue_minor, 10000);
    cr_assert_float_eq(a->customer_share, 0.5, 1e-15);
    cr_assert_float_eq(a->revenue_share, 1.0 / 12, 1e-15); /* everybody: 12 */
    cr_assert(a->recency_median == 20 && a->frequency_median == 2 && a->monetary_median == 0.2);

    cr_assert_str_eq(b->label.action, "write");
    cr_assert_eq(b->customers, 2);
    cr_assert_eq(b->revenue_minor, 70000);
    cr_assert(b->recency_median == 5 && b->frequency_median == 9 && b->monetary_median == 3.5);

    cr_assert_eq(c->customers, 0);
    cr_assert_eq(c->revenue_minor, 0);
    cr_assert(c->customer_share == 0 && c->revenue_share == 0);
    cr_assert(isnan(c->recency_median) && isnan(c->frequency_median) && isnan(c->monetary_median));
    strata_segmentation_release(&out);
    strata_segmentation_release(&out);
    strata_table_release(&table);
}

Test(summary, nobody_and_no_labels)
{
    struct strata_table table = table_of(&(float){1}, &(int32_t){1}, &(double){1}, 0);
    struct strata_segmentation out;
    cr_assert_eq(strata_segmentation_summarise(&table, NULL, &three, "segment", "own", 4, 2, &out, &err), STRATA_OK);
    cr_assert(out.rows[0].customers == 0 && out.rows[0].customer_share == 0 && out.rows[0].revenue_share == 0);
    strata_segmentation_release(&out);
    struct strata_labels none = {0, NULL};
    cr_assert_eq(strata_segmentation_summarise(&table, NULL, &none, "cluster", "k-means", 4, 1, &out, &err), STRATA_OK);
    cr_assert_eq(out.n_rows, 0);
    strata_segmentation_release(&out);
    strata_table_release(&table);
}

Test(summary, revenue_is_exact_for_any_number_of_threads)
{
    enum { N = 40000 };
    static float recency[N];
    static int32_t frequency[N];
    static double monetary[N];
    static int16_t label[N];
    unsigned seed = 3;
    int64_t expected = 0;
    for (int i = 0; i < N; ++i) {
        int64_t minor = (int64_t)rand_r(&seed) * 10000 + rand_r(&seed) % 10000 - 3000000000000;
        monetary[i] = (double)minor / 10000;
        recency[i] = (float)(rand_r(&seed) % 300);
        frequency[i] = rand_r(&seed) % 9;
        label[i] = (int16_t)(1 + rand_r(&seed) % 4);
        if (label[i] == 4)
            expected += minor;
    }
    struct strata_table table = table_of(recency, frequency, monetary, N);
    struct strata_segmentation out[2];
    cr_assert_eq(strata_segmentation_summarise(&table, label, &three, "segment", "own", 4, 1, &out[0], &err),
                 STRATA_OK);
    cr_assert_eq(out[0].rows[2].revenue_minor, expected);
    for (int threads = 2; threads <= 8; threads += 3) {
        cr_assert_eq(strata_segmentation_summarise(&table, label, &three, "segment", "own", 4, threads, &out[1], &err),
                     STRATA_OK);
        for (int i = 0; i < 3; ++i) {
            const struct strata_segment_row *one = &out[0].rows[i], *more = &out[1].rows[i];
            cr_assert(one->customers == more->customers && one->revenue_minor == more->revenue_minor);
            cr_assert(one->customer_share == more->customer_share && one->revenue_share == more->revenue_share);
            cr_assert(one->recency_median == more->recency_median && one->frequency_median == more->frequency_median &&
                      one->monetary_median == more->monetary_median);
        }
        strata_segmentation_release(&out[1]);
    }
    strata_segmentation_release(&out[0]);
    strata_table_release(&table);
}

/* Amounts of 16 digits, whose product with 10^decimals a double rounds to another unit. */
Test(summary, revenue_of_large_amounts)
{
    enum { N = 3000 };
    static float recency[N];
    static int32_t frequency[N];
    static double monetary[N];
    static int16_t label[N];
    for (int decimals = 0; decimals <= 9; ++decimals) {
        unsigned seed = 7;
        int64_t expected = 0;
        for (int i = 0; i < N; ++i) {
            int64_t minor = ((int64_t)1 << 51) + ((int64_t)rand_r(&seed) << 20 ^ rand_r(&seed)) % ((int64_t)1 << 51);
            minor = i % 2 ? minor - 1 : 1 - minor;
            label[i] = 1;
            monetary[i] = (double)minor / (double)strata_amount_scale(decimals);
            expected += minor;
        }
        struct strata_table table = table_of(recency, frequency, monetary, N);
        struct strata_segmentation out;
        cr_assert_eq(strata_segmentation_summarise(&table, label, &three, "segment", "own", decimals, 2, &out, &err),
                     STRATA_OK);
        cr_assert_eq(out.rows[0].revenue_minor, expected, "%d decimals", decimals);
        cr_assert_eq(out.n_rounded, 0);
        strata_segmentation_release(&out);
        strata_table_release(&table);
    }
    monetary[0] = 0x1p53;
    monetary[1] = -0x1p54;
    struct strata_table table = table_of(recency, frequency, monetary, 2);
    struct strata_segmentation out;
    cr_assert_eq(strata_segmentation_summarise(&table, label, &three, "segment", "own", 0, 1, &out, &err), STRATA_OK);
    cr_assert_eq(out.n_rounded, 2);
    cr_assert_eq(out.rows[0].revenue_minor, -((int64_t)1 << 53));
    strata_segmentation_release(&out);
    strata_table_release(&table);
}

Test(summary, errors)
{
    float recency[] = {1, 1, 1};
    int32_t frequency[] = {1, 1, 1};
    double monetary[] = {1e15, 1, 1};
    int16_t label[] = {1, 1, 1};
    struct strata_table table = table_of(recency, frequency, monetary, 3);
    struct strata_segmentation out;
    cr_assert_eq(strata_segmentation_summarise(&table, label, &three, "segment", "own", 4, 1, &out, &err),
                 STRATA_REJECTED);
    cr_assert_null(out.rows);
    strata_table_release(&table);

    monetary[0] = monetary[1] = 9e14;
    table = table_of(recency, frequency, monetary, 3);
    cr_assert_eq(strata_segmentation_summarise(&table, label, &three, "segment", "own", 4, 1, &out, &err),
                 STRATA_REJECTED);
    cr_assert_not_null(strstr(err.message, "922337203685477.5807 currency units"), "%s", err.message);
    table.n_columns = 2;
    cr_assert_eq(strata_segmentation_summarise(&table, label, &three, "segment", "own", 4, 1, &out, &err),
                 STRATA_USAGE);
    cr_assert_str_eq(err.message, "the summary of segment needs the column monetary, which is not there");
    table.n_columns = 3;
    strata_table_release(&table);
}

static FILE *open_data(const char *name)
{
    const char *folder = getenv("STRATA_TEST_DATA");
    char path[4096];
    snprintf(path, sizeof path, "%s/rfm_orders/%s", folder ? folder : ".", name);
    FILE *file = fopen(path, "r");
    char line[256];
    if (file && !fgets(line, sizeof line, file))
        cr_assert_fail("%s is empty", path);
    return file;
}

enum { N_CUSTOMERS = 995 };

Test(summary, segments_of_the_r_packages_example_orders)
{
    FILE *scores = open_data("scores.csv"), *segments = open_data("segments.csv");
    if (!scores || !segments)
        cr_skip("skipped: data not found");
    static float recency[N_CUSTOMERS];
    static int32_t orders[N_CUSTOMERS];
    static double amount[N_CUSTOMERS];
    static int8_t r[N_CUSTOMERS], f[N_CUSTOMERS], m[N_CUSTOMERS];
    static int16_t label[N_CUSTOMERS];
    char line[256], name[64];
    for (int i = 0; i < N_CUSTOMERS; ++i) {
        cr_assert_not_null(fgets(line, sizeof line, scores));
        cr_assert_eq(sscanf(line, "%*[^,],%f,%d,%lf,%hhd,%hhd,%hhd", &recency[i], &orders[i], &amount[i], &r[i], &f[i],
                            &m[i]),
                     6);
    }
    fclose(scores);

    struct strata_table table = table_of(recency, orders, amount, N_CUSTOMERS);
    const struct strata_segment_map *map = strata_segment_map_find("r-vignette");
    struct strata_segment_labels labels;
    struct strata_segmentation out;
    cr_assert_eq(strata_segment_labels_init(&labels, map, five, &err), STRATA_OK);
    strata_segments_assign(map, five, r, f, m, N_CUSTOMERS, label, 2);
    cr_assert_eq(strata_segmentation_summarise(&table, label, &labels.labels, "segment", map->name, 4, 2, &out, &err),
                 STRATA_OK);
    uint64_t n_found = 0;
    while (fgets(line, sizeof line, segments)) {
        unsigned long customers;
        long expected_orders, revenue, n_orders = 0;
        cr_assert_eq(sscanf(line, "%63[^,],%lu,%ld,%ld", name, &customers, &expected_orders, &revenue), 4);
        int row = 0;
        while (strcmp(out.rows[row].label.name, name) != 0)
            cr_assert_lt(++row, out.n_rows, "%s", name);
        for (int i = 0; i < N_CUSTOMERS; ++i)
            n_orders += label[i] == out.rows[row].label.value ? orders[i] : 0;
        cr_assert_eq(out.rows[row].customers, customers, "%s", name);
        cr_assert_eq(out.rows[row].revenue_minor, revenue * 10000, "%s", name);
        cr_assert_eq(n_orders, expected_orders, "%s", name);
        n_found += customers;
    }
    fclose(segments);
    cr_assert_eq(n_found, N_CUSTOMERS);
    strata_segmentation_release(&out);
    strata_segment_labels_release(&labels);
    strata_table_release(&table);
}
