/* The elements of datasets as values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_column.h"
#include "memory.h"

enum { VALUE_BYTES = 16 };

_Static_assert(sizeof(struct strata_field) <= VALUE_BYTES, "a text is the largest value");

enum strata_status strata_hdf5_values_init(struct strata_hdf5_values *values, size_t room, struct strata_error *err)
{
    values->value = strata_malloc_array(room, VALUE_BYTES);
    values->valid = strata_malloc_array(room / 64 + 1, sizeof *values->valid);
    values->room = room;
    if (!values->value || !values->valid)
        return strata_fail_memory(err, "the values of a column", room, VALUE_BYTES);
    return STRATA_OK;
}

void strata_hdf5_values_release(struct strata_hdf5_values *values)
{
    free(values->value);
    free(values->valid);
    *values = (struct strata_hdf5_values){0};
}

#define WIDEN(type)                                                                                                    \
    do {                                                                                                               \
        type value;                                                                                                    \
        for (size_t i = 0; i < n; ++i, at += stride) {                                                                 \
            memcpy(&value, at, sizeof value);                                                                          \
            out[i] = (int64_t)value;                                                                                   \
        }                                                                                                              \
    } while (0)

/* All widths as 64 bits; unsigned ones of 64 bits keep their bits. */
static void widen(const struct strata_hdf5_column *column, const unsigned char *at, size_t stride, size_t n,
                  int64_t *out)
{
    switch (column->size * 2 + column->is_signed) {
    case 2: WIDEN(uint8_t); break;
    case 3: WIDEN(int8_t); break;
    case 4: WIDEN(uint16_t); break;
    case 5: WIDEN(int16_t); break;
    case 8: WIDEN(uint32_t); break;
    case 9: WIDEN(int32_t); break;
    default: WIDEN(int64_t); break;
    }
}

/* Which of the values are there? */
static const uint64_t *mark_missing(const struct strata_hdf5_column *column, struct strata_hdf5_values *values,
                                    const int64_t *value, size_t n)
{
    if (!column->has_missing)
        return NULL;
    for (size_t i = 0; i < n; i += 64) {
        uint64_t bits = 0;
        for (size_t j = i; j < n && j < i + 64; ++j)
            bits |= (uint64_t)(value[j] != column->missing[0] && value[j] != column->missing[1]) << (j - i);
        values->valid[i / 64] = bits;
    }
    return values->valid;
}

/* Times beyond what microseconds can tell are beyond the year 9999 all the same. */
static int64_t time_of_integer(const struct strata_hdf5_column *column, int64_t value)
{
    int64_t time;
    if (column->unit_whole)
        return __builtin_mul_overflow(value, column->unit_whole, &time) ||
                       __builtin_add_overflow(time, column->base, &time)
                   ? value < 0 ? INT64_MIN : INT64_MAX
                   : time;
    time = value / column->unit_parts - (value % column->unit_parts < 0);
    return time + column->base;
}

static int64_t time_of_float(const struct strata_hdf5_column *column, double value)
{
    double time = nearbyint(value * column->unit) + (double)column->base;
    if (!(fabs(time) < 9e18))
        return time < 0 ? INT64_MIN : INT64_MAX;
    return (int64_t)time;
}

static struct strata_value_column integers(const struct strata_hdf5_column *column, struct strata_hdf5_values *values,
                                           const unsigned char *at, size_t stride, size_t n)
{
    int64_t *out = values->value;
    if (!column->is_time && !column->has_missing && stride == sizeof *out && column->size == sizeof *out &&
        (uintptr_t)at % sizeof *out == 0)
        return (struct strata_value_column){at, NULL};
    widen(column, at, stride, n, out);
    const uint64_t *valid = mark_missing(column, values, out, n);
    for (size_t i = 0; column->is_time && i < n; ++i)
        out[i] = time_of_integer(column, out[i]);
    return (struct strata_value_column){out, valid};
}

static double real_at(const struct strata_hdf5_column *column, const unsigned char *at)
{
    double value;
    float narrow;
    if (column->size == sizeof narrow) {
        memcpy(&narrow, at, sizeof narrow);
        return narrow;
    }
    memcpy(&value, at, sizeof value);
    return value;
}

/* Which of the values are there? NaNs are not, and whoever takes plain numbers knows that himself. */
static const uint64_t *mark_missing_reals(const struct strata_hdf5_column *column, struct strata_hdf5_values *values,
                                          const unsigned char *at, size_t stride, size_t n)
{
    const bool is_narrow = column->size == sizeof(float);
    double none[2] = {NAN, NAN};
    for (int i = 0; i < 2 && column->has_missing; ++i)
        none[i] = is_narrow ? (float)column->missing_real[i] : column->missing_real[i];
    memset(values->valid, 0xFF, (n / 64 + 1) * sizeof *values->valid);
    for (size_t i = 0; i < n; ++i, at += stride) {
        double value = real_at(column, at);
        if (isnan(value) || value == none[0] || value == none[1])
            values->valid[i / 64] &= ~((uint64_t)1 << (i % 64));
    }
    return values->valid;
}

static struct strata_value_column times_of_floats(const struct strata_hdf5_column *column,
                                                  struct strata_hdf5_values *values, const unsigned char *at,
                                                  size_t stride, size_t n)
{
    int64_t *out = values->value;
    const uint64_t *valid = mark_missing_reals(column, values, at, stride, n);
    for (size_t i = 0; i < n; ++i, at += stride)
        out[i] = time_of_float(column, real_at(column, at));
    return (struct strata_value_column){out, valid};
}

static struct strata_value_column floats(const struct strata_hdf5_column *column, struct strata_hdf5_values *values,
                                         const unsigned char *at, size_t stride, size_t n)
{
    if (column->is_time)
        return times_of_floats(column, values, at, stride, n);
    const uint64_t *valid = column->has_missing ? mark_missing_reals(column, values, at, stride, n) : NULL;
    if (stride == column->size && (uintptr_t)at % column->size == 0)
        return (struct strata_value_column){at, valid};
    for (size_t i = 0; i < n; ++i, at += stride)
        memcpy((char *)values->value + i * column->size, at, column->size);
    return (struct strata_value_column){values->value, valid};
}

/* Without the padding: NULs or blanks at the end, or all from the first NUL on. */
static struct strata_field unpad(const struct strata_hdf5_column *column, const char *text)
{
    size_t n = column->size;
    const char pad = column->padding == H5T_STR_SPACEPAD ? ' ' : '\0';
    if (column->padding == H5T_STR_NULLTERM)
        return (struct strata_field){text, strnlen(text, n)};
    while (n && text[n - 1] == pad)
        --n;
    return (struct strata_field){text, n};
}

static struct strata_field name_of(const struct strata_hdf5_names *names, int64_t value)
{
    size_t low = 0, high = names->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (names->value[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == names->n || names->value[low] != value)
        return (struct strata_field){"", 0};
    return (struct strata_field){names->name[low], strlen(names->name[low])};
}

static struct strata_value_column texts(const struct strata_hdf5_column *column, struct strata_hdf5_values *values,
                                        const unsigned char *at, size_t stride, size_t n)
{
    struct strata_field *out = values->value;
    for (size_t i = 0; i < n; ++i, at += stride) {
        int64_t number;
        const char *text;
        switch (column->form) {
        case STRATA_HDF5_FIXED_TEXT: out[i] = unpad(column, (const char *)at); break;
        case STRATA_HDF5_ENUM:
            widen(column, at, stride, 1, &number);
            out[i] = name_of(&column->names, number);
            break;
        default:
            memcpy(&text, at, sizeof text);
            out[i] = (struct strata_field){text ? text : "", text ? strlen(text) : 0};
            break;
        }
    }
    return (struct strata_value_column){out, NULL};
}

struct strata_value_column strata_hdf5_column_values(const struct strata_hdf5_column *column,
                                                     struct strata_hdf5_values *values, const unsigned char *rows,
                                                     size_t row_bytes, size_t n)
{
    const unsigned char *at = rows + column->offset;
    switch (column->form) {
    case STRATA_HDF5_INTEGER: return integers(column, values, at, row_bytes, n);
    case STRATA_HDF5_FLOAT: return floats(column, values, at, row_bytes, n);
    default: return texts(column, values, at, row_bytes, n);
    }
}
