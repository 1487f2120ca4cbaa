#include "time_zone_rule.h"

#include "calendar.h"

struct cursor {
    const char *at, *end;
};

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool accept(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

static bool read_number(struct cursor *cursor, int32_t most, int32_t *value)
{
    if (cursor->at == cursor->end || !is_digit(*cursor->at))
        return false;
    *value = 0;
    for (; cursor->at < cursor->end && is_digit(*cursor->at); cursor->at++) {
        *value = *value * 10 + (*cursor->at - '0');
        if (*value > most)
            return false;
    }
    return true;
}

/* An abbreviation: at least three letters, or anything of letters, digits and signs in <>. */
static bool skip_name(struct cursor *cursor)
{
    const char *begin = cursor->at;

    if (accept(cursor, '<')) {
        while (cursor->at < cursor->end &&
               (is_letter(*cursor->at) || is_digit(*cursor->at) || *cursor->at == '+' || *cursor->at == '-'))
            cursor->at++;
        return accept(cursor, '>');
    }
    while (cursor->at < cursor->end && is_letter(*cursor->at))
        cursor->at++;
    return cursor->at - begin >= 3;
}

/* [+-]h[h][:mm[:ss]] in seconds. */
static bool read_time(struct cursor *cursor, int32_t most_hours, int32_t *seconds)
{
    int32_t sign = accept(cursor, '-') ? -1 : (accept(cursor, '+'), 1);
    int32_t hour, minute = 0, second = 0;

    if (!read_number(cursor, most_hours, &hour))
        return false;
    if (accept(cursor, ':')) {
        if (!read_number(cursor, 59, &minute))
            return false;
        if (accept(cursor, ':') && !read_number(cursor, 59, &second))
            return false;
    }
    *seconds = sign * (hour * 3600 + minute * 60 + second);
    return true;
}

static bool read_switch(struct cursor *cursor, struct strata_zone_switch *change)
{
    *change = (struct strata_zone_switch){.form = STRATA_SWITCH_DAY_OF_YEAR, .seconds = 2 * 3600};
    if (!accept(cursor, ','))
        return false;
    if (accept(cursor, 'M')) {
        change->form = STRATA_SWITCH_MONTH_WEEK_DAY;
        if (!read_number(cursor, 12, &change->month) || !accept(cursor, '.') ||
            !read_number(cursor, 5, &change->week) || !accept(cursor, '.') || !read_number(cursor, 6, &change->day) ||
            change->month < 1 || change->week < 1)
            return false;
    } else if (accept(cursor, 'J')) {
        change->form = STRATA_SWITCH_JULIAN;
        if (!read_number(cursor, 365, &change->day) || change->day < 1)
            return false;
    } else if (!read_number(cursor, 365, &change->day)) {
        return false;
    }
    return !accept(cursor, '/') || read_time(cursor, 167, &change->seconds);
}

bool strata_zone_rule_parse(const char *text, size_t n, struct strata_zone_rule *rule)
{
    struct cursor cursor = {.at = text, .end = text + n};
    int32_t west;

    *rule = (struct strata_zone_rule){0};
    if (!skip_name(&cursor) || !read_time(&cursor, 24, &west))
        return false;
    rule->standard_offset = -west;
    if (cursor.at == cursor.end)
        return true;

    rule->has_daylight = true;
    rule->daylight_offset = rule->standard_offset + 3600;
    if (!skip_name(&cursor))
        return false;
    if (cursor.at < cursor.end && *cursor.at != ',') {
        if (!read_time(&cursor, 24, &west))
            return false;
        rule->daylight_offset = -west;
    }
    return read_switch(&cursor, &rule->begin) && read_switch(&cursor, &rule->end) && cursor.at == cursor.end;
}

static int32_t first_of_month(int32_t year, int32_t month)
{
    return strata_day_from_date((struct strata_date){.year = year, .month = month, .day = 1});
}

static int32_t month_week_day(const struct strata_zone_switch *change, int32_t year)
{
    int32_t first = first_of_month(year, change->month);
    int32_t next = change->month < 12 ? first_of_month(year, change->month + 1) : first + 31;
    /* 1970-01-01 was a Thursday; the shift by whole weeks keeps the remainder positive. */
    int32_t week_day = (first + 4 + 7 * 200000) % 7;
    int32_t day = first + (change->day - week_day + 7) % 7 + 7 * (change->week - 1);

    return day < next ? day : day - 7;
}

static int64_t switch_second(const struct strata_zone_switch *change, int32_t year)
{
    int32_t january = first_of_month(year, 1);
    int32_t day = january + change->day;

    if (change->form == STRATA_SWITCH_MONTH_WEEK_DAY) {
        day = month_week_day(change, year);
    } else if (change->form == STRATA_SWITCH_JULIAN) {
        bool leap = first_of_month(year, 3) - january == 60;
        day = january + change->day - 1 + (leap && change->day >= 60);
    }
    return (int64_t)day * 86400 + change->seconds;
}

int64_t strata_zone_rule_begin(const struct strata_zone_rule *rule, int32_t year)
{
    return switch_second(&rule->begin, year) - rule->standard_offset;
}

int64_t strata_zone_rule_end(const struct strata_zone_rule *rule, int32_t year)
{
    return switch_second(&rule->end, year) - rule->daylight_offset;
}
