#include "time_pattern.h"
#include "time_quick.h"

static bool take_mark(struct strata_cursor *cursor, const char *mark)
{
    for (; *mark; mark++, cursor->at++)
        if (cursor->at == cursor->n || cursor->text[cursor->at] != *mark)
            return false;
    return true;
}

static enum strata_time_result read_written_date(const struct strata_time_format *format, struct strata_cursor *cursor,
                                                 int32_t *day)
{
    static const char letters[][3] = {
        [STRATA_TIME_YMD] = {'Y', 'm', 'd'}, [STRATA_TIME_DMY] = {'d', 'm', 'Y'}, [STRATA_TIME_MDY] = {'m', 'd', 'Y'}};
    struct strata_date date = {0};

    for (int i = 0; i < 3; i++) {
        char letter = letters[format->order][i];
        bool is_read = false;
        if (letter == 'Y')
            is_read = strata_field_take_year(cursor, format->year_digits, &date.year);
        else if (letter == 'd')
            is_read = strata_field_take_small(cursor, format->is_strict, &date.day);
        else if (format->has_month_name)
            is_read = strata_field_take_month_name(cursor, &date.month);
        else
            is_read = strata_field_take_small(cursor, format->is_strict, &date.month);
        if (!is_read || !take_mark(cursor, format->mark[i]))
            return STRATA_TIME_MALFORMED;
    }
    return strata_day_of_fields(date, day);
}

static enum strata_time_result read_compact_date(struct strata_cursor *cursor, int32_t *day)
{
    struct strata_date date = {.year = strata_cursor_take_digits(cursor, 4)};

    date.month = strata_cursor_take_digits(cursor, 2);
    date.day = strata_cursor_take_digits(cursor, 2);
    return strata_day_of_fields(date, day);
}

/* What parts a date from a time of day. */
static bool take_joint(const struct strata_time_format *format, struct strata_cursor *cursor)
{
    size_t begin = cursor->at;

    if (strata_cursor_peek(cursor) == 'T')
        cursor->at++;
    else if (format->is_strict)
        cursor->at += strata_cursor_peek(cursor) == ' ';
    else
        strata_cursor_skip_blanks(cursor);
    return cursor->at > begin || format->mark[2][0] != '\0';
}

static enum strata_time_result read_written(const struct strata_time_format *format, struct strata_time_memo *memo,
                                            struct strata_cursor cursor, struct strata_time *out, unsigned *parts)
{
    struct strata_clock clock = {0};
    int32_t day;
    enum strata_time_result result;

    if (!strata_memo_recall_date(memo, &cursor, &day)) {
        result = read_written_date(format, &cursor, &day);
        if (result != STRATA_TIME_OK)
            return result;
        strata_memo_remember_date(memo, &cursor, day);
    }
    if (cursor.at < cursor.n) {
        if (format->kind == STRATA_TIME_DATE || !take_joint(format, &cursor))
            return STRATA_TIME_MALFORMED;
        result = strata_clock_read(&cursor, format->is_strict, &clock);
        if (result == STRATA_TIME_OK)
            result = strata_clock_read_end(&cursor, format->is_strict, &clock);
        if (result != STRATA_TIME_OK)
            return result;
        if (format->needs_meridiem && !(clock.parts & STRATA_TIME_HAS_MERIDIEM))
            return STRATA_TIME_MALFORMED;
    }
    *parts = clock.parts;
    return strata_time_combine(format, memo, day, &clock, out);
}

static enum strata_time_result read_compact(const struct strata_time_format *format, struct strata_time_memo *memo,
                                            struct strata_cursor cursor, struct strata_time *out, unsigned *parts)
{
    struct strata_clock clock = {0};
    size_t n_digits = strata_cursor_count_digits(&cursor, 15);
    int32_t day;

    if (n_digits != 8 && n_digits != 12 && n_digits != 14)
        return STRATA_TIME_MALFORMED;
    enum strata_time_result result = read_compact_date(&cursor, &day);
    if (result != STRATA_TIME_OK)
        return result;
    if (cursor.at < cursor.n) {
        if (format->kind == STRATA_TIME_DATE || (n_digits == 8 && !take_joint(format, &cursor)))
            return STRATA_TIME_MALFORMED;
        size_t n_clock = strata_cursor_count_digits(&cursor, 7);
        if (n_clock == 4 || n_clock == 6)
            result = strata_clock_read_plain(&cursor, n_clock, &clock);
        else
            result = strata_clock_read(&cursor, false, &clock);
        if (result == STRATA_TIME_OK)
            result = strata_clock_read_end(&cursor, false, &clock);
        if (result != STRATA_TIME_OK)
            return result;
        if (format->needs_meridiem && !(clock.parts & STRATA_TIME_HAS_MERIDIEM))
            return STRATA_TIME_MALFORMED;
    }
    *parts = clock.parts;
    return strata_time_combine(format, memo, day, &clock, out);
}

/* Of a number with n digits, some of them decimals of a second, and n_fraction more behind its point: the six behind
 * the seconds; *is_cut: not all of the others are zeros. */
static int32_t epoch_microsecond(const char *digits, size_t n, size_t n_decimals, size_t n_fraction, bool *is_cut)
{
    enum { KEPT = 6 };
    const size_t n_places = n_decimals + n_fraction;
    int32_t microsecond = 0;

    for (size_t i = 0; i < KEPT || i < n_places; i++) {
        size_t at = n + i - n_decimals;
        bool is_written = i < n_places && n + i >= n_decimals;
        int32_t digit = is_written ? digits[at + (at >= n)] - '0' : 0;
        if (i < KEPT)
            microsecond = microsecond * 10 + digit;
        else
            *is_cut = *is_cut || digit != 0;
    }
    return microsecond;
}

static enum strata_time_result read_epoch(const struct strata_time_format *format, struct strata_time_memo *memo,
                                          struct strata_cursor cursor, struct strata_time *out)
{
    const int64_t beyond_years = INT64_C(400000000000);
    const size_t n_decimals = (size_t)format->epoch_decimals;
    bool negative = cursor.text[0] == '-', is_cut = false;
    int32_t ignored;

    cursor.at = negative;
    size_t n = strata_cursor_count_digits(&cursor, cursor.n), n_fraction = 0;
    if (n == 0 || n < (size_t)format->epoch_digits_min || n > (size_t)format->epoch_digits_max)
        return STRATA_TIME_MALFORMED;
    const char *digits = cursor.text + cursor.at;
    cursor.at += n;
    if (strata_cursor_peek(&cursor) == '.') {
        size_t point = cursor.at;
        if (!strata_fraction_read(&cursor, &ignored))
            return STRATA_TIME_MALFORMED;
        n_fraction = cursor.at - point - 1;
    }
    if (cursor.at != cursor.n)
        return STRATA_TIME_MALFORMED;
    size_t n_whole = n > n_decimals ? n - n_decimals : 0;
    int64_t seconds = n_whole > 15 ? beyond_years : strata_value_of_digits(digits, n_whole);
    if (seconds >= beyond_years)
        return STRATA_TIME_OUT_OF_RANGE;
    int64_t microseconds =
        seconds * STRATA_MICROSECONDS + epoch_microsecond(digits, n, n_decimals, n_fraction, &is_cut);
    if (negative) /* what is cut leaves the earlier microsecond, on this side of 1970 too */
        microseconds = -microseconds - is_cut;
    seconds = microseconds / STRATA_MICROSECONDS - (microseconds % STRATA_MICROSECONDS < 0);
    return strata_time_convert_instant(format, memo, seconds, (int32_t)(microseconds - seconds * STRATA_MICROSECONDS),
                                       out);
}

enum strata_time_result strata_time_read(const struct strata_time_format *format, struct strata_time_memo *memo,
                                         const char *text, size_t n, struct strata_time *out, unsigned *parts)
{
    struct strata_cursor cursor = {.text = text, .n = n};

    *parts = 0;
    switch (format->kind) {
    case STRATA_TIME_WRITTEN: return read_written(format, memo, cursor, out, parts);
    case STRATA_TIME_COMPACT: return read_compact(format, memo, cursor, out, parts);
    case STRATA_TIME_DATE: return (n == 8 ? read_compact : read_written)(format, memo, cursor, out, parts);
    case STRATA_TIME_EPOCH: return read_epoch(format, memo, cursor, out);
    case STRATA_TIME_PATTERN: return strata_time_pattern_read(format, memo, cursor, out, parts);
    }
    return STRATA_TIME_MALFORMED;
}

bool strata_time_learn_month(struct strata_time_month *month, uint64_t text, uint64_t date_zeros)
{
    uint64_t word = text ^ date_zeros;

    if (!strata_bytes_fit(word, UINT64_C(0x7f76767f76767676)))
        return false;
    word = word * 10 + (word >> 8);
    struct strata_date date = {.year = (int32_t)((word & 0xff) * 100 + (word >> 16 & 0xff)),
                               .month = (int32_t)(word >> 40 & 0xff),
                               .day = 1};
    if (!strata_date_is_valid(date))
        return false;
    int32_t first = strata_day_from_date(date);
    for (date.day = 31; !strata_date_is_valid(date);)
        date.day--;
    *month = (struct strata_time_month){.text = text, .first = first, .days = date.day};
    return true;
}

enum strata_time_result strata_time_parse(const struct strata_time_format *format, struct strata_time_memo *memo,
                                          const char *text, size_t n, struct strata_time *out)
{
    struct strata_time quick;
    unsigned parts;

    if (strata_time_quick(format, memo, text, n, &quick)) {
        *out = quick;
        return STRATA_TIME_OK;
    }
    if (n == 0)
        return STRATA_TIME_EMPTY;
    return strata_time_read(format, memo, text, n, out, &parts);
}
