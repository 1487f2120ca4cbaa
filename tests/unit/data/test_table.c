#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "scratch.h"
#include "table.h"

static const struct strata_column small = {"small", STRATA_I8, "1", "One byte"};
static const struct strata_column large = {"large", STRATA_F64, "1", "Eight bytes"};

static void set_rows(const struct strata_table *table, size_t first)
{
    for (size_t i = first; i < table->n_rows; ++i) {
        table->customer[i] = (struct strata_key){i, 8};
        ((int8_t *)table->columns[0].values)[i] = (int8_t)(i % 100);
        ((double *)table->columns[1].values)[i] = (double)i / 3;
    }
}

static void check_rows(const struct strata_table *table)
{
    for (size_t i = 0; i < table->n_rows; ++i) {
        cr_assert_eq(table->customer[i].high, i);
        cr_assert_eq(strata_table_value(&table->columns[0], i), (double)(i % 100));
        cr_assert_eq(strata_table_value(&table->columns[1], i), (double)i / 3);
    }
}

/* Rows keep their values while more come and while the table rests, in memory and in files. */
static void check_growth(const char *folder)
{
    struct strata_table table = {.folder = folder};
    struct strata_error err = {0};
    static const size_t rows[] = {1, 5000, 3, 40000, 200000, 1, 500000};
    cr_assert_eq(strata_table_make_column(&table, &small, NULL, &err), STRATA_OK);
    cr_assert_eq(strata_table_make_column(&table, &large, NULL, &err), STRATA_OK);
    cr_assert_eq(strata_table_make_column(&table, &small, NULL, &err), STRATA_USAGE);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
        const size_t first = table.n_rows;
        cr_assert_eq(strata_table_grow(&table, rows[i], &err), STRATA_OK, "%s", err.message);
        cr_assert_eq(table.n_rows, first + rows[i]);
        set_rows(&table, first);
        strata_table_rest(&table);
        check_rows(&table);
    }
    static const struct strata_column late = {"late", STRATA_I16, "1", "A column that comes when the rows are there"};
    cr_assert_eq(strata_table_make_column(&table, &late, NULL, &err), STRATA_OK);
    cr_assert_eq(table.columns[2].file.memory != NULL, folder != NULL);
    memset(table.columns[2].values, 1, table.n_rows * sizeof(int16_t));
    strata_table_rest(&table);
    cr_assert_eq(strata_table_value(&table.columns[2], table.n_rows - 1), 257);
    check_rows(&table);
    strata_table_release(&table);
    strata_table_release(&table);
}

Test(table, grows_in_memory) { check_growth(NULL); }

Test(table, grows_in_files)
{
    struct scratch scratch;
    scratch_make(&scratch);
    check_growth(scratch.path);
    scratch_remove(&scratch);
}

Test(table, an_unusable_folder_is_an_error)
{
    struct strata_table table = {.folder = "/no/pe"};
    struct strata_error err = {0};
    cr_assert_eq(strata_table_make_column(&table, &small, NULL, &err), STRATA_OK, "no rows, no file");
    cr_assert_eq(strata_table_grow(&table, 1, &err), STRATA_IO);
    cr_assert(strstr(err.message, "/no/pe: No such file") && strstr(err.message, "--temp-dir"), "%s", err.message);
    strata_table_release(&table);
}

/* Room on the disk is reserved before a value is set: what was there stays, and nothing is touched that has no room. */
Test(table, a_full_disk_is_an_error)
{
    struct scratch scratch;
    struct strata_error err = {0};
    scratch_make(&scratch);
    struct strata_table table = {.folder = scratch.path};
    (void)signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit = {1 << 20, 1 << 20};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert_eq(strata_table_make_column(&table, &small, NULL, &err), STRATA_OK);
    cr_assert_eq(strata_table_make_column(&table, &large, NULL, &err), STRATA_OK);
    cr_assert_eq(strata_table_grow(&table, 1000, &err), STRATA_OK);
    set_rows(&table, 0);
    cr_assert_eq(strata_table_grow(&table, 200000, &err), STRATA_IO);
    cr_assert(strstr(err.message, scratch.path) && strstr(err.message, "--memory-limit"), "%s", err.message);
    cr_assert_eq(table.n_rows, 1000u);
    check_rows(&table);
    strata_table_release(&table);
    scratch_remove(&scratch);
}
