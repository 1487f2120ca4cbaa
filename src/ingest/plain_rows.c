#include "plain_rows.h"

#include <string.h>

#include "check.h"
#include "decimal.h"
#include "row.h"
#include "used_rows.h"
#include "utf8.h"

static bool is_mapped(const struct strata_converter *converter, enum strata_role role)
{
    return converter->plan->field[role] >= 0;
}

bool strata_plain_rows_are_possible(const struct strata_converter *converter)
{
    return !converter->plan->dialect.merges && converter->plan->n_fields > 1 &&
           is_mapped(converter, STRATA_ROLE_AMOUNT) && !is_mapped(converter, STRATA_ROLE_QUANTITY) &&
           !is_mapped(converter, STRATA_ROLE_UNIT_PRICE) && converter->amount->style != STRATA_AMOUNT_GROUPED_COMMA &&
           !(converter->builder->fields & STRATA_HAS_FINGERPRINT);
}

size_t strata_plain_rows_count(const struct strata_plain_column_variant *variant,
                               const struct strata_indexed_text *indexed, const struct strata_span *span,
                               size_t n_fields, size_t to)
{
    const uint32_t *position = indexed->position + span->first;
    size_t n = (indexed->n_positions - span->first) / n_fields;
    if (span->start > to)
        return 0;
    n = variant->count(position, n_fields, n < STRATA_PLAIN_ROWS ? n : STRATA_PLAIN_ROWS);
    while (n > 1 && strata_structure_offset(position[(n - 1) * n_fields - 1]) + 1 > to)
        --n;
    return n;
}

/* Is there a carriage return before the line end? */
static bool has_return(const struct strata_plain_column *column, size_t i)
{
    return column->n[i] > 0 && column->text[column->from[i] + column->n[i] - 1] == '\r';
}

/* Line ends of two bytes. Among amounts, where a row with such an end is left to the conversion of single rows if need
 * be, the first row tells of all. */
static void drop_returns(enum strata_role role, struct strata_plain_column *column, size_t n)
{
    if (role == STRATA_ROLE_AMOUNT && !has_return(column, 0))
        return;
    for (size_t i = 0; i < n; ++i)
        column->n[i] -= has_return(column, i);
}

static void drop_quotes(struct strata_plain_column *column, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        uint32_t quoted = (column->n[i] >= 2) & (column->text[column->from[i]] == '"');
        column->from[i] += quoted;
        column->n[i] -= 2 * quoted;
    }
}

/* Are some of the fields in quotes? */
static bool any_is_quoted(const struct strata_plain_column *column, size_t n)
{
    bool is_quoted = false;
    for (size_t i = 0; i < n; ++i)
        is_quoted |= column->text[column->from[i]] == '"';
    return is_quoted;
}

static void complete_group(struct strata_plain_column *column, size_t n)
{
    for (size_t i = n; i % STRATA_PLAIN_GROUP; ++i) {
        column->from[i] = column->from[i - 1];
        column->n[i] = column->n[i - 1];
    }
}

/* The columns of the mapped roles, in the order of these. */
static void take_columns(const struct strata_text_plan *plan, const struct strata_plain_column_variant *variant,
                         const struct strata_indexed_text *indexed, const struct strata_span *span, size_t n,
                         struct strata_plain_column *column)
{
    int field[STRATA_N_ROLES];
    for (int i = 0; i < plan->n_mapped; ++i)
        field[i] = plan->field[plan->mapped[i]];
    const struct strata_plain_split split = {
        .position = indexed->position + span->first,
        .n_fields = plan->n_fields,
        .start = span->start,
        .n = n,
        .n_columns = (size_t)plan->n_mapped,
        .field = field,
    };
    variant->split(&split, column);
    for (int i = 0; i < plan->n_mapped; ++i, ++column) {
        column->text = indexed->text;
        if ((size_t)field[i] + 1 == plan->n_fields)
            drop_returns(plan->mapped[i], column, n);
        column->is_quoted = indexed->has_quotes && any_is_quoted(column, n);
        if (column->is_quoted)
            drop_quotes(column, n);
        complete_group(column, n);
    }
}

/* A value without doubled quotes; false if it has some or is longer than any value. */
static bool take_value(const struct strata_plain_column *column, size_t i, struct strata_field *value)
{
    *value = (struct strata_field){column->text + column->from[i], column->n[i]};
    return value->n <= STRATA_KEY_MAX_BYTES && !(column->is_quoted && memchr(value->text, '"', value->n));
}

/* The rows whose amounts are numbers and wanted. */
static uint64_t convert_amounts(const struct strata_converter *converter,
                                const struct strata_plain_column_variant *variant,
                                const struct strata_plain_column *column, size_t n, int64_t *amount)
{
    const int decimals = converter->amount->decimals;
    uint64_t good = variant->amounts(column, n, decimals, amount);
    for (uint64_t rest = strata_used_rows_all(n) & ~good; rest; rest &= rest - 1) {
        size_t i = strata_used_rows_first(rest);
        struct strata_field value;
        if (!take_value(column, i, &value))
            continue;
        value = strata_field_trim(value);
        if (strata_decimal_parse(value.text, value.n, decimals, &amount[i]) == STRATA_DECIMAL_OK)
            good |= UINT64_C(1) << i;
    }
    return strata_used_rows_wanted(converter, amount, good);
}

static uint64_t convert_times(struct strata_converter *converter, const struct strata_plain_column_variant *variant,
                              const struct strata_plain_column *column, size_t n, int32_t *day)
{
    const struct strata_time_format *format = &converter->plan->time_format;
    uint64_t good = variant->days(column, n, format, &converter->time_memo, day);
    for (uint64_t rest = strata_used_rows_all(n) & ~good; rest; rest &= rest - 1) {
        size_t i = strata_used_rows_first(rest);
        struct strata_field value;
        struct strata_time time;
        if (!take_value(column, i, &value))
            continue;
        value = strata_field_trim(value);
        if (strata_time_parse(format, &converter->time_memo, value.text, value.n, &time) != STRATA_TIME_OK)
            continue;
        day[i] = time.day;
        good |= UINT64_C(1) << i;
    }
    return good;
}

/* Of the rows that are still good, those with an id. */
static enum strata_status convert_customers(const struct strata_converter *converter,
                                            const struct strata_plain_column_variant *variant,
                                            const struct strata_plain_column *column, size_t n,
                                            struct strata_key *customer, uint64_t *good, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (uint64_t rest = *good & ~variant->keys(column, n, customer); rest; rest &= rest - 1) {
        size_t i = strata_used_rows_first(rest);
        struct strata_field id;
        if (take_value(column, i, &id) && id.n > 0 && !memchr(id.text, '\0', id.n) &&
            strata_utf8_is_valid(id.text, id.n))
            STRATA_TRY(strata_key_encode(id.text, id.n, converter->arena, &customer[i], err));
        else
            *good &= ~(UINT64_C(1) << i);
    }
done:
    return status;
}

/* The rows with an order that is not cancelled. */
static uint64_t convert_orders(const struct strata_converter *converter, const struct strata_plain_column *column,
                               size_t n, struct strata_key *order)
{
    const char *prefix = converter->options->exclude_order_prefix;
    size_t n_prefix = prefix ? strlen(prefix) : 0;
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        struct strata_field value;
        if (!take_value(column, i, &value) || value.n == 0 ||
            (prefix && value.n >= n_prefix && memcmp(value.text, prefix, n_prefix) == 0))
            continue;
        order[i] = value.n < sizeof *order ? strata_key_from_padded(value.text, value.n)
                                           : strata_key_digest(value.text, value.n);
        good |= UINT64_C(1) << i;
    }
    return good;
}

static uint64_t convert_texts(const struct strata_plain_column *column, size_t n, uint64_t *hash)
{
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        struct strata_field value;
        if (!take_value(column, i, &value))
            continue;
        hash[i] = strata_value_hash(value);
        good |= UINT64_C(1) << i;
    }
    return good;
}

enum strata_status strata_plain_rows_convert(struct strata_converter *converter,
                                             const struct strata_plain_column_variant *variant,
                                             const struct strata_indexed_text *indexed, const struct strata_span *span,
                                             size_t n, uint64_t *left, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_text_plan *plan = converter->plan;
    struct strata_batch_builder *builder = converter->builder;
    const uint64_t all = strata_used_rows_all(n);
    const size_t at = builder->batch.n_rows;
    uint64_t good = all;
    struct strata_plain_column columns[STRATA_N_ROLES];
    const struct strata_plain_column *customers = NULL;
    take_columns(plan, variant, indexed, span, n, columns);
    *left = all;
    for (int i = 0; i < plan->n_mapped && good; ++i) {
        const struct strata_plain_column *column = &columns[i];
        switch (plan->mapped[i]) {
        case STRATA_ROLE_CUSTOMER: customers = column; break;
        case STRATA_ROLE_TIME: good &= convert_times(converter, variant, column, n, builder->day + at); break;
        case STRATA_ROLE_AMOUNT: good &= convert_amounts(converter, variant, column, n, builder->amount + at); break;
        case STRATA_ROLE_ORDER: good &= convert_orders(converter, column, n, builder->order + at); break;
        case STRATA_ROLE_CHANNEL: good &= convert_texts(column, n, builder->channel + at); break;
        case STRATA_ROLE_CATEGORY: good &= convert_texts(column, n, builder->category + at); break;
        default: break;
        }
    }
    if (!good || !customers)
        goto done;
    STRATA_TRY(convert_customers(converter, variant, customers, n, builder->customer + at, &good, err));
    strata_used_rows_add(converter, n, good);
    *left = all & ~good;
done:
    return status;
}
