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

enum strata_time_result strata_day_of_fields(struct strata_date date, int32_t *day)
{
    if (date.year < 1 || date.year > 9999)
        return STRATA_TIME_OUT_OF_RANGE;
    if (!strata_date_is_valid(date))
        return STRATA_TIME_IMPOSSIBLE;
    *day = strata_day_from_date(date);
    return STRATA_TIME_OK;
}

void strata_memo_remember_date(struct strata_time_memo *memo, const struct strata_cursor *cursor, int32_t day)
{
    if (cursor->at < 4 || cursor->at > 24)
        return;
    memo->date_length = (uint32_t)cursor->at;
    memo->date_day = day;
    strata_date_words(cursor->text, cursor->at, memo->date_text);
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
