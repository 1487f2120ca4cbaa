#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "check.h"
#include "memory.h"
#include "random.h"

static const struct {
    const char *name, *header;
} row_columns[STRATA_N_ROW_COLUMNS] = {
    [STRATA_ROW_CUSTOMER] = {"customer", "customer_id"}, [STRATA_ROW_TIME] = {"time", "order_time"},
    [STRATA_ROW_AMOUNT] = {"amount", "amount"},          [STRATA_ROW_ORDER] = {"order", "order_id"},
    [STRATA_ROW_CHANNEL] = {"channel", "channel"},       [STRATA_ROW_CATEGORY] = {"category", "category"},
};

enum { LEAST_CUSTOMER_DIGITS = 7, LEAST_ORDER_DIGITS = 8 };

/* Random numbers for UUIDs: no customer's stream has this number. */
static const uint64_t uuid_stream = UINT64_MAX;

static enum strata_status parse_columns(struct strata_row_format *format, const char *text, struct strata_error *err)
{
    unsigned seen = 0;
    for (const char *at = text;;) {
        size_t length = strcspn(at, ",");
        int column = 0;
        while (column < STRATA_N_ROW_COLUMNS &&
               (strlen(row_columns[column].name) != length || strncmp(row_columns[column].name, at, length) != 0))
            ++column;
        if (column == STRATA_N_ROW_COLUMNS)
            return strata_fail(
                err, STRATA_USAGE,
                "unknown column '%.*s' to generate; columns: customer,time,amount,order,channel,category",
                length > 64 ? 64 : (int)length, at);
        if (seen & 1u << column)
            return strata_fail(err, STRATA_USAGE, "column '%s' to generate is given twice", row_columns[column].name);
        seen |= 1u << column;
        format->column[format->n_columns++] = (enum strata_row_column)column;
        if (at[length] == '\0')
            return STRATA_OK;
        at += length + 1;
    }
}

static int digits_of(uint64_t number, int least)
{
    int digits = 1;
    while (number >= 10) {
        number /= 10;
        ++digits;
    }
    return digits > least ? digits : least;
}

enum strata_status strata_row_format_init(struct strata_row_format *format,
                                          const struct strata_generate_options *options, int32_t first_day,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *format = (struct strata_row_format){
        .ids = options->ids,
        .seed = options->seed,
        .customer_digits = digits_of(options->customers, LEAST_CUSTOMER_DIGITS),
        .order_digits = LEAST_ORDER_DIGITS,
    };
    STRATA_TRY(parse_columns(format,
                             options->columns ? options->columns : "customer,time,amount,order,channel,category", err));
    size_t days = (size_t)options->days;
    format->day_text = strata_malloc_array(days, STRATA_DAY_BYTES);
    if (!format->day_text) {
        status = strata_fail_memory(err, "the days", days, STRATA_DAY_BYTES);
        goto done;
    }
    for (size_t day = 0; day < days; ++day) {
        char text[STRATA_DAY_BYTES + 1];
        strata_day_format(first_day + (int32_t)day, text);
        memcpy(format->day_text + day * STRATA_DAY_BYTES, text, STRATA_DAY_BYTES);
    }
done:
    if (status != STRATA_OK)
        strata_row_format_release(format);
    return status;
}

void strata_row_format_number_orders(struct strata_row_format *format, uint64_t n_orders)
{
    format->order_digits = digits_of(n_orders, LEAST_ORDER_DIGITS);
}

void strata_row_format_release(struct strata_row_format *format)
{
    free(format->day_text);
    *format = (struct strata_row_format){0};
}

static char *put_text(char *out, const char *text)
{
    size_t length = strlen(text);
    memcpy(out, text, length);
    return out + length;
}

static char *put_digits(char *out, uint64_t number, int digits)
{
    for (int i = digits - 1; i >= 0; --i) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return out + digits;
}

static char *put_two(char *out, uint32_t number)
{
    out[0] = (char)('0' + number / 10);
    out[1] = (char)('0' + number % 10);
    return out + 2;
}

static char *put_time(const struct strata_row_format *format, char *out, uint32_t second)
{
    uint32_t in_day = second % STRATA_SECONDS_PER_DAY;
    memcpy(out, format->day_text + (size_t)(second / STRATA_SECONDS_PER_DAY) * STRATA_DAY_BYTES, STRATA_DAY_BYTES);
    out[10] = ' ';
    put_two(out + 11, in_day / 3600);
    out[13] = ':';
    put_two(out + 14, in_day / 60 % 60);
    out[16] = ':';
    return put_two(out + 17, in_day % 60);
}

static char *put_amount(char *out, int32_t minor)
{
    uint32_t value = minor < 0 ? 0u - (uint32_t)minor : (uint32_t)minor;
    if (minor < 0)
        *out++ = '-';
    uint32_t units = value / 100;
    out = put_digits(out, units, digits_of(units, 1));
    *out++ = '.';
    return put_two(out, value % 100);
}

/* RFC 9562: version 4, variant 10. */
static char *put_uuid(const struct strata_row_format *format, char *out, uint32_t customer)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t words[4];
    strata_philox(format->seed, (const uint64_t[2]){customer, uuid_stream}, words);
    words[1] = (words[1] & 0xFFFF0FFFu) | 0x00004000u;
    words[2] = (words[2] & 0x3FFFFFFFu) | 0x80000000u;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20)
            *out++ = '-';
        *out++ = hex[words[nibble / 8] >> (28 - nibble % 8 * 4) & 15];
    }
    return out;
}

static char *put_customer(const struct strata_row_format *format, char *out, uint32_t customer)
{
    if (format->ids == STRATA_IDS_UUID)
        return put_uuid(format, out, customer);
    *out++ = 'C';
    return put_digits(out, (uint64_t)customer + 1, format->customer_digits);
}

/* The amount and the category of each line of an order; the amounts add up to the order's. */
static void split_lines(const struct strata_order *order, int32_t amount[], uint8_t category[])
{
    int64_t whole = order->amount_minor;
    amount[0] = order->amount_minor;
    if (order->lines == 2)
        amount[0] = (int32_t)(whole * (80 + order->split / 2) / 256);
    else if (order->lines == 3)
        amount[0] = (int32_t)(whole * (60 + order->split / 3) / 256);
    int32_t rest = order->amount_minor - amount[0];
    amount[1] = order->lines == 3 ? rest / 2 : rest;
    amount[2] = rest - amount[1];
    for (int line = 0; line < STRATA_MAX_LINES; ++line)
        category[line] = (uint8_t)((order->category + line * (1 + order->split % 3)) % STRATA_N_CATEGORIES);
}

char *strata_row_format_header(const struct strata_row_format *format, char *out)
{
    for (int i = 0; i < format->n_columns; ++i) {
        out = put_text(out, row_columns[format->column[i]].header);
        *out++ = i + 1 < format->n_columns ? ',' : '\n';
    }
    return out;
}

char *strata_row_format_order(const struct strata_row_format *format, const struct strata_order *order, uint64_t number,
                              char *out)
{
    int32_t amount[STRATA_MAX_LINES];
    uint8_t category[STRATA_MAX_LINES];
    split_lines(order, amount, category);
    for (int line = 0; line < order->lines; ++line) {
        for (int i = 0; i < format->n_columns; ++i) {
            switch (format->column[i]) {
            case STRATA_ROW_CUSTOMER: out = put_customer(format, out, order->customer); break;
            case STRATA_ROW_TIME: out = put_time(format, out, order->second); break;
            case STRATA_ROW_AMOUNT: out = put_amount(out, amount[line]); break;
            case STRATA_ROW_ORDER:
                *out++ = order->amount_minor < 0 ? 'R' : 'O';
                out = put_digits(out, number + 1, format->order_digits);
                break;
            case STRATA_ROW_CHANNEL: out = put_text(out, strata_channel_names[order->channel]); break;
            case STRATA_ROW_CATEGORY: out = put_text(out, strata_category_names[category[line]]); break;
            case STRATA_N_ROW_COLUMNS: break;
            }
            *out++ = i + 1 < format->n_columns ? ',' : '\n';
        }
    }
    return out;
}
