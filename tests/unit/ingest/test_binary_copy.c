#include "binary_copy.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bytes as a server would send them, in memory that ends where they end. */
struct bytes {
    char *at;
    size_t n;
};

static void put(struct bytes *bytes, const void *more, size_t n)
{
    bytes->at = realloc(bytes->at, bytes->n + n + 1);
    memcpy(bytes->at + bytes->n, more, n);
    bytes->n += n;
    bytes->at = realloc(bytes->at, bytes->n ? bytes->n : 1);
}

static void put_integer(struct bytes *bytes, int64_t value, int n)
{
    for (int i = n - 1; i >= 0; --i) {
        char byte = (char)((uint64_t)value >> 8 * i);
        put(bytes, &byte, 1);
    }
}

static void put_text(struct bytes *bytes, const char *text)
{
    put_integer(bytes, (int64_t)strlen(text), 4);
    put(bytes, text, strlen(text));
}

static void put_header(struct bytes *bytes)
{
    put(bytes, "PGCOPY\n\377\r\n", 11);
    put_integer(bytes, 0, 4);
    put_integer(bytes, 0, 4);
}

/* A numeric field: its length, its header, its digits of base 10000 up to a negative one. */
static void put_numeric(struct bytes *bytes, int weight, int sign, int decimals, const int *digits)
{
    int n = 0;
    while (digits[n] >= 0)
        ++n;
    put_integer(bytes, 8 + 2 * n, 4);
    put_integer(bytes, n, 2);
    put_integer(bytes, weight, 2);
    put_integer(bytes, sign, 2);
    put_integer(bytes, decimals, 2);
    for (int i = 0; i < n; ++i)
        put_integer(bytes, digits[i], 2);
}

static const enum strata_role roles[] = {STRATA_ROLE_CUSTOMER, STRATA_ROLE_TIME,     STRATA_ROLE_AMOUNT,
                                         STRATA_ROLE_ORDER,    STRATA_ROLE_QUANTITY, STRATA_ROLE_UNIT_PRICE,
                                         STRATA_ROLE_CHANNEL,  STRATA_ROLE_CATEGORY};

/* Decode what is one block, and give up the bytes. The block lives as long as the decoder. */
static enum strata_status decode(struct strata_copy_decoder *decoder, struct bytes *bytes,
                                 struct strata_column_block *block, struct strata_error *err)
{
    size_t n_taken = 0;
    enum strata_status status = strata_copy_decode(decoder, bytes->at, bytes->n, &n_taken, block, err);
    if (status == STRATA_OK)
        cr_expect_eq(n_taken, bytes->n);
    return status;
}

/* One value of a form, in a row of one field. */
static enum strata_status decode_one(enum strata_copy_form form, struct bytes *field, void *value, size_t n_value)
{
    struct strata_copy_decoder decoder;
    struct strata_column_block block = {0};
    struct strata_error err;
    struct bytes row = {0};
    put_integer(&row, 1, 2);
    put(&row, field->at, field->n);
    cr_assert_eq(strata_copy_decoder_init(&decoder, 1, roles, &form, &err), STRATA_OK);
    enum strata_status status = decode(&decoder, &row, &block, &err);
    if (status == STRATA_OK) {
        cr_expect_eq(block.n_rows, 1);
        cr_expect(block.column[STRATA_ROLE_CUSTOMER].valid[0] & 1);
        memcpy(value, block.column[STRATA_ROLE_CUSTOMER].values, n_value);
    }
    strata_copy_decoder_release(&decoder);
    free(row.at);
    free(field->at);
    *field = (struct bytes){0};
    return status;
}

Test(binary_copy, stream_of_messages)
{
    struct strata_copy_stream stream = {0};
    struct strata_error err;
    struct bytes first = {0}, row = {0}, trailer = {0};
    size_t at;
    put_header(&first);
    put_integer(&first, 1, 2);
    put_text(&first, "x");
    put_integer(&row, 1, 2);
    put_text(&row, "y");
    put_integer(&trailer, -1, 2);
    cr_expect_eq(strata_copy_stream_finish(&stream, 0, &err), STRATA_REJECTED);
    cr_assert_eq(strata_copy_stream_take(&stream, first.at, first.n, &at, &err), STRATA_OK);
    cr_expect_eq(at, 19);
    cr_assert_eq(strata_copy_stream_take(&stream, row.at, row.n, &at, &err), STRATA_OK);
    cr_expect_eq(at, 0);
    cr_expect_eq(strata_copy_stream_finish(&stream, 2, &err), STRATA_REJECTED);
    cr_expect(strstr(err.message, "cut off after row 2"), "%s", err.message);
    cr_assert_eq(strata_copy_stream_take(&stream, trailer.at, trailer.n, &at, &err), STRATA_OK);
    cr_expect_eq(at, trailer.n);
    cr_expect_eq(strata_copy_stream_finish(&stream, 2, &err), STRATA_OK);
    cr_expect_eq(strata_copy_stream_finish(&stream, 3, &err), STRATA_REJECTED);
    cr_expect(strstr(err.message, "2 rows came"), "%s", err.message);
    cr_expect_eq(strata_copy_stream_take(&stream, row.at, row.n, &at, &err), STRATA_REJECTED);
    free(first.at);
    free(row.at);
    free(trailer.at);
}

Test(binary_copy, header_alone_and_with_an_extension)
{
    struct strata_error err;
    for (int n_extension = 0; n_extension < 3; ++n_extension) {
        struct strata_copy_stream stream = {0};
        struct bytes header = {0};
        size_t at;
        put_header(&header);
        header.at[18] = (char)n_extension;
        put(&header, "ab", (size_t)n_extension);
        cr_assert_eq(strata_copy_stream_take(&stream, header.at, header.n, &at, &err), STRATA_OK);
        cr_expect_eq(at, header.n);
        cr_expect_eq(stream.n_rows, 0);
        free(header.at);
    }
}

Test(binary_copy, headers_that_are_none)
{
    struct strata_error err;
    struct bytes whole = {0};
    size_t at;
    put_header(&whole);
    for (size_t n = 0; n < whole.n; ++n) { /* cut off anywhere */
        struct strata_copy_stream stream = {0};
        char *cut = malloc(n ? n : 1);
        memcpy(cut, whole.at, n);
        cr_expect_eq(strata_copy_stream_take(&stream, cut, n, &at, &err), STRATA_REJECTED, "%zu bytes", n);
        free(cut);
    }
    /* Each byte: the signature, the flags that matter, the length of an extension that is not there. */
    for (size_t i = 0; i < whole.n; ++i) {
        struct strata_copy_stream stream = {0};
        char kept = whole.at[i];
        bool is_ignored = i == 13 || i == 14;
        whole.at[i] = (char)(kept ^ 0x81);
        cr_expect_eq(strata_copy_stream_take(&stream, whole.at, whole.n, &at, &err),
                     is_ignored ? STRATA_OK : STRATA_REJECTED, "byte %zu", i);
        whole.at[i] = kept;
    }
    free(whole.at);
}

Test(binary_copy, rows_and_nulls)
{
    const enum strata_copy_form form[] = {STRATA_COPY_TEXT, STRATA_COPY_INT32, STRATA_COPY_PADDED_TEXT};
    struct strata_copy_decoder decoder;
    struct strata_column_block block = {0};
    struct strata_error err;
    struct bytes rows = {0};
    for (int i = 0; i < 100; ++i) {
        put_integer(&rows, 3, 2);
        if (i % 3 == 0)
            put_integer(&rows, -1, 4);
        else
            put_text(&rows, i % 2 ? "odd" : "");
        put_integer(&rows, 4, 4);
        put_integer(&rows, -i, 4);
        put_text(&rows, i % 2 ? " a  " : "   ");
    }
    cr_assert_eq(strata_copy_decoder_init(&decoder, 3, roles, form, &err), STRATA_OK);
    cr_assert_eq(decode(&decoder, &rows, &block, &err), STRATA_OK);
    cr_assert_eq(block.n_rows, 100);
    for (int i = 0; i < 100; ++i) {
        const struct strata_value_column *text = &block.column[STRATA_ROLE_CUSTOMER];
        const struct strata_field *field = (const struct strata_field *)text->values + i;
        const struct strata_field *padded = (const struct strata_field *)block.column[STRATA_ROLE_AMOUNT].values + i;
        cr_expect_eq(text->valid[i / 64] >> i % 64 & 1, i % 3 != 0);
        if (i % 3)
            cr_expect(field->n == (i % 2 ? 3u : 0u) && memcmp(field->text, "odd", field->n) == 0);
        cr_expect_eq(((const int64_t *)block.column[STRATA_ROLE_TIME].values)[i], -i);
        cr_expect(padded->n == (i % 2 ? 2u : 0u) && memcmp(padded->text, " a", padded->n) == 0);
    }
    strata_copy_decoder_release(&decoder);
    free(rows.at);
}

Test(binary_copy, more_rows_than_a_block_takes)
{
    enum { ROWS = 3 * STRATA_COPY_ROWS + 7 };
    const enum strata_copy_form form = STRATA_COPY_INT16;
    struct strata_copy_decoder decoder;
    struct strata_column_block block = {0};
    struct strata_error err;
    struct bytes rows = {.at = malloc(8 * ROWS)};
    for (int i = 0; i < ROWS; ++i) {
        const char row[] = {0, 1, 0, 0, 0, 2, (char)(i >> 8), (char)i};
        memcpy(rows.at + rows.n, row, sizeof row);
        rows.n += sizeof row;
    }
    cr_assert_eq(strata_copy_decoder_init(&decoder, 1, roles, &form, &err), STRATA_OK);
    size_t at = 0, n_rows = 0, n_taken;
    while (at < rows.n) {
        cr_assert_eq(strata_copy_decode(&decoder, rows.at + at, rows.n - at, &n_taken, &block, &err), STRATA_OK);
        cr_assert(block.n_rows > 0 && block.n_rows <= STRATA_COPY_ROWS);
        for (size_t i = 0; i < block.n_rows; ++i)
            cr_assert_eq(((const int64_t *)block.column[STRATA_ROLE_CUSTOMER].values)[i], (int64_t)(n_rows + i));
        n_rows += block.n_rows;
        at += n_taken;
    }
    cr_expect_eq(n_rows, ROWS);
    strata_copy_decoder_release(&decoder);
    free(rows.at);
}

Test(binary_copy, numbers_of_fixed_size)
{
    const struct {
        enum strata_copy_form form;
        int n_bytes;
        int64_t sent, wanted;
    } cases[] = {
        {STRATA_COPY_INT16, 2, -1, -1},
        {STRATA_COPY_INT16, 2, INT16_MIN, INT16_MIN},
        {STRATA_COPY_INT32, 4, INT32_MAX, INT32_MAX},
        {STRATA_COPY_INT64, 8, INT64_MIN, INT64_MIN},
        {STRATA_COPY_TIMESTAMP, 8, 0, 946684800000000},             /* 2000-01-01 */
        {STRATA_COPY_TIMESTAMPTZ, 8, -946684800000001, -1},         /* just before 1970 */
        {STRATA_COPY_TIMESTAMP, 8, INT64_MAX, INT64_MAX},           /* infinity */
        {STRATA_COPY_TIMESTAMP, 8, INT64_MIN, INT64_MIN},           /* -infinity */
        {STRATA_COPY_TIMESTAMP, 8, 9223371331199999999, INT64_MAX}, /* the end of 294276 */
        {STRATA_COPY_TIMESTAMP, 8, INT64_MIN + 1, INT64_MIN + 1 + 946684800000000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct bytes field = {0};
        int64_t value = 0;
        put_integer(&field, cases[i].n_bytes, 4);
        put_integer(&field, cases[i].sent, cases[i].n_bytes);
        cr_assert_eq(decode_one(cases[i].form, &field, &value, sizeof value), STRATA_OK);
        cr_expect_eq(value, cases[i].wanted, "case %zu: %" PRId64, i, value);
    }
}

Test(binary_copy, days)
{
    const int32_t cases[][2] = {{0, 10957},
                                {-10957, 0},
                                {INT32_MAX, INT32_MAX},
                                {INT32_MIN, INT32_MIN},
                                {-10958, -1},
                                {INT32_MAX - 10957, INT32_MAX},
                                {INT32_MAX - 10958, INT32_MAX - 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct bytes field = {0};
        int32_t value = 0;
        put_integer(&field, 4, 4);
        put_integer(&field, cases[i][0], 4);
        cr_assert_eq(decode_one(STRATA_COPY_DATE, &field, &value, sizeof value), STRATA_OK);
        cr_expect_eq(value, cases[i][1]);
    }
}

Test(binary_copy, floating_point_and_uuid)
{
    struct bytes field = {0};
    float narrow;
    double wide;
    char uuid[16];
    put_integer(&field, 4, 4);
    put_integer(&field, 0x3DCCCCCD, 4);
    cr_assert_eq(decode_one(STRATA_COPY_FLOAT32, &field, &narrow, sizeof narrow), STRATA_OK);
    cr_expect(narrow == 0.1f);
    put_integer(&field, 8, 4);
    put_integer(&field, 0x3FB999999999999A, 8);
    cr_assert_eq(decode_one(STRATA_COPY_FLOAT64, &field, &wide, sizeof wide), STRATA_OK);
    cr_expect(wide == 0.1);
    put_integer(&field, 8, 4);
    put_integer(&field, 0x7FF8000000000000, 8);
    cr_assert_eq(decode_one(STRATA_COPY_FLOAT64, &field, &wide, sizeof wide), STRATA_OK);
    cr_expect(isnan(wide));
    put_text(&field, "0123456789abcdef");
    cr_assert_eq(decode_one(STRATA_COPY_UUID, &field, uuid, sizeof uuid), STRATA_OK);
    cr_expect(memcmp(uuid, "0123456789abcdef", 16) == 0);
}

#define DIGITS(...)                                                                                                    \
    (const int[]) { __VA_ARGS__, -1 }

Test(binary_copy, numerics)
{
    const struct {
        int weight, sign, decimals;
        const int *digits;
        const char *text;
    } cases[] = {
        {0, 0, 2, DIGITS(12, 5000), "12.50"},
        {0, 0x4000, 2, DIGITS(12, 5000), "-12.50"},
        {0, 0, 0, DIGITS(-1), "0"},
        {0, 0, 2, DIGITS(-1), "0.00"},
        {-1, 0, 4, DIGITS(1), "0.0001"},
        {-1, 0x4000, 1, DIGITS(5000), "-0.5"},
        {-2, 0, 8, DIGITS(1234), "0.00001234"},
        {1, 0, 0, DIGITS(1), "10000"},
        {2, 0, 1, DIGITS(1, 0, 9999), "100009999.0"},
        {1, 0, 5, DIGITS(7, 34, 5678, 9000), "70034.56789"},
        {5, 0, 0, DIGITS(1), "100000000000000000000"},
        {0, 0, 3, DIGITS(9999, 9990), "9999.999"},
        {0, 0xC000, 0, DIGITS(-1), "NaN"},
        {0, 0xD000, 0, DIGITS(-1), "Infinity"},
        {0, 0xF000, 0, DIGITS(-1), "-Infinity"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        const enum strata_copy_form form = STRATA_COPY_NUMERIC;
        struct strata_copy_decoder decoder;
        struct strata_column_block block = {0};
        struct strata_error err;
        struct bytes row = {0};
        put_integer(&row, 1, 2);
        put_numeric(&row, cases[i].weight, cases[i].sign, cases[i].decimals, cases[i].digits);
        cr_assert_eq(strata_copy_decoder_init(&decoder, 1, roles, &form, &err), STRATA_OK);
        cr_assert_eq(decode(&decoder, &row, &block, &err), STRATA_OK, "%s", cases[i].text);
        const struct strata_field *field = block.column[STRATA_ROLE_CUSTOMER].values;
        cr_expect(field->n == strlen(cases[i].text) && memcmp(field->text, cases[i].text, field->n) == 0,
                  "%.*s, not %s", (int)field->n, field->text, cases[i].text);
        strata_copy_decoder_release(&decoder);
        free(row.at);
    }
}

/* A few bytes can mean 131,072 digits: what is cut is longer than a field may be, and blocks end in time. */
Test(binary_copy, very_long_numerics)
{
    enum { ROWS = 100 };
    const enum strata_copy_form form[] = {STRATA_COPY_NUMERIC, STRATA_COPY_NUMERIC};
    struct strata_copy_decoder decoder;
    struct strata_column_block block = {0};
    struct strata_error err;
    struct bytes rows = {0};
    for (int i = 0; i < ROWS; ++i) {
        put_integer(&rows, 2, 2);
        put_numeric(&rows, INT16_MAX, 0x4000, 0x3FFF, DIGITS(1234));
        put_numeric(&rows, INT16_MIN, 0, 0x3FFF, DIGITS(1234));
    }
    cr_assert_eq(strata_copy_decoder_init(&decoder, 2, roles, form, &err), STRATA_OK);
    size_t at = 0, n_rows = 0, n_taken;
    for (; at < rows.n; at += n_taken) {
        cr_assert_eq(strata_copy_decode(&decoder, rows.at + at, rows.n - at, &n_taken, &block, &err), STRATA_OK);
        cr_assert(block.n_rows > 0 && block.n_rows < ROWS);
        for (size_t i = 0; i < block.n_rows; ++i) {
            const struct strata_field *high = (const struct strata_field *)block.column[0].values + i;
            const struct strata_field *low = (const struct strata_field *)block.column[1].values + i;
            cr_expect(high->n == STRATA_COPY_NUMERIC_BYTES && memcmp(high->text, "-12340000", 9) == 0);
            cr_expect(low->n == STRATA_COPY_NUMERIC_BYTES && memcmp(low->text, "0.000000", 8) == 0);
        }
        n_rows += block.n_rows;
    }
    cr_expect_eq(n_rows, ROWS);
    strata_copy_decoder_release(&decoder);
    free(rows.at);
}

Test(binary_copy, numerics_that_are_none)
{
    const struct {
        int n_digits, sign, decimals, n_bytes, digit;
    } cases[] = {
        {1, 0, 2, 8, 1},       /* fewer digits than it says */
        {0, 0, 2, 10, 1},      /* more digits than it says */
        {-1, 0, 2, 8, 1},      /* a negative number of digits */
        {1, 0, 2, 10, 10000},  /* no digit of base 10000 */
        {1, 0, 2, 10, -1},     /* likewise */
        {1, 0x1000, 2, 10, 1}, /* no sign */
        {1, 0, 0x4000, 10, 1}, /* too many decimals */
        {1, 0, -1, 10, 1},     /* negative decimals */
        {1, 0, 2, 7, 1},       /* not even a header */
        {1, 0, 2, 9, 1},       /* half a digit */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct bytes field = {0};
        struct strata_field text;
        put_integer(&field, cases[i].n_bytes, 4);
        put_integer(&field, cases[i].n_digits, 2);
        put_integer(&field, 0, 2);
        put_integer(&field, cases[i].sign, 2);
        put_integer(&field, cases[i].decimals, 2);
        put_integer(&field, cases[i].digit, 2);
        field.n = 4 + (size_t)cases[i].n_bytes;
        cr_expect_eq(decode_one(STRATA_COPY_NUMERIC, &field, &text, sizeof text), STRATA_REJECTED, "case %zu", i);
    }
}

Test(binary_copy, values_of_the_wrong_size)
{
    static const struct {
        enum strata_copy_form form;
        int n_bytes;
    } cases[] = {
        {STRATA_COPY_INT16, 2},       {STRATA_COPY_INT32, 4},   {STRATA_COPY_INT64, 8},
        {STRATA_COPY_FLOAT32, 4},     {STRATA_COPY_FLOAT64, 8}, {STRATA_COPY_TIMESTAMP, 8},
        {STRATA_COPY_TIMESTAMPTZ, 8}, {STRATA_COPY_DATE, 4},    {STRATA_COPY_UUID, 16},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i)
        for (int n = 0; n < 20; ++n) {
            struct bytes field = {0};
            char value[16];
            put_integer(&field, n, 4);
            put(&field, "00000000000000000000", (size_t)n);
            cr_expect_eq(decode_one(cases[i].form, &field, value, sizeof(int32_t)),
                         n == cases[i].n_bytes ? STRATA_OK : STRATA_REJECTED, "case %zu: %d bytes", i, n);
        }
}

/* Two rows, cut off anywhere, and with every length and count wrong. */
Test(binary_copy, hostile_rows)
{
    const enum strata_copy_form form[] = {STRATA_COPY_TEXT, STRATA_COPY_NUMERIC};
    struct strata_copy_decoder decoder;
    struct strata_column_block block = {0};
    struct strata_error err;
    struct bytes rows = {0};
    for (int i = 0; i < 2; ++i) {
        put_integer(&rows, 2, 2);
        put_text(&rows, "abc");
        put_numeric(&rows, 0, 0, 2, DIGITS(12, 5000));
    }
    cr_assert_eq(strata_copy_decoder_init(&decoder, 2, roles, form, &err), STRATA_OK);
    size_t n_taken;
    for (size_t n = 1; n < rows.n; ++n) {
        char *cut = malloc(n);
        memcpy(cut, rows.at, n);
        cr_expect_eq(strata_copy_decode(&decoder, cut, n, &n_taken, &block, &err),
                     n == rows.n / 2 ? STRATA_OK : STRATA_REJECTED, "%zu bytes", n);
        free(cut);
    }
    const struct {
        size_t at;
        int n;
        int64_t value;
    } cases[] = {
        {0, 2, 1}, {0, 2, 3}, {0, 2, -1}, {0, 2, 0},  {2, 4, -2}, {2, 4, INT32_MIN}, {2, 4, INT32_MAX}, {2, 4, 1 << 20},
        {2, 4, 4}, {2, 4, 2}, {9, 4, 11}, {9, 4, 13}, {9, 4, -3}, {9, 4, INT32_MAX}, {9, 4, INT32_MIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char *kept = malloc(rows.n);
        struct bytes wrong = {0};
        memcpy(kept, rows.at, rows.n);
        put_integer(&wrong, cases[i].value, cases[i].n);
        memcpy(kept + cases[i].at, wrong.at, wrong.n);
        cr_expect_eq(strata_copy_decode(&decoder, kept, rows.n, &n_taken, &block, &err), STRATA_REJECTED, "case %zu",
                     i);
        cr_expect(strstr(err.message, "not of the columns"), "%s", err.message);
        free(wrong.at);
        free(kept);
    }
    strata_copy_decoder_release(&decoder);
    free(rows.at);
}
