#include <criterion/criterion.h>
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/snapshot.h>
#include <string.h>
#include <unistd.h>

#include "store_fixture.h"

static struct strata_error err;
static struct strata_snapshot snapshot;

static void publish(struct store_fixture *f)
{
    store_fixture_init(f, 1000);
    cr_assert_eq(store_fixture_publish(f, f->output, &err), STRATA_OK, "%s", err.message);
}

static void assert_refused(const char *path, enum strata_status status, const char *reason)
{
    cr_expect_eq(strata_snapshot_read(path, &snapshot, &err), status, "%s", err.message);
    cr_expect(strstr(err.message, reason), "%s", err.message);
    cr_expect_eq(memcmp(&snapshot, &(struct strata_snapshot){0}, sizeof snapshot), 0);
}

Test(snapshot_read, summary_comes_back)
{
    struct store_fixture f;
    publish(&f);
    cr_assert_eq(strata_snapshot_read(f.output, &snapshot, &err), STRATA_OK, "%s", err.message);
    cr_expect_eq(snapshot.customers, 1000);
    cr_expect_eq(snapshot.schema_version, 1);
    cr_expect_str_eq(snapshot.tool_version, "0.1.0");
    cr_expect_str_eq(snapshot.run_id, "run-1");
    cr_expect_str_eq(snapshot.created_utc, "2026-01-02T03:04:05Z");
    cr_expect_str_eq(snapshot.as_of, "2026-01-01");
    cr_expect_str_eq(snapshot.time_zone, "Asia/Shanghai");
    cr_expect_str_eq(snapshot.currency, "CNY");
    cr_expect_str_eq(snapshot.config, "transactions: [a.csv]\n");
    cr_expect_str_eq(snapshot.manifest, "{\"inputs\": []}");
    cr_assert_eq(snapshot.n_columns, f.table.n_columns);
    for (size_t c = 0; c < snapshot.n_columns; ++c) {
        cr_expect_str_eq(snapshot.columns[c].name, f.table.columns[c].about.name);
        cr_expect_eq(snapshot.columns[c].type, f.table.columns[c].about.type);
        cr_expect_str_eq(snapshot.columns[c].unit, f.table.columns[c].about.unit);
        cr_expect_str_eq(snapshot.columns[c].description, f.table.columns[c].about.description);
    }
    strata_snapshot_release(&snapshot);
    strata_snapshot_release(&snapshot);
    store_fixture_release(&f);
}

static bool same_real(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static bool same_text(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

Test(snapshot_read, segmentations_come_back_exactly)
{
    struct store_fixture f;
    publish(&f);
    cr_assert_eq(strata_snapshot_read(f.output, &snapshot, &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(snapshot.n_segmentations, 2);
    for (size_t s = 0; s < 2; ++s) {
        const struct strata_segmentation *got = &snapshot.segmentations[s], *put = &f.segmentations[s];
        cr_expect_str_eq(got->scheme, put->scheme);
        cr_expect_str_eq(got->map, put->map);
        cr_assert_eq(got->n_rows, put->n_rows);
        cr_expect_eq(got->amount_decimals, put->amount_decimals);
        for (int i = 0; i < put->n_rows; ++i) {
            const struct strata_segment_row *a = &got->rows[i], *b = &put->rows[i];
            cr_expect_eq(a->label.value, b->label.value);
            cr_expect(same_text(a->label.name, b->label.name));
            cr_expect(same_text(a->label.name_zh, b->label.name_zh));
            cr_expect(same_text(a->label.action, b->label.action));
            cr_expect_eq(a->customers, b->customers);
            cr_expect_eq(a->revenue_minor, b->revenue_minor);
            cr_expect(same_real(a->customer_share, b->customer_share));
            cr_expect(same_real(a->revenue_share, b->revenue_share));
            cr_expect(same_real(a->recency_median, b->recency_median));
            cr_expect(same_real(a->frequency_median, b->frequency_median));
            cr_expect(same_real(a->monetary_median, b->monetary_median));
        }
    }
    strata_snapshot_release(&snapshot);
    store_fixture_release(&f);
}

Test(snapshot_read, things_that_are_no_snapshot_are_refused)
{
    struct store_fixture f;
    store_fixture_init(&f, 1);
    assert_refused(f.output, STRATA_IO, "No such file");
    assert_refused(f.directory, STRATA_IO, "not a regular file");
    store_write_text(f.output, "");
    assert_refused(f.output, STRATA_REJECTED, "not an HDF5 file");
    store_write_text(f.output, "customer_id,amount\n1,2\n");
    assert_refused(f.output, STRATA_REJECTED, "not an HDF5 file");
    (void)H5Fclose(H5Fcreate(f.output, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    assert_refused(f.output, STRATA_REJECTED, "not a snapshot of strata");
    store_fixture_release(&f);
}

Test(snapshot_read, file_cut_anywhere_is_refused)
{
    struct store_fixture f;
    publish(&f);
    size_t n_bytes;
    char *bytes = store_read_bytes(f.output, &n_bytes);
    for (size_t n = 0; n < n_bytes; n += 1 + n_bytes / 199) {
        cr_assert_eq(truncate(f.output, (off_t)n), 0);
        enum strata_status status = strata_snapshot_read(f.output, &snapshot, &err);
        cr_assert(status == STRATA_REJECTED || status == STRATA_IO, "%zu of %zu bytes", n, n_bytes);
        store_write_text(f.output, "");
        FILE *file = fopen(f.output, "wb");
        cr_assert_eq(fwrite(bytes, 1, n_bytes, file), n_bytes);
        (void)fclose(file);
    }
    free(bytes);
    store_fixture_release(&f);
}

/* Change one thing in a good snapshot. */
typedef void change(hid_t file);

static void assert_change_refused(change *apply, const char *reason)
{
    struct store_fixture f;
    publish(&f);
    hid_t file = H5Fopen(f.output, H5F_ACC_RDWR, H5P_DEFAULT);
    cr_assert_geq(file, 0);
    apply(file);
    cr_assert_geq(H5Fclose(file), 0);
    assert_refused(f.output, STRATA_REJECTED, reason);
    store_fixture_release(&f);
}

static void put_dataset(hid_t file, const char *path, hid_t type, hsize_t n, hid_t properties)
{
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t dataset = H5Dcreate2(file, path, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    cr_assert_geq(dataset, 0);
    (void)H5Dclose(dataset);
    (void)H5Sclose(space);
}

static void newer_version(hid_t file)
{
    int version = 2;
    hid_t attribute = H5Aopen(file, "schema_version", H5P_DEFAULT);
    cr_assert_geq(H5Awrite(attribute, H5T_NATIVE_INT, &version), 0);
    (void)H5Aclose(attribute);
}
static void no_version(hid_t file) { cr_assert_geq(H5Adelete(file, "schema_version"), 0); }
static void no_customers(hid_t file) { cr_assert_geq(H5Ldelete(file, "/customers", H5P_DEFAULT), 0); }
static void no_names(hid_t file) { cr_assert_geq(H5Ldelete(file, "/segments/segment/names", H5P_DEFAULT), 0); }
static void column_of_other_length(hid_t file)
{
    put_dataset(file, "/customers/odd", H5T_NATIVE_INT32, 999, H5P_DEFAULT);
}
static void column_of_other_type(hid_t file)
{
    put_dataset(file, "/customers/odd", H5T_NATIVE_UINT8, 1000, H5P_DEFAULT);
}
static void column_outside_the_file(hid_t file)
{
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    cr_assert_geq(H5Pset_external(properties, "/etc/passwd", 0, 4000), 0);
    put_dataset(file, "/customers/odd", H5T_NATIVE_INT32, 1000, properties);
    (void)H5Pclose(properties);
}
static void group_in_another_file(hid_t file)
{
    no_customers(file);
    cr_assert_geq(H5Lcreate_external("other.h5", "/customers", file, "/customers", H5P_DEFAULT, H5P_DEFAULT), 0);
}
static void huge_segmentation(hid_t file)
{
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk = 1;
    cr_assert_geq(H5Pset_chunk(properties, 1, &chunk), 0);
    cr_assert_geq(H5Ldelete(file, "/segments/segment/values", H5P_DEFAULT), 0);
    put_dataset(file, "/segments/segment/values", H5T_NATIVE_INT16, (hsize_t)1 << 40, properties);
    (void)H5Pclose(properties);
}

Test(snapshot_read, damaged_and_hostile_snapshots_are_refused)
{
    assert_change_refused(newer_version, "schema version 2");
    assert_change_refused(no_version, "schema_version");
    assert_change_refused(no_customers, "no group customers");
    assert_change_refused(no_names, "no dataset names");
    assert_change_refused(column_of_other_length, "999 rows");
    assert_change_refused(column_of_other_type, "a type that strata does not write");
    assert_change_refused(column_outside_the_file, "not one that strata reads");
    assert_change_refused(group_in_another_file, "no group customers");
    assert_change_refused(huge_segmentation, "none of strata's");
}
