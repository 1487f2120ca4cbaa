/* Columns of HDF5 files as tables. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <string.h>

#include "hdf5_error.h"
#include "store_fixture.h"
#include "stored_table.h"

static struct store_fixture fixture;
static struct strata_named_table named;
static struct strata_error err;
static char path[128];

static void put(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *extent, const void *values)
{
    hid_t space = H5Screate_simple(rank, extent, NULL);
    hid_t dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert_geq(dataset, 0);
    if (values)
        cr_assert_geq(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0);
    H5Dclose(dataset);
    H5Sclose(space);
}

static void make_file(void)
{
    const float a[] = {1.5F, 2.5F, NAN};
    const int16_t b[] = {-7, 8, -1};
    const double pairs[] = {1, 2, 3, 4};
    const uint64_t wide[] = {1, 2, 3};
    int16_t missing = -1;
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t outer = H5Gcreate2(file, "outer", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t inner = H5Gcreate2(outer, "inner", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    put(inner, "a", H5T_NATIVE_FLOAT, 1, (hsize_t[]){3}, a);
    put(inner, "b", H5T_NATIVE_INT16, 1, (hsize_t[]){3}, b);
    H5LTset_attribute_short(inner, "b", "_FillValue", &missing, 1);
    put(inner, "label", H5T_NATIVE_INT16, 1, (hsize_t[]){3}, b);
    H5LTset_attribute_short(inner, "label", "flag_values", b, 3);
    put(inner, "pairs", H5T_NATIVE_DOUBLE, 2, (hsize_t[]){2, 2}, pairs);
    put(inner, "short", H5T_NATIVE_DOUBLE, 1, (hsize_t[]){2}, pairs);
    put(file, "empty", H5T_NATIVE_DOUBLE, 1, (hsize_t[]){0}, NULL);
    put(inner, "wide", H5T_NATIVE_UINT64, 1, (hsize_t[]){3}, wide);
    H5Lcreate_soft("/outer/inner/a", inner, "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "/", inner, "external", H5P_DEFAULT, H5P_DEFAULT);
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk = 1024, huge = (hsize_t)1 << 36;
    H5Pset_chunk(properties, 1, &chunk);
    hid_t space = H5Screate_simple(1, &huge, NULL);
    H5Dclose(H5Dcreate2(file, "huge", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, properties, H5P_DEFAULT));
    H5Sclose(space);
    H5Pclose(properties);
    H5Gclose(inner);
    H5Gclose(outer);
    H5Fclose(file);
}

static void create(void)
{
    store_fixture_init(&fixture, 100);
    snprintf(path, sizeof path, "%s/table.h5", fixture.directory);
    make_file();
}

static void release(void)
{
    strata_named_table_release(&named);
    store_fixture_release(&fixture);
}

TestSuite(stored_table, .init = create, .fini = release);

static enum strata_status read_columns(const char *group, size_t n, const char *const *columns)
{
    strata_named_table_release(&named);
    return strata_stored_table_read(path, group, columns, n, &named, &err);
}

static void expect_refused(const char *group, const char *column, enum strata_status status, const char *message)
{
    cr_expect_eq(read_columns(group, column ? 1 : 0, &column), status, "%s", column);
    cr_expect(strstr(err.message, message), "%s", err.message);
    cr_expect_null(named.name);
}

Test(stored_table, columns_by_name)
{
    static const char *const columns[] = {"b", "a", "wide"};
    cr_assert_eq(read_columns("/outer/inner", 3, columns), STRATA_OK, "%s", err.message);
    cr_assert_eq(named.table.n_rows, 3u);
    cr_assert_eq(named.table.n_columns, 3u);
    const struct strata_table_column *b = &named.table.columns[0], *a = &named.table.columns[1];
    cr_expect_str_eq(b->about.name, "b");
    cr_expect_eq(strata_table_value(b, 0), -7);
    cr_expect(isnan(strata_table_value(b, 2)));
    cr_expect_eq(a->about.type, STRATA_F32);
    cr_expect_eq(strata_table_value(a, 1), 2.5);
    cr_expect(isnan(strata_table_value(a, 2)));
    cr_expect_eq(strata_table_value(&named.table.columns[2], 2), 3);
}

Test(stored_table, a_snapshot_gives_its_measurements)
{
    cr_assert_eq(store_fixture_publish(&fixture, fixture.output, &err), STRATA_OK, "%s", err.message);
    cr_expect(strata_file_is_hdf5(fixture.output));
    cr_assert_eq(strata_stored_table_read(fixture.output, NULL, NULL, 0, &named, &err), STRATA_OK, "%s", err.message);
    static const char *const expected[] = {"recency", "monetary", "orders", "last_purchase", "visits"};
    cr_assert_eq(named.table.n_columns, sizeof expected / sizeof *expected);
    cr_assert_eq(named.table.n_rows, 100u);
    for (size_t c = 0; c < named.table.n_columns; ++c) {
        cr_expect_str_eq(named.name[c], expected[c]);
        for (size_t row = 0; row < 100; ++row) {
            double read = strata_table_value(&named.table.columns[c], row);
            double written = strata_table_value(strata_table_find(&fixture.table, expected[c]), row);
            cr_assert(read == written || (isnan(read) && isnan(written)), "%s %zu", expected[c], row);
        }
    }
    strata_named_table_release(&named);
    cr_assert_eq(strata_stored_table_read(fixture.output, "/clusters", NULL, 0, &named, &err), STRATA_REJECTED);
    cr_expect(strstr(err.message, "has datasets of two dimensions in /clusters"), "%s", err.message);
}

Test(stored_table, what_is_not_a_column_is_refused)
{
    struct strata_hdf5_session session;
    strata_hdf5_session_begin(&session);
    expect_refused(NULL, "huge", STRATA_REJECTED, "claims 68719476736 rows, but stores 0 bytes");
    expect_refused("/outer", NULL, STRATA_REJECTED, "name one of its groups with FILE.h5:/GROUP: inner");
    expect_refused("/outer/none", NULL, STRATA_REJECTED, "has no group or dataset /outer/none");
    expect_refused("/outer/inner/a/a", NULL, STRATA_REJECTED, "has no group or dataset /outer/inner/a/a");
    expect_refused("/outer/inner", NULL, STRATA_REJECTED,
                   "two dimensions in /outer/inner, pairs, and others of one, a, b, short, wide");
    static const char *const unequal[] = {"a", "short"};
    cr_expect_eq(read_columns("/outer/inner", 2, unequal), STRATA_REJECTED);
    cr_expect(strstr(err.message, "has 2 rows where a has 3"), "%s", err.message);
    expect_refused("/outer/inner/pairs", "none", STRATA_USAGE, "its columns there are 1, 2");
    expect_refused("/outer/inner", "none", STRATA_USAGE, "its columns there are a, b, short, wide");
    expect_refused("/outer/inner", "soft", STRATA_USAGE, "has no column soft");
    expect_refused("/outer/inner", "external", STRATA_USAGE, "has no column external");
    expect_refused(NULL, "outer/inner/a", STRATA_USAGE, "has no column outer/inner/a");
    expect_refused("/outer/inner", "pairs", STRATA_REJECTED, "name it with FILE.h5:/outer/inner/pairs");
    expect_refused(NULL, "empty", STRATA_REJECTED, "column empty has no rows");
    cr_expect_eq(read_columns("/outer/inner", 2, (const char *const[]){"a", "a"}), STRATA_USAGE);
    cr_expect(strstr(err.message, "named twice"), "%s", err.message);
    cr_expect_eq(strata_stored_table_read("/etc/passwd", NULL, NULL, 0, &named, &err), STRATA_REJECTED);
    cr_expect(strstr(err.message, "is not an HDF5 file"), "%s", err.message);
    cr_expect_not(strata_file_is_hdf5("/tmp/strata-no-such-file"));
    strata_hdf5_session_end(&session);
}
