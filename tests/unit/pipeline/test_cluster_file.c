/* Any table in, clusters out. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/cluster.h>
#include <strata/run.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/strata-cluster-XXXXXX";
static struct strata_cluster_file_options options;
static struct strata_cluster_file_result result;
static struct strata_error err;

static void create(void)
{
    cr_assert_not_null(mkdtemp(folder));
    strata_cluster_file_options_init(&options);
    options.threads = 2;
}

static void release(void)
{
    DIR *directory = opendir(folder);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
            remove(path);
    }
    closedir(directory);
    rmdir(folder);
    strata_cluster_file_result_release(&result);
}

TestSuite(cluster_file, .init = create, .fini = release);

static char *in_folder(const char *name)
{
    char *path;
    cr_assert_geq(asprintf(&path, "%s/%s", folder, name), 0);
    return path;
}

static char *write_file(const char *name, const char *text)
{
    char *path = in_folder(name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    cr_assert_eq(fclose(file), 0);
    return path;
}

static const char *data_folder(void)
{
    const char *data = getenv("STRATA_TEST_DATA");
    return data ? data : "/nowhere";
}

/* "   12   34" of a published file -> "12,34" under a header; the columns change places if `swapped`. */
static char *convert(const char *name, const char *header, bool swapped)
{
    char *path = in_folder(name), source[4096];
    double x, y;
    snprintf(source, sizeof source, "%s/kmeans/%s", data_folder(), name);
    FILE *in = fopen(source, "r");
    if (!in)
        cr_skip("skipped: data not found");
    FILE *out = fopen(path, "w");
    fprintf(out, "%s\n", header);
    while (fscanf(in, "%lf %lf", &x, &y) == 2)
        fprintf(out, "%.17g,%.17g\n", swapped ? y : x, swapped ? x : y);
    fclose(in);
    cr_assert_eq(fclose(out), 0);
    return path;
}

static void cluster_file(void)
{
    strata_cluster_file_result_release(&result);
    cr_assert_eq(strata_cluster_file(&options, NULL, &result, &err), STRATA_OK, "%s", err.message);
}

static void expect_refused(enum strata_status status, const char *message)
{
    cr_expect_eq(strata_cluster_file(&options, NULL, &result, &err), status, "%s: %s", message, err.message);
    cr_expect(strstr(err.message, message), "%s", err.message);
    cr_expect_null(result.labels);
    cr_expect_null(result.summary);
}

/* The sum of squares from the labels and centroids, from the text file itself. */
static double squares(const char *path)
{
    double sum = 0, x[2];
    FILE *file = fopen(path, "r");
    fscanf(file, "%*s");
    for (uint64_t row = 0; fscanf(file, "%lf,%lf", &x[0], &x[1]) == 2; ++row)
        for (int c = 0; c < 2; ++c) {
            double difference = x[c] - result.centroids[(result.labels[row] - 1) * 2 + c];
            sum += difference * difference;
        }
    fclose(file);
    return sum;
}

static void check_published(const char *data, const char *truth, int k, double expected)
{
    char *table = convert(data, "x,y", false), *init = convert(truth, "y,x", true), raw_init[4096];
    options.table = table;
    options.init = init;
    cluster_file();
    cr_expect_eq(result.k, k);
    cr_expect_float_eq(result.inertia / expected, 1, 5e-7, "%s: %.17g", data, result.inertia);
    cr_expect_float_eq(squares(table) / expected, 1, 5e-7, "%s: %.17g", data, squares(table));
    double inertia = result.inertia;
    uint64_t rows = 0;
    for (int j = 0; j < result.k; ++j)
        rows += result.sizes[j];
    cr_expect_eq(rows, result.rows);
    cr_expect(result.converged);

    /* The published file of centroids has no header. */
    snprintf(raw_init, sizeof raw_init, "%s/kmeans/%s", data_folder(), truth);
    options.init = raw_init;
    options.k = k;
    options.threads = 1;
    cluster_file();
    cr_expect_eq(result.inertia, inertia);
    free(table);
    free(init);
}

Test(cluster_file, s1_from_the_true_centroids) { check_published("s1.txt", "s1-cb.txt", 15, 8.917650e12); }
Test(cluster_file, a1_from_the_true_centroids) { check_published("a1.txt", "a1-ga-cb.txt", 20, 1.214634e10); }
Test(cluster_file, unbalance_from_the_true_centroids)
{
    check_published("unbalance.txt", "unbalance-gt.txt", 8, 2.144921e11);
}

Test(cluster_file, iris)
{
    static const double best_known[] = {[2] = 152.347952, 78.851441, 57.228473, 46.446182, 39.039987};
    options.table = "/usr/lib/python3/dist-packages/sklearn/datasets/data/iris.csv";
    if (access(options.table, R_OK) != 0)
        cr_skip("skipped: data not found");
    /* The names that this file's first line happens to give. */
    options.columns = (const char *const[]){"150", "4", "setosa", "versicolor"};
    options.n_columns = 4;
    for (options.k = 2; options.k <= 6; ++options.k) {
        cluster_file();
        cr_expect_float_eq(result.inertia / best_known[options.k], 1, 1e-6, "k %d: %.17g", options.k, result.inertia);
    }
}

static const char squares_text[] = "id,x,y\nA,0,0\nB,1,0\nC,,3\nD,100,0\nE,101,nan\nF,101,0\n";

Test(cluster_file, by_hand_with_missing_values)
{
    options.table = write_file("t.csv", squares_text);
    options.k = 2;
    cluster_file();
    const int16_t expected[] = {2, 2, STRATA_CLUSTER_NONE, 1, STRATA_CLUSTER_NONE, 1};
    cr_assert_eq(result.rows, 6u);
    cr_expect_eq(result.rows_without_cluster, 2u);
    cr_expect_arr_eq(result.labels, expected, sizeof expected);
    cr_assert_eq(result.n_columns, 1); /* y is the same in all complete rows */
    cr_expect_str_eq(result.columns[0], "x");
    cr_expect_eq(result.centroids[0], 100.5);
    cr_expect_eq(result.centroids[1], 0.5);
    cr_expect_eq(result.inertia, 1);
    cr_expect_eq(result.sizes[0], 2u);
    cr_expect_null(result.output);
    cr_expect_str_eq(result.summary, "Cluster  Rows   Share      x\n"
                                     "1           2   50.0%  100.5\n"
                                     "2           2   50.0%    0.5\n"
                                     "Total       4  100.0%\n");
    free((char *)options.table);
}

/* Steps of 1 beside 1e15 are told apart without any scaling. */
Test(cluster_file, a_large_offset)
{
    options.table = write_file("t.csv", "x\n1000000000000000\n1000000000000001\n1000000000000002\n"
                                        "1000000000000010\n1000000000000011\n1000000000000012\n");
    options.k = 2;
    cluster_file();
    cr_expect_eq(result.inertia, 4);
    cr_expect_eq(result.centroids[0], 1e15 + 11);
    cr_expect_eq(result.centroids[1], 1e15 + 1);
    free((char *)options.table);
}

Test(cluster_file, auto_finds_the_number)
{
    options.table = write_file("t.csv", "x\n0\n1\n50\n51\n100\n101\n");
    cluster_file();
    cr_expect_eq(result.k, 3);
    options.transform = STRATA_CONFIG_TRANSFORM_LOG1P;
    options.scaling = STRATA_CONFIG_SCALING_STANDARD;
    options.k = 2;
    cluster_file();
    cr_expect_eq(result.k, 2);
    free((char *)options.table);
}

struct log {
    char text[1024];
};

static void note(void *context, const struct strata_event *event)
{
    struct log *log = context;
    size_t used = strlen(log->text);
    snprintf(log->text + used, sizeof log->text - used, "%d %s\n", (int)event->kind, event->text);
}

Test(cluster_file, missing_values_are_counted_in_a_warning)
{
    struct log log = {{0}};
    const struct strata_observer observer = {.notify = note, .context = &log};
    options.table = write_file("t.csv", squares_text);
    options.k = 2;
    cr_assert_eq(strata_cluster_file(&options, &observer, &result, &err), STRATA_OK, "%s", err.message);
    cr_expect(strstr(log.text, "0 "), "%s", log.text);
    cr_expect(strstr(log.text, ": 6 rows, 2 columns; no numbers, and left out: id\n"), "%s", log.text);
    cr_expect(strstr(log.text, "1 2 of 6 rows lack a value in some column: no cluster\n"), "%s", log.text);
    free((char *)options.table);
}

/* A dataset of the output as int16. */
static void read_labels(const char *path, int16_t *label)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    cr_assert_geq(file, 0);
    cr_assert_geq(H5LTread_dataset_short(file, "/labels", label), 0);
    char schema[64] = "";
    hid_t attribute = H5Aopen(file, "schema", H5P_DEFAULT), type = H5Aget_type(attribute);
    char *text = NULL;
    cr_assert_geq(H5Aread(attribute, type, &text), 0);
    snprintf(schema, sizeof schema, "%s", text);
    H5free_memory(text);
    H5Tclose(type);
    H5Aclose(attribute);
    cr_expect_str_eq(schema, "strata-clusters");
    double centroid[2];
    cr_assert_geq(H5LTread_dataset_double(file, "/clusters/centroids", centroid), 0);
    cr_expect_eq(centroid[0], 100.5);
    cr_expect_eq(centroid[1], 0.5);
    H5Fclose(file);
}

Test(cluster_file, the_output_holds_labels_and_clusters)
{
    int16_t label[6];
    const int16_t expected[] = {2, 2, STRATA_CLUSTER_NONE, 1, STRATA_CLUSTER_NONE, 1};
    char *table = write_file("t.csv", squares_text), *output = in_folder("out.h5");
    options.table = table;
    options.output = output;
    options.k = 2;
    cluster_file();
    cr_expect_str_eq(result.output, options.output);
    read_labels(options.output, label);
    cr_expect_arr_eq(label, expected, sizeof expected);

    /* What fails leaves it as it was. */
    options.columns = (const char *const[]){"z"};
    options.n_columns = 1;
    strata_cluster_file_result_release(&result);
    expect_refused(STRATA_USAGE, "has no column z");
    read_labels(options.output, label);
    cr_expect_arr_eq(label, expected, sizeof expected);

    /* An output of strata is a table too. */
    options.output = NULL;
    options.columns = NULL;
    options.n_columns = 0;
    options.k = 1;
    char *group;
    cr_assert_geq(asprintf(&group, "%s/out.h5:/clusters", folder), 0);
    options.table = group;
    options.columns = (const char *const[]){"sizes"};
    options.n_columns = 1;
    cluster_file();
    cr_expect_eq(result.rows, 2u);
    cr_expect_eq(result.centroids[0], 2);
    options.output = output;
    strata_cluster_file_result_release(&result);
    expect_refused(STRATA_USAGE, "out.h5 is also an input");
    read_labels(output, label);
    cr_expect_arr_eq(label, expected, sizeof expected);
    free(group);
    free(table);
    free(output);
}

Test(cluster_file, more_clusters_than_attributes_hold)
{
    char *path = in_folder("t.csv");
    FILE *file = fopen(path, "w");
    fputs("x\n", file);
    for (int i = 0; i < 5000; ++i)
        fprintf(file, "%d\n", i);
    fclose(file);
    options.table = path;
    options.output = in_folder("out.h5");
    options.k = 4500;
    options.restarts = 1;
    options.max_iterations = 1;
    cluster_file();
    cr_expect_eq(result.k, 4500);
    free(path);
    free((char *)options.output);
}

Test(cluster_file, a_snapshot_as_the_table)
{
    char *log = write_file("log.csv", "customer,date,amount\nA,2025-01-01,10\nA,2025-01-09,10\nB,2025-01-02,500\n"
                                      "C,2025-01-03,510\nD,2025-01-08,12\n");
    char *snapshot = in_folder("snapshot.h5");
    struct strata_config config;
    struct strata_run_result run = {0};
    cr_assert_eq(strata_config_init(&config, &err), STRATA_OK);
    cr_assert_eq(strata_config_set(&config, "--transactions", log, &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(strata_config_set(&config, "--output", snapshot, &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(strata_config_set(&config, "--clusters", "0", &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(strata_run(&config, NULL, &run, &err), STRATA_OK, "%s", err.message);
    strata_run_result_release(&run);
    strata_config_release(&config);

    options.table = snapshot;
    options.columns = (const char *const[]){"monetary", "frequency"};
    options.n_columns = 2;
    options.k = 2;
    cluster_file();
    cr_expect_eq(result.rows, 4u);
    cr_assert_eq(result.k, 2);
    cr_expect_eq(result.sizes[0], 2u);
    cr_expect_eq(result.centroids[0], 505);
    cr_expect_eq(result.centroids[2], 16);

    options.table = snapshot;
    options.columns = (const char *const[]){"customers"};
    options.n_columns = 1;
    strata_cluster_file_result_release(&result);
    expect_refused(STRATA_USAGE, "has no column customers in /customers");
    free(log);
    free(snapshot);
}

Test(cluster_file, first_centroids_must_fit)
{
    char *table = write_file("t.csv", "x,y\n0,0\n1,0\n9,9\n"), *init = write_file("init.csv", "x\n0\n9\n");
    options.table = table;
    options.init = init;
    expect_refused(STRATA_USAGE, "init.csv has no column y");
    free(init);
    options.init = init = write_file("init.csv", "0\n9\n");
    expect_refused(STRATA_USAGE, "has no header and 1 field in a row, but the columns to cluster are 2");
    free(init);
    options.init = init = write_file("init.csv", "y,x\n0,0\n9,9\n");
    options.k = 3;
    expect_refused(STRATA_USAGE, "has 2 rows, but --clusters is 3");
    options.k = 0;
    cluster_file();
    cr_expect_eq(result.k, 2);
    strata_cluster_file_result_release(&result);
    free(init);
    options.init = init = write_file("init.csv", "y,x\n0,0\n9,\n");
    expect_refused(STRATA_USAGE, "centroid 2 has no finite value for x");
    free(init);
    options.init = init = in_folder("none.csv");
    expect_refused(STRATA_IO, "none.csv");
    free(init);
    free(table);
}

Test(cluster_file, what_cannot_be_clustered_is_refused)
{
    expect_refused(STRATA_USAGE, "no table is given");
    options.table = "/tmp/strata-no-such-file.csv";
    expect_refused(STRATA_IO, "strata-no-such-file.csv");
    options.table = write_file("t.csv", "x,y\n1,\n,1\n");
    expect_refused(STRATA_REJECTED, "no row has a value in each of the 2 columns");
    free((char *)options.table);
    options.table = write_file("t.csv", "x,y\n1,2\n1,b\n");
    expect_refused(STRATA_REJECTED, "t.csv, line 3, column y: not a number: 'b'");
    free((char *)options.table);
    char *group;
    options.table = write_file("t.csv", "x,y\n1,2\n1,3\n");
    cr_assert_geq(asprintf(&group, "%s:/group", options.table), 0);
    free((char *)options.table);
    options.table = group;
    expect_refused(STRATA_REJECTED, "t.csv is not an HDF5 file");
    free(group);
    options.table = write_file("t.csv", "x,y\n1,2\n1,3\n");
    options.tolerance = -1;
    expect_refused(STRATA_USAGE, "tolerance");
    options.tolerance = 0;
    options.threads = 5000;
    expect_refused(STRATA_USAGE, "5000 threads");
    options.threads = 1;
    options.k = 100000;
    expect_refused(STRATA_USAGE, "100000 clusters");
    options.k = 1;
    options.output = "/tmp/strata-no-such-folder/out.h5";
    expect_refused(STRATA_IO, "strata-no-such-folder");
    free((char *)options.table);
}
