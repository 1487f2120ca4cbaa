/* Files that are not as they should be: each has its message. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest_fixture.h"
#include "plan.h"
#include "scratch.h"

static struct strata_ingest_options skipping(void)
{
    struct strata_ingest_options options = ingest_defaults();
    options.skip_bad_rows = true;
    return options;
}

Test(bad_input, empty)
{
    struct strata_ingest_options options = ingest_defaults();
    ASSERT_TEXT_REFUSED("", &options, "log.csv is empty");
    ASSERT_TEXT_REFUSED("\n\r\n\n", &options, "log.csv is empty");
    ASSERT_TEXT_REFUSED("\xef\xbb\xbf", &options, "log.csv is empty");
}

Test(bad_input, header_only)
{
    static const char *const texts[] = {"customer_id,date,amount", "customer_id,date,amount\n",
                                        "customer_id,date,amount\r\n\r\n", "\xef\xbb\xbf\ncustomer_id,date,amount\n\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; ++i) {
        struct strata_ingest_options options = ingest_defaults();
        struct collected collected = {0};
        collect_text(&collected, texts[i], &options);
        assert_read(&collected, 0, 0, 0);
        cr_assert_not(collected.ingest.file[0].plan->has_rows);
        collected_release(&collected);
    }
}

Test(bad_input, other_formats)
{
    struct strata_ingest_options options = ingest_defaults();
    ASSERT_TEXT_REFUSED("\x1f\x8b\x08", &options, "is cut off: its gzip data has no end");
    ASSERT_TEXT_REFUSED("\x28\xb5\x2f\xfd", &options, "is cut off: its zstd data has no end");
    ASSERT_TEXT_REFUSED("\xff\xfe"
                        "c",
                        &options, "is cut off: its last character is not whole (utf-16)");
    ASSERT_TEXT_REFUSED("\xfe\xff", &options, "is empty");
    options.encoding = "utf-8";
    ASSERT_TEXT_REFUSED("\xff\xfe", &options, "is UTF-16 text", "--encoding utf-16");
    ASSERT_TEXT_REFUSED("\xfe\xff", &options, "is UTF-16 text", "--encoding utf-16");
    ASSERT_TEXT_REFUSED("PK\x03\x04", &options, "a zip archive or a spreadsheet");
    ASSERT_TEXT_REFUSED("BZh91AY&SY", &options, "is compressed with bzip2");
    ASSERT_TEXT_REFUSED("\x04\x22\x4d\x18", &options, "is compressed with lz4");
    ASSERT_TEXT_REFUSED("\x89HDF\r\n\x1a\n", &options, "is damaged: opening it");
}

Test(bad_input, line_ends_of_cr_alone)
{
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    ASSERT_TEXT_REFUSED("customer,date,amount\r1,2024-01-02,3\r", &options, "ends its lines with CR alone");
    ASSERT_TEXT_REFUSED("1,2024-01-02,3\r2,2024-01-03,4\r", &options, "ends its lines with CR alone");
    options.header = STRATA_HEADER_YES;
    ASSERT_TEXT_REFUSED("a\rb,c\r", &options, "ends its lines with CR alone");
    collect_text(&collected, "customer,\"no\rte\",date,amount\r\r\n1,x,2024-01-02,3\r\n", &options);
    assert_read(&collected, 1, 0, 0);
    collected_release(&collected);
}

Test(bad_input, names_that_would_disturb_a_terminal)
{
    struct strata_ingest_options options = ingest_defaults();
    ASSERT_TEXT_REFUSED("customer,da\x1b[31mte,amount,x\x1b\n", &options, "da?[31mte, amount, x?");
}

Test(bad_input, columns)
{
    static const char text[] = "id_client,order date,amount,total,when\nC1,2024-01-02,3,4,5\n";
    struct strata_ingest_options options = ingest_defaults();
    ASSERT_TEXT_REFUSED(text, &options, "two columns that could be the amount: amount and total", "--amount amount");
    options.column[STRATA_ROLE_AMOUNT] = "total";
    ASSERT_TEXT_REFUSED(text, &options, "no column is recognised as the customer", "--customer COLUMN",
                        "id_client, order date, amount, total, when");
    options.column[STRATA_ROLE_CUSTOMER] = "client";
    ASSERT_TEXT_REFUSED(text, &options, "no column client for --customer", "id_client, order date");
    options.column[STRATA_ROLE_CUSTOMER] = "6";
    ASSERT_TEXT_REFUSED(text, &options, "no column 6 for --customer");
    options.column[STRATA_ROLE_CUSTOMER] = "id_client";
    options.column[STRATA_ROLE_QUANTITY] = "when";
    options.column[STRATA_ROLE_AMOUNT] = "";
    ASSERT_TEXT_REFUSED(text, &options, "no column is recognised as the unit-price");
    options.column[STRATA_ROLE_QUANTITY] = NULL;
    ASSERT_TEXT_REFUSED(text, &options, "no column is recognised as the amount");
    options = ingest_defaults();
    ASSERT_TEXT_REFUSED("customer,date,amount,amount\n", &options, "columns that could be the amount");
}

Test(bad_input, same_name_twice)
{
    struct strata_ingest_options options = ingest_defaults();
    options.column[STRATA_ROLE_AMOUNT] = "x";
    ASSERT_TEXT_REFUSED("customer,date,x,x\n1,2024-01-02,3,4\n", &options, "two columns named x (3 and 4)",
                        "--amount 3");
}

/* Candidates for a column that is not needed are none of anybody's business. */
Test(bad_input, unneeded_candidates)
{
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    collect_text(&collected, "customer,date,amount,quantity,qty\n1,2024-01-02,3,4,5\n", &options);
    assert_read(&collected, 1, 0, 0);
    cr_assert_eq(collected.row[0].amount, 30000);
    collected_release(&collected);
    options.column[STRATA_ROLE_QUANTITY] = "n";
    options.column[STRATA_ROLE_UNIT_PRICE] = "each";
    collect_text(&collected, "customer,date,amount,total,n,each\n1,2024-01-02,3,4,5,6.5\n", &options);
    assert_read(&collected, 1, 0, 0);
    cr_assert_eq(collected.row[0].amount, 325000);
    collected_release(&collected);
}

Test(bad_input, no_header)
{
    struct strata_ingest_options options = ingest_defaults();
    static const char text[] = "C1,2024-01-02,3\nC2,2024-01-03,4\n";
    ASSERT_TEXT_REFUSED(text, &options, "has no header and 3 columns", "--customer NUMBER");
    options.column[STRATA_ROLE_CUSTOMER] = "id";
    ASSERT_TEXT_REFUSED(text, &options, "has no header and 3 columns: --customer takes a number from 1 to 3");
    options.column[STRATA_ROLE_CUSTOMER] = "1";
    options.column[STRATA_ROLE_TIME] = "2";
    options.column[STRATA_ROLE_AMOUNT] = "4";
    ASSERT_TEXT_REFUSED(text, &options, "--amount takes a number from 1 to 3");
    options.column[STRATA_ROLE_AMOUNT] = "3";
    struct collected collected = {0};
    collect_text(&collected, text, &options);
    assert_read(&collected, 2, 0, 0);
    collected_release(&collected);
}

Test(bad_input, times_of_a_file)
{
    struct strata_ingest_options options = ingest_defaults();
    ASSERT_TEXT_REFUSED("customer,date,amount\n1,02/03/2024,3\n2,04/05/2024,3\n", &options, "log.csv, column date",
                        "02/03/2024");
    ASSERT_TEXT_REFUSED("customer,date,amount\n1,13/03/2024,3\n2,03/14/2024,3\n", &options, "log.csv, column date");
    ASSERT_TEXT_REFUSED("customer,date,amount\n1,soon,3\n2,later,3\n", &options, "log.csv, column date");
    ASSERT_TEXT_REFUSED("customer,date,amount\n\n1,,3\n2,,3\n", &options, "line 3: time is empty; no row can be read");
    options.time_format = "%d/%m/%Y";
    struct collected collected = {0};
    collect_text(&collected, "customer,date,amount\n1,02/03/2024,3\n2,04/05/2024,3\n", &options);
    assert_read(&collected, 2, 0, 0);
    cr_assert_eq(collected.row[0].day, 19784);
    collected_release(&collected);
    options.time_format = "%Q";
    collect_text(&collected, "customer,date,amount\n1,02/03/2024,3\n", &options);
    cr_assert_eq(collected.status, STRATA_USAGE);
    collected_release(&collected);
}

Test(bad_input, unclosed_quote)
{
    struct strata_ingest_options options = ingest_defaults();
    static const char text[] = "customer,date,amount\n1,2024-01-02,3\n\"4\n5\",\"2024-01-02,3\n6,2024-01-02,3\n";
    ASSERT_TEXT_REFUSED(text, &options, "line 4: the quote that opens field 2 is never closed");
    options.time_format = "iso";
    options.skip_bad_rows = true;
    ASSERT_TEXT_REFUSED(text, &options, "line 4: the quote that opens field 2 is never closed");
    options.delimiter = STRATA_DELIMITER_COMMA;
    ASSERT_TEXT_REFUSED("customer,date,amount\n1,2024-01-02,3\n\"", &options, "line 3: the quote that opens field 1");
}

/* A field of 10 MB, over many blocks, is nobody's trouble unless it is mapped. */
Test(bad_input, huge_field)
{
    size_t n = 10 << 20;
    char *text = malloc(n + 256);
    for (int quoted = 0; quoted < 2; ++quoted)
        for (int mapped = 0; mapped < 2; ++mapped)
            for (int threads = 1; threads <= 3; threads += 2) {
                size_t at = (size_t)sprintf(text, "note,customer,date,amount\n");
                text[at] = '"';
                memset(text + at + (size_t)quoted, 'x', n);
                if (quoted)
                    for (size_t i = 1000; i < n; i += 1000)
                        text[at + i] = i % 3000 ? '\n' : ',';
                at += n;
                at += (size_t)sprintf(text + at, "%s,1,2024-01-02,3\ny,2,2024-01-02,x\ny,3,2024-01-02,4",
                                      quoted ? "\"" : "");
                struct strata_ingest_options options = skipping();
                struct collected collected = {0};
                options.column[STRATA_ROLE_CUSTOMER] = mapped ? "note" : NULL;
                options.threads = threads;
                collect_bytes(&collected, text, at, &options);
                assert_read(&collected, mapped ? 1 : 2, mapped ? 2 : 1, 0);
                if (mapped)
                    assert_reject(&collected, 0, 2, 26, 1, STRATA_REJECT_FIELD_TOO_LONG,
                                  "field longer than 4096 bytes");
                uint64_t newlines = quoted ? (n - 1) / 1000 - (n - 1) / 3000 : 0;
                assert_reject(&collected, (size_t)mapped, 3 + newlines, at - 33, 4, STRATA_REJECT_NUMBER_MALFORMED,
                              "not a number: 'x'");
                cr_assert_eq(collected.n_restarts, 0);
                collected_release(&collected);
            }
    free(text);
}

Test(bad_input, paths)
{
    struct scratch scratch;
    scratch_make(&scratch);
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    collect(&collected, scratch.path, &options);
    assert_refused(&collected, STRATA_IO, scratch.path, "is a directory", "*.csv", NULL);
    collected_release(&collected);
    char *missing = scratch_path(&scratch, "missing.csv"), *pattern = scratch_path(&scratch, "*.csv");
    collect(&collected, missing, &options);
    assert_refused(&collected, STRATA_IO, "cannot open", missing, "No such file", NULL);
    collected_release(&collected);
    collect(&collected, pattern, &options);
    assert_refused(&collected, STRATA_IO, "no file matches", pattern, NULL);
    collected_release(&collected);
    collect(&collected, "/dev/null", &options);
    assert_refused(&collected, STRATA_REJECTED, "/dev/null is empty", NULL);
    collected_release(&collected);
    collect_paths(&collected, NULL, 0, &options);
    assert_refused(&collected, STRATA_USAGE, "no transactions are given", NULL);
    collected_release(&collected);
    free(missing);
    free(pattern);
    scratch_remove(&scratch);
}

Test(bad_input, same_file_twice)
{
    static const char text[] = "customer,date,amount\n1,2024-01-02,3\n";
    struct scratch scratch;
    scratch_make(&scratch);
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    char *path = scratch_write_text(&scratch, "a.csv", text), *other = scratch_path(&scratch, "./a.csv");
    char *link = scratch_path(&scratch, "b.csv"), *pattern = scratch_path(&scratch, "?.csv");
    const char *const twice[][2] = {{path, path}, {path, other}, {path, link}};
    cr_assert_eq(symlink(path, link), 0);
    for (size_t i = 0; i < 3; ++i) {
        collect_paths(&collected, twice[i], 2, &options);
        assert_refused(&collected, STRATA_USAGE, i ? "are the same file" : "is given twice", path, NULL);
        collected_release(&collected);
    }
    collect(&collected, pattern, &options);
    assert_refused(&collected, STRATA_USAGE, "are the same file", NULL);
    collected_release(&collected);
    free(path);
    free(other);
    free(link);
    free(pattern);
    scratch_remove(&scratch);
}

Test(bad_input, optional_columns_differ)
{
    struct scratch scratch;
    scratch_make(&scratch);
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    char *first = scratch_write_text(&scratch, "a.csv", "customer,date,amount\n1,2024-01-02,3\n");
    char *second = scratch_write_text(&scratch, "b.csv", "customer,date,amount,channel\n1,2024-01-02,3,web\n");
    const char *const paths[] = {first, second};
    collect_paths(&collected, paths, 2, &options);
    assert_refused(&collected, STRATA_REJECTED, first, second, "order, channel and category", NULL);
    collected_release(&collected);
    options.column[STRATA_ROLE_CHANNEL] = "";
    collect_paths(&collected, paths, 2, &options);
    assert_read(&collected, 2, 0, 0);
    collected_release(&collected);
    free(first);
    free(second);
    scratch_remove(&scratch);
}
