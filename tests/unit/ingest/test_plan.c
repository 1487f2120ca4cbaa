#include "plan.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest_fixture.h"
#include "scratch.h"

/* What is settled about a text; the caller releases it. */
static struct strata_text_plan plan_of(const char *text, const struct strata_ingest_options *options)
{
    struct scratch scratch;
    struct strata_error error;
    struct strata_byte_source source;
    struct strata_text_plan plan;
    scratch_make(&scratch);
    char *path = scratch_write_text(&scratch, "log.csv", text);
    cr_assert_eq(strata_byte_source_open(&source, path, NULL, 0, &error), STRATA_OK, "%s", error.message);
    cr_assert_eq(strata_text_plan_make(&plan, &source, options, &error), STRATA_OK, "%s: %s", text, error.message);
    strata_byte_source_close(&source);
    free(path);
    scratch_remove(&scratch);
    return plan;
}

static struct strata_ingest_options numbered(const char *customer, const char *time, const char *amount)
{
    struct strata_ingest_options options = ingest_defaults();
    options.column[STRATA_ROLE_CUSTOMER] = customer;
    options.column[STRATA_ROLE_TIME] = time;
    options.column[STRATA_ROLE_AMOUNT] = amount;
    return options;
}

Test(plan, delimiters)
{
    static const struct {
        const char *text;
        enum strata_delimiter delimiter;
        size_t n_fields;
    } cases[] = {
        {"customer,date,amount\n1,2024-01-02,3\n", STRATA_DELIMITER_COMMA, 3},
        {"customer;date;amount\n1;2024-01-02;3\n", STRATA_DELIMITER_SEMICOLON, 3},
        {"customer\tdate\tamount\n1\t2024-01-02\t3\n", STRATA_DELIMITER_TAB, 3},
        {"customer|date|amount\n1|2024-01-02|3\n", STRATA_DELIMITER_PIPE, 3},
        {"customer  date amount\n 1  2024-01-02    3\n", STRATA_DELIMITER_SPACE, 3},
        {"customer;date;amount;note\n1;2024-01-02;3;a,b,c,d\n", STRATA_DELIMITER_SEMICOLON, 4},
        {"customer id,order date,amount due,amount\n1,2024-01-02 10:00,3,4\n", STRATA_DELIMITER_COMMA, 4},
        {"customer,date,amount\n1,2024-01-02,3\n\"2,2024-01-02,3\n", STRATA_DELIMITER_COMMA, 3},
    };
    struct strata_ingest_options options = ingest_defaults();
    options.time_format = "iso";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct strata_text_plan plan = plan_of(cases[i].text, &options);
        cr_assert_eq(plan.delimiter, cases[i].delimiter, "case %zu", i);
        cr_assert_eq(plan.n_fields, cases[i].n_fields, "case %zu", i);
        cr_assert_eq(plan.dialect.merges, cases[i].delimiter == STRATA_DELIMITER_SPACE);
        strata_text_plan_release(&plan);
    }
}

/* Blanks inside of fields, the same number in every row. */
Test(plan, delimiter_of_rows_without_header)
{
    struct strata_ingest_options options = numbered("1", "2", "3");
    struct strata_text_plan plan =
        plan_of("Ann B Chen,2024-01-02 10:00:00,3.5\nBob D Ewe,2024-01-03 10:00:00,4.5\n", &options);
    cr_assert_eq(plan.delimiter, STRATA_DELIMITER_COMMA);
    cr_assert_not(plan.has_header);
    cr_assert_eq(plan.data_offset, 0);
    cr_assert_str_eq(plan.name[STRATA_ROLE_TIME], "2");
    strata_text_plan_release(&plan);
    plan = plan_of("0001 19970101 5,25\n0002 19970102 6,25\n", &options);
    cr_assert_eq(plan.delimiter, STRATA_DELIMITER_SPACE);
    strata_text_plan_release(&plan);
}

Test(plan, headers)
{
    static const struct {
        const char *text;
        bool has_header;
        uint64_t data_offset, data_line;
    } cases[] = {
        {"kunde,datum,betrag\n1,2024-01-02,3\n", true, 19, 2},
        {"\"kun\nde\",datum,betrag\r\n1,2024-01-02,3\n", true, 23, 3},
        {"\n\r\nkunde,datum,betrag\n1,2024-01-02,3\n", true, 22, 4},
        {"\xef\xbb\xbfkunde,datum,betrag\n1,2024-01-02,3\n", true, 22, 2},
        {"Ann,2024-01-02,3\n", false, 0, 1},
        {"\xef\xbb\xbf"
         "Ann,2024-01-02,3\n",
         false, 3, 1},
        {"Ann,soon,-3.5\nBob,2024-01-02,1\n", false, 0, 1},
    };
    struct strata_ingest_options options = numbered("1", "2", "3");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct strata_text_plan plan = plan_of(cases[i].text, &options);
        cr_assert_eq(plan.has_header, cases[i].has_header, "case %zu", i);
        cr_assert_eq(plan.data_offset, cases[i].data_offset, "case %zu: %zu", i, (size_t)plan.data_offset);
        cr_assert_eq(plan.data_line, cases[i].data_line, "case %zu: %zu", i, (size_t)plan.data_line);
        strata_text_plan_release(&plan);
    }
}

Test(plan, declared_header)
{
    struct strata_ingest_options options = numbered("1", "2", "3");
    options.header = STRATA_HEADER_YES;
    struct strata_text_plan plan = plan_of("Ann,2024-01-02,3\nBob,2024-01-03,4\n", &options);
    cr_assert(plan.has_header && plan.data_line == 2);
    strata_text_plan_release(&plan);
    options.header = STRATA_HEADER_NO;
    plan = plan_of("kunde,datum,betrag\nBob,2024-01-03,4\n", &options);
    cr_assert(!plan.has_header && plan.data_line == 1);
    strata_text_plan_release(&plan);
}

/* A column of that name comes before a column of that number. */
Test(plan, names_before_numbers)
{
    struct strata_ingest_options options = numbered("client", "2", "3");
    struct strata_text_plan plan = plan_of("client,3,2\n1,4.5,2024-01-02\n", &options);
    cr_assert_eq(plan.field[STRATA_ROLE_TIME], 2);
    cr_assert_eq(plan.field[STRATA_ROLE_AMOUNT], 1);
    cr_assert_eq(plan.field[STRATA_ROLE_ORDER], -1);
    strata_text_plan_release(&plan);
}

Test(plan, amount_or_product)
{
    struct strata_ingest_options options = ingest_defaults();
    static const char text[] = "customer,date,quantity,unit price,revenue\n1,2024-01-02,3,4,5\n";
    struct strata_text_plan plan = plan_of(text, &options);
    cr_assert_eq(plan.field[STRATA_ROLE_AMOUNT], 4);
    cr_assert_eq(plan.field[STRATA_ROLE_QUANTITY], -1);
    strata_text_plan_release(&plan);
    options.column[STRATA_ROLE_UNIT_PRICE] = "unit price";
    plan = plan_of(text, &options);
    cr_assert_eq(plan.field[STRATA_ROLE_AMOUNT], -1);
    cr_assert_eq(plan.field[STRATA_ROLE_QUANTITY], 2);
    cr_assert_eq(plan.field[STRATA_ROLE_UNIT_PRICE], 3);
    strata_text_plan_release(&plan);
}

Test(plan, usual_names)
{
    static const struct {
        enum strata_role role;
        const char *name;
        bool is_usual;
    } cases[] = {
        {STRATA_ROLE_CUSTOMER, "customer_id", true}, {STRATA_ROLE_CUSTOMER, "CustomerID", true},
        {STRATA_ROLE_CUSTOMER, "Customer ID", true}, {STRATA_ROLE_CUSTOMER, " customer-no. ", true},
        {STRATA_ROLE_CUSTOMER, "客户编号", true},    {STRATA_ROLE_CUSTOMER, "customers", false},
        {STRATA_ROLE_CUSTOMER, "amount", false},     {STRATA_ROLE_TIME, "InvoiceDate", true},
        {STRATA_ROLE_TIME, "order_date", true},      {STRATA_ROLE_TIME, "下单时间", true},
        {STRATA_ROLE_AMOUNT, "金额", true},          {STRATA_ROLE_AMOUNT, "Revenue", true},
        {STRATA_ROLE_ORDER, "InvoiceNo", true},      {STRATA_ROLE_CUSTOMER, "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i)
        cr_assert_eq(strata_role_recognises(cases[i].role, cases[i].name, (unsigned)strlen(cases[i].name)),
                     cases[i].is_usual, "'%s'", cases[i].name);
    char name[200];
    memset(name, 'a', sizeof name);
    cr_assert_not(strata_role_recognises(STRATA_ROLE_CUSTOMER, name, sizeof name));
}

Test(plan, too_many_columns)
{
    size_t n = 17000;
    char *text = malloc(2 * n + 1);
    for (size_t i = 0; i < n; ++i)
        memcpy(text + 2 * i, "a,", 2);
    text[2 * n] = '\0';
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    collect_text(&collected, text, &options);
    assert_refused(&collected, STRATA_REJECTED, "has more than 16384 columns", NULL);
    collected_release(&collected);
    free(text);
}

/* A bad row may have more fields than a column number can say. */
Test(plan, bad_row_of_very_many_fields)
{
    size_t n = 70000;
    char *text = malloc(n + 128);
    size_t at = (size_t)sprintf(text, "customer,date,amount\n1,2024-01-02,3\n");
    memset(text + at, ',', n);
    (void)sprintf(text + at + n, "a\"b\n2,2024-01-02,3\n");
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    options.skip_bad_rows = true;
    collect_text(&collected, text, &options);
    assert_read(&collected, 2, 1, 0);
    assert_reject(&collected, 0, 3, 36, 0, STRATA_REJECT_QUOTE_IN_FIELD,
                  "a quote inside a field that does not begin with one");
    collected_release(&collected);
    free(text);
}

/* The layout of times is looked for behind the first rows where these do not settle it. */
Test(plan, times_settled_late)
{
    size_t capacity = 1 << 20, n = 0;
    char *text = malloc(capacity);
    n += (size_t)sprintf(text, "customer,date,amount\n");
    for (int i = 0; i < 20000; ++i)
        n += (size_t)sprintf(text + n, i == 9999 ? "1,x\n" : "1,02/03/2024,3\n");
    (void)sprintf(text + n, "1,31/03/2024,3\n");
    struct strata_ingest_options options = ingest_defaults();
    struct strata_text_plan plan = plan_of(text, &options);
    cr_assert_str_eq(strata_time_format_name(&plan.time_format), "D/M/YYYY");
    strata_text_plan_release(&plan);
    free(text);
}
