#include "convert_values.h"

#include <string.h>

#include "real_decimal.h"
#include "row.h"
#include "time_fields.h"

/* One value of a row, and what it is. */
struct value {
    const struct strata_value_column *column;
    enum strata_value_type type;
    int decimals;
    size_t i;
    bool is_there;
};

static struct value value_of(const struct strata_value_converter *values, const struct strata_column_block *block,
                             enum strata_role role, size_t i)
{
    const struct strata_value_column *column = &block->column[role];
    enum strata_value_type type = values->plan->type[role];
    return (struct value){column, type, values->plan->decimals[role], i, strata_value_is_there(column, type, i)};
}

/* A value as text: where it lies, or written to the role's memory. */
static struct strata_field text_of(struct strata_value_converter *values, enum strata_role role, struct value value)
{
    char *text = values->text[role];
    if (!value.is_there)
        return (struct strata_field){"", 0};
    if (strata_value_is_field(value.type))
        return ((const struct strata_field *)value.column->values)[value.i];
    return (struct strata_field){text, strata_value_text(value.column, value.type, value.decimals, value.i, text)};
}

/* As in delimited text, where nothing may be longer. */
static bool check_lengths(const struct strata_value_converter *values, const struct strata_column_block *block,
                          size_t i, struct strata_row *row)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        if (values->plan->field[role] < 0 || !strata_value_is_field(values->plan->type[role]))
            continue;
        struct value value = value_of(values, block, (enum strata_role)role, i);
        if (value.is_there && ((const struct strata_field *)value.column->values)[i].n > (size_t)STRATA_KEY_MAX_BYTES)
            return strata_row_fail(row, (enum strata_role)role, STRATA_REJECT_FIELD_TOO_LONG);
    }
    return true;
}

/* The quick way of a number that is a float. */
static bool unscale(struct value value, int decimals, int64_t *digits)
{
    if (value.type == STRATA_VALUE_FLOAT64)
        return strata_real_decimal(((const double *)value.column->values)[value.i], decimals, digits);
    return value.type == STRATA_VALUE_FLOAT32 &&
           strata_single_decimal(((const float *)value.column->values)[value.i], decimals, digits);
}

/* A whole or decimal number as digits and decimals; false for what is none of these. */
static bool number_of(struct value value, strata_int128 *digits, int *decimals)
{
    const void *at = value.column->values;
    *decimals = 0;
    switch (value.type) {
    case STRATA_VALUE_INT64: *digits = ((const int64_t *)at)[value.i]; return true;
    case STRATA_VALUE_UINT64: *digits = ((const uint64_t *)at)[value.i]; return true;
    case STRATA_VALUE_DECIMAL64: *digits = ((const int64_t *)at)[value.i]; break;
    case STRATA_VALUE_DECIMAL128: memcpy(digits, (const char *)at + sizeof *digits * value.i, sizeof *digits); break;
    default: return false;
    }
    *decimals = value.decimals;
    return true;
}

static bool is_text(struct value value) { return value.type == STRATA_VALUE_TEXT; }

static bool take_amount(struct strata_value_converter *values, struct strata_row *row, struct value value)
{
    const struct strata_amount_format *format = values->converter.amount;
    strata_int128 digits;
    int decimals;
    if (!value.is_there)
        return strata_row_fail(row, STRATA_ROLE_AMOUNT, STRATA_REJECT_NUMBER_EMPTY);
    if (is_text(value))
        return strata_row_take_amount(&values->converter, row, text_of(values, STRATA_ROLE_AMOUNT, value));
    if (unscale(value, format->decimals, &row->amount))
        return true;
    enum strata_decimal_result result;
    if (number_of(value, &digits, &decimals)) {
        result = strata_decimal_rescale(digits, decimals, format->decimals, format->rounds_half_even, &row->amount);
    } else {
        struct strata_field text = text_of(values, STRATA_ROLE_AMOUNT, value);
        result = format->rounds_half_even
                     ? strata_decimal_parse_rounded(text.text, text.n, format->decimals, &row->amount)
                     : strata_decimal_parse(text.text, text.n, format->decimals, &row->amount);
    }
    return result == STRATA_DECIMAL_OK || strata_row_fail_number(row, STRATA_ROLE_AMOUNT, result);
}

static bool take_factor(struct strata_value_converter *values, struct strata_row *row, enum strata_role role,
                        struct value value, struct strata_decimal *out)
{
    const int usual = values->converter.amount->decimals;
    strata_int128 digits;
    int decimals;
    if (!value.is_there)
        return strata_row_fail(row, role, STRATA_REJECT_NUMBER_EMPTY);
    if (is_text(value))
        return strata_row_take_factor(&values->converter, row, role, text_of(values, role, value), out);
    if (unscale(value, usual, &out->digits)) {
        out->decimals = usual;
        return true;
    }
    enum strata_decimal_result result;
    if (number_of(value, &digits, &decimals)) {
        result = strata_decimal_make_factor(digits, decimals, usual, out);
    } else {
        struct strata_field text = text_of(values, role, value);
        result = strata_decimal_parse_factor(text.text, text.n, usual, out);
    }
    return result == STRATA_DECIMAL_OK || strata_row_fail_factor(row, role, result);
}

static bool take_amount_or_product(struct strata_value_converter *values, const struct strata_column_block *block,
                                   size_t i, struct strata_row *row)
{
    if (values->plan->field[STRATA_ROLE_AMOUNT] >= 0)
        return take_amount(values, row, value_of(values, block, STRATA_ROLE_AMOUNT, i));
    return take_factor(values, row, STRATA_ROLE_QUANTITY, value_of(values, block, STRATA_ROLE_QUANTITY, i),
                       &row->quantity) &&
           take_factor(values, row, STRATA_ROLE_UNIT_PRICE, value_of(values, block, STRATA_ROLE_UNIT_PRICE, i),
                       &row->unit_price) &&
           strata_row_multiply(&values->converter, row);
}

static bool take_customer(struct strata_value_converter *values, struct strata_row *row, struct value value)
{
    struct strata_field *id = &row->value[STRATA_ROLE_CUSTOMER];
    *id = text_of(values, STRATA_ROLE_CUSTOMER, value);
    if (!strata_value_is_field(value.type) && id->n && id->n < sizeof row->customer) {
        row->customer = strata_key_from_padded(id->text, id->n);
        return true;
    }
    if (id->n < sizeof row->customer) {
        memcpy(values->text[STRATA_ROLE_CUSTOMER], id->text, id->n);
        id->text = values->text[STRATA_ROLE_CUSTOMER];
    }
    return strata_row_take_customer(row);
}

static enum strata_time_result take_day(int64_t day, int64_t microsecond, struct strata_time *out)
{
    if (day < STRATA_DAY_MIN || day > STRATA_DAY_MAX)
        return STRATA_TIME_OUT_OF_RANGE;
    *out = (struct strata_time){.day = (int32_t)day, .microsecond = microsecond};
    return STRATA_TIME_OK;
}

/* Split a count into whole units, rounded down, and what remains. */
static int64_t divide_down(int64_t value, int64_t unit, int64_t *rest)
{
    *rest = value % unit;
    const bool is_up = *rest < 0;
    *rest += is_up ? unit : 0;
    return value / unit - is_up;
}

static bool take_time(struct strata_value_converter *values, struct strata_row *row, struct value value)
{
    struct strata_converter *converter = &values->converter;
    const void *at = value.column->values;
    enum strata_time_result result;
    int64_t rest;
    if (!value.is_there)
        return strata_row_fail_time(row, STRATA_TIME_EMPTY);
    if (value.type == STRATA_VALUE_DATE) {
        result = take_day(((const int32_t *)at)[value.i], 0, &row->time);
    } else if (value.type == STRATA_VALUE_LOCAL_TIME) {
        int64_t day = divide_down(((const int64_t *)at)[value.i], STRATA_SECONDS_PER_DAY * STRATA_MICROSECONDS, &rest);
        result = take_day(day, rest, &row->time);
    } else if (value.type == STRATA_VALUE_INSTANT) {
        int64_t second = divide_down(((const int64_t *)at)[value.i], STRATA_MICROSECONDS, &rest);
        result = strata_time_convert_instant(converter->time_format, &converter->time_memo, second, (int32_t)rest,
                                             &row->time);
    } else {
        return strata_row_take_time(converter, row, text_of(values, STRATA_ROLE_TIME, value));
    }
    return result == STRATA_TIME_OK || strata_row_fail_time(row, result);
}

static bool take_order(struct strata_row *row)
{
    struct strata_field order = row->value[STRATA_ROLE_ORDER];
    if (order.n == 0)
        return strata_row_fail(row, STRATA_ROLE_ORDER, STRATA_REJECT_ORDER_EMPTY);
    row->order = strata_key_digest(order.text, order.n);
    return true;
}

static uint64_t hash_of(struct strata_value_converter *values, const struct strata_column_block *block,
                        enum strata_role role, size_t i)
{
    if (values->plan->field[role] < 0)
        return STRATA_NO_VALUE;
    return strata_value_hash(text_of(values, role, value_of(values, block, role, i)));
}

enum strata_status strata_convert_values(struct strata_value_converter *values, const struct strata_column_block *block,
                                         size_t i, enum strata_row_outcome *outcome, struct strata_reject *reject,
                                         struct strata_error *err)
{
    struct strata_field text[STRATA_N_ROLES];
    struct strata_row row;
    const bool has_order = values->plan->field[STRATA_ROLE_ORDER] >= 0;
    strata_row_begin(&row, text);
    if (check_lengths(values, block, i, &row)) {
        row.has_amount = take_amount_or_product(values, block, i, &row);
        if (has_order)
            text[STRATA_ROLE_ORDER] = text_of(values, STRATA_ROLE_ORDER, value_of(values, block, STRATA_ROLE_ORDER, i));
        if (has_order && values->converter.options->exclude_order_prefix)
            row.is_cancelled = strata_order_is_cancelled(&values->converter, text[STRATA_ROLE_ORDER]);
        if (row.has_amount && !row.is_cancelled &&
            take_customer(values, &row, value_of(values, block, STRATA_ROLE_CUSTOMER, i)) &&
            take_time(values, &row, value_of(values, block, STRATA_ROLE_TIME, i)) && (!has_order || take_order(&row))) {
            row.channel = hash_of(values, block, STRATA_ROLE_CHANNEL, i);
            row.category = hash_of(values, block, STRATA_ROLE_CATEGORY, i);
        }
    }
    if (row.is_bad)
        text[row.bad_role] = text_of(values, row.bad_role, value_of(values, block, row.bad_role, i));
    return strata_row_finish(&values->converter, &row, outcome, reject, err);
}
