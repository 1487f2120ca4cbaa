/* csv-spectrum and csv-test-data: public collections of CSV files with the JSON that they mean. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest_fixture.h"
#include "json_table.h"
#include "record_reader.h"
#include "scratch.h"
#include "span.h"
#include "structure.h"
#include "test_data.h"

static const struct strata_dialect comma = {',', false};

/* No valid CSV by RFC 4180 (quotes inside fields without quotes), and its JSON holds other values. */
static const char invalid_name[] = "location_coordinates.csv";

static struct json_row *next_row(struct json_table *table)
{
    table->row = realloc(table->row, (table->n + 1) * sizeof *table->row);
    table->row[table->n] = (struct json_row){0};
    return &table->row[table->n++];
}

static void add_value(struct json_row *row, struct strata_field raw)
{
    char *text = malloc(raw.n + 1);
    struct strata_field value = strata_field_value(raw, text);
    memmove(text, value.text, value.n);
    text[value.n] = '\0';
    row->value = realloc(row->value, (row->n + 1) * sizeof *row->value);
    row->value[row->n++] = (struct json_text){text, value.n};
}

static struct json_table parse_carefully(const char *path)
{
    struct json_table table = {0};
    struct strata_error error;
    struct strata_byte_source source;
    struct strata_record_reader reader;
    enum strata_record_result result;
    bool is_end;
    cr_assert_eq(strata_byte_source_open(&source, path, NULL, 0, &error), STRATA_OK, "%s", error.message);
    cr_assert_eq(strata_record_reader_open(&reader, &source, comma, 0, 1, &error), STRATA_OK);
    for (;;) {
        cr_assert_eq(strata_record_reader_next(&reader, &result, &is_end, &error), STRATA_OK, "%s", error.message);
        if (is_end)
            break;
        cr_assert_eq(result, STRATA_RECORD_OK, "%s", path);
        struct json_row *row = next_row(&table);
        for (size_t f = 0; f < reader.record.n_fields; ++f)
            add_value(row, reader.record.field[f]);
    }
    strata_record_reader_close(&reader);
    strata_byte_source_close(&source);
    return table;
}

static struct json_table parse_fast(const char *path, const struct strata_structure_variant *variant)
{
    struct json_table table = {0};
    size_t n, n_positions = 0;
    char *bytes = read_whole_file(path, &n);
    char *text = calloc(n + 2 * STRATA_STRUCTURE_WORD, 1);
    uint32_t *position = calloc(n + 1 + STRATA_STRUCTURE_SLACK, sizeof *position);
    memcpy(text, bytes, n);
    if (n && text[n - 1] != '\n')
        text[n++] = '\n';
    struct strata_structure state = strata_structure_begin();
    variant->index(text, 0, n, comma, &state, position, &n_positions);
    cr_assert(!state.is_broken && !state.inside, "%s", path);
    const struct strata_indexed_text indexed = {.text = text,
                                                .position = position,
                                                .n_positions = n_positions,
                                                .dialect = comma};
    for (struct strata_span span = {0}; span.start < n; strata_span_step(&indexed, &span)) {
        cr_assert(strata_span_find_end(&indexed, 3, &span), "%s", path);
        struct json_row *row = next_row(&table);
        for (size_t f = 0; f < strata_span_count_fields(&indexed, &span); ++f)
            add_value(row, strata_span_field(&indexed, &span, f));
    }
    free(position);
    free(text);
    free(bytes);
    return table;
}

static void assert_same_text(struct json_text a, struct json_text b, const char *path)
{
    cr_assert_eq(a.n, b.n, "%s: '%s' is not '%s'", path, a.text, b.text);
    cr_assert_eq(memcmp(a.text, b.text, a.n), 0, "%s: '%s' is not '%s'", path, a.text, b.text);
}

/* Rows of objects have the header's names; rows of arrays count the header as a row. */
static void assert_same(const struct json_table *parsed, const struct json_table *meant, bool has_header,
                        const char *path)
{
    size_t skipped = has_header ? 1 : 0;
    cr_assert_eq(parsed->n, meant->n + skipped, "%s: %zu rows", path, parsed->n);
    for (size_t i = 0; i < meant->n; ++i) {
        const struct json_row *row = &parsed->row[i + skipped];
        cr_assert_eq(row->n, meant->row[i].n, "%s: %zu fields in row %zu", path, row->n, i);
        for (size_t f = 0; f < row->n; ++f) {
            assert_same_text(row->value[f], meant->row[i].value[f], path);
            if (has_header)
                assert_same_text(parsed->row[0].value[f], meant->row[i].name[f], path);
        }
    }
}

static void check_file(const char *csv, const char *json, bool has_header)
{
    struct json_table meant, parsed = parse_carefully(csv);
    json_table_read(&meant, json);
    assert_same(&parsed, &meant, has_header, csv);
    json_table_release(&parsed);
    const struct strata_structure_variant *variant;
    size_t n_variants = strata_structure_variants(&variant);
    for (size_t v = 0; v < n_variants; ++v) {
        parsed = parse_fast(csv, &variant[v]);
        assert_same(&parsed, &meant, has_header, csv);
        json_table_release(&parsed);
    }
    json_table_release(&meant);
}

/* Every file of folder/<csvs> that is not invalid; returns how many. */
static int check_folder(const char *folder, const char *csvs, bool objects)
{
    char csv[512], json[512];
    int n_files = 0;
    (void)snprintf(csv, sizeof csv, "%s/%s", folder, csvs);
    DIR *directory = opendir(csv);
    cr_assert(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const char *dot = strstr(entry->d_name, ".csv");
        if (!dot || strncmp(entry->d_name, "bad-", 4) == 0 || strcmp(entry->d_name, invalid_name) == 0)
            continue;
        (void)snprintf(csv, sizeof csv, "%s/%s/%s", folder, csvs, entry->d_name);
        (void)snprintf(json, sizeof json, "%s/json/%.*s.json", folder, (int)(dot - entry->d_name), entry->d_name);
        check_file(csv, json, objects || strncmp(entry->d_name, "header-", 7) == 0);
        ++n_files;
    }
    (void)closedir(directory);
    return n_files;
}

Test(csv_suites, spectrum)
{
    char *folder = test_data_path("csv/csv-spectrum");
    cr_assert_eq(check_folder(folder, "csvs", true), 11);
    free(folder);
}

Test(csv_suites, test_data)
{
    char *folder = test_data_path("csv/csv-test-data");
    cr_assert_eq(check_folder(folder, "csv", false), 18);
    free(folder);
}

static void assert_bad(const char *name, const char *customer, const char *time, const char *amount,
                       const char *time_format, enum strata_status status, const char *place, const char *reason)
{
    char *path = test_data_path(name);
    struct strata_ingest_options options = ingest_defaults();
    struct collected collected = {0};
    options.column[STRATA_ROLE_CUSTOMER] = customer;
    options.column[STRATA_ROLE_TIME] = time;
    options.column[STRATA_ROLE_AMOUNT] = amount;
    options.time_format = time_format;
    collect(&collected, path, &options);
    assert_refused(&collected, status, path, place, reason, NULL);
    collected_release(&collected);
    free(path);
}

/* Refused with the line, whether the layout of times is declared (then by the reading) or not (then before it). */
static void assert_bad_row(const char *name, const char *reason)
{
    assert_bad(name, "foo", "bar", "baz", "auto", STRATA_REJECTED, "line 2", reason);
    assert_bad(name, "foo", "bar", "baz", "iso", STRATA_REJECTED, "line 2", reason);
}

Test(csv_suites, bad_rows)
{
    assert_bad_row("csv/csv-test-data/csv/bad-header-less-fields.csv", "not as many fields as the first row");
    assert_bad_row("csv/csv-test-data/csv/bad-header-more-fields.csv", "not as many fields as the first row");
    assert_bad_row("csv/csv-test-data/csv/bad-missing-quote.csv", "the quote that opens field 2 is never closed");
    assert_bad_row("csv/csv-test-data/csv/bad-quotes-with-unescaped-quote.csv", "text after the closing quote");
    assert_bad_row("csv/csv-test-data/csv/bad-unescaped-quote.csv", "a quote inside a field");
    assert_bad("csv/csv-spectrum/csvs/location_coordinates.csv", "Cities", "Counties", "Contact Phone Number", "iso",
               STRATA_REJECTED, "line 2, column 2", "a quote inside a field");
}

Test(csv_suites, bad_headers)
{
    assert_bad("csv/csv-test-data/csv/bad-header-no-header.csv", "foo", "bar", "baz", "auto", STRATA_REJECTED, "",
               "is empty");
    assert_bad("csv/csv-test-data/csv/bad-header-wrong-header.csv", "foo", "bar", "baz", "auto", STRATA_REJECTED,
               "no column foo for --customer", "qux, quux, quuz");
}
