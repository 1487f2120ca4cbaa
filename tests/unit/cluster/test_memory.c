/* Less than 16 bytes for each row beyond the matrix: the peak of this process's resident memory, which the kernel
 * counts, over what there was before. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "fixtures.h"

/* So many that the samples of a search, which do not grow with the rows, are a small part. */
enum { N = 2000000, BYTES_PER_ROW = 16 };

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* What sanitizers keep of freed memory would count. */
TestSuite(memory, .disabled = SANITIZED);

/* A line of /proc/self/status in bytes; 0 if there is none. */
static size_t status_bytes(const char *name)
{
    char line[256];
    size_t kilobytes = 0, length = strlen(name);
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, length) == 0)
            kilobytes = strtoull(line + length, NULL, 10);
    if (file)
        fclose(file);
    return kilobytes << 10;
}

/* From now on the peak is counted anew: what there is. */
static size_t begin(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    bool is_reset = file && fputs("5", file) >= 0;
    if (file)
        is_reset = fclose(file) == 0 && is_reset;
    if (!is_reset || status_bytes("VmHWM:") == 0)
        cr_skip("skipped: the peak of the memory cannot be told here");
    return status_bytes("VmRSS:");
}

/* matrix: columns of float32. */
static void expect_little(size_t before, size_t matrix, const char *what)
{
    double extra = (double)status_bytes("VmHWM:") - (double)before - (double)(matrix * sizeof(float)) * N;
    cr_expect(extra / N < BYTES_PER_ROW, "%s: %.1f bytes per row beyond the matrix", what, extra / N);
}

/* Blobs; cheap, and touched. */
static float *make_rows(size_t d)
{
    /* What is freed goes back at once, so that it is not taken for what there was. */
    mallopt(M_MMAP_THRESHOLD, 1 << 18);
    float *rows = malloc(N * d * sizeof *rows);
    uint64_t state = 1;
    for (size_t i = 0; i < N * d; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        rows[i] = (float)(state >> 40) * 0x1p-24f + (float)((i / d * 2654435761U >> 7) % 11 * ((i % d) % 3));
    }
    return rows;
}

static struct strata_kmeans_options options_of(int k)
{
    struct strata_kmeans_options options;
    strata_kmeans_options_init(&options);
    options.k = k;
    options.restarts = 2;
    options.max_iterations = 4;
    options.threads = 2;
    return options;
}

static void expect_little_to_fit(struct strata_kmeans_data data, int k, const char *what)
{
    struct strata_kmeans_options options = options_of(k);
    size_t before = begin();
    struct strata_kmeans_result result = fit_data(&data, &options, NULL);
    expect_little(before, data.n_columns, what);
    strata_kmeans_result_release(&result);
}

#define FIT_TEST(d, k)                                                                                                 \
    Test(memory, fit_of_##d##_columns_##k##_clusters)                                                                  \
    {                                                                                                                  \
        float *rows = make_rows(d);                                                                                    \
        expect_little_to_fit((struct strata_kmeans_data){.n_rows = N, .n_columns = d, .values = rows}, k, "fit");      \
        free(rows);                                                                                                    \
    }
FIT_TEST(3, 8)
FIT_TEST(3, 32)
FIT_TEST(8, 8)
FIT_TEST(8, 32)
FIT_TEST(16, 8)
FIT_TEST(16, 32)

/* Columns of doubles with weights: the caller's numbers are not copied first. */
Test(memory, fit_of_weighted_columns_of_doubles)
{
    enum { D = 3 };
    const void *columns[D];
    double *weights = malloc(N * sizeof *weights), *values = malloc((size_t)D * N * sizeof *values);
    float *rows = make_rows(D);
    for (size_t i = 0; i < N; ++i) {
        weights[i] = 1 + (double)(i % 3);
        for (size_t c = 0; c < D; ++c)
            values[c * N + i] = (double)rows[i * D + c];
    }
    for (size_t c = 0; c < D; ++c)
        columns[c] = values + c * N;
    free(rows);
    expect_little_to_fit((struct strata_kmeans_data){.n_rows = N,
                                                     .n_columns = D,
                                                     .type = STRATA_KMEANS_DOUBLE,
                                                     .columns = columns,
                                                     .weights = weights},
                         8, "fit with weights");
    free(values);
    free(weights);
}

Test(memory, assignment_and_validity)
{
    enum { D = 8, K = 8 };
    struct strata_error err = {0};
    struct strata_kmeans_validity validity;
    float *rows = make_rows(D);
    int32_t *labels = malloc(N * sizeof *labels);
    gsl_matrix *centroids = as_centroids(&(struct matrix){N, D, rows}, K);
    struct strata_kmeans_data data = {.n_rows = N, .n_columns = D, .values = rows};
    memset(labels, 0, N * sizeof *labels);
    size_t before = begin();
    cr_assert_eq(strata_kmeans_assign(&data, centroids, 2, labels, &err), STRATA_OK, "%s", err.message);
    expect_little(before, 0, "assignment");
    cr_assert_eq(strata_kmeans_validity(&data, labels, K, 1, 2, &validity, &err), STRATA_OK, "%s", err.message);
    expect_little(before, D, "validity");
    gsl_matrix_free(centroids);
    free(labels);
    free(rows);
}

/* The stage: its points are the matrix; the table and the labels are the caller's. */
static struct strata_table make_table(size_t d)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct strata_table table = {.n_rows = N};
    struct strata_error err = {0};
    float *rows = make_rows(d);
    for (size_t c = 0; c < d; ++c) {
        const struct strata_column about = {names[c], STRATA_F32, "1", "a column"};
        cr_assert_eq(strata_table_make_column(&table, &about, NULL, &err), STRATA_OK, "%s", err.message);
        float *values = table.columns[c].values;
        for (size_t row = 0; row < N; ++row)
            values[row] = rows[row * d + c];
    }
    free(rows);
    return table;
}

static struct strata_cluster_options stage_options(size_t d, int k)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct strata_cluster_options options;
    strata_cluster_options_init(&options);
    options.columns = names;
    options.n_columns = (int)d;
    options.features = names;
    options.n_features = (int)d;
    options.k = k;
    options.max_k = 4;
    options.restarts = 2;
    options.max_iterations = 4;
    options.threads = 2;
    return options;
}

static void expect_little_to_cluster(size_t d, int k, bool carries_on)
{
    struct strata_table table = make_table(d);
    struct strata_cluster_options options = stage_options(d, k);
    struct strata_clustering first = {0}, next = {0};
    struct strata_error err = {0};
    int16_t *label = calloc(N, sizeof *label), *earlier = calloc(N, sizeof *earlier);
    memset(label, 1, N * sizeof *label);
    memset(earlier, 1, N * sizeof *earlier);
    size_t before = begin();
    cr_assert_eq(strata_cluster_table(&table, &options, &first, label, &err), STRATA_OK, "%s", err.message);
    expect_little(before, d, "stage");
    if (carries_on) {
        memcpy(earlier, label, N * sizeof *label);
        options.previous = &first;
        options.previous_label = earlier;
        options.min_share = 0.11;
        before = begin();
        cr_assert_eq(strata_cluster_table(&table, &options, &next, label, &err), STRATA_OK, "%s", err.message);
        expect_little(before, d, "stage that carries on, with a least size");
    }
    strata_clustering_release(&first);
    strata_clustering_release(&next);
    strata_table_release(&table);
    free(label);
    free(earlier);
}

Test(memory, stage_that_chooses_by_all_indices) { expect_little_to_cluster(3, 0, false); }
Test(memory, stage_of_eight_columns) { expect_little_to_cluster(8, 32, false); }
Test(memory, stage_that_carries_on) { expect_little_to_cluster(3, 8, true); }
