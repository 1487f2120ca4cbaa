#include <criterion/criterion.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "store_fixture.h"

static struct strata_error err;

static void publish(struct store_fixture *f)
{
    cr_assert_eq(store_fixture_publish(f, f->output, &err), STRATA_OK, "%s", err.message);
}

static hid_t open_file(const struct store_fixture *f)
{
    hid_t file = H5Fopen(f->output, H5F_ACC_RDONLY, H5P_DEFAULT);
    cr_assert_geq(file, 0);
    return file;
}

/* All values of a dataset in its own type, malloc memory. */
static void *read_dataset(hid_t file, const char *path, size_t expected_rows)
{
    hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
    cr_assert_geq(dataset, 0, "%s", path);
    hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    hsize_t n = (hsize_t)H5Sget_simple_extent_npoints(space);
    cr_assert_eq(n, expected_rows, "%s", path);
    void *values = malloc(n * H5Tget_size(type) + 1);
    cr_assert_geq(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0, "%s", path);
    (void)H5Tclose(type);
    (void)H5Sclose(space);
    (void)H5Dclose(dataset);
    return values;
}

static void assert_customers(const struct store_fixture *f)
{
    hid_t file = open_file(f);
    size_t n = f->table.n_rows;
    char path[128], id[64];
    for (size_t c = 0; c < f->table.n_columns; ++c) {
        const struct strata_table_column *column = &f->table.columns[c];
        (void)snprintf(path, sizeof path, "/customers/%s", column->about.name);
        void *values = read_dataset(file, path, n);
        cr_expect_eq(memcmp(values, column->values, n * strata_type_size(column->about.type)), 0, "%s", path);
        free(values);
    }
    int64_t *rows = read_dataset(file, "/customers/customer", n);
    hid_t dataset = H5Dopen2(file, "/keys/customer_id", H5P_DEFAULT), type = H5Dget_type(dataset);
    size_t width = H5Tget_size(type);
    char *ids = read_dataset(file, "/keys/customer_id", n);
    cr_expect_eq(H5Tget_cset(type), H5T_CSET_UTF8);
    for (size_t i = 0; i < n; ++i) {
        size_t n_bytes = store_customer_id(i, id);
        cr_assert_eq(rows[i], (int64_t)i);
        cr_assert_eq(strnlen(ids + i * width, width), n_bytes);
        cr_assert_eq(memcmp(ids + i * width, id, n_bytes), 0);
    }
    free(rows);
    free(ids);
    (void)H5Tclose(type);
    (void)H5Dclose(dataset);
    (void)H5Fclose(file);
}

Test(snapshot_write, every_value_comes_back)
{
    /* Around the edges of a chunk. */
    const size_t sizes[] = {1, 2, 1000, 65535, 65536, 65537, 200000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s)
        for (int compress = 0; compress < 2; ++compress) {
            struct store_fixture f;
            store_fixture_init(&f, sizes[s]);
            f.contents.compress = compress;
            publish(&f);
            assert_customers(&f);
            store_fixture_release(&f);
        }
}

Test(snapshot_write, same_bytes_for_any_number_of_threads)
{
    const int threads[] = {1, 2, 3, 8, 0};
    for (int compress = 0; compress < 2; ++compress) {
        struct store_fixture f;
        char *first = NULL;
        size_t n_first = 0;
        store_fixture_init(&f, 300000);
        f.contents.compress = compress;
        for (size_t t = 0; t < sizeof threads / sizeof *threads; ++t) {
            f.contents.threads = threads[t];
            publish(&f);
            size_t n_bytes;
            char *bytes = store_read_bytes(f.output, &n_bytes);
            if (!first) {
                first = bytes;
                n_first = n_bytes;
                sleep(1); /* times of objects, if there were any, would differ from here on */
                continue;
            }
            cr_expect(n_bytes == n_first && memcmp(bytes, first, n_bytes) == 0, "%d threads", threads[t]);
            free(bytes);
        }
        free(first);
        store_fixture_release(&f);
    }
}

static void assert_text(hid_t file, const char *path, const char *name, const char *expected)
{
    char *text = NULL;
    hid_t attribute = H5Aopen_by_name(file, path, name, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert_geq(attribute, 0, "%s of %s", name, path);
    hid_t type = H5Aget_type(attribute);
    cr_expect_eq(H5Tget_cset(type), H5T_CSET_UTF8);
    cr_assert_gt(H5Tis_variable_str(type), 0);
    cr_assert_geq(H5Aread(attribute, type, &text), 0);
    cr_expect_str_eq(text, expected);
    (void)H5free_memory(text);
    (void)H5Tclose(type);
    (void)H5Aclose(attribute);
}

static double number(hid_t file, const char *path, const char *name)
{
    double value;
    hid_t attribute = H5Aopen_by_name(file, path, name, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert_geq(attribute, 0, "%s of %s", name, path);
    cr_assert_geq(H5Aread(attribute, H5T_NATIVE_DOUBLE, &value), 0);
    (void)H5Aclose(attribute);
    return value;
}

Test(snapshot_write, attributes_describe_root_and_columns)
{
    struct store_fixture f;
    store_fixture_init(&f, 10);
    publish(&f);
    hid_t file = open_file(&f);
    assert_text(file, "/", "schema", "strata-snapshot");
    assert_text(file, "/", "tool_version", "0.1.0");
    assert_text(file, "/", "run_id", "run-1");
    assert_text(file, "/", "created_utc", "2026-01-02T03:04:05Z");
    assert_text(file, "/", "as_of", "2026-01-01");
    assert_text(file, "/", "time_zone", "Asia/Shanghai");
    assert_text(file, "/", "currency", "CNY");
    assert_text(file, "/", "config", "transactions: [a.csv]\n");
    assert_text(file, "/", "manifest", "{\"inputs\": []}");
    cr_expect_eq(number(file, "/", "schema_version"), 1);

    assert_text(file, "/customers/last_purchase", "long_name", "Last purchase");
    assert_text(file, "/customers/last_purchase", "description", "Day of the last purchase");
    assert_text(file, "/customers/last_purchase", "units", "days since 1970-01-01");
    cr_expect_eq(number(file, "/customers/last_purchase", "_FillValue"), INT32_MIN);
    cr_expect_eq(number(file, "/customers/segment", "_FillValue"), INT8_MIN);
    cr_expect_eq(number(file, "/customers/cluster", "_FillValue"), INT16_MIN);
    cr_expect_eq(H5Aexists_by_name(file, "/customers/recency", "_FillValue", H5P_DEFAULT), 0);
    assert_text(file, "/customers/segment", "flag_meanings", "Champions Cant_Lose_Them At_Risk");
    assert_text(file, "/customers/cluster", "flag_meanings", "long_ago recent_frequent_high_value");
    (void)H5Fclose(file);
    store_fixture_release(&f);
}

Test(snapshot_write, label_columns_carry_values_and_both_names)
{
    struct store_fixture f;
    store_fixture_init(&f, 10);
    publish(&f);
    hid_t file = open_file(&f);
    int8_t values[3];
    char *names[3];
    hid_t attribute = H5Aopen_by_name(file, "/customers/segment", "flag_values", H5P_DEFAULT, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    cr_expect_gt(H5Tequal(type, H5T_NATIVE_INT8), 0);
    cr_assert_geq(H5Aread(attribute, type, values), 0);
    cr_expect_arr_eq(values, ((int8_t[]){1, 2, 3}), 3);
    (void)H5Tclose(type);
    (void)H5Aclose(attribute);
    attribute = H5Aopen_by_name(file, "/customers/segment", "flag_names_zh", H5P_DEFAULT, H5P_DEFAULT);
    type = H5Aget_type(attribute);
    cr_assert_geq(H5Aread(attribute, type, names), 0);
    cr_expect_str_eq(names[1], "不可流失");
    for (int i = 0; i < 3; ++i)
        (void)H5free_memory(names[i]);
    (void)H5Tclose(type);
    (void)H5Aclose(attribute);
    (void)H5Fclose(file);
    store_fixture_release(&f);
}

Test(snapshot_write, texts_beyond_64_kib_are_attributes)
{
    struct store_fixture f;
    enum { N = 1 << 20 };
    char *manifest = malloc(N + 1);
    memset(manifest, 'x', N);
    manifest[N] = '\0';
    store_fixture_init(&f, 5);
    f.contents.manifest = manifest;
    publish(&f);
    hid_t file = open_file(&f);
    assert_text(file, "/", "manifest", manifest);
    (void)H5Fclose(file);
    free(manifest);
    store_fixture_release(&f);
}

Test(snapshot_write, columns_share_one_dimension_scale)
{
    struct store_fixture f;
    store_fixture_init(&f, 10);
    publish(&f);
    hid_t file = open_file(&f);
    hid_t scale = H5Dopen2(file, "/customers/customer", H5P_DEFAULT);
    cr_expect_gt(H5DSis_scale(scale), 0);
    for (size_t c = 0; c < f.table.n_columns; ++c) {
        char path[128];
        (void)snprintf(path, sizeof path, "/customers/%s", f.table.columns[c].about.name);
        hid_t column = H5Dopen2(file, path, H5P_DEFAULT);
        cr_expect_gt(H5DSis_attached(column, scale, 0), 0, "%s", path);
        (void)H5Dclose(column);
    }
    (void)H5Dclose(scale);
    (void)H5Fclose(file);
    store_fixture_release(&f);
}

Test(snapshot_write, storage_is_as_promised)
{
    struct store_fixture f;
    store_fixture_init(&f, 100000);
    for (int compress = 0; compress < 2; ++compress) {
        f.contents.compress = compress;
        publish(&f);
        hid_t file = open_file(&f), dataset = H5Dopen2(file, "/customers/recency", H5P_DEFAULT);
        hid_t properties = H5Dget_create_plist(dataset);
        hsize_t chunk = 0;
        cr_expect_eq(H5Pget_layout(properties), compress ? H5D_CHUNKED : H5D_CONTIGUOUS);
        cr_expect_eq(H5Pget_nfilters(properties), compress ? 2 : 0);
        if (compress) {
            cr_expect_eq(H5Pget_chunk(properties, 1, &chunk), 1);
            cr_expect_eq(chunk, 65536);
        } else {
            cr_expect_neq(H5Dget_offset(dataset), HADDR_UNDEF);
        }
        (void)H5Pclose(properties);
        (void)H5Dclose(dataset);
        (void)H5Fclose(file);
    }
    store_fixture_release(&f);
}

Test(snapshot_write, scores_clusters_and_segments)
{
    struct store_fixture f;
    store_fixture_init(&f, 10);
    publish(&f);
    hid_t file = open_file(&f);

    double *thresholds = read_dataset(file, "/scores/r_score/thresholds", 4);
    cr_expect_arr_eq(thresholds, ((double[]){100, 50, 20, 5}), 4 * sizeof(double));
    free(thresholds);
    assert_text(file, "/scores/r_score", "column", "recency");
    assert_text(file, "/scores/m_score", "method", "mean");
    assert_text(file, "/scores/m_score", "rule", "above the mean");
    cr_expect_eq(number(file, "/scores/r_score", "levels"), 5);

    double *centroids = read_dataset(file, "/clusters/centroids", 6);
    cr_expect_arr_eq(centroids, f.clustering.centroid, 6 * sizeof(double));
    free(centroids);
    int64_t *sizes = read_dataset(file, "/clusters/sizes", 2);
    cr_expect_eq(sizes[1], 200);
    free(sizes);
    char *columns = read_dataset(file, "/clusters/columns", 3);
    cr_expect_eq(memcmp(columns, "recency\0orders\0\0monetary", 24), 0);
    free(columns);
    double *silhouette = read_dataset(file, "/clusters/validity/silhouette", 2);
    cr_expect(silhouette[0] == 0.75 && isnan(silhouette[1]));
    free(silhouette);
    double *other = read_dataset(file, "/clusters/validity/calinski_harabasz", 2);
    cr_expect(other[0] == 20 && other[1] == 21);
    free(other);
    other = read_dataset(file, "/clusters/validity/bic", 2);
    cr_expect(other[0] == -30 && other[1] == -31);
    free(other);
    assert_text(file, "/clusters", "criterion", "silhouette");
    assert_text(file, "/clusters", "choice", "2 clusters: because");
    assert_text(file, "/clusters", "transform", "log1p");
    assert_text(file, "/clusters", "scaling", "standard");
    cr_expect_eq(number(file, "/clusters", "inertia"), 12.5);
    cr_expect_eq(number(file, "/clusters", "converged"), 1);
    cr_expect_eq(number(file, "/clusters", "seed"), (double)UINT64_MAX);

    int64_t *exact = read_dataset(file, "/segments/segment/revenue_minor", 3);
    cr_expect_eq(exact[0], 9007199254740993);
    free(exact);
    double *revenue = read_dataset(file, "/segments/segment/revenue", 3);
    cr_expect_float_eq(revenue[0], 900719925474.0993, 1e-4);
    free(revenue);
    assert_text(file, "/segments/cluster", "map", "k-means");
    (void)H5Fclose(file);
    store_fixture_release(&f);
}

Test(snapshot_write, smallest_snapshot_has_customers_alone)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    f.contents = (struct strata_snapshot_contents){.table = &f.table, .compress = true, .threads = 1};
    publish(&f);
    hid_t file = open_file(&f);
    cr_expect_eq(H5Lexists(file, "/scores", H5P_DEFAULT), 0);
    cr_expect_eq(H5Lexists(file, "/clusters", H5P_DEFAULT), 0);
    cr_expect_eq(H5Lexists(file, "/segments", H5P_DEFAULT), 0);
    cr_expect_eq(H5Aexists(file, "currency"), 0);
    (void)H5Fclose(file);
    store_fixture_release(&f);
}

/* Ids of all lengths beside each other, up to and beyond what a key holds itself: all padded with NUL. */
Test(snapshot_write, ids_of_all_lengths)
{
    enum { N = 300, MOST_BYTES = 18 };
    for (size_t longest = 1; longest <= MOST_BYTES; ++longest)
        for (int compress = 0; compress < 2; ++compress) {
            struct store_fixture f;
            store_fixture_init(&f, N);
            f.contents.compress = compress;
            char expected[N][MOST_BYTES] = {{0}};
            for (size_t i = 0; i < N; ++i) {
                const size_t n_bytes = 1 + i % longest;
                for (size_t b = 0; b < n_bytes; ++b)
                    expected[i][b] = (char)('A' + (i * 7 + b) % 50);
                cr_assert_eq(strata_key_encode(expected[i], n_bytes, &f.arena, &f.table.customer[i], &err), STRATA_OK);
            }
            publish(&f);
            hid_t file = open_file(&f);
            char *ids = read_dataset(file, "/keys/customer_id", N);
            for (size_t i = 0; i < N; ++i)
                cr_assert_eq(memcmp(ids + i * longest, expected[i], longest), 0, "id %zu of up to %zu", i, longest);
            free(ids);
            (void)H5Fclose(file);
            store_fixture_release(&f);
        }
}

Test(snapshot_write, longest_ids_keep_chunks_small)
{
    struct store_fixture f;
    char *id = malloc(STRATA_KEY_MAX_BYTES);
    memset(id, 'k', STRATA_KEY_MAX_BYTES);
    store_fixture_init(&f, 1000);
    cr_assert_eq(strata_key_encode(id, STRATA_KEY_MAX_BYTES, &f.arena, &f.table.customer[999], &err), STRATA_OK);
    publish(&f);
    hid_t file = open_file(&f), dataset = H5Dopen2(file, "/keys/customer_id", H5P_DEFAULT);
    hid_t properties = H5Dget_create_plist(dataset);
    hsize_t chunk = 0;
    cr_expect_eq(H5Pget_chunk(properties, 1, &chunk), 1);
    cr_expect_eq(chunk, (1 << 20) / STRATA_KEY_MAX_BYTES);
    char *ids = read_dataset(file, "/keys/customer_id", 1000);
    cr_expect_eq(memcmp(ids + (size_t)999 * STRATA_KEY_MAX_BYTES, id, STRATA_KEY_MAX_BYTES), 0);
    cr_expect_str_eq(ids, "C0000000");
    free(ids);
    (void)H5Pclose(properties);
    (void)H5Dclose(dataset);
    (void)H5Fclose(file);
    free(id);
    store_fixture_release(&f);
}

Test(snapshot_write, impossible_names_are_refused)
{
    const char *names[] = {"", ".", "a/b", "customer"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        struct store_fixture f;
        store_fixture_init(&f, 3);
        f.table.columns[1].about.name = names[i];
        cr_expect_eq(store_fixture_publish(&f, f.output, &err), STRATA_USAGE, "%s", names[i]);
        f.table.columns[1].about.name = "monetary";
        if (i < 3) {
            f.segmentations[0].scheme = names[i];
            cr_expect_eq(store_fixture_publish(&f, f.output, &err), STRATA_USAGE, "%s", names[i]);
        }
        cr_expect_neq(access(f.output, F_OK), 0);
        store_fixture_release(&f);
    }
}
