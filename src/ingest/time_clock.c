#include "time_fields.h"

enum strata_time_result strata_clock_check(const struct strata_clock *clock)
{
    return clock->hour < 24 && clock->minute < 60 && clock->second < 60 ? STRATA_TIME_OK : STRATA_TIME_IMPOSSIBLE;
}

/* H:MM or H:MM:SS */
enum strata_time_result strata_clock_read(struct strata_cursor *cursor, bool is_strict, struct strata_clock *clock)
{
    clock->parts |= STRATA_TIME_HAS_CLOCK;
    if (cursor->n - cursor->at >= 8 && strata_clock_from_word(strata_load_8(cursor->text + cursor->at), clock)) {
        cursor->at += 8;
        clock->parts |= STRATA_TIME_HAS_SECOND;
        return STRATA_TIME_OK;
    }
    clock->second = 0;
    if (!strata_field_take_small(cursor, is_strict, &clock->hour) || strata_cursor_peek(cursor) != ':')
        return STRATA_TIME_MALFORMED;
    cursor->at++;
    if (!strata_field_take_small(cursor, true, &clock->minute))
        return STRATA_TIME_MALFORMED;
    if (strata_cursor_peek(cursor) == ':') {
        cursor->at++;
        if (!strata_field_take_small(cursor, true, &clock->second))
            return STRATA_TIME_MALFORMED;
        clock->parts |= STRATA_TIME_HAS_SECOND;
    }
    return strata_clock_check(clock);
}

/* HHMM or HHMMSS, of which there are `n_digits`. */
enum strata_time_result strata_clock_read_plain(struct strata_cursor *cursor, size_t n_digits,
                                                struct strata_clock *clock)
{
    clock->parts |= STRATA_TIME_HAS_CLOCK | STRATA_TIME_HAS_NO_COLONS;
    clock->hour = strata_cursor_take_digits(cursor, 2);
    clock->minute = strata_cursor_take_digits(cursor, 2);
    if (n_digits == 6) {
        clock->second = strata_cursor_take_digits(cursor, 2);
        clock->parts |= STRATA_TIME_HAS_SECOND;
    }
    return strata_clock_check(clock);
}

/* .1 to .9 digits; false if there are more or none behind the point. */
bool strata_fraction_read(struct strata_cursor *cursor, int32_t *microsecond)
{
    cursor->at++;
    size_t n = strata_cursor_count_digits(cursor, 10);
    if (n == 0 || n > 9)
        return false;
    size_t n_kept = n < 6 ? n : 6;
    *microsecond = (int32_t)strata_value_of_digits(cursor->text + cursor->at, n_kept);
    for (size_t i = n_kept; i < 6; i++)
        *microsecond *= 10;
    cursor->at += n;
    return true;
}

static enum strata_time_result read_meridiem(struct strata_cursor *cursor, struct strata_clock *clock)
{
    struct strata_cursor ahead = *cursor;

    strata_cursor_skip_blanks(&ahead);
    if (ahead.n - ahead.at < 2)
        return STRATA_TIME_OK;
    char half = strata_lower(ahead.text[ahead.at]);
    if ((half != 'a' && half != 'p') || strata_lower(ahead.text[ahead.at + 1]) != 'm')
        return STRATA_TIME_OK;
    if (clock->hour < 1 || clock->hour > 12)
        return STRATA_TIME_IMPOSSIBLE;
    clock->hour = clock->hour % 12 + (half == 'p' ? 12 : 0);
    clock->parts |= STRATA_TIME_HAS_MERIDIEM;
    ahead.at += 2;
    *cursor = ahead;
    return STRATA_TIME_OK;
}

/* Z or +HH:MM or +HHMM or +HH; UTC or GMT where the layout is not strict. */
static enum strata_time_result read_offset(struct strata_cursor *cursor, bool is_strict, struct strata_clock *clock)
{
    char first = strata_cursor_peek(cursor);

    clock->parts |= STRATA_TIME_HAS_OFFSET;
    if (first == 'Z') {
        cursor->at++;
        return STRATA_TIME_OK;
    }
    if (!is_strict && cursor->n - cursor->at >= 3 &&
        (memcmp(cursor->text + cursor->at, "UTC", 3) == 0 || memcmp(cursor->text + cursor->at, "GMT", 3) == 0)) {
        cursor->at += 3;
        return STRATA_TIME_OK;
    }
    if (first != '+' && first != '-')
        return STRATA_TIME_MALFORMED;
    cursor->at++;
    size_t n = strata_cursor_count_digits(cursor, 5);
    if (n != 2 && n != 4)
        return STRATA_TIME_MALFORMED;
    int32_t hour = strata_cursor_take_digits(cursor, 2);
    int32_t minute = n == 4 ? strata_cursor_take_digits(cursor, 2) : 0;
    if (n == 2 && strata_cursor_peek(cursor) == ':') {
        cursor->at++;
        if (strata_cursor_count_digits(cursor, 3) != 2)
            return STRATA_TIME_MALFORMED;
        minute = strata_cursor_take_digits(cursor, 2);
    }
    if (hour > 23 || minute > 59)
        return STRATA_TIME_IMPOSSIBLE;
    clock->offset = (hour * 3600 + minute * 60) * (first == '-' ? -1 : 1);
    return STRATA_TIME_OK;
}

/* All that may stand behind minutes or seconds, up to the end of the text. */
enum strata_time_result strata_clock_read_end(struct strata_cursor *cursor, bool is_strict, struct strata_clock *clock)
{
    if (cursor->at == cursor->n)
        return STRATA_TIME_OK;
    if (strata_cursor_peek(cursor) == '.' && (clock->parts & STRATA_TIME_HAS_SECOND)) {
        if (!strata_fraction_read(cursor, &clock->microsecond))
            return STRATA_TIME_MALFORMED;
        clock->parts |= STRATA_TIME_HAS_FRACTION;
    }
    if (!is_strict) {
        enum strata_time_result result = read_meridiem(cursor, clock);
        if (result != STRATA_TIME_OK)
            return result;
        strata_cursor_skip_blanks(cursor);
    }
    if (cursor->at < cursor->n) {
        enum strata_time_result result = read_offset(cursor, is_strict, clock);
        if (result != STRATA_TIME_OK)
            return result;
    }
    return cursor->at == cursor->n ? STRATA_TIME_OK : STRATA_TIME_MALFORMED;
}
