/* Delimited text with numbers. */
#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "number_table.h"

static char path[] = "/tmp/strata-numbers-XXXXXX";
static struct strata_named_table named;
static struct strata_error err;

static void create(void)
{
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    close(file);
}

static void remove_file(void)
{
    strata_named_table_release(&named);
    unlink(path);
}

TestSuite(number_table, .init = create, .fini = remove_file);

static enum strata_status read_bytes(const char *text, size_t n, const char *const *columns, size_t n_columns)
{
    FILE *file = fopen(path, "wb");
    cr_assert_eq(fwrite(text, 1, n, file), n);
    cr_assert_eq(fclose(file), 0);
    strata_named_table_release(&named);
    return strata_number_table_read(path, columns, n_columns, &named, &err);
}

static enum strata_status read_text(const char *text) { return read_bytes(text, strlen(text), NULL, 0); }

static double value(size_t column, size_t row) { return strata_table_value(&named.table.columns[column], row); }

static void expect_shape(const char *text, size_t n_rows, size_t n_columns)
{
    cr_assert_eq(read_text(text), STRATA_OK, "%s: %s", text, err.message);
    cr_expect_eq(named.table.n_rows, n_rows, "%s: %zu rows", text, named.table.n_rows);
    cr_expect_eq(named.table.n_columns, n_columns, "%s: %zu columns", text, named.table.n_columns);
}

/* What a message says, after the name of the file. */
static void expect_refused(const char *text, enum strata_status status, const char *message)
{
    cr_expect_eq(read_text(text), status, "%s", text);
    cr_expect(strstr(err.message, message), "%s", err.message);
    cr_expect_null(named.name);
    cr_expect_eq(named.table.n_columns, 0u);
}

Test(number_table, every_delimiter_is_found)
{
    static const char *const texts[] = {
        "x,y\n1,2.5\n-3,4e2\n",   "x;y\n1;2.5\n-3;4e2\n",           "x\ty\r\n1\t2.5\r\n-3\t4e2",
        "x|y\n1|2.5\n\n-3|4e2\n", "  x  y\n  1   2.5 \n -3  4e2\n", "\xEF\xBB\xBF\"x\", y\n\"1\", 2.5\n-3 ,4e2\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        expect_shape(texts[i], 2, 2);
        cr_expect(named.has_header);
        cr_expect_str_eq(named.table.columns[0].about.name, "x");
        cr_expect_str_eq(named.table.columns[1].about.name, "y");
        cr_expect_eq(value(0, 0), 1);
        cr_expect_eq(value(1, 0), 2.5);
        cr_expect_eq(value(0, 1), -3);
        cr_expect_eq(value(1, 1), 400);
    }
}

Test(number_table, without_a_header_columns_are_numbered)
{
    expect_shape("1,2\n3,4\n5,6", 3, 2);
    cr_expect_not(named.has_header);
    cr_expect_str_eq(named.name[1], "2");
    cr_expect_eq(value(1, 2), 6);
}

Test(number_table, one_column_needs_no_delimiter)
{
    expect_shape("annual income\n1\n2\n", 2, 1);
    cr_expect_str_eq(named.name[0], "annual income");
}

Test(number_table, numbers_are_exact_and_missing_ones_are_nan)
{
    expect_shape("x,y\n0.1,\n,nan\n1e-320,NaN\n123456789012345678,-inf\n\"\", 7 \n", 5, 2);
    cr_expect_eq(value(0, 0), 0.1);
    cr_expect(isnan(value(0, 1)));
    cr_expect_eq(value(0, 2), 1e-320);
    cr_expect_eq(value(0, 3), 123456789012345678.0);
    cr_expect(isnan(value(0, 4)));
    cr_expect(isnan(value(1, 0)) && isnan(value(1, 1)) && isnan(value(1, 2)));
    cr_expect_eq(value(1, 3), -INFINITY);
    cr_expect_eq(value(1, 4), 7);
}

Test(number_table, columns_of_texts_or_without_a_name_or_empty_are_left_out)
{
    expect_shape(",id,x,empty\n0,C1,,\n1,C2,5,\n", 2, 1);
    cr_expect_str_eq(named.name[0], "x");
    cr_expect(isnan(value(0, 0)));
    cr_expect_eq(value(0, 1), 5);
}

Test(number_table, columns_in_the_order_asked_for)
{
    static const char text[] = "id,\"say \"\"x\"\"\",y\nC1,1,2\n";
    cr_assert_eq(read_bytes(text, strlen(text), (const char *const[]){"y", "say \"x\""}, 2), STRATA_OK, "%s",
                 err.message);
    cr_expect_eq(value(0, 0), 2);
    cr_expect_eq(value(1, 0), 1);
}

Test(number_table, a_wrong_request_is_refused)
{
    static const char text[] = "id,x\nC1,1\n";
    cr_expect_eq(read_bytes(text, strlen(text), (const char *const[]){"z"}, 1), STRATA_USAGE);
    cr_expect(strstr(err.message, "has no column z\nits columns are id, x"), "%s", err.message);
    cr_expect_eq(read_bytes(text, strlen(text), (const char *const[]){"x", "x"}, 2), STRATA_USAGE);
    cr_expect(strstr(err.message, "column x is named twice"), "%s", err.message);
    cr_expect_eq(read_bytes(text, strlen(text), (const char *const[]){"id"}, 1), STRATA_REJECTED);
    cr_expect(strstr(err.message, ", line 2, column id: not a number: 'C1'"), "%s", err.message);
    cr_expect_eq(strata_number_table_read("/tmp/strata-no-such-file", NULL, 0, &named, &err), STRATA_IO);
    cr_expect_eq(strata_number_table_read("/tmp", NULL, 0, &named, &err), STRATA_IO);
}

Test(number_table, bad_text_is_refused_with_its_place)
{
    expect_refused("", STRATA_REJECTED, " is empty");
    expect_refused("x,y\n", STRATA_REJECTED, "a header and no rows");
    expect_refused("x,y\na,b\n", STRATA_REJECTED, "no column of numbers");
    expect_refused("x,y\n,\n", STRATA_REJECTED, "no column of numbers");
    expect_refused("x,y\n1,2\n3,4 5\n", STRATA_REJECTED, ", line 3, column y: not a number: '4 5'");
    expect_refused("x,y\n1,2\n3,0x10\n", STRATA_REJECTED, ", line 3, column y: not a number: '0x10'");
    expect_refused("x,y\n1,2\n3,\x1b[2J\n", STRATA_REJECTED, ", line 3, column y: not a number: '?[2J'");
    expect_refused("x,y\n1,2\n\n3\n", STRATA_REJECTED, ", line 4: 1 fields where the first line has 2");
    expect_refused("x,y\n1,2\n3,4\"5\"\n", STRATA_REJECTED, ", line 3, column 2: a quote inside a field");
    expect_refused("x,y\n1,\"2\n3,4\n", STRATA_REJECTED, ", line 2: the quote that opens field 2 is never closed");
    expect_refused("x,x\n1,2\n", STRATA_REJECTED, " has 2 columns named x");
    expect_refused("x,\xff\n1,2\n", STRATA_REJECTED, "the name of column 2 is not UTF-8");
    cr_expect_eq(read_bytes("x\n1\n2\0\n", 8, NULL, 0), STRATA_REJECTED);
    cr_expect(strstr(err.message, ", line 3, column x: not a number"), "%s", err.message);
}

Test(number_table, many_rows)
{
    enum { N = 5000 };
    FILE *file = fopen(path, "w");
    fputs("i,half\n", file);
    for (int i = 0; i < N; ++i)
        fprintf(file, "%d,%.1f\n", i, i / 2.0);
    fclose(file);
    cr_assert_eq(strata_number_table_read(path, NULL, 0, &named, &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(named.table.n_rows, (size_t)N);
    for (size_t i = 0; i < N; ++i)
        cr_assert(value(0, i) == (double)i && value(1, i) == (double)i / 2);
}

Test(number_table, decimal_points_in_every_locale)
{
    if (!setlocale(LC_ALL, "de_DE.UTF-8"))
        cr_skip("skipped: no German locale");
    expect_shape("x\n1.5\n", 1, 1);
    cr_expect_eq(value(0, 0), 1.5);
}
