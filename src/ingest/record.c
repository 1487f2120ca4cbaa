#include "record.h"

#include <string.h>

/* Where the parser stands in the record. */
struct cursor {
    const char *data;
    size_t n, at;
    bool is_end;
};

static bool at_line_end(const struct cursor *cursor)
{
    if (cursor->at >= cursor->n)
        return true;
    char byte = cursor->data[cursor->at];
    if (byte != '\r')
        return byte == '\n';
    return cursor->at + 1 < cursor->n ? cursor->data[cursor->at + 1] == '\n' : cursor->is_end;
}

static void blame(struct strata_record *record, enum strata_reject_reason reason, enum strata_record_result *result)
{
    if (*result == STRATA_RECORD_BAD)
        return;
    *result = STRATA_RECORD_BAD;
    record->reason = reason;
    record->bad_field = record->n_fields;
}

/* Step over a quoted part; false if the data end first. */
static bool skip_quoted(struct cursor *cursor)
{
    for (++cursor->at; cursor->at < cursor->n; ++cursor->at) {
        if (cursor->data[cursor->at] != '"')
            continue;
        if (cursor->at + 1 == cursor->n && !cursor->is_end)
            return false;
        if (cursor->at + 1 < cursor->n && cursor->data[cursor->at + 1] == '"') {
            ++cursor->at;
            continue;
        }
        ++cursor->at;
        return true;
    }
    return false;
}

static void skip_blanks(struct cursor *cursor, char delimiter)
{
    while (cursor->at < cursor->n && cursor->data[cursor->at] == delimiter)
        ++cursor->at;
}

/* One field up to its delimiter or the line end; false if the data end inside quotes. */
static bool parse_field(struct cursor *cursor, char delimiter, struct strata_record *record,
                        enum strata_record_result *result)
{
    size_t start = cursor->at;
    if (cursor->at < cursor->n && cursor->data[cursor->at] == '"') {
        if (!skip_quoted(cursor))
            return false;
        if (!at_line_end(cursor) && cursor->data[cursor->at] != delimiter)
            blame(record, STRATA_REJECT_TEXT_AFTER_QUOTE, result);
    }
    for (; !at_line_end(cursor) && cursor->data[cursor->at] != delimiter; ++cursor->at)
        if (cursor->data[cursor->at] == '"')
            blame(record, STRATA_REJECT_QUOTE_IN_FIELD, result);
    if (record->n_fields < record->capacity)
        record->field[record->n_fields] = (struct strata_field){cursor->data + start, cursor->at - start};
    return true;
}

enum strata_record_result strata_record_parse(const char *data, size_t n, bool is_end, struct strata_dialect dialect,
                                              struct strata_record *record)
{
    enum strata_record_result result = STRATA_RECORD_OK;
    struct cursor cursor = {data, n, 0, is_end};
    record->n_fields = record->bad_field = record->bad_at = 0;
    if (dialect.merges)
        skip_blanks(&cursor, dialect.delimiter);
    record->is_blank = at_line_end(&cursor);
    for (;;) {
        size_t start = cursor.at;
        if (!parse_field(&cursor, dialect.delimiter, record, &result)) {
            record->bad_field = record->n_fields;
            record->bad_at = start;
            return is_end ? STRATA_RECORD_UNCLOSED : STRATA_RECORD_CUT;
        }
        ++record->n_fields;
        if (at_line_end(&cursor))
            break;
        if (dialect.merges) {
            skip_blanks(&cursor, dialect.delimiter);
            if (at_line_end(&cursor))
                break;
        } else {
            ++cursor.at;
        }
    }
    if (cursor.at >= n && !is_end)
        return STRATA_RECORD_CUT;
    if (cursor.at < n && data[cursor.at] == '\r')
        ++cursor.at;
    record->n_bytes = cursor.at < n ? cursor.at + 1 : n;
    return result;
}

struct strata_field strata_field_value(struct strata_field field, char *scratch)
{
    if (field.n < 2 || field.n > PTRDIFF_MAX || field.text[0] != '"')
        return field;
    struct strata_field inner = {field.text + 1, field.n - 2};
    const char *quote = memchr(inner.text, '"', inner.n);
    if (!quote)
        return inner;
    size_t n = 0;
    for (size_t i = 0; i < inner.n; ++i) {
        scratch[n++] = inner.text[i];
        i += inner.text[i] == '"';
    }
    return (struct strata_field){scratch, n};
}
