#include "record.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random_source.h"
#include "record_reader.h"
#include "scratch.h"

enum { FIELDS = 64 };

static const struct strata_dialect comma = {',', false}, blank = {' ', true};

struct parsed {
    struct strata_field field[FIELDS];
    struct strata_record record;
    enum strata_record_result result;
};

/* In memory that ends where the data end, so that a read beyond is seen by the sanitizers; the caller frees it. */
static char *parse(const char *data, size_t n, bool is_end, struct strata_dialect dialect, struct parsed *parsed)
{
    char *exact = malloc(n ? n : 1);
    memcpy(exact, data, n);
    parsed->record = (struct strata_record){.field = parsed->field, .capacity = FIELDS};
    parsed->result = strata_record_parse(exact, n, is_end, dialect, &parsed->record);
    return exact;
}

/* The record at the beginning of a whole file: its bytes, then its values up to NULL. */
static void assert_record(const char *data, struct strata_dialect dialect, size_t n_bytes, ...)
{
    struct parsed parsed;
    char *exact = parse(data, strlen(data), true, dialect, &parsed);
    cr_assert_eq(parsed.result, STRATA_RECORD_OK, "%s", data);
    cr_assert_eq(parsed.record.n_bytes, n_bytes, "%s: %zu bytes", data, parsed.record.n_bytes);
    va_list values;
    va_start(values, n_bytes);
    size_t n = 0;
    for (const char *value; (value = va_arg(values, const char *)) != NULL; ++n) {
        char scratch[256];
        cr_assert_lt(n, parsed.record.n_fields, "%s", data);
        struct strata_field field = strata_field_value(parsed.field[n], scratch);
        cr_assert_eq(field.n, strlen(value), "%s: field %zu", data, n);
        cr_assert_eq(memcmp(field.text, value, field.n), 0, "%s: field %zu", data, n);
    }
    va_end(values);
    cr_assert_eq(parsed.record.n_fields, n, "%s", data);
    free(exact);
}

Test(record, values_and_ends)
{
    assert_record("a,b,c\nd", comma, 6, "a", "b", "c", NULL);
    assert_record("a,b,c\r\nd", comma, 7, "a", "b", "c", NULL);
    assert_record("a,b,c", comma, 5, "a", "b", "c", NULL);
    assert_record("a,b,c\r", comma, 6, "a", "b", "c", NULL);
    assert_record("a\rb,c\n", comma, 6, "a\rb", "c", NULL);
    assert_record("a,b\r\r\n", comma, 6, "a", "b\r", NULL);
    assert_record("\n", comma, 1, "", NULL);
    assert_record(",\n", comma, 2, "", "", NULL);
    assert_record("a,", comma, 2, "a", "", NULL);
    assert_record("\"a,b\",\"\"\n", comma, 9, "a,b", "", NULL);
    assert_record("\"a\nb\",c\n", comma, 8, "a\nb", "c", NULL);
    assert_record("\"a\r\nb\",c\r\n", comma, 10, "a\r\nb", "c", NULL);
    assert_record("\"\"\"\",\"a\"\"b\"\"\"\n", comma, 14, "\"", "a\"b\"", NULL);
    assert_record("\"a\"", comma, 3, "a", NULL);
    assert_record("\"a\"\r", comma, 4, "a", NULL);
    assert_record(" a, b \n", comma, 7, " a", " b ", NULL);
}

Test(record, merging_blanks)
{
    assert_record("a b\n", blank, 4, "a", "b", NULL);
    assert_record("  a   b  \nc", blank, 10, "a", "b", NULL);
    assert_record("  a   b  \r\nc", blank, 11, "a", "b", NULL);
    assert_record(" \"a b\"  \"\" c", blank, 12, "a b", "", "c", NULL);
    assert_record("a \r b\n", blank, 6, "a", "\r", "b", NULL);
}

Test(record, blank_lines)
{
    const struct {
        const char *data;
        struct strata_dialect dialect;
        bool is_blank;
    } cases[] = {
        {"\n", comma, true},      {"\r\n", comma, true},    {"\r", comma, true},      {" \n", comma, false},
        {",\n", comma, false},    {"\"\"\n", comma, false}, {"\r\r\n", comma, false}, {"a\n", comma, false},
        {"  \n", blank, true},    {"  \r\n", blank, true},  {"  ", blank, true},      {" a\n", blank, false},
        {"\"\"\n", blank, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct parsed parsed;
        free(parse(cases[i].data, strlen(cases[i].data), true, cases[i].dialect, &parsed));
        cr_assert_eq(parsed.record.is_blank, cases[i].is_blank, "case %zu", i);
        cr_assert_eq(parsed.result, STRATA_RECORD_OK, "case %zu", i);
    }
}

Test(record, quotes_that_break_the_rule)
{
    const struct {
        const char *data;
        enum strata_reject_reason reason;
        size_t bad_field, n_bytes;
    } cases[] = {
        {"a,b\"c,d\ne", STRATA_REJECT_QUOTE_IN_FIELD, 1, 8},
        {"a,b\"\ne", STRATA_REJECT_QUOTE_IN_FIELD, 1, 5},
        {"a, \"b\"\ne", STRATA_REJECT_QUOTE_IN_FIELD, 1, 7},
        {"\"a\"b,c\ne", STRATA_REJECT_TEXT_AFTER_QUOTE, 0, 7},
        {"\"a\" ,c\ne", STRATA_REJECT_TEXT_AFTER_QUOTE, 0, 7},
        {"x,\"a\"\rb\ne", STRATA_REJECT_TEXT_AFTER_QUOTE, 1, 8},
        {"x,\"a\"b\"c\"\ne", STRATA_REJECT_TEXT_AFTER_QUOTE, 1, 10},
        {"x,\"\"\"\"\"\"y\ne", STRATA_REJECT_TEXT_AFTER_QUOTE, 1, 10},
        {"\r\"a\"\ne", STRATA_REJECT_QUOTE_IN_FIELD, 0, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct parsed parsed;
        free(parse(cases[i].data, strlen(cases[i].data), true, comma, &parsed));
        cr_assert_eq(parsed.result, STRATA_RECORD_BAD, "case %zu", i);
        cr_assert_eq(parsed.record.reason, cases[i].reason, "case %zu", i);
        cr_assert_eq(parsed.record.bad_field, cases[i].bad_field, "case %zu", i);
        cr_assert_eq(parsed.record.n_bytes, cases[i].n_bytes, "case %zu", i);
    }
}

Test(record, unclosed)
{
    struct parsed parsed;
    const char *text = "a,\"b\nc\",\"d\ne,f\n";
    free(parse(text, strlen(text), true, comma, &parsed));
    cr_assert_eq(parsed.result, STRATA_RECORD_UNCLOSED);
    cr_assert_eq(parsed.record.bad_field, 2);
    cr_assert_eq(parsed.record.bad_at, 8);
    free(parse("\"", 1, true, comma, &parsed));
    cr_assert_eq(parsed.result, STRATA_RECORD_UNCLOSED);
    free(parse("\"\"\"", 3, true, comma, &parsed));
    cr_assert_eq(parsed.result, STRATA_RECORD_UNCLOSED);
}

/* A record cut anywhere is CUT and nothing else, unless what is there is a record already. */
Test(record, cut_at_every_byte)
{
    const char *const records[] = {"a,\"b\"\"c\nd\",e\r\n", "\"x\"\r\n", "ab,c\n", "\"x\"y,z\r\n", ",,\r\n"};
    for (size_t i = 0; i < sizeof records / sizeof records[0]; ++i) {
        struct parsed parsed;
        size_t whole = strlen(records[i]);
        for (size_t n = 0; n < whole; ++n) {
            free(parse(records[i], n, false, comma, &parsed));
            cr_assert_eq(parsed.result, STRATA_RECORD_CUT, "record %zu at %zu", i, n);
        }
        free(parse(records[i], whole, false, comma, &parsed));
        cr_assert_neq(parsed.result, STRATA_RECORD_CUT, "record %zu", i);
        cr_assert_eq(parsed.record.n_bytes, whole);
    }
}

Test(record, more_fields_than_capacity)
{
    struct strata_field field[2];
    struct strata_record record = {.field = field, .capacity = 2};
    cr_assert_eq(strata_record_parse("a,b,c,d\n", 8, true, comma, &record), STRATA_RECORD_OK);
    cr_assert_eq(record.n_fields, 4);
    cr_assert_eq(record.n_bytes, 8);
}

/* Records longer than the reader's first buffer, and what it says of lines and bytes. */
Test(record_reader, long_rows_lines_and_bytes)
{
    struct scratch scratch;
    scratch_make(&scratch);
    size_t n = 3 << 20;
    char *text = malloc(n + 64);
    memcpy(text, "a,b\n\"", 5);
    memset(text + 5, 'x', n);
    text[100] = text[n / 2] = '\n';
    memcpy(text + 5 + n, "\",c\r\n\r\nd,e", 11);
    char *path = scratch_write(&scratch, "long.csv", text, n + 15);
    struct strata_error error;
    struct strata_byte_source source;
    struct strata_record_reader reader;
    enum strata_record_result result;
    bool is_end;
    cr_assert_eq(strata_byte_source_open(&source, path, NULL, 0, &error), STRATA_OK);
    cr_assert_eq(strata_record_reader_open(&reader, &source, comma, 0, 1, &error), STRATA_OK);
    const struct {
        uint64_t line, offset;
        size_t n_fields, first;
    } expected[] = {{1, 0, 2, 1}, {2, 4, 2, n + 2}, {5, n + 10, 1, 0}, {6, n + 12, 2, 1}};
    for (size_t i = 0; i < 4; ++i) {
        cr_assert_eq(strata_record_reader_next(&reader, &result, &is_end, &error), STRATA_OK);
        cr_assert_not(is_end);
        cr_assert_eq(result, STRATA_RECORD_OK);
        cr_assert_eq(reader.record_line, expected[i].line, "record %zu", i);
        cr_assert_eq(reader.record_offset, expected[i].offset, "record %zu", i);
        cr_assert_eq(reader.record.n_fields, expected[i].n_fields, "record %zu", i);
        cr_assert_eq(reader.record.field[0].n, expected[i].first, "record %zu", i);
    }
    cr_assert_eq(strata_record_reader_next(&reader, &result, &is_end, &error), STRATA_OK);
    cr_assert(is_end);
    strata_record_reader_close(&reader);
    strata_byte_source_close(&source);
    free(path);
    free(text);
    scratch_remove(&scratch);
}

/* The line is that of the field whose quote opens, not that of its record. */
Test(record_reader, unclosed_quote_names_its_line)
{
    struct scratch scratch;
    scratch_make(&scratch);
    char *path = scratch_write_text(&scratch, "open.csv", "a,b\n\"1\n2\n3\",\"x\ny,z\n");
    struct strata_error error;
    struct strata_byte_source source;
    struct strata_record_reader reader;
    enum strata_record_result result;
    bool is_end;
    cr_assert_eq(strata_byte_source_open(&source, path, NULL, 0, &error), STRATA_OK);
    cr_assert_eq(strata_record_reader_open(&reader, &source, comma, 0, 1, &error), STRATA_OK);
    cr_assert_eq(strata_record_reader_next(&reader, &result, &is_end, &error), STRATA_OK);
    cr_assert_eq(strata_record_reader_next(&reader, &result, &is_end, &error), STRATA_REJECTED);
    cr_assert(strstr(error.message, "line 4: the quote that opens field 2 is never closed"), "%s", error.message);
    strata_record_reader_close(&reader);
    strata_byte_source_close(&source);
    free(path);
    scratch_remove(&scratch);
}

Test(record_reader, row_beyond_the_limit)
{
    struct scratch scratch;
    scratch_make(&scratch);
    char *path = scratch_write_text(&scratch, "huge.csv", "a,b\n1,\"2\n3\",\"");
    cr_assert_eq(truncate(path, 130 << 20), 0);
    struct strata_error error;
    struct strata_byte_source source;
    struct strata_record_reader reader;
    enum strata_record_result result;
    bool is_end;
    cr_assert_eq(strata_byte_source_open(&source, path, NULL, 0, &error), STRATA_OK);
    cr_assert_eq(strata_record_reader_open(&reader, &source, comma, 0, 1, &error), STRATA_OK);
    cr_assert_eq(strata_record_reader_next(&reader, &result, &is_end, &error), STRATA_OK);
    cr_assert_eq(strata_record_reader_next(&reader, &result, &is_end, &error), STRATA_REJECTED);
    cr_assert(strstr(error.message, "line 3: the row is longer than 64 MiB; is a quote not closed in field 3?"), "%s",
              error.message);
    strata_record_reader_close(&reader);
    strata_byte_source_close(&source);
    free(path);
    scratch_remove(&scratch);
}
