/* Files and rows that are not as they should be: each has its message, or its place and reason. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest_fixture.h"
#include "plan.h"
#include "scratch.h"

/* A file that cannot be understood. */
#define ASSERT_TEXT_REFUSED(text, options, ...)                                                                        \
    do {                                                                                                               \
        struct collected refused = {0};                                                                                \
        collect_text(&refused, (text), (options));                                                                     \
        assert_refused(&refused, STRATA_REJECTED, __VA_ARGS__, NULL);                                                  \
        collected_release(&refused);                                                                                   \
    } while (0)

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
    ASSERT_TEXT_REFUSED("\x1f\x8b\x08", &options, "is compressed with gzip", "gunzip");
    ASSERT_TEXT_REFUSED("\x28\xb5\x2f\xfd", &options, "is compressed with zstd", "unzstd");
    ASSERT_TEXT_REFUSED("\xff\xfe"
                        "c",
                        &options, "is UTF-16 text", "iconv");
    ASSERT_TEXT_REFUSED("\xfe\xff", &options, "is UTF-16 text", "iconv");
    ASSERT_TEXT_REFUSED("PAR1xxxx", &options, "a Parquet file");
    ASSERT_TEXT_REFUSED("PK\x03\x04", &options, "a zip archive or a spreadsheet");
    ASSERT_TEXT_REFUSED("\x89HDF\r\n\x1a\n", &options, "an HDF5 file");
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

Test(bad_input, ids)
{
    static const char text[] = "customer,date,amount\nA\0B,2024-01-02,1\n\xff\xfe,2024-01-02,2\n,2024-01-02,4\n"
                               "\"\",2024-01-02,8\n\xe5\xae\xa2,2024-01-02,16\n";
    struct strata_ingest_options options = skipping();
    struct collected collected = {0};
    collect_bytes(&collected, text, sizeof text - 1, &options);
    assert_read(&collected, 1, 4, 0);
    assert_reject(&collected, 0, 2, 21, 1, STRATA_REJECT_CUSTOMER_NUL, "customer id contains a NUL byte");
    assert_reject(&collected, 1, 3, 38, 1, STRATA_REJECT_CUSTOMER_UTF8, "customer id is not valid UTF-8");
    assert_reject(&collected, 2, 4, 54, 1, STRATA_REJECT_CUSTOMER_EMPTY, "customer id is empty");
    assert_reject(&collected, 3, 5, 68, 1, STRATA_REJECT_CUSTOMER_EMPTY, "customer id is empty");
    struct strata_ingest_account total = strata_ingest_total(&collected.ingest);
    cr_assert(total.amount_rejected == 150000 && total.amount_used == 160000);
    collected_release(&collected);
}

Test(bad_input, leading_zeros_stay)
{
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    collect_text(&collected, "customer,date,amount\n7,2024-01-02,1\n007,2024-01-02,1\n", &options);
    assert_read(&collected, 2, 0, 0);
    cr_assert_str_eq(collected.row[0].customer, "007");
    cr_assert_str_eq(collected.row[1].customer, "7");
    collected_release(&collected);
}

Test(bad_input, numbers)
{
    static const char text[] = "customer,date,amount\n"
                               "1,2024-01-02,922337203685477.5807\n"
                               "2,2024-01-02,-922337203685477.5807\n"
                               "3,2024-01-02,922337203685477.5808\n"
                               "4,2024-01-02,1.23456\n"
                               "5,2024-01-02,1.23450\n"
                               "6,2024-01-02,\"1,000\"\n"
                               "7,2024-01-02,1e3\n"
                               "8,2024-01-02,\n"
                               "9,2024-01-02,\xff\n";
    struct strata_ingest_options options = skipping();
    struct collected collected = {0};
    collect_text(&collected, text, &options);
    assert_read(&collected, 3, 6, 0);
    cr_assert_eq(collected.row[0].amount, INT64_MAX);
    cr_assert_eq(collected.row[1].amount, -INT64_MAX);
    assert_reject(&collected, 0, 4, 90, 3, STRATA_REJECT_NUMBER_RANGE,
                  "number out of range (beyond 922337203685477.5807): '922337203685477.5808'");
    assert_reject(&collected, 1, 5, 124, 3, STRATA_REJECT_NUMBER_DECIMALS, "more than 4 decimals: '1.23456'");
    assert_reject(&collected, 2, 7, 166, 3, STRATA_REJECT_NUMBER_MALFORMED, "not a number: '1,000'");
    assert_reject(&collected, 3, 8, 187, 3, STRATA_REJECT_NUMBER_MALFORMED, "not a number: '1e3'");
    assert_reject(&collected, 4, 9, 204, 3, STRATA_REJECT_NUMBER_EMPTY, "number is empty");
    assert_reject(&collected, 5, 10, 218, 3, STRATA_REJECT_NUMBER_MALFORMED, "not a number: '?'");
    collected_release(&collected);
}

/* The greatest amounts add up beyond 64 bits. */
Test(bad_input, totals_do_not_overflow)
{
    static const char text[] = "customer,date,amount\n1,2024-01-02,922337203685477.5807\n"
                               "1,2024-01-02,922337203685477.5807\n1,2024-01-02,922337203685477.5807\n";
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    collect_text(&collected, text, &options);
    assert_read(&collected, 3, 0, 0);
    cr_assert(strata_ingest_total(&collected.ingest).amount_used == (strata_amount_total)INT64_MAX * 3);
    collected_release(&collected);
}

Test(bad_input, products)
{
    static const char text[] = "customer,date,qty,unit price\n"
                               "1,2024-01-02,3,1.25\n"
                               "2,2024-01-02,0.5,0.0001\n"
                               "3,2024-01-02,900000000,900000000\n"
                               "4,2024-01-02,x,1\n"
                               "5,2024-01-02,1,\n"
                               "6,2024-01-02,-2,10.5\n";
    struct strata_ingest_options options = skipping();
    struct collected collected = {0};
    collect_text(&collected, text, &options);
    assert_read(&collected, 2, 4, 0);
    cr_assert_eq(collected.row[0].amount, 37500);
    cr_assert_eq(collected.row[1].amount, -210000);
    assert_reject(&collected, 0, 3, 49, 4, STRATA_REJECT_PRODUCT_DECIMALS,
                  "quantity x unit price has more than 4 decimals: '0.0001'");
    assert_reject(&collected, 1, 4, 73, 4, STRATA_REJECT_PRODUCT_RANGE,
                  "quantity x unit price is out of range: '900000000'");
    assert_reject(&collected, 2, 5, 106, 3, STRATA_REJECT_NUMBER_MALFORMED, "not a number: 'x'");
    assert_reject(&collected, 3, 6, 123, 4, STRATA_REJECT_NUMBER_EMPTY, "number is empty");
    collected_release(&collected);
}

Test(bad_input, times_of_rows)
{
    static const char text[] = "customer,date,amount\n1,2024-02-29,1\n2,2023-02-29,1\n3,0000-01-01,1\n4,,1\n5,soon,1\n"
                               "6,9999-12-31,1\n7,10000-01-01,1\n8,0001-01-01,1\n";
    struct strata_ingest_options options = skipping();
    options.time_format = "iso";
    struct collected collected = {0};
    collect_text(&collected, text, &options);
    assert_read(&collected, 3, 5, 0);
    cr_assert_eq(collected.row[1].day, STRATA_DAY_MAX);
    cr_assert_eq(collected.row[2].day, STRATA_DAY_MIN);
    assert_reject(&collected, 0, 3, 36, 2, STRATA_REJECT_TIME_IMPOSSIBLE, "no such date or time of day: '2023-02-29'");
    assert_reject(&collected, 1, 4, 51, 2, STRATA_REJECT_TIME_RANGE, "year not between 1 and 9999: '0000-01-01'");
    assert_reject(&collected, 2, 5, 66, 2, STRATA_REJECT_TIME_EMPTY, "time is empty");
    assert_reject(&collected, 3, 6, 71, 2, STRATA_REJECT_TIME_MALFORMED,
                  "not in the layout of the file's times: 'soon'");
    assert_reject(&collected, 4, 8, 95, 2, STRATA_REJECT_TIME_RANGE, "year not between 1 and 9999: '10000-01-01'");
    collected_release(&collected);
}

Test(bad_input, ragged_rows)
{
    struct strata_ingest_options options = skipping();
    struct collected collected = {0};
    collect_text(&collected, "customer,date,amount\n1,2024-01-02\n2,2024-01-02,2,x\n\n3,2024-01-02,3\n4\n", &options);
    assert_read(&collected, 1, 3, 0);
    assert_reject(&collected, 0, 2, 21, 0, STRATA_REJECT_FIELD_COUNT, "not as many fields as the first row");
    assert_reject(&collected, 1, 3, 34, 0, STRATA_REJECT_FIELD_COUNT, "not as many fields as the first row");
    assert_reject(&collected, 2, 6, 67, 0, STRATA_REJECT_FIELD_COUNT, "not as many fields as the first row");
    collected_release(&collected);
}

/* The first ten bad rows are named, and how many there are. */
Test(bad_input, bad_rows_reject_the_run)
{
    char text[2048] = "customer,date,amount\n0,2024-01-02,1\n";
    for (int i = 0; i < 12; ++i)
        strcat(text, "1,2024-01-02,x\n");
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    collect_text(&collected, text, &options);
    assert_refused(&collected, STRATA_REJECTED, "12 of 13 rows are bad", "--bad-rows skip",
                   "the first ten:", "log.csv, line 3, column 3: not a number: 'x'", "line 12, column 3", NULL);
    cr_assert_not(strstr(collected.error.message, "line 13"));
    collected_release(&collected);
}

Test(bad_input, max_bad_rows)
{
    static const char text[] = "customer,date,amount\n1,2024-01-02,x\n2,2024-01-02,y\n3,2024-01-02,1\n";
    struct strata_ingest_options options = skipping();
    struct collected collected = {0};
    options.max_bad_rows = 2;
    collect_text(&collected, text, &options);
    assert_read(&collected, 1, 2, 0);
    collected_release(&collected);
    options.max_bad_rows = 1;
    ASSERT_TEXT_REFUSED(text, &options, "2 of 3 rows are bad; that is more than --max-bad-rows allows", "line 2",
                        "line 3");
}

Test(bad_input, exclusions)
{
    static const char text[] = "customer,date,amount,order id\n1,2024-01-02,1,5\n2,2024-01-02,-2,6\n3,2024-01-02,0,7\n"
                               "4,2024-01-02,8,C8\n5,2024-01-02,x,C9\n,2024-01-02,-16,9\n,2024-01-02,32,9\n"
                               "6,2024-01-02,1,\n";
    struct strata_ingest_options options = skipping();
    struct collected collected = {0};
    options.exclude_order_prefix = "C";
    options.exclude_returns = options.exclude_zero_amounts = true;
    collect_text(&collected, text, &options);
    assert_read(&collected, 1, 2, 5);
    assert_reject(&collected, 0, 8, 136, 1, STRATA_REJECT_CUSTOMER_EMPTY, "customer id is empty");
    assert_reject(&collected, 1, 9, 153, 4, STRATA_REJECT_ORDER_EMPTY, "order id is empty");
    struct strata_ingest_account total = strata_ingest_total(&collected.ingest);
    cr_assert(total.amount_read == 240000 && total.amount_excluded == -100000 && total.amount_rejected == 330000);
    collected_release(&collected);
    ASSERT_TEXT_REFUSED("customer,date,amount\n1,2024-01-02,3\n", &options,
                        "no order column for --exclude-order-prefix", "--order COLUMN");
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
    assert_refused(&collected, STRATA_IO, "/dev/null is not a regular file", NULL);
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
