#include "duckdb_values.h"

#include <stdio.h>
#include <string.h>

enum { NANOSECONDS_PER_MICROSECOND = 1000 };

static bool is_valid(const uint64_t *valid, size_t i) { return !valid || (valid[i / 64] >> (i % 64) & 1); }

/* Where there is no value, what a string holds means nothing. */
static void convert_text(const void *values, const uint64_t *valid, size_t n, void *out)
{
    const union strata_duckdb_string *string = values;
    struct strata_field *field = out;
    for (size_t i = 0; i < n; ++i) {
        const size_t length = string[i].inlined.n;
        if (!is_valid(valid, i))
            field[i] = (struct strata_field){"", 0};
        else if (length <= sizeof string[i].inlined.text)
            field[i] = (struct strata_field){string[i].inlined.text, length};
        else
            field[i] = (struct strata_field){string[i].apart.text, length};
    }
}

/* DuckDB's minus infinity is -INT32_MAX. */
static void convert_date(const void *values, const uint64_t *valid, size_t n, void *out)
{
    const int32_t *from = values;
    int32_t *to = out;
    (void)valid;
    for (size_t i = 0; i < n; ++i)
        to[i] = from[i] == -INT32_MAX ? INT32_MIN : from[i];
}

/* Infinities, and what has no microseconds in 64 bits, stay beyond all years. */
static void convert_time(const int64_t *from, size_t n, int64_t microseconds, int64_t *to)
{
    for (size_t i = 0; i < n; ++i)
        if (__builtin_mul_overflow(from[i], microseconds, &to[i]))
            to[i] = from[i] < 0 ? -INT64_MAX : INT64_MAX;
}

static void convert_seconds(const void *values, const uint64_t *valid, size_t n, void *out)
{
    (void)valid;
    convert_time(values, n, 1000000, out);
}

static void convert_milliseconds(const void *values, const uint64_t *valid, size_t n, void *out)
{
    (void)valid;
    convert_time(values, n, 1000, out);
}

/* Downwards, so that nothing moves into the day before or after. */
static void convert_nanoseconds(const void *values, const uint64_t *valid, size_t n, void *out)
{
    const int64_t *from = values;
    int64_t *to = out;
    (void)valid;
    for (size_t i = 0; i < n; ++i) {
        bool is_infinite = from[i] == INT64_MAX || from[i] == -INT64_MAX;
        int64_t down = from[i] / NANOSECONDS_PER_MICROSECOND - (from[i] % NANOSECONDS_PER_MICROSECOND < 0);
        to[i] = is_infinite ? from[i] : down;
    }
}

/* Kept as a 128-bit integer, low half first, whose top bit is turned over so that it sorts. */
static void convert_uuid(const void *values, const uint64_t *valid, size_t n, void *out)
{
    const uint64_t *half = values;
    unsigned char *to = out;
    (void)valid;
    for (size_t i = 0; i < n; ++i) {
        uint64_t high = half[2 * i + 1] ^ UINT64_C(1) << 63, low = half[2 * i];
        for (int byte = 0; byte < 8; ++byte) {
            to[16 * i + (size_t)byte] = (unsigned char)(high >> (56 - 8 * byte));
            to[16 * i + 8 + (size_t)byte] = (unsigned char)(low >> (56 - 8 * byte));
        }
    }
}

/* The library promises nothing about alignment. */
static void convert_int128(const void *values, const uint64_t *valid, size_t n, void *out)
{
    (void)valid;
    memcpy(out, values, 16 * n);
}

static const char is_bytes[] = "BLOB, which is bytes and no text",
                  is_nested[] = "a nested type (LIST, STRUCT, MAP, ARRAY or UNION)";

static const struct strata_duckdb_column columns[] = {
    [STRATA_DUCKDB_BOOLEAN] = {.type = STRATA_VALUE_TEXT, .cast = "VARCHAR"},
    [STRATA_DUCKDB_TINYINT] = {.type = STRATA_VALUE_INT64, .cast = "BIGINT"},
    [STRATA_DUCKDB_SMALLINT] = {.type = STRATA_VALUE_INT64, .cast = "BIGINT"},
    [STRATA_DUCKDB_INTEGER] = {.type = STRATA_VALUE_INT64, .cast = "BIGINT"},
    [STRATA_DUCKDB_BIGINT] = {.type = STRATA_VALUE_INT64},
    [STRATA_DUCKDB_UTINYINT] = {.type = STRATA_VALUE_INT64, .cast = "BIGINT"},
    [STRATA_DUCKDB_USMALLINT] = {.type = STRATA_VALUE_INT64, .cast = "BIGINT"},
    [STRATA_DUCKDB_UINTEGER] = {.type = STRATA_VALUE_INT64, .cast = "BIGINT"},
    [STRATA_DUCKDB_UBIGINT] = {.type = STRATA_VALUE_UINT64},
    [STRATA_DUCKDB_FLOAT] = {.type = STRATA_VALUE_FLOAT32},
    [STRATA_DUCKDB_DOUBLE] = {.type = STRATA_VALUE_FLOAT64},
    [STRATA_DUCKDB_TIMESTAMP] = {.type = STRATA_VALUE_LOCAL_TIME},
    [STRATA_DUCKDB_DATE] = {.type = STRATA_VALUE_DATE, .convert = convert_date, .out_size = 4},
    [STRATA_DUCKDB_TIME] = {.type = STRATA_VALUE_TEXT, .cast = "VARCHAR"},
    [STRATA_DUCKDB_INTERVAL] = {.type = STRATA_VALUE_TEXT, .cast = "VARCHAR"},
    [STRATA_DUCKDB_HUGEINT] = {.type = STRATA_VALUE_DECIMAL128, .convert = convert_int128, .out_size = 16},
    [STRATA_DUCKDB_UHUGEINT] = {.type = STRATA_VALUE_TEXT, .cast = "VARCHAR"},
    [STRATA_DUCKDB_VARCHAR] = {.type = STRATA_VALUE_TEXT},
    [STRATA_DUCKDB_BLOB] = {.type = STRATA_VALUE_TEXT, .refusal = is_bytes},
    [STRATA_DUCKDB_DECIMAL] = {.type = STRATA_VALUE_DECIMAL64},
    [STRATA_DUCKDB_TIMESTAMP_S] = {.type = STRATA_VALUE_LOCAL_TIME, .convert = convert_seconds, .out_size = 8},
    [STRATA_DUCKDB_TIMESTAMP_MS] = {.type = STRATA_VALUE_LOCAL_TIME, .convert = convert_milliseconds, .out_size = 8},
    [STRATA_DUCKDB_TIMESTAMP_NS] = {.type = STRATA_VALUE_LOCAL_TIME, .convert = convert_nanoseconds, .out_size = 8},
    [STRATA_DUCKDB_ENUM] = {.type = STRATA_VALUE_TEXT, .cast = "VARCHAR"},
    [STRATA_DUCKDB_LIST] = {.type = STRATA_VALUE_TEXT, .refusal = is_nested},
    [STRATA_DUCKDB_STRUCT] = {.type = STRATA_VALUE_TEXT, .refusal = is_nested},
    [STRATA_DUCKDB_MAP] = {.type = STRATA_VALUE_TEXT, .refusal = is_nested},
    [STRATA_DUCKDB_UUID] = {.type = STRATA_VALUE_UUID, .convert = convert_uuid, .out_size = 16},
    [STRATA_DUCKDB_UNION] = {.type = STRATA_VALUE_TEXT, .refusal = is_nested},
    [STRATA_DUCKDB_BIT] = {.type = STRATA_VALUE_TEXT, .cast = "VARCHAR"},
    [STRATA_DUCKDB_TIME_TZ] = {.type = STRATA_VALUE_TEXT, .cast = "VARCHAR"},
    [STRATA_DUCKDB_TIMESTAMP_TZ] = {.type = STRATA_VALUE_INSTANT},
    [STRATA_DUCKDB_ARRAY] = {.type = STRATA_VALUE_TEXT, .refusal = is_nested},
    [STRATA_DUCKDB_BIGNUM] = {.type = STRATA_VALUE_TEXT, .cast = "VARCHAR"},
    [STRATA_DUCKDB_SQLNULL] = {.type = STRATA_VALUE_TEXT, .cast = "VARCHAR"},
    [STRATA_DUCKDB_TIME_NS] = {.type = STRATA_VALUE_TEXT, .cast = "VARCHAR"},
};

/* Decimals of up to 18 digits are 64-bit integers from 10 digits on, and made so below. */
static void make_decimal(struct strata_duckdb_column *column, int width, int scale)
{
    column->decimals = scale;
    if (width > 18) {
        column->type = STRATA_VALUE_DECIMAL128;
        column->convert = convert_int128;
        column->out_size = 16;
    } else if (width < 10) {
        (void)snprintf(column->cast, sizeof column->cast, "DECIMAL(18,%d)", scale);
    }
}

void strata_duckdb_column_make(struct strata_duckdb_column *column, const struct strata_duckdb_api *api,
                               strata_duckdb_handle logical_type)
{
    const int id = api->get_type_id(logical_type);
    const bool is_known = id >= STRATA_DUCKDB_BOOLEAN && (size_t)id < sizeof columns / sizeof columns[0];
    *column = columns[is_known ? id : 0];
    if (id == STRATA_DUCKDB_DECIMAL)
        make_decimal(column, api->decimal_width(logical_type), api->decimal_scale(logical_type));
    else if (column->type == STRATA_VALUE_TEXT && !column->refusal && !column->cast[0] && id != STRATA_DUCKDB_VARCHAR)
        column->refusal = "of a type that strata does not know";
    if (column->type == STRATA_VALUE_TEXT) {
        column->convert = convert_text;
        column->out_size = sizeof(struct strata_field);
    }
}
