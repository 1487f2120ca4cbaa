#include "row.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "amount_hint.h"
#include "check.h"
#include "decimal.h"
#include "memory.h"
#include "utf8.h"

void strata_batch_builder_release(struct strata_batch_builder *builder)
{
    free(builder->customer);
    free(builder->order);
    free(builder->day);
    free(builder->amount);
    free(builder->channel);
    free(builder->category);
    free(builder->fingerprint);
    *builder = (struct strata_batch_builder){0};
}

enum strata_status strata_batch_builder_init(struct strata_batch_builder *builder, unsigned fields,
                                             struct strata_error *err)
{
    *builder = (struct strata_batch_builder){.fields = fields};
    const struct {
        void *array;
        size_t size;
        bool present;
    } columns[] = {
        {&builder->customer, sizeof *builder->customer, true},
        {&builder->day, sizeof *builder->day, true},
        {&builder->amount, sizeof *builder->amount, true},
        {&builder->order, sizeof *builder->order, fields & STRATA_HAS_ORDER},
        {&builder->channel, sizeof *builder->channel, fields & STRATA_HAS_CHANNEL},
        {&builder->category, sizeof *builder->category, fields & STRATA_HAS_CATEGORY},
        {&builder->fingerprint, sizeof *builder->fingerprint, fields & STRATA_HAS_FINGERPRINT},
    };
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; ++i) {
        if (!columns[i].present)
            continue;
        void *memory = strata_malloc_array(STRATA_BATCH_ROWS, columns[i].size);
        if (!memory) {
            strata_batch_builder_release(builder);
            return strata_fail_memory(err, "a batch", STRATA_BATCH_ROWS, columns[i].size);
        }
        memcpy(columns[i].array, &memory, sizeof memory);
    }
    builder->batch = (struct strata_batch){
        .customer = builder->customer,
        .day = builder->day,
        .amount = builder->amount,
        .order = builder->order,
        .channel = builder->channel,
        .category = builder->category,
        .fingerprint = builder->fingerprint,
    };
    return STRATA_OK;
}

enum strata_status strata_batch_builder_flush(struct strata_batch_builder *builder, size_t file, int thread,
                                              const struct strata_batch_sink *sink, struct strata_error *err)
{
    if (builder->batch.n_rows == 0)
        return STRATA_OK;
    builder->batch.origin = (uint32_t)file;
    enum strata_status status = sink->append(sink->context, thread, &builder->batch, err);
    builder->batch.n_rows = 0;
    return status;
}

/* Numbers, times and the hashed texts are short; a field that is not cannot be one of them. */
static bool unquote(const struct strata_converter *converter, struct strata_row *row)
{
    const struct strata_text_plan *plan = converter->plan;
    for (int i = 0; i < plan->n_mapped; ++i) {
        enum strata_role role = plan->mapped[i];
        struct strata_field *field = &row->value[role];
        if (field->n && field->text[0] == '"') {
            if (field->n > STRATA_RAW_FIELD_MAX)
                return strata_row_fail(row, role, STRATA_REJECT_FIELD_TOO_LONG);
            *field = strata_field_value(*field, converter->scratch[role]);
        }
        if (field->n > STRATA_KEY_MAX_BYTES)
            return strata_row_fail(row, role, STRATA_REJECT_FIELD_TOO_LONG);
    }
    return true;
}

bool strata_order_is_cancelled(const struct strata_converter *converter, struct strata_field order)
{
    const char *prefix = converter->options->exclude_order_prefix;
    size_t n = strlen(prefix);
    return order.n >= n && memcmp(order.text, prefix, n) == 0;
}

static const enum strata_reject_reason number_reasons[] = {
    [STRATA_DECIMAL_EMPTY] = STRATA_REJECT_NUMBER_EMPTY,
    [STRATA_DECIMAL_MALFORMED] = STRATA_REJECT_NUMBER_MALFORMED,
    [STRATA_DECIMAL_TOO_MANY_DECIMALS] = STRATA_REJECT_NUMBER_DECIMALS,
    [STRATA_DECIMAL_OUT_OF_RANGE] = STRATA_REJECT_NUMBER_RANGE,
};

bool strata_row_fail_number(struct strata_row *row, enum strata_role role, enum strata_decimal_result result)
{
    return strata_row_fail(row, role, number_reasons[result]);
}

bool strata_row_fail_factor(struct strata_row *row, enum strata_role role, enum strata_decimal_result result)
{
    if (result == STRATA_DECIMAL_TOO_MANY_DECIMALS || result == STRATA_DECIMAL_OUT_OF_RANGE)
        return strata_row_fail(row, role, STRATA_REJECT_FACTOR_DIGITS);
    return strata_row_fail_number(row, role, result);
}

/* Is there more to look at than digits with a point? */
static bool is_declared(const struct strata_amount_format *format)
{
    return format->style != STRATA_AMOUNT_PLAIN || format->has_signs;
}

/* A number that is not written plainly, to `plain`; a quantity has no currency. False if it is no number. */
static bool rewrite(struct strata_converter *converter, enum strata_role role, struct strata_field *text,
                    char plain[STRATA_AMOUNT_TEXT_BYTES])
{
    uint64_t *ruled_out = role == STRATA_ROLE_QUANTITY ? NULL : &converter->account.ruled_out;
    size_t n;
    if (!strata_amount_rewrite(converter->amount, text->text, text->n, plain, &n, ruled_out))
        return false;
    *text = (struct strata_field){plain, n};
    return true;
}

/* What is not plainly a number of the decimals that are kept. */
static bool take_other_amount(struct strata_converter *converter, struct strata_row *row, struct strata_field text)
{
    const struct strata_amount_format *format = converter->amount;
    char plain[STRATA_AMOUNT_TEXT_BYTES];
    if (text.n && is_declared(format) && !rewrite(converter, STRATA_ROLE_AMOUNT, &text, plain))
        return strata_row_fail(row, STRATA_ROLE_AMOUNT, STRATA_REJECT_NUMBER_MALFORMED);
    enum strata_decimal_result result =
        format->rounds_half_even ? strata_decimal_parse_rounded(text.text, text.n, format->decimals, &row->amount)
                                 : strata_decimal_parse(text.text, text.n, format->decimals, &row->amount);
    return result == STRATA_DECIMAL_OK || strata_row_fail_number(row, STRATA_ROLE_AMOUNT, result);
}

bool strata_row_take_amount(struct strata_converter *converter, struct strata_row *row, struct strata_field text)
{
    const struct strata_amount_format *format = converter->amount;
    text = strata_field_trim(text);
    return (format->style != STRATA_AMOUNT_GROUPED_COMMA &&
            strata_decimal_parse(text.text, text.n, format->decimals, &row->amount) == STRATA_DECIMAL_OK) ||
           take_other_amount(converter, row, text);
}

bool strata_row_take_factor(struct strata_converter *converter, struct strata_row *row, enum strata_role role,
                            struct strata_field text, struct strata_decimal *out)
{
    char plain[STRATA_AMOUNT_TEXT_BYTES];
    text = strata_field_trim(text);
    if (text.n && is_declared(converter->amount) && !rewrite(converter, role, &text, plain))
        return strata_row_fail(row, role, STRATA_REJECT_NUMBER_MALFORMED);
    enum strata_decimal_result result =
        strata_decimal_parse_factor(text.text, text.n, converter->amount->decimals, out);
    return result == STRATA_DECIMAL_OK || strata_row_fail_factor(row, role, result);
}

bool strata_row_multiply(const struct strata_converter *converter, struct strata_row *row)
{
    const struct strata_amount_format *format = converter->amount;
    enum strata_decimal_result result = strata_decimal_multiply(row->quantity, row->unit_price, format->decimals,
                                                                format->rounds_half_even, &row->amount);
    if (result == STRATA_DECIMAL_OK)
        return true;
    return strata_row_fail(row, STRATA_ROLE_UNIT_PRICE,
                           result == STRATA_DECIMAL_OUT_OF_RANGE ? STRATA_REJECT_PRODUCT_RANGE
                                                                 : STRATA_REJECT_PRODUCT_DECIMALS);
}

static bool parse_amount(struct strata_converter *converter, struct strata_row *row)
{
    const struct strata_field *value = row->value;
    if (strata_converter_has(converter, STRATA_ROLE_AMOUNT))
        return strata_row_take_amount(converter, row, value[STRATA_ROLE_AMOUNT]);
    return strata_row_take_factor(converter, row, STRATA_ROLE_QUANTITY, value[STRATA_ROLE_QUANTITY], &row->quantity) &&
           strata_row_take_factor(converter, row, STRATA_ROLE_UNIT_PRICE, value[STRATA_ROLE_UNIT_PRICE],
                                  &row->unit_price) &&
           strata_row_multiply(converter, row);
}

static bool is_unwanted(const struct strata_converter *converter, const struct strata_row *row)
{
    return (row->amount < 0 && converter->options->exclude_returns) ||
           (row->amount == 0 && converter->options->exclude_zero_amounts);
}

bool strata_row_take_customer(struct strata_row *row)
{
    struct strata_field id = row->value[STRATA_ROLE_CUSTOMER];
    if (id.n == 0)
        return strata_row_fail(row, STRATA_ROLE_CUSTOMER, STRATA_REJECT_CUSTOMER_EMPTY);
    if (id.n < sizeof row->customer) {
        row->customer = strata_key_from_padded(id.text, id.n);
        if (strata_key_is_plain(row->customer))
            return true;
    }
    if (memchr(id.text, '\0', id.n))
        return strata_row_fail(row, STRATA_ROLE_CUSTOMER, STRATA_REJECT_CUSTOMER_NUL);
    if (!strata_utf8_is_valid(id.text, id.n))
        return strata_row_fail(row, STRATA_ROLE_CUSTOMER, STRATA_REJECT_CUSTOMER_UTF8);
    return true;
}

bool strata_row_fail_time(struct strata_row *row, enum strata_time_result result)
{
    static const enum strata_reject_reason reasons[] = {
        [STRATA_TIME_EMPTY] = STRATA_REJECT_TIME_EMPTY,
        [STRATA_TIME_MALFORMED] = STRATA_REJECT_TIME_MALFORMED,
        [STRATA_TIME_IMPOSSIBLE] = STRATA_REJECT_TIME_IMPOSSIBLE,
        [STRATA_TIME_OUT_OF_RANGE] = STRATA_REJECT_TIME_RANGE,
    };
    return strata_row_fail(row, STRATA_ROLE_TIME, reasons[result]);
}

bool strata_row_take_time(struct strata_converter *converter, struct strata_row *row, struct strata_field text)
{
    text = strata_field_trim(text);
    enum strata_time_result result =
        strata_time_parse(converter->time_format, &converter->time_memo, text.text, text.n, &row->time);
    return result == STRATA_TIME_OK || strata_row_fail_time(row, result);
}

static bool digest_texts(const struct strata_converter *converter, struct strata_row *row)
{
    if (strata_converter_has(converter, STRATA_ROLE_ORDER)) {
        struct strata_field order = row->value[STRATA_ROLE_ORDER];
        if (order.n == 0)
            return strata_row_fail(row, STRATA_ROLE_ORDER, STRATA_REJECT_ORDER_EMPTY);
        row->order = strata_key_digest(order.text, order.n);
    }
    if (strata_converter_has(converter, STRATA_ROLE_CHANNEL))
        row->channel = strata_value_hash(row->value[STRATA_ROLE_CHANNEL]);
    if (strata_converter_has(converter, STRATA_ROLE_CATEGORY))
        row->category = strata_value_hash(row->value[STRATA_ROLE_CATEGORY]);
    return true;
}

/* Everything mapped but the customer: duplicates are only looked for inside one customer. */
static struct strata_fingerprint fingerprint_of(const struct strata_row *row)
{
    const uint64_t values[] = {
        (uint64_t)row->time.day,
        (uint64_t)row->time.microsecond,
        (uint64_t)row->amount,
        (uint64_t)row->quantity.digits,
        (uint64_t)row->quantity.decimals,
        (uint64_t)row->unit_price.digits,
        (uint64_t)row->unit_price.decimals,
        row->order.high,
        row->order.low,
        row->channel,
        row->category,
    };
    XXH128_hash_t hash = XXH3_128bits(values, sizeof values);
    return (struct strata_fingerprint){hash.high64, hash.low64};
}

static void add_to_batch(struct strata_batch_builder *builder, const struct strata_row *row)
{
    uint32_t at = builder->batch.n_rows++;
    builder->customer[at] = row->customer;
    builder->day[at] = row->time.day;
    builder->amount[at] = row->amount;
    if (builder->fields & STRATA_HAS_ORDER)
        builder->order[at] = row->order;
    if (builder->fields & STRATA_HAS_CHANNEL)
        builder->channel[at] = row->channel;
    if (builder->fields & STRATA_HAS_CATEGORY)
        builder->category[at] = row->category;
    if (builder->fields & STRATA_HAS_FINGERPRINT)
        builder->fingerprint[at] = fingerprint_of(row);
}

static enum strata_row_outcome exclude(struct strata_converter *converter, int64_t amount)
{
    ++converter->account.excluded;
    converter->account.amount_excluded += amount;
    return STRATA_ROW_EXCLUDED;
}

/* What would make a number of what is none. */
static enum strata_amount_hint hint_of(const struct strata_converter *converter, const struct strata_row *row)
{
    if (row->reason != STRATA_REJECT_NUMBER_MALFORMED)
        return STRATA_AMOUNT_HINT_NONE;
    struct strata_field text = strata_field_trim(row->value[row->bad_role]);
    return strata_amount_hint_find(converter->amount, text.text, text.n, row->bad_role != STRATA_ROLE_QUANTITY);
}

static enum strata_row_outcome reject_row(struct strata_converter *converter, const struct strata_row *row,
                                          int64_t amount, struct strata_reject *reject)
{
    ++converter->account.rejected;
    converter->account.amount_rejected += amount;
    reject->reason = (uint8_t)row->reason;
    reject->column = (uint16_t)(converter->field[row->bad_role] + 1);
    reject->decimals = (uint8_t)converter->amount->decimals;
    reject->hint = (uint8_t)hint_of(converter, row);
    reject->n_value = 0;
    if (row->bad_role != STRATA_ROLE_CUSTOMER && row->reason != STRATA_REJECT_FIELD_TOO_LONG) {
        struct strata_field value = row->value[row->bad_role];
        reject->n_value = (uint8_t)strata_utf8_cut(value.text, value.n, STRATA_REJECT_VALUE_BYTES);
        memcpy(reject->value, value.text, reject->n_value);
    }
    return STRATA_ROW_REJECTED;
}

enum strata_status strata_row_finish(struct strata_converter *converter, struct strata_row *row,
                                     enum strata_row_outcome *outcome, struct strata_reject *reject,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int64_t amount = row->has_amount ? row->amount : 0;
    ++converter->account.read;
    converter->account.amount_read += amount;
    if (row->is_cancelled || (row->has_amount && is_unwanted(converter, row))) {
        *outcome = exclude(converter, amount);
        return STRATA_OK;
    }
    if (row->is_bad) {
        *outcome = reject_row(converter, row, amount, reject);
        return STRATA_OK;
    }
    struct strata_field id = row->value[STRATA_ROLE_CUSTOMER];
    if (id.n >= sizeof row->customer)
        STRATA_TRY(strata_key_encode(id.text, id.n, converter->arena, &row->customer, err));
    add_to_batch(converter->builder, row);
    ++converter->account.used;
    converter->account.amount_used += amount;
    *outcome = STRATA_ROW_USED;
done:
    return status;
}

enum strata_status strata_convert_row(struct strata_converter *converter, struct strata_field field[STRATA_N_ROLES],
                                      enum strata_row_outcome *outcome, struct strata_reject *reject,
                                      struct strata_error *err)
{
    struct strata_row row;
    strata_row_begin(&row, field);
    if (unquote(converter, &row)) {
        row.has_amount = parse_amount(converter, &row);
        if (converter->options->exclude_order_prefix && strata_converter_has(converter, STRATA_ROLE_ORDER))
            row.is_cancelled = strata_order_is_cancelled(converter, field[STRATA_ROLE_ORDER]);
        if (row.has_amount && !row.is_cancelled)
            (void)(strata_row_take_customer(&row) && strata_row_take_time(converter, &row, field[STRATA_ROLE_TIME]) &&
                   digest_texts(converter, &row));
    }
    return strata_row_finish(converter, &row, outcome, reject, err);
}

void strata_convert_bad_row(struct strata_converter *converter)
{
    ++converter->account.read;
    ++converter->account.rejected;
}
