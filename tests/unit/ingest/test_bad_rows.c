/* Rows that are not as they should be: each has its place and reason, and its amount is accounted for. */
#include <criterion/criterion.h>
#include <string.h>

#include "ingest_fixture.h"

static struct strata_ingest_options skipping(void)
{
    struct strata_ingest_options options = ingest_defaults();
    options.skip_bad_rows = true;
    return options;
}

Test(bad_rows, ids)
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

Test(bad_rows, leading_zeros_stay)
{
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    collect_text(&collected, "customer,date,amount\n7,2024-01-02,1\n007,2024-01-02,1\n", &options);
    assert_read(&collected, 2, 0, 0);
    cr_assert_str_eq(collected.row[0].customer, "007");
    cr_assert_str_eq(collected.row[1].customer, "7");
    collected_release(&collected);
}

Test(bad_rows, numbers)
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
    assert_reject(
        &collected, 2, 7, 166, 3, STRATA_REJECT_NUMBER_MALFORMED,
        "not a number: '1,000' (it is one with --amount-style grouped-point, and another with grouped-comma)");
    assert_reject(&collected, 3, 8, 187, 3, STRATA_REJECT_NUMBER_MALFORMED, "not a number: '1e3'");
    assert_reject(&collected, 4, 9, 204, 3, STRATA_REJECT_NUMBER_EMPTY, "number is empty");
    assert_reject(&collected, 5, 10, 218, 3, STRATA_REJECT_NUMBER_MALFORMED, "not a number: '?'");
    collected_release(&collected);
}

/* The greatest amounts add up beyond 64 bits. */
Test(bad_rows, totals_do_not_overflow)
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

Test(bad_rows, products)
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

Test(bad_rows, times_of_rows)
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

Test(bad_rows, ragged_rows)
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
Test(bad_rows, bad_rows_reject_the_run)
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

Test(bad_rows, max_bad_rows)
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

Test(bad_rows, exclusions)
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
