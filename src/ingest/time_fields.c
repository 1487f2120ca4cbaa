#include "time_fields.h"

static int32_t month_from_name(const char *text)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    for (int32_t month = 1; month <= 12; month++) {
        const char *name = names + 3 * (month - 1);
        if (strata_lower(text[0]) == name[0] && strata_lower(text[1]) == name[1] && strata_lower(text[2]) == name[2])
            return month;
    }
    return 0;
}

bool strata_field_take_month_name(struct strata_cursor *cursor, int32_t *month)
{
    if (cursor->n - cursor->at < 3)
        return false;
    *month = month_from_name(cursor->text + cursor->at);
    cursor->at += 3;
    return *month > 0;
}

int32_t strata_full_year(int32_t two_digits) { return two_digits + (two_digits < 69 ? 2000 : 1900); }

/* A year of two or four digits. One of more digits is read as 0, which is out of range too. */
bool strata_field_take_year(struct strata_cursor *cursor, int year_digits, int32_t *year)
{
    size_t n = strata_cursor_count_digits(cursor, 10);

    if (year_digits == 4 && n > 4 && n < 10) {
        cursor->at += n;
        *year = 0;
        return true;
    }
    if (n != (size_t)year_digits)
        return false;
    *year = strata_cursor_take_digits(cursor, n);
    if (year_digits == 2)
        *year = strata_full_year(*year);
    return true;
}

bool strata_field_take_small(struct strata_cursor *cursor, bool needs_two, int32_t *value)
{
    size_t n = strata_cursor_count_digits(cursor, 3);

    if (n == 0 || n > 2 || (needs_two && n != 2))
        return false;
    *value = strata_cursor_take_digits(cursor, n);
    return true;
}

enum strata_time_result strata_day_of_fields(struct strata_date date, int32_t *day)
{
    if (date.year < 1 || date.year > 9999)
        return STRATA_TIME_OUT_OF_RANGE;
    if (!strata_date_is_valid(date))
        return STRATA_TIME_IMPOSSIBLE;
    *day = strata_day_from_date(date);
    return STRATA_TIME_OK;
}

/* Up to 24 bytes as three words that overlap. */
static inline void date_words(const char *text, size_t n, uint64_t words[3])
{
    if (n < 8) {
        words[0] = strata_load_4(text) | (uint64_t)strata_load_4(text + n - 4) << 32;
        words[1] = words[2] = 0;
    } else {
        words[0] = strata_load_8(text);
        words[1] = strata_load_8(text + (n < 16 ? n - 8 : 8));
        words[2] = strata_load_8(text + n - 8);
    }
}

/* Does the text begin with the date of the memo? A digit behind it would belong to another date. */
bool strata_memo_recall_date(const struct strata_time_memo *memo, struct strata_cursor *cursor, int32_t *day)
{
    size_t n = memo->date_length;
    uint64_t words[3];

    if (n == 0 || cursor->n < n || (cursor->n > n && strata_is_digit(cursor->text[n])))
        return false;
    date_words(cursor->text, n, words);
    if (words[0] != memo->date_text[0] || words[1] != memo->date_text[1] || words[2] != memo->date_text[2])
        return false;
    cursor->at = n;
    *day = memo->date_day;
    return true;
}

void strata_memo_remember_date(struct strata_time_memo *memo, const struct strata_cursor *cursor, int32_t day)
{
    if (cursor->at < 4 || cursor->at > 24)
        return;
    memo->date_length = (uint32_t)cursor->at;
    memo->date_day = day;
    date_words(cursor->text, cursor->at, memo->date_text);
}

/* The local day and time of day of an instant. */
enum strata_time_result strata_time_convert_instant(const struct strata_time_format *format,
                                                    struct strata_time_memo *memo, int64_t utc_seconds,
                                                    int32_t microsecond, struct strata_time *out)
{
    int64_t local = utc_seconds;

    if (format->zone) {
        if (utc_seconds < memo->span.from || utc_seconds >= memo->span.until)
            memo->span = strata_time_zone_span(format->zone, utc_seconds);
        local += memo->span.offset;
    }
    int64_t day = local / STRATA_SECONDS_PER_DAY;
    int64_t second = local % STRATA_SECONDS_PER_DAY;
    if (second < 0) {
        day--;
        second += STRATA_SECONDS_PER_DAY;
    }
    if (day < STRATA_DAY_MIN || day > STRATA_DAY_MAX)
        return STRATA_TIME_OUT_OF_RANGE;
    *out = (struct strata_time){.day = (int32_t)day, .microsecond = second * STRATA_MICROSECONDS + microsecond};
    return STRATA_TIME_OK;
}

enum strata_time_result strata_time_combine(const struct strata_time_format *format, struct strata_time_memo *memo,
                                            int32_t day, const struct strata_clock *clock, struct strata_time *out)
{
    int32_t second = clock->hour * 3600 + clock->minute * 60 + clock->second;

    if (clock->parts & STRATA_TIME_HAS_OFFSET)
        return strata_time_convert_instant(format, memo, (int64_t)day * STRATA_SECONDS_PER_DAY + second - clock->offset,
                                           clock->microsecond, out);
    *out = (struct strata_time){.day = day, .microsecond = second * STRATA_MICROSECONDS + clock->microsecond};
    return STRATA_TIME_OK;
}

static enum strata_time_result read_epoch(const struct strata_time_format *format, struct strata_time_memo *memo,
                                          struct strata_cursor cursor, struct strata_time *out)
{
    bool negative = cursor.text[0] == '-';
    int32_t fraction = 0;

    cursor.at = negative;
    size_t n = strata_cursor_count_digits(&cursor, cursor.n);
    if (n == 0 || n < (size_t)format->epoch_digits_min || n > (size_t)format->epoch_digits_max)
        return STRATA_TIME_MALFORMED;
    const char *digits = cursor.text + cursor.at;
    cursor.at += n;
    if (strata_cursor_peek(&cursor) == '.' && !strata_fraction_read(&cursor, &fraction))
        return STRATA_TIME_MALFORMED;
    if (cursor.at != cursor.n)
        return STRATA_TIME_MALFORMED;
    /* The year 9999 has 12 digits in seconds and 15 in milliseconds. */
    if (n > 15)
        return STRATA_TIME_OUT_OF_RANGE;
    int64_t value = strata_value_of_digits(digits, n);
    int64_t per_second = format->is_millisecond ? 1000 : 1;
    if (value / per_second > INT64_C(400000000000))
        return STRATA_TIME_OUT_OF_RANGE;
    int64_t microseconds = value * (STRATA_MICROSECONDS / per_second) + fraction / per_second;
    if (negative)
        microseconds = -microseconds;
    int64_t seconds = microseconds / STRATA_MICROSECONDS - (microseconds % STRATA_MICROSECONDS < 0);
    return strata_time_convert_instant(format, memo, seconds, (int32_t)(microseconds - seconds * STRATA_MICROSECONDS),
                                       out);
}
