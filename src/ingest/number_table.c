#include "number_table.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "plan.h"
#include "record_reader.h"
#include "utf8.h"

enum { SAMPLE_RECORDS = 100, NUMBER_BYTES = 512, FIRST_ROWS = 1024, MESSAGE_BYTES = 128 };

/* One column of the file. */
struct source {
    char *name;     /* owned */
    double *values; /* owned; NULL: not wanted, or handed over */
    bool is_wanted;
    bool is_settled; /* a value was seen, or the column was asked for by name */
};

struct reading {
    const char *path;
    struct strata_byte_source input;
    struct strata_record_reader reader;
    locale_t locale;
    bool has_header;
    size_t n_sources, n_rows, capacity;
    struct source *source;
};

static struct strata_dialect dialect_of(enum strata_delimiter delimiter)
{
    return (struct strata_dialect){strata_delimiter_byte(delimiter), delimiter == STRATA_DELIMITER_SPACE};
}

/* Blanks and quotes off. A field with doubled quotes inside keeps them: it is no number. */
static struct strata_field bare(struct strata_field field)
{
    field = strata_field_trim(field);
    if (field.n < 2 || field.text[0] != '"')
        return field;
    return strata_field_trim((struct strata_field){field.text + 1, field.n - 2});
}

/* Is it a number, or nothing? Nothing and NaN are NaN. */
static bool parse_number(struct strata_field field, locale_t locale, double *number)
{
    char text[NUMBER_BYTES];
    char *end;
    field = bare(field);
    *number = NAN;
    if (field.n == 0)
        return true;
    if (field.n >= sizeof text || memchr(field.text, '\0', field.n) || memchr(field.text, 'x', field.n) ||
        memchr(field.text, 'X', field.n) || memchr(field.text, '(', field.n))
        return false;
    memcpy(text, field.text, field.n);
    text[field.n] = '\0';
    *number = strtod_l(text, &end, locale);
    return end == text + field.n;
}

/* Fields of the first record if all of the first records have as many, else 0. */
static enum strata_status count_fields(struct strata_byte_source *source, struct strata_dialect dialect,
                                       uint64_t offset, size_t *n_fields, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_record_reader reader = {0};
    struct strata_error ignored;
    *n_fields = 0;
    STRATA_TRY(strata_record_reader_open(&reader, source, dialect, offset, 1, err));
    for (int i = 0; i < SAMPLE_RECORDS; ++i) {
        enum strata_record_result result;
        bool is_end;
        status = strata_record_reader_next(&reader, &result, &is_end, &ignored);
        if (status == STRATA_OK && is_end)
            break;
        if (status == STRATA_OK && result == STRATA_RECORD_OK && reader.record.is_blank)
            continue;
        if (status != STRATA_OK || result != STRATA_RECORD_OK || (*n_fields && reader.record.n_fields != *n_fields)) {
            *n_fields = 0;
            status = STRATA_OK; /* whatever it is, it is reported when the file is read */
            break;
        }
        *n_fields = reader.record.n_fields;
    }
done:
    strata_record_reader_close(&reader);
    return status;
}

static enum strata_status find_delimiter(struct strata_byte_source *source, uint64_t offset,
                                         struct strata_dialect *dialect, struct strata_error *err)
{
    size_t most = 1;
    *dialect = dialect_of(STRATA_DELIMITER_COMMA);
    for (int d = STRATA_DELIMITER_AUTO + 1; d < STRATA_N_DELIMITERS; ++d) {
        size_t n_fields;
        enum strata_status status = count_fields(source, dialect_of((enum strata_delimiter)d), offset, &n_fields, err);
        if (status != STRATA_OK)
            return status;
        if (n_fields > most) {
            most = n_fields;
            *dialect = dialect_of((enum strata_delimiter)d);
        }
    }
    return STRATA_OK;
}

/* The next record that is not blank; it is well formed. */
static enum strata_status next_record(struct reading *reading, bool *is_end, struct strata_error *err)
{
    enum strata_record_result result = STRATA_RECORD_OK;
    do {
        enum strata_status status = strata_record_reader_next(&reading->reader, &result, is_end, err);
        if (status != STRATA_OK || *is_end)
            return status;
    } while (result == STRATA_RECORD_OK && reading->reader.record.is_blank);
    const struct strata_record *record = &reading->reader.record;
    if (result != STRATA_RECORD_OK)
        return strata_fail(err, STRATA_REJECTED, "%s, line %llu, column %zu: %s", reading->path,
                           (unsigned long long)reading->reader.record_line, record->bad_field + 1,
                           strata_reject_reason_text(record->reason));
    if (record->n_fields > record->capacity)
        return strata_fail(err, STRATA_REJECTED, "%s, line %llu: %zu fields; at most %zu are read", reading->path,
                           (unsigned long long)reading->reader.record_line, record->n_fields, record->capacity);
    return STRATA_OK;
}

static bool is_header(const struct strata_record *record, locale_t locale)
{
    double number;
    for (size_t i = 0; i < record->n_fields; ++i)
        if (bare(record->field[i]).n == 0 || !parse_number(record->field[i], locale, &number))
            return true;
    return false;
}

/* The text of a header's field, owned; NULL if out of memory. */
static char *header_name(struct strata_field field)
{
    field = strata_field_trim(field);
    char *scratch = strata_malloc_array(field.n + 1, 1);
    struct strata_field value = scratch ? strata_field_trim(strata_field_value(field, scratch)) : field;
    char *name = scratch ? strndup(value.text, value.n) : NULL;
    free(scratch);
    return name;
}

static char *number_name(size_t number)
{
    char *name;
    return asprintf(&name, "%zu", number) < 0 ? NULL : name;
}

static enum strata_status name_sources(struct reading *reading, struct strata_error *err)
{
    const struct strata_record *record = &reading->reader.record;
    reading->source = strata_calloc_array(record->n_fields, sizeof *reading->source);
    if (!reading->source)
        return strata_fail_memory(err, "columns", record->n_fields, sizeof *reading->source);
    reading->n_sources = record->n_fields;
    for (size_t i = 0; i < reading->n_sources; ++i) {
        char *name = reading->has_header ? header_name(record->field[i]) : number_name(i + 1);
        reading->source[i].name = name;
        if (!name)
            return strata_fail(err, STRATA_MEMORY, "out of memory for the names of columns");
        if (!strata_utf8_is_valid(name, strlen(name)))
            return strata_fail(err, STRATA_REJECTED, "%s, line %llu: the name of column %zu is not UTF-8",
                               reading->path, (unsigned long long)reading->reader.record_line, i + 1);
    }
    return STRATA_OK;
}

/* The one source of that name. */
static enum strata_status find_source(const struct reading *reading, const char *name, size_t *place,
                                      struct strata_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < reading->n_sources; ++i)
        if (strcmp(reading->source[i].name, name) == 0 && n++ == 0)
            *place = i;
    if (n == 1)
        return STRATA_OK;
    if (n > 1)
        return strata_fail(err, STRATA_REJECTED, "%s has %zu columns named %s\nrename all but one", reading->path, n,
                           name);
    char all[512] = "";
    for (size_t i = 0; i < reading->n_sources && strlen(all) < sizeof all - MESSAGE_BYTES; ++i) {
        size_t used = strlen(all);
        (void)snprintf(all + used, sizeof all - used, "%s%.100s", i ? ", " : "", reading->source[i].name);
    }
    return strata_fail(err, STRATA_USAGE, "%s has no column %s\nits columns are %s", reading->path, name, all);
}

static enum strata_status choose_sources(struct reading *reading, const char *const *columns, size_t n_columns,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (size_t c = 0; c < n_columns; ++c) {
        size_t place = 0;
        STRATA_TRY(find_source(reading, columns[c], &place, err));
        reading->source[place].is_wanted = reading->source[place].is_settled = true;
    }
    for (size_t i = 0; n_columns == 0 && i < reading->n_sources; ++i)
        reading->source[i].is_wanted = *reading->source[i].name != '\0';
done:
    return status;
}

/* Double the room of every column. */
static enum strata_status grow(struct reading *reading, struct strata_error *err)
{
    size_t capacity = reading->capacity ? 2 * reading->capacity : FIRST_ROWS;
    for (size_t i = 0; i < reading->n_sources; ++i) {
        struct source *source = &reading->source[i];
        if (!source->is_wanted)
            continue;
        double *values = strata_malloc_array(capacity, sizeof *values);
        if (!values)
            return strata_fail_memory(err, "a column", capacity, sizeof *values);
        if (source->values)
            memcpy(values, source->values, reading->n_rows * sizeof *values);
        free(source->values);
        source->values = values;
    }
    reading->capacity = capacity;
    return STRATA_OK;
}

static enum strata_status fail_number(const struct reading *reading, size_t column, struct strata_error *err)
{
    char what[MESSAGE_BYTES];
    struct strata_field field = bare(reading->reader.record.field[column]);
    struct strata_reject reject = {.reason = STRATA_REJECT_NUMBER_MALFORMED};
    reject.n_value = (uint8_t)(field.n < STRATA_REJECT_VALUE_BYTES ? field.n : STRATA_REJECT_VALUE_BYTES);
    memcpy(reject.value, field.text, reject.n_value);
    strata_reject_describe(&reject, what, sizeof what);
    return strata_fail(err, STRATA_REJECTED, "%s, line %llu, column %s: %s", reading->path,
                       (unsigned long long)reading->reader.record_line, reading->source[column].name, what);
}

static enum strata_status add_row(struct reading *reading, struct strata_error *err)
{
    const struct strata_record *record = &reading->reader.record;
    if (record->n_fields != reading->n_sources)
        return strata_fail(err, STRATA_REJECTED, "%s, line %llu: %zu fields where the first line has %zu",
                           reading->path, (unsigned long long)reading->reader.record_line, record->n_fields,
                           reading->n_sources);
    if (reading->n_rows == reading->capacity) {
        enum strata_status status = grow(reading, err);
        if (status != STRATA_OK)
            return status;
    }
    for (size_t i = 0; i < reading->n_sources; ++i) {
        struct source *source = &reading->source[i];
        if (!source->is_wanted)
            continue;
        if (parse_number(record->field[i], reading->locale, &source->values[reading->n_rows])) {
            source->is_settled = source->is_settled || bare(record->field[i]).n > 0;
        } else if (source->is_settled) {
            return fail_number(reading, i, err);
        } else {
            source->is_wanted = false; /* a column of texts */
            free(source->values);
            source->values = NULL;
        }
    }
    ++reading->n_rows;
    return STRATA_OK;
}

static enum strata_status read_rows(struct reading *reading, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool is_end = false;
    if (!reading->has_header)
        STRATA_TRY(add_row(reading, err));
    for (;;) {
        STRATA_TRY(next_record(reading, &is_end, err));
        if (is_end)
            break;
        STRATA_TRY(add_row(reading, err));
    }
    if (reading->n_rows == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s holds a header and no rows", reading->path);
done:
    return status;
}

static enum strata_status hand_over(struct reading *reading, struct source *source, struct strata_named_table *named,
                                    struct strata_error *err)
{
    /* The values are NULL where a column was handed over already: it is named twice. */
    if (!source->values)
        return strata_fail(err, STRATA_USAGE, "column %s is named twice\nleave out one", source->name);
    named->table.n_rows = reading->n_rows;
    enum strata_status status = strata_named_table_add(named, source->name, STRATA_F64, source->values, err);
    if (status == STRATA_OK)
        source->values = NULL;
    return status;
}

/* In the order asked for, or in that of the file. */
static enum strata_status make_table(struct reading *reading, const char *const *columns, size_t n_columns,
                                     struct strata_named_table *named, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    named->has_header = reading->has_header;
    for (size_t c = 0; c < n_columns; ++c) {
        size_t place = 0;
        STRATA_TRY(find_source(reading, columns[c], &place, err));
        STRATA_TRY(hand_over(reading, &reading->source[place], named, err));
    }
    for (size_t i = 0; n_columns == 0 && i < reading->n_sources; ++i) {
        size_t place = 0;
        if (!reading->source[i].is_wanted || !reading->source[i].is_settled) {
            if (*reading->source[i].name)
                STRATA_TRY(strata_named_table_leave_out(named, reading->source[i].name, err));
            continue;
        }
        STRATA_TRY(find_source(reading, reading->source[i].name, &place, err));
        STRATA_TRY(hand_over(reading, &reading->source[place], named, err));
    }
    if (named->table.n_columns == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has no column of numbers with a name", reading->path);
done:
    return status;
}

static enum strata_status open_text(struct reading *reading, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_dialect dialect;
    char beginning[3];
    uint64_t offset = 0;
    size_t n;
    bool is_end;
    STRATA_TRY(strata_byte_source_open(&reading->input, reading->path, NULL, 0, err));
    STRATA_TRY(strata_byte_source_read(&reading->input, 0, 0, beginning, sizeof beginning, &n, &is_end, err));
    if (n == sizeof beginning && memcmp(beginning, "\xEF\xBB\xBF", sizeof beginning) == 0)
        offset = sizeof beginning;
    STRATA_TRY(find_delimiter(&reading->input, offset, &dialect, err));
    STRATA_TRY(strata_record_reader_open(&reading->reader, &reading->input, dialect, offset, 1, err));
done:
    return status;
}

static void close_text(struct reading *reading)
{
    strata_record_reader_close(&reading->reader);
    strata_byte_source_close(&reading->input);
    for (size_t i = 0; i < reading->n_sources; ++i) {
        free(reading->source[i].name);
        free(reading->source[i].values);
    }
    free(reading->source);
    if (reading->locale)
        freelocale(reading->locale);
}

enum strata_status strata_number_table_read(const char *path, const char *const *columns, size_t n_columns,
                                            struct strata_named_table *named, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct reading reading = {.path = path};
    bool is_end = false;
    *named = (struct strata_named_table){0};
    reading.locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (!reading.locale)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a locale");
    STRATA_TRY(open_text(&reading, err));
    STRATA_TRY(next_record(&reading, &is_end, err));
    if (is_end)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s is empty", path);
    reading.has_header = is_header(&reading.reader.record, reading.locale);
    STRATA_TRY(name_sources(&reading, err));
    STRATA_TRY(choose_sources(&reading, columns, n_columns, err));
    STRATA_TRY(read_rows(&reading, err));
    STRATA_TRY(make_table(&reading, columns, n_columns, named, err));
done:
    close_text(&reading);
    if (status != STRATA_OK)
        strata_named_table_release(named);
    return status;
}
