/* Rows of binary COPY against a plain reading of each value. The first byte has the number of fields, the next ones
 * their forms, the rest are the rows; read as a message, it may also be a stream's beginning. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binary_copy.h"
#include "fuzz.h"

enum { N_FORMS = STRATA_COPY_UUID + 1 };

static uint64_t read_plainly(const uint8_t *at, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; ++i)
        value = value << 8 | at[i];
    return value;
}

/* What PostgreSQL writes for a numeric: all digits as a text, of which the wanted ones are shown. */
static size_t write_numeric(const uint8_t *value, char *out)
{
    const int n_digits = (int)read_plainly(value, 2), weight = (int16_t)read_plainly(value + 2, 2);
    const unsigned sign = (unsigned)read_plainly(value + 4, 2);
    const int decimals = (int)read_plainly(value + 6, 2);
    char *at = out;
    if (sign != 0 && sign != 0x4000)
        return (size_t)sprintf(out, "%s", sign == 0xC000 ? "NaN" : sign == 0xD000 ? "Infinity" : "-Infinity");
    if (sign)
        *at++ = '-';
    if (weight < 0)
        *at++ = '0';
    for (int place = 0; place <= weight; ++place) {
        int digit = place < n_digits ? (int)read_plainly(value + 8 + 2 * place, 2) : 0;
        at += sprintf(at, place ? "%04d" : "%d", digit);
    }
    if (decimals)
        *at++ = '.';
    for (int i = 0; i < decimals; ++i) {
        char digits[8];
        int place = weight + 1 + i / 4;
        (void)sprintf(digits, "%04d", place >= 0 && place < n_digits ? (int)read_plainly(value + 8 + 2 * place, 2) : 0);
        *at++ = digits[i % 4];
    }
    return (size_t)(at - out);
}

static void check_text(const struct strata_field *found, const char *wanted, size_t n)
{
    FUZZ_CHECK(found->n == n && memcmp(found->text, wanted, n) == 0, "%.*s, not %.*s", (int)found->n, found->text,
               (int)n, wanted);
}

static void check_value(enum strata_copy_form form, const void *values, size_t row, const uint8_t *value, size_t n)
{
    static char text[200000];
    const struct strata_field *fields = values;
    switch (form) {
    case STRATA_COPY_TEXT: check_text(&fields[row], (const char *)value, n); break;
    case STRATA_COPY_PADDED_TEXT:
        while (n && value[n - 1] == ' ')
            --n;
        check_text(&fields[row], (const char *)value, n);
        break;
    case STRATA_COPY_NUMERIC: {
        size_t n_text = write_numeric(value, text);
        check_text(&fields[row], text, n_text < STRATA_COPY_NUMERIC_BYTES ? n_text : STRATA_COPY_NUMERIC_BYTES);
        break;
    }
    case STRATA_COPY_INT16:
        FUZZ_CHECK(((const int64_t *)values)[row] == (int16_t)read_plainly(value, n), "int16");
        break;
    case STRATA_COPY_INT32:
        FUZZ_CHECK(((const int64_t *)values)[row] == (int32_t)read_plainly(value, n), "int32");
        break;
    case STRATA_COPY_INT64:
        FUZZ_CHECK(((const int64_t *)values)[row] == (int64_t)read_plainly(value, n), "int64");
        break;
    case STRATA_COPY_UUID: FUZZ_CHECK(memcmp((const char *)values + 16 * row, value, 16) == 0, "uuid"); break;
    default: break; /* the sizes are checked by reading */
    }
}

/* The rows of a block, one after the other: each field has the length that is sent. */
static void check_block(const struct strata_copy_decoder *decoder, const struct strata_column_block *block,
                        const uint8_t *rows, size_t n)
{
    size_t at = 0;
    for (size_t row = 0; row < block->n_rows; ++row) {
        FUZZ_CHECK(read_plainly(rows + at, 2) == (uint64_t)decoder->n_fields, "row %zu", row);
        at += 2;
        for (int f = 0; f < decoder->n_fields; ++f) {
            int32_t n_value = (int32_t)read_plainly(rows + at, 4);
            const struct strata_value_column *column = &block->column[decoder->role[f]];
            at += 4;
            FUZZ_CHECK((column->valid[row / 64] >> row % 64 & 1) == (n_value != -1), "row %zu", row);
            if (n_value == -1)
                continue;
            FUZZ_CHECK(n_value >= 0 && (size_t)n_value <= n - at, "row %zu: %d bytes", row, (int)n_value);
            check_value(decoder->form[f], column->values, row, rows + at, (size_t)n_value);
            at += (size_t)n_value;
        }
    }
    FUZZ_CHECK(at == n, "%zu bytes, not %zu", n, at);
}

static void check_stream(const char *message, size_t n)
{
    struct strata_copy_stream stream = {0};
    struct strata_error err;
    size_t row_at;
    for (int i = 0; i < 3 && strata_copy_stream_take(&stream, message, n, &row_at, &err) == STRATA_OK; ++i)
        FUZZ_CHECK(row_at <= n && stream.n_rows <= (uint64_t)i + 1, "%zu of %zu", row_at, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum strata_role role[STRATA_N_ROLES];
    enum strata_copy_form form[STRATA_N_ROLES];
    struct strata_copy_decoder decoder;
    struct strata_error err;
    const int n_fields = n ? data[0] % STRATA_N_ROLES + 1 : 1;
    const size_t begin = 1 + (size_t)n_fields;
    if (n < begin)
        return 0;
    for (int f = 0; f < n_fields; ++f) {
        role[f] = (enum strata_role)f;
        form[f] = (enum strata_copy_form)(data[1 + f] % N_FORMS);
    }
    if (strata_copy_decoder_init(&decoder, n_fields, role, form, &err) != STRATA_OK)
        return 0;
    n -= begin;
    char *rows = fuzz_copy(data + begin, n, 0);
    check_stream(rows, n);
    for (size_t at = 0, n_taken; at < n; at += n_taken) {
        struct strata_column_block block = {0};
        if (strata_copy_decode(&decoder, rows + at, n - at, &n_taken, &block, &err) != STRATA_OK)
            break;
        FUZZ_CHECK(n_taken > 0 && block.n_rows > 0, "%zu bytes", n_taken);
        check_block(&decoder, &block, data + begin + at, n_taken);
    }
    free(rows);
    strata_copy_decoder_release(&decoder);
    return 0;
}
