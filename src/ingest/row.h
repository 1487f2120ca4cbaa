/* Inside the conversion: a row's values on their way into a batch. Delimited text and typed columns each fill a row in
 * their own way; what they share, and what becomes of a row, is here. */
#ifndef STRATA_INGEST_ROW_H
#define STRATA_INGEST_ROW_H

#include <xxhash.h>

#include "convert.h"
#include "decimal.h"

struct strata_row {
    /* By role, borrowed. As text must be there: the customer's id, where it has more than 15 bytes; the value that is
     * bad, unless it is the customer's. */
    struct strata_field *value;
    struct strata_time time;
    int64_t amount;
    struct strata_decimal quantity, unit_price;
    struct strata_key customer, order;
    uint64_t channel, category;
    bool has_amount, is_cancelled, is_bad;
    enum strata_role bad_role;
    enum strata_reject_reason reason;
};

/* A channel or a category. */
static inline uint64_t strata_value_hash(struct strata_field text)
{
    return text.n ? XXH3_64bits(text.text, text.n) : STRATA_NO_VALUE;
}

/* A row without optional values. */
static inline void strata_row_begin(struct strata_row *row, struct strata_field value[STRATA_N_ROLES])
{
    row->value = value;
    row->order = (struct strata_key){0};
    row->channel = row->category = STRATA_NO_VALUE;
    row->quantity = row->unit_price = (struct strata_decimal){0};
    row->has_amount = row->is_cancelled = row->is_bad = false;
}

/* Note why the row is bad, unless that is known already; false. */
static inline bool strata_row_fail(struct strata_row *row, enum strata_role role, enum strata_reject_reason reason)
{
    if (row->is_bad)
        return false;
    row->is_bad = true;
    row->bad_role = role;
    row->reason = reason;
    return false;
}

static inline bool strata_converter_has(const struct strata_converter *converter, enum strata_role role)
{
    return converter->field[role] >= 0;
}

/* Each of these takes one value as text, false if it is bad: */

bool strata_row_take_amount(struct strata_converter *converter, struct strata_row *row, struct strata_field text);
bool strata_row_take_factor(struct strata_converter *converter, struct strata_row *row, enum strata_role role,
                            struct strata_field text, struct strata_decimal *out);
bool strata_row_take_time(struct strata_converter *converter, struct strata_row *row, struct strata_field text);

/* The id in value[CUSTOMER], with STRATA_FIELD_PADDING readable bytes behind it. */
bool strata_row_take_customer(struct strata_row *row);

/* The reasons of numbers and times that are not OK. */
bool strata_row_fail_number(struct strata_row *row, enum strata_role role, enum strata_decimal_result result);
bool strata_row_fail_factor(struct strata_row *row, enum strata_role role, enum strata_decimal_result result);
bool strata_row_fail_time(struct strata_row *row, enum strata_time_result result);

/* The amount is quantity x unit price. */
bool strata_row_multiply(const struct strata_converter *converter, struct strata_row *row);

/* Is it the order id of a cancellation? */
bool strata_order_is_cancelled(const struct strata_converter *converter, struct strata_field order);

/* What becomes of a row whose values are all taken; see strata_convert_row. An amount that is there counts; the
 * exclusions come before the reasons to reject. */
enum strata_status strata_row_finish(struct strata_converter *converter, struct strata_row *row,
                                     enum strata_row_outcome *outcome, struct strata_reject *reject,
                                     struct strata_error *err) STRATA_MUST_USE;

#endif
