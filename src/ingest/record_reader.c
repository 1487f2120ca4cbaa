#include "record_reader.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

enum { FIRST_CAPACITY = 1 << 20 };

enum strata_status strata_record_reader_open(struct strata_record_reader *reader, struct strata_byte_source *source,
                                             struct strata_dialect dialect, uint64_t offset, uint64_t line,
                                             struct strata_error *err)
{
    *reader = (struct strata_record_reader){
        .source = source, .dialect = dialect, .capacity = FIRST_CAPACITY, .offset = offset, .line = line};
    reader->buffer = malloc(reader->capacity + STRATA_FIELD_PADDING);
    reader->record.field = strata_malloc_array(STRATA_FIELDS_MAX, sizeof *reader->record.field);
    reader->record.capacity = STRATA_FIELDS_MAX;
    enum strata_status status = reader->buffer && reader->record.field
                                    ? strata_byte_source_read_alone(source, offset, err)
                                    : strata_fail_memory(err, "reading a file", 1, FIRST_CAPACITY);
    if (status != STRATA_OK)
        strata_record_reader_close(reader);
    return status;
}

void strata_record_reader_close(struct strata_record_reader *reader)
{
    free(reader->buffer);
    free(reader->record.field);
    *reader = (struct strata_record_reader){0};
}

/* Half of what the source may take: windows of text have the rest. */
static size_t row_max_bytes(const struct strata_byte_source *source)
{
    const uint64_t half = source->memory_bytes / 2;
    if (source->memory_bytes == 0 || half >= STRATA_ROW_MAX_BYTES)
        return STRATA_ROW_MAX_BYTES;
    return half > FIRST_CAPACITY ? (size_t)half : FIRST_CAPACITY;
}

/* Move what is left to the front, make room if that is all, and read on. */
static enum strata_status refill(struct strata_record_reader *reader, struct strata_error *err)
{
    size_t left = reader->filled - reader->at;
    memmove(reader->buffer, reader->buffer + reader->at, left);
    reader->offset += reader->at;
    reader->at = 0;
    reader->filled = left;
    if (left == reader->capacity) {
        const size_t most = row_max_bytes(reader->source) + 1; /* a byte more is too long */
        const size_t capacity = reader->capacity < most / 2 ? reader->capacity * 2 : most;
        char *grown = realloc(reader->buffer, capacity + STRATA_FIELD_PADDING);
        if (!grown)
            return strata_fail_memory(err, "a long row", capacity, 1);
        reader->buffer = grown;
        reader->capacity = capacity;
    }
    size_t n;
    strata_byte_source_let_go(reader->source, 0, reader->offset + left);
    enum strata_status status = strata_byte_source_read(reader->source, 0, reader->offset + left, reader->buffer + left,
                                                        reader->capacity - left, &n, &reader->holds_end, err);
    if (status != STRATA_OK)
        return status;
    if (reader->hash)
        strata_checksum_update(reader->hash, reader->buffer + left, n);
    reader->filled += n;
    return STRATA_OK;
}

static uint64_t count_newlines(const char *text, size_t n)
{
    uint64_t lines = 0;
    for (const char *end = text + n; (text = memchr(text, '\n', (size_t)(end - text))) != NULL; ++text)
        ++lines;
    return lines;
}

/* The line on which the field begins that has no end. */
static unsigned long long bad_line(const struct strata_record_reader *reader)
{
    return reader->line + count_newlines(reader->buffer + reader->at, reader->record.bad_at);
}

static enum strata_status refuse_long_row(const struct strata_record_reader *reader, struct strata_error *err)
{
    const size_t most = row_max_bytes(reader->source);
    const char *path = reader->source->path;
    if (most == STRATA_ROW_MAX_BYTES)
        return strata_fail(err, STRATA_REJECTED,
                           "%s, line %llu: the row is longer than 64 MiB; is a quote not closed in field %zu?", path,
                           bad_line(reader), reader->record.bad_field + 1);
    return strata_fail(
        err, STRATA_MEMORY,
        "%s, line %llu: the row is longer than %.1f MiB, the most that the memory limit leaves room for; "
        "is a quote not closed in field %zu?\nif not, raise --memory-limit",
        path, bad_line(reader), (double)most / (1 << 20), reader->record.bad_field + 1);
}

enum strata_status strata_record_reader_next(struct strata_record_reader *reader, enum strata_record_result *result,
                                             bool *is_end, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *is_end = false;
    for (;;) {
        size_t left = reader->filled - reader->at;
        if (left == 0 && reader->holds_end) {
            *is_end = true;
            goto done;
        }
        *result = left ? strata_record_parse(reader->buffer + reader->at, left, reader->holds_end, reader->dialect,
                                             &reader->record)
                       : STRATA_RECORD_CUT;
        if (*result != STRATA_RECORD_CUT)
            break;
        if (left > row_max_bytes(reader->source))
            STRATA_TRY(refuse_long_row(reader, err));
        STRATA_TRY(refill(reader, err));
    }
    if (*result == STRATA_RECORD_UNCLOSED)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s, line %llu: the quote that opens field %zu is never closed",
                       reader->source->path, bad_line(reader), reader->record.bad_field + 1);
    reader->record_offset = reader->offset + reader->at;
    reader->record_line = reader->line;
    reader->line += count_newlines(reader->buffer + reader->at, reader->record.n_bytes);
    reader->at += reader->record.n_bytes;
done:
    return status;
}
