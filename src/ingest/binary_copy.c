#include "binary_copy.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "binary_numeric.h"
#include "memory.h"

enum {
    SIGNATURE_BYTES = 11,
    HEADER_BYTES = SIGNATURE_BYTES + 4 + 4, /* flags, length of the extension */
    TRAILER_BYTES = 2,
    UUID_BYTES = 16,
    NUMBERS_BYTES = 128 << 10,
    DAYS_TO_2000 = 10957, /* PostgreSQL counts from 2000-01-01 */
};
#define MICROSECONDS_TO_2000 (INT64_C(86400000000) * DAYS_TO_2000)

static const char signature[SIGNATURE_BYTES] = "PGCOPY\n\377\r\n";

static int16_t load_16(const char *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return (int16_t)be16toh(value);
}

static int32_t load_32(const char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return (int32_t)be32toh(value);
}

static int64_t load_64(const char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return (int64_t)be64toh(value);
}

static const struct {
    enum strata_value_type type;
    unsigned char n_bytes; /* handed on */
    unsigned char n_sent;  /* 0: any number */
} forms[] = {
    [STRATA_COPY_TEXT] = {STRATA_VALUE_TEXT, sizeof(struct strata_field), 0},
    [STRATA_COPY_PADDED_TEXT] = {STRATA_VALUE_TEXT, sizeof(struct strata_field), 0},
    [STRATA_COPY_NUMERIC] = {STRATA_VALUE_NUMERAL, sizeof(struct strata_field), 0},
    [STRATA_COPY_INT16] = {STRATA_VALUE_INT64, sizeof(int64_t), 2},
    [STRATA_COPY_INT32] = {STRATA_VALUE_INT64, sizeof(int64_t), 4},
    [STRATA_COPY_INT64] = {STRATA_VALUE_INT64, sizeof(int64_t), 8},
    [STRATA_COPY_FLOAT32] = {STRATA_VALUE_FLOAT32, sizeof(float), 4},
    [STRATA_COPY_FLOAT64] = {STRATA_VALUE_FLOAT64, sizeof(double), 8},
    [STRATA_COPY_DATE] = {STRATA_VALUE_DATE, sizeof(int32_t), 4},
    [STRATA_COPY_TIMESTAMP] = {STRATA_VALUE_LOCAL_TIME, sizeof(int64_t), 8},
    [STRATA_COPY_TIMESTAMPTZ] = {STRATA_VALUE_INSTANT, sizeof(int64_t), 8},
    [STRATA_COPY_UUID] = {STRATA_VALUE_UUID, UUID_BYTES, UUID_BYTES},
};

enum strata_value_type strata_copy_value_type(enum strata_copy_form form) { return forms[form].type; }

enum strata_status strata_copy_stream_take(struct strata_copy_stream *stream, const char *message, size_t n,
                                           size_t *row_at, struct strata_error *err)
{
    size_t at = 0;
    *row_at = n;
    if (stream->has_ended)
        return strata_fail(err, STRATA_REJECTED, "the server sent more rows behind the end of its rows");
    if (!stream->has_begun) {
        if (n < HEADER_BYTES || memcmp(message, signature, SIGNATURE_BYTES) != 0)
            return strata_fail(err, STRATA_REJECTED, "the server did not send rows in COPY's binary format");
        /* The high half of the flags is for what a reader must know; row identifiers (bit 16) are long gone. */
        if (load_32(message + SIGNATURE_BYTES) & ~0xFFFF)
            return strata_fail(err, STRATA_REJECTED, "the server sent rows in an unknown kind of COPY's binary format");
        int32_t n_extension = load_32(message + SIGNATURE_BYTES + 4);
        if (n_extension < 0 || (size_t)n_extension > n - HEADER_BYTES)
            return strata_fail(err, STRATA_REJECTED, "the beginning of the server's rows is damaged");
        at = HEADER_BYTES + (size_t)n_extension;
        stream->has_begun = true;
        if (at == n)
            return STRATA_OK;
    }
    if (n - at < TRAILER_BYTES)
        return strata_fail(err, STRATA_REJECTED, "row %llu from the server is cut off",
                           (unsigned long long)stream->n_rows + 1);
    if (n - at == TRAILER_BYTES && load_16(message + at) == -1) {
        stream->has_ended = true;
        return STRATA_OK;
    }
    ++stream->n_rows;
    *row_at = at;
    return STRATA_OK;
}

enum strata_status strata_copy_stream_finish(const struct strata_copy_stream *stream, uint64_t n_rows,
                                             struct strata_error *err)
{
    if (!stream->has_ended)
        return strata_fail(err, STRATA_REJECTED, "the server's rows are cut off after row %llu",
                           (unsigned long long)stream->n_rows);
    if (stream->n_rows != n_rows)
        return strata_fail(err, STRATA_REJECTED, "%llu rows came from the server, which sent %llu",
                           (unsigned long long)stream->n_rows, (unsigned long long)n_rows);
    return STRATA_OK;
}

void strata_copy_decoder_release(struct strata_copy_decoder *decoder)
{
    for (int f = 0; f < STRATA_N_ROLES; ++f) {
        free(decoder->values[f]);
        free(decoder->valid[f]);
    }
    free(decoder->numbers);
    *decoder = (struct strata_copy_decoder){0};
}

enum strata_status strata_copy_decoder_init(struct strata_copy_decoder *decoder, int n_fields,
                                            const enum strata_role role[], const enum strata_copy_form form[],
                                            struct strata_error *err)
{
    *decoder = (struct strata_copy_decoder){.n_fields = n_fields, .numbers = malloc(NUMBERS_BYTES)};
    bool has_memory = decoder->numbers;
    for (int f = 0; f < n_fields; ++f) {
        decoder->role[f] = role[f];
        decoder->form[f] = form[f];
        decoder->n_numeric += form[f] == STRATA_COPY_NUMERIC;
        decoder->values[f] = strata_calloc_array(STRATA_COPY_ROWS, forms[form[f]].n_bytes);
        decoder->valid[f] = strata_calloc_array(STRATA_COPY_ROWS / 64, sizeof **decoder->valid);
        has_memory = has_memory && decoder->values[f] && decoder->valid[f];
    }
    if (has_memory)
        return STRATA_OK;
    strata_copy_decoder_release(decoder);
    return strata_fail(err, STRATA_MEMORY, "out of memory for rows from a database");
}

/* Microseconds since 2000 -> since 1970; infinity and what is too late for 64 bits stay at the end of the range. */
static int64_t from_2000(int64_t microseconds)
{
    if (microseconds == INT64_MIN)
        return INT64_MIN;
    return microseconds > INT64_MAX - MICROSECONDS_TO_2000 ? INT64_MAX : microseconds + MICROSECONDS_TO_2000;
}

static int32_t day_from_2000(int32_t day)
{
    if (day == INT32_MIN)
        return INT32_MIN;
    return day > INT32_MAX - DAYS_TO_2000 ? INT32_MAX : day + DAYS_TO_2000;
}

static size_t without_padding(const char *text, size_t n)
{
    while (n && text[n - 1] == ' ')
        --n;
    return n;
}

/* A value that is not NULL, to the block. *n_numbers: how much of the memory for numbers is taken. */
static bool decode_value(struct strata_copy_decoder *decoder, int f, size_t row, const char *value, size_t n,
                         size_t *n_numbers)
{
    void *values = decoder->values[f];
    const enum strata_copy_form form = decoder->form[f];
    if (forms[form].n_sent && forms[form].n_sent != n)
        return false;
    switch (form) {
    case STRATA_COPY_TEXT: ((struct strata_field *)values)[row] = (struct strata_field){value, n}; break;
    case STRATA_COPY_PADDED_TEXT:
        ((struct strata_field *)values)[row] = (struct strata_field){value, without_padding(value, n)};
        break;
    case STRATA_COPY_NUMERIC: {
        struct strata_field text = {decoder->numbers + *n_numbers, 0};
        if (!strata_binary_numeric_format(value, n, decoder->numbers + *n_numbers, STRATA_COPY_NUMERIC_BYTES, &text.n))
            return false;
        *n_numbers += text.n;
        ((struct strata_field *)values)[row] = text;
        break;
    }
    case STRATA_COPY_INT16: ((int64_t *)values)[row] = load_16(value); break;
    case STRATA_COPY_INT32: ((int64_t *)values)[row] = load_32(value); break;
    case STRATA_COPY_INT64: ((int64_t *)values)[row] = load_64(value); break;
    case STRATA_COPY_FLOAT32: {
        int32_t bits = load_32(value);
        memcpy((float *)values + row, &bits, sizeof bits);
        break;
    }
    case STRATA_COPY_FLOAT64: {
        int64_t bits = load_64(value);
        memcpy((double *)values + row, &bits, sizeof bits);
        break;
    }
    case STRATA_COPY_DATE: ((int32_t *)values)[row] = day_from_2000(load_32(value)); break;
    case STRATA_COPY_TIMESTAMP:
    case STRATA_COPY_TIMESTAMPTZ: ((int64_t *)values)[row] = from_2000(load_64(value)); break;
    case STRATA_COPY_UUID: memcpy((char *)values + UUID_BYTES * row, value, UUID_BYTES); break;
    }
    return true;
}

/* The row that begins at rows[*at]; *at goes behind it. */
static bool decode_row(struct strata_copy_decoder *decoder, size_t row, const char *rows, size_t n, size_t *at,
                       size_t *n_numbers)
{
    size_t here = *at;
    if (n - here < 2 || load_16(rows + here) != decoder->n_fields)
        return false;
    here += 2;
    for (int f = 0; f < decoder->n_fields; ++f) {
        if (n - here < 4)
            return false;
        int32_t n_value = load_32(rows + here);
        here += 4;
        if (n_value == -1) {
            decoder->valid[f][row / 64] &= ~(UINT64_C(1) << row % 64);
            continue;
        }
        if (n_value < 0 || (size_t)n_value > n - here ||
            !decode_value(decoder, f, row, rows + here, (size_t)n_value, n_numbers))
            return false;
        here += (size_t)n_value;
    }
    *at = here;
    return true;
}

enum strata_status strata_copy_decode(struct strata_copy_decoder *decoder, const char *rows, size_t n, size_t *n_taken,
                                      struct strata_column_block *block, struct strata_error *err)
{
    size_t row = 0, at = 0, n_numbers = 0;
    for (int f = 0; f < decoder->n_fields; ++f)
        memset(decoder->valid[f], 0xFF, STRATA_COPY_ROWS / 8);
    const size_t numbers_kept_free = (size_t)decoder->n_numeric * STRATA_COPY_NUMERIC_BYTES;
    for (; at < n && row < STRATA_COPY_ROWS && n_numbers + numbers_kept_free <= NUMBERS_BYTES; ++row)
        if (!decode_row(decoder, row, rows, n, &at, &n_numbers))
            return strata_fail(err, STRATA_REJECTED, "the server sent rows that are not of the columns it announced");
    block->n_rows = row;
    *n_taken = at;
    for (int f = 0; f < decoder->n_fields; ++f)
        block->column[decoder->role[f]] = (struct strata_value_column){decoder->values[f], decoder->valid[f]};
    return STRATA_OK;
}
