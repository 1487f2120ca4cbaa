#include "store_fixture.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

static const struct strata_label segment_labels[] = {
    {1, "Champions", "冠军客户", "Reward them"},
    {2, "Can't Lose Them", "不可流失", "Call them, today"},
    {3, "At Risk", "流失风险", NULL},
};
static const struct strata_labels segments = {3, segment_labels};

static void add(struct strata_table *table, const struct strata_column *about, const struct strata_labels *labels,
                void *values)
{
    struct strata_error err = {0};
    cr_assert_eq(strata_table_add_column(table, about, labels, values, &err), STRATA_OK, "%s", err.message);
}

size_t store_customer_id(size_t i, char out[64])
{
    return (size_t)snprintf(out, 64, i % 3 == 2 ? "客户-with-a-long-name-%zu" : "C%07zu", i);
}

static void fill_table(struct store_fixture *fixture, size_t n)
{
    struct strata_table *table = &fixture->table;
    struct strata_error err = {0};
    float *recency = strata_malloc_array(n, sizeof *recency);
    double *monetary = strata_malloc_array(n, sizeof *monetary);
    int32_t *orders = strata_malloc_array(n, sizeof *orders), *day = strata_malloc_array(n, sizeof *day);
    int64_t *visits = strata_malloc_array(n, sizeof *visits);
    int8_t *segment = strata_malloc_array(n, sizeof *segment);
    int16_t *cluster = strata_malloc_array(n, sizeof *cluster);

    table->n_rows = n;
    table->customer = strata_malloc_array(n, sizeof *table->customer);
    for (size_t i = 0; i < n; ++i) {
        char id[64];
        size_t n_bytes = store_customer_id(i, id);
        cr_assert_eq(strata_key_encode(id, n_bytes, &fixture->arena, &table->customer[i], &err), STRATA_OK);
        uint64_t mixed = (i + 1) * 0x9E3779B97F4A7C15u >> 20;
        recency[i] = i % 10 == 9 ? NAN : (float)(mixed % 365) + 0.25f;
        monetary[i] = (double)(mixed % 1000000) / 100;
        orders[i] = (int32_t)(mixed % 40);
        day[i] = i % 10 == 9 ? STRATA_MISSING_I32 : 20000 + (int32_t)(mixed % 400);
        visits[i] = (int64_t)mixed;
        segment[i] = i % 10 == 9 ? STRATA_MISSING_I8 : (int8_t)(1 + mixed % 3);
        cluster[i] = (int16_t)(1 + mixed % 2);
    }
    add(table, &(struct strata_column){"recency", STRATA_F32, "d", "Days from the last purchase to the as-of date"},
        NULL, recency);
    add(table, &(struct strata_column){"monetary", STRATA_F64, "currency", "Sum of amounts"}, NULL, monetary);
    add(table, &(struct strata_column){"orders", STRATA_I32, "1", "Orders"}, NULL, orders);
    add(table,
        &(struct strata_column){"last_purchase", STRATA_I32, "days since 1970-01-01", "Day of the last purchase"}, NULL,
        day);
    add(table, &(struct strata_column){"visits", STRATA_I64, "1", "Visits"}, NULL, visits);
    add(table, &(struct strata_column){"segment", STRATA_I8, "1", "Segment"}, &segments, segment);
    add(table, &(struct strata_column){"cluster", STRATA_I16, "1", "Cluster"}, &fixture->clustering.labels, cluster);
}

static double *doubles(size_t n, double first)
{
    double *values = strata_malloc_array(n, sizeof *values);
    for (size_t i = 0; i < n; ++i)
        values[i] = first + (double)i;
    return values;
}

static void fill_clustering(struct strata_clustering *clustering)
{
    enum { K = 2, D = 3 };
    *clustering = (struct strata_clustering){.k = K,
                                             .d = D,
                                             .column = strata_calloc_array(D, sizeof(char *)),
                                             .centroid = doubles(K * D, 10),
                                             .centroid_scaled = doubles(K * D, 0.5),
                                             .n_fit = K,
                                             .fit_centroid = doubles(K * D, 0.25),
                                             .fit_cluster = strata_calloc_array(K, sizeof(int16_t)),
                                             .size = strata_calloc_array(K, sizeof(uint64_t)),
                                             .inertia = 12.5,
                                             .iterations = 7,
                                             .converged = 1,
                                             .restarts = 8,
                                             .seed = UINT64_MAX,
                                             .n_missing = 3,
                                             .criterion = "silhouette",
                                             .choice = strdup("2 clusters: because"),
                                             .n_trials = 2,
                                             .trial = strata_calloc_array(2, sizeof(struct strata_cluster_trial)),
                                             .label = strata_calloc_array(K, sizeof(struct strata_label))};
    cr_assert_eq(strata_preparation_init(&clustering->preparation, D, STRATA_TRANSFORM_LOG1P, STRATA_SCALING_STANDARD,
                                         0, NULL),
                 STRATA_OK);
    const char *columns[] = {"recency", "orders", "monetary"};
    for (int c = 0; c < D; ++c)
        clustering->column[c] = strdup(columns[c]);
    for (int c = 0; c < D; ++c) {
        clustering->preparation.shift[c] = 1 + c;
        clustering->preparation.divisor[c] = 2 + c;
    }
    for (int j = 0; j < K; ++j) {
        clustering->fit_cluster[j] = (int16_t)(K - j);
        clustering->size[j] = (uint64_t)(100 * (j + 1));
        clustering->trial[j] = (struct strata_cluster_trial){.k = 2 + j,
                                                             .inertia = 12.5 - j,
                                                             .silhouette = j ? (double)NAN : 0.75,
                                                             .simplified_silhouette = 0.5,
                                                             .calinski_harabasz = 20 + j,
                                                             .davies_bouldin = 0.25,
                                                             .bic = -30 - j};
        clustering->label[j] =
            (struct strata_label){(int16_t)(j + 1), strdup(j ? "recent, frequent, high value" : "long ago"),
                                  strdup(j ? "高价值" : "沉睡"), NULL};
    }
    clustering->labels = (struct strata_labels){K, clustering->label};
}

static struct strata_segmentation segmentation(const char *scheme, const char *map, int n_rows)
{
    struct strata_segmentation made = {scheme, map, n_rows, strata_calloc_array((size_t)n_rows, sizeof *made.rows),
                                       4,      0};
    for (int i = 0; i < n_rows; ++i)
        made.rows[i] = (struct strata_segment_row){.label = segment_labels[i],
                                                   .customers = (uint64_t)(1000 * (i + 1)),
                                                   .revenue_minor = 9007199254740993 + i,
                                                   .customer_share = 0.25 * (i + 1),
                                                   .revenue_share = 0.125 * (i + 1),
                                                   .recency_median = 9.5 + i,
                                                   .frequency_median = i ? 3 : (double)NAN,
                                                   .monetary_median = 1234.5};
    return made;
}

void store_fixture_init(struct store_fixture *fixture, size_t n)
{
    *fixture = (struct store_fixture){.directory = "/tmp/strata-store-XXXXXX"};
    cr_assert_not_null(mkdtemp(fixture->directory));
    (void)snprintf(fixture->output, sizeof fixture->output, "%s/results.h5", fixture->directory);
    (void)snprintf(fixture->temporary, sizeof fixture->temporary, "%s/.results.h5.strata-tmp", fixture->directory);
    fill_clustering(&fixture->clustering);
    fill_table(fixture, n);
    fixture->thresholds[0] =
        (struct strata_thresholds){"r_score", "recency", "quantile", "below is better", 5, 4, {100, 50, 20, 5}};
    fixture->thresholds[1] = (struct strata_thresholds){"m_score", "monetary", "mean", "above the mean", 2, 1, {9.75}};
    fixture->segmentations[0] = segmentation("segment", "default", 3);
    fixture->segmentations[1] = segmentation("cluster", "k-means", 2);
    fixture->contents = (struct strata_snapshot_contents){.table = &fixture->table,
                                                          .tool_version = "0.1.0",
                                                          .run_id = "run-1",
                                                          .created_utc = "2026-01-02T03:04:05Z",
                                                          .as_of = "2026-01-01",
                                                          .time_zone = "Asia/Shanghai",
                                                          .currency = "CNY",
                                                          .config = "transactions: [a.csv]\n",
                                                          .manifest = "{\"inputs\": []}",
                                                          .thresholds = fixture->thresholds,
                                                          .n_thresholds = 2,
                                                          .clustering = &fixture->clustering,
                                                          .segmentations = fixture->segmentations,
                                                          .n_segmentations = 2,
                                                          .compress = true,
                                                          .threads = 2};
}

void store_fixture_release(struct store_fixture *fixture)
{
    DIR *directory = opendir(fixture->directory);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", fixture->directory, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)remove(path);
    }
    if (directory)
        (void)closedir(directory);
    (void)rmdir(fixture->directory);
    strata_table_release(&fixture->table);
    strata_key_arena_release(&fixture->arena);
    strata_clustering_release(&fixture->clustering);
    free(fixture->segmentations[0].rows);
    free(fixture->segmentations[1].rows);
}

enum strata_status store_fixture_publish(struct store_fixture *fixture, const char *path, struct strata_error *err)
{
    struct strata_publication publication;
    enum strata_status status = strata_publication_begin(&publication, path, err);
    if (status == STRATA_OK)
        status = strata_snapshot_write(&publication, &fixture->contents, err);
    if (status == STRATA_OK)
        status = strata_publication_commit(&publication, err);
    strata_publication_release(&publication);
    return status;
}

char *store_read_bytes(const char *path, size_t *n_bytes)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fseek(file, 0, SEEK_END), 0);
    *n_bytes = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*n_bytes + 1);
    cr_assert_eq(fread(bytes, 1, *n_bytes, file), *n_bytes);
    bytes[*n_bytes] = '\0';
    (void)fclose(file);
    return bytes;
}

void store_write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_geq(fputs(text, file), 0);
    cr_assert_eq(fclose(file), 0);
}
