#include "plain_values.h"

#include <string.h>

#include "check.h"
#include "digits.h"
#include "real_decimal.h"
#include "row.h"
#include "time_fields.h"
#include "utf8.h"

/* The values of some rows. */
struct values {
    const void *at; /* the first of them */
    size_t n;
    enum strata_value_type type;
    int decimals;
    uint64_t valid; /* the rows that have one */
};

static const size_t value_bytes[] = {
    [STRATA_VALUE_TEXT] = sizeof(struct strata_field),
    [STRATA_VALUE_NUMERAL] = sizeof(struct strata_field),
    [STRATA_VALUE_INT64] = sizeof(int64_t),
    [STRATA_VALUE_FLOAT32] = sizeof(float),
    [STRATA_VALUE_FLOAT64] = sizeof(double),
    [STRATA_VALUE_DECIMAL64] = sizeof(int64_t),
    [STRATA_VALUE_DATE] = sizeof(int32_t),
    [STRATA_VALUE_LOCAL_TIME] = sizeof(int64_t),
    [STRATA_VALUE_INSTANT] = sizeof(int64_t),
};

/* A set of types. */
#define TYPE(name) (1u << STRATA_VALUE_##name)

static bool is_one_of(const struct strata_column_plan *plan, enum strata_role role, unsigned types)
{
    return types >> plan->type[role] & 1;
}

static bool is_mapped(const struct strata_column_plan *plan, enum strata_role role) { return plan->field[role] >= 0; }

/* Is the amount such that an integer of it becomes one of the run's by one multiplication or division? */
static bool can_rescale(const struct strata_column_plan *plan, int decimals)
{
    int excess = plan->decimals[STRATA_ROLE_AMOUNT] - decimals;
    return excess <= STRATA_AMOUNT_DECIMALS_MAX && -excess <= STRATA_AMOUNT_DECIMALS_MAX;
}

bool strata_plain_values_are_possible(const struct strata_value_converter *values)
{
    static const enum strata_role texts[] = {STRATA_ROLE_ORDER, STRATA_ROLE_CHANNEL, STRATA_ROLE_CATEGORY};
    const struct strata_column_plan *plan = values->plan;
    const struct strata_amount_format *format = values->converter.amount;
    bool are_possible =
        is_mapped(plan, STRATA_ROLE_AMOUNT) && can_rescale(plan, format->decimals) &&
        is_one_of(plan, STRATA_ROLE_AMOUNT,
                  TYPE(INT64) | TYPE(DECIMAL64) | TYPE(FLOAT32) | TYPE(FLOAT64) | TYPE(TEXT) | TYPE(NUMERAL)) &&
        !(is_one_of(plan, STRATA_ROLE_AMOUNT, TYPE(TEXT)) && format->style == STRATA_AMOUNT_GROUPED_COMMA) &&
        is_one_of(plan, STRATA_ROLE_TIME, TYPE(DATE) | TYPE(LOCAL_TIME) | TYPE(INSTANT) | TYPE(TEXT)) &&
        is_one_of(plan, STRATA_ROLE_CUSTOMER, TYPE(TEXT) | TYPE(INT64)) && !is_mapped(plan, STRATA_ROLE_QUANTITY) &&
        !is_mapped(plan, STRATA_ROLE_UNIT_PRICE) && !(values->converter.builder->fields & STRATA_HAS_FINGERPRINT);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; ++i)
        are_possible = are_possible && (!is_mapped(plan, texts[i]) || is_one_of(plan, texts[i], TYPE(TEXT)));
    return are_possible;
}

static struct values take_values(const struct strata_value_converter *values, const struct strata_column_block *block,
                                 enum strata_role role, size_t first, size_t n)
{
    const struct strata_value_column *column = &block->column[role];
    const enum strata_value_type type = values->plan->type[role];
    return (struct values){
        .at = (const char *)column->values + first * value_bytes[type],
        .n = n,
        .type = type,
        .decimals = values->plan->decimals[role],
        .valid = column->valid ? column->valid[first / STRATA_USED_ROWS] : UINT64_MAX,
    };
}

/* A text that is there and no longer than texts may be. */
static bool take_text(const struct values *values, size_t i, struct strata_field *text)
{
    if (!(values->valid >> i & 1))
        return false;
    *text = ((const struct strata_field *)values->at)[i];
    return text->n <= STRATA_KEY_MAX_BYTES;
}

static uint64_t multiply(const int64_t *value, size_t n, int64_t factor, int64_t *amount)
{
    const int64_t most = INT64_MAX / factor;
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        amount[i] = (int64_t)((uint64_t)value[i] * (uint64_t)factor);
        good |= (uint64_t)(value[i] <= most && value[i] >= -most) << i;
    }
    return good;
}

/* Those without a remainder. */
static uint64_t divide(const int64_t *value, size_t n, int64_t divisor, int64_t *amount)
{
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        amount[i] = value[i] / divisor;
        good |= (uint64_t)(value[i] % divisor == 0) << i;
    }
    return good;
}

static uint64_t convert_texts_to_amounts(const struct values *values, int decimals, int64_t *amount)
{
    uint64_t good = 0;
    for (size_t i = 0; i < values->n; ++i) {
        struct strata_field text;
        if (!take_text(values, i, &text))
            continue;
        text = strata_field_trim(text);
        good |= (uint64_t)(strata_decimal_parse(text.text, text.n, decimals, &amount[i]) == STRATA_DECIMAL_OK) << i;
    }
    return good;
}

static uint64_t convert_reals(const double *value, size_t n, int decimals, int64_t *amount)
{
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i)
        good |= (uint64_t)strata_real_decimal(value[i], decimals, &amount[i]) << i;
    return good;
}

static uint64_t convert_singles(const float *value, size_t n, int decimals, int64_t *amount)
{
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i)
        good |= (uint64_t)strata_single_decimal(value[i], decimals, &amount[i]) << i;
    return good;
}

/* The rows whose amounts are numbers of the decimals that are kept, and wanted. */
static uint64_t convert_amounts(const struct strata_converter *converter, const struct values *values, int64_t *amount)
{
    const int decimals = converter->amount->decimals, excess = values->decimals - decimals;
    uint64_t good;
    switch (values->type) {
    case STRATA_VALUE_TEXT:
    case STRATA_VALUE_NUMERAL: good = convert_texts_to_amounts(values, decimals, amount); break;
    case STRATA_VALUE_FLOAT64: good = convert_reals(values->at, values->n, decimals, amount); break;
    case STRATA_VALUE_FLOAT32: good = convert_singles(values->at, values->n, decimals, amount); break;
    default:
        good = excess > 0 ? divide(values->at, values->n, strata_amount_scale(excess), amount)
                          : multiply(values->at, values->n, strata_amount_scale(-excess), amount);
    }
    return strata_used_rows_wanted(converter, amount, good & values->valid);
}

static uint64_t check_days(const int64_t *found, size_t n, int32_t *day)
{
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        day[i] = (int32_t)found[i];
        good |= (uint64_t)(found[i] >= STRATA_DAY_MIN && found[i] <= STRATA_DAY_MAX) << i;
    }
    return good;
}

static uint64_t convert_dates(const int32_t *value, size_t n, int32_t *day)
{
    int64_t found[STRATA_USED_ROWS];
    for (size_t i = 0; i < n; ++i)
        found[i] = value[i];
    return check_days(found, n, day);
}

static uint64_t convert_local_times(const int64_t *value, size_t n, int32_t *day)
{
    static const int64_t per_day = STRATA_SECONDS_PER_DAY * STRATA_MICROSECONDS;
    int64_t found[STRATA_USED_ROWS];
    for (size_t i = 0; i < n; ++i)
        found[i] = value[i] / per_day - (value[i] % per_day < 0);
    return check_days(found, n, day);
}

static uint64_t convert_instants(struct strata_converter *converter, const int64_t *value, size_t n, int32_t *day)
{
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        struct strata_time time;
        int64_t second = value[i] / STRATA_MICROSECONDS - (value[i] % STRATA_MICROSECONDS < 0);
        if (strata_time_convert_instant(converter->time_format, &converter->time_memo, second, 0, &time) !=
            STRATA_TIME_OK)
            continue;
        day[i] = time.day;
        good |= UINT64_C(1) << i;
    }
    return good;
}

static uint64_t convert_texts_to_days(struct strata_converter *converter, const struct values *values, int32_t *day)
{
    uint64_t good = 0;
    for (size_t i = 0; i < values->n; ++i) {
        struct strata_field text;
        struct strata_time time;
        if (!take_text(values, i, &text))
            continue;
        text = strata_field_trim(text);
        if (strata_time_parse(converter->time_format, &converter->time_memo, text.text, text.n, &time) !=
            STRATA_TIME_OK)
            continue;
        day[i] = time.day;
        good |= UINT64_C(1) << i;
    }
    return good;
}

static uint64_t convert_times(struct strata_converter *converter, const struct values *values, int32_t *day)
{
    uint64_t good;
    switch (values->type) {
    case STRATA_VALUE_DATE: good = convert_dates(values->at, values->n, day); break;
    case STRATA_VALUE_LOCAL_TIME: good = convert_local_times(values->at, values->n, day); break;
    case STRATA_VALUE_INSTANT: good = convert_instants(converter, values->at, values->n, day); break;
    default: good = convert_texts_to_days(converter, values, day);
    }
    return good & values->valid;
}

/* The first n (1..8) bytes of a text, the first one lowest. */
static uint64_t load_bytes(const char *text, size_t n) { return strata_load_padded(text, n) >> (64 - 8 * n); }

/* An id of 1..15 bytes. */
static struct strata_key short_key(const char *text, size_t n)
{
    uint64_t high = load_bytes(text, n < 8 ? n : 8), low = n > 8 ? load_bytes(text + 8, n - 8) : 0;
    return (struct strata_key){__builtin_bswap64(high), __builtin_bswap64(low) | n};
}

/* *good loses the rows whose id is none. */
static enum strata_status convert_texts_to_keys(const struct strata_converter *converter, const struct values *values,
                                                struct strata_key *key, uint64_t *good, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    uint64_t plain = 0;
    for (size_t i = 0; i < values->n; ++i) {
        struct strata_field id;
        if (!take_text(values, i, &id) || id.n - 1 >= sizeof *key - 1)
            continue;
        key[i] = short_key(id.text, id.n);
        plain |= (uint64_t)strata_key_is_plain(key[i]) << i;
    }
    for (uint64_t rest = *good & ~plain; rest; rest &= rest - 1) {
        size_t i = strata_used_rows_first(rest);
        struct strata_field id;
        if (take_text(values, i, &id) && id.n > 0 && !memchr(id.text, '\0', id.n) &&
            strata_utf8_is_valid(id.text, id.n))
            STRATA_TRY(strata_key_encode(id.text, id.n, converter->arena, &key[i], err));
        else
            *good &= ~(UINT64_C(1) << i);
    }
done:
    return status;
}

static enum strata_status convert_integers_to_keys(const struct strata_converter *converter,
                                                   const struct values *values, struct strata_key *key, uint64_t *good,
                                                   struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *good &= values->valid;
    for (uint64_t rest = *good; rest; rest &= rest - 1) {
        size_t i = strata_used_rows_first(rest);
        char text[STRATA_VALUE_TEXT_BYTES];
        size_t n = strata_integer_text(((const int64_t *)values->at)[i], text);
        if (n < sizeof *key)
            key[i] = short_key(text, n);
        else
            STRATA_TRY(strata_key_encode(text, n, converter->arena, &key[i], err));
    }
done:
    return status;
}

/* The rows with an order that is not cancelled. */
static uint64_t convert_orders(const struct strata_converter *converter, const struct values *values,
                               struct strata_key *order)
{
    uint64_t good = 0;
    for (size_t i = 0; i < values->n; ++i) {
        struct strata_field text;
        if (!take_text(values, i, &text) || text.n == 0 ||
            (converter->options->exclude_order_prefix && strata_order_is_cancelled(converter, text)))
            continue;
        order[i] = strata_key_digest(text.text, text.n);
        good |= UINT64_C(1) << i;
    }
    return good;
}

static uint64_t convert_texts_to_hashes(const struct values *values, uint64_t *hash)
{
    uint64_t good = 0;
    for (size_t i = 0; i < values->n; ++i) {
        struct strata_field text;
        if (!take_text(values, i, &text))
            continue;
        hash[i] = strata_value_hash(text);
        good |= UINT64_C(1) << i;
    }
    return good;
}

/* All but the customers: the rows that are good so far. */
static uint64_t convert_others(struct strata_value_converter *values, const struct strata_column_block *block,
                               size_t first, size_t n)
{
    struct strata_batch_builder *builder = values->converter.builder;
    const size_t at = builder->batch.n_rows;
    uint64_t good = strata_used_rows_all(n);
    for (int r = 0; r < STRATA_N_ROLES && good; ++r) {
        const enum strata_role role = (enum strata_role)r;
        if (role == STRATA_ROLE_CUSTOMER || !is_mapped(values->plan, role))
            continue;
        const struct values column = take_values(values, block, role, first, n);
        switch (role) {
        case STRATA_ROLE_TIME: good &= convert_times(&values->converter, &column, builder->day + at); break;
        case STRATA_ROLE_AMOUNT: good &= convert_amounts(&values->converter, &column, builder->amount + at); break;
        case STRATA_ROLE_ORDER: good &= convert_orders(&values->converter, &column, builder->order + at); break;
        case STRATA_ROLE_CHANNEL: good &= convert_texts_to_hashes(&column, builder->channel + at); break;
        case STRATA_ROLE_CATEGORY: good &= convert_texts_to_hashes(&column, builder->category + at); break;
        default: break;
        }
    }
    return good;
}

enum strata_status strata_plain_values_convert(struct strata_value_converter *values,
                                               const struct strata_column_block *block, size_t first, size_t n,
                                               uint64_t *left, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_converter *converter = &values->converter;
    const struct values id = take_values(values, block, STRATA_ROLE_CUSTOMER, first, n);
    struct strata_key *key = converter->builder->customer + converter->builder->batch.n_rows;
    uint64_t good = convert_others(values, block, first, n);
    if (good)
        status = id.type == STRATA_VALUE_TEXT ? convert_texts_to_keys(converter, &id, key, &good, err)
                                              : convert_integers_to_keys(converter, &id, key, &good, err);
    if (status == STRATA_OK)
        strata_used_rows_add(converter, n, good);
    *left = strata_used_rows_all(n) & ~good;
    return status;
}
