#include "time_pattern.h"

#include <string.h>

#include "check.h"
#include "time_fields.h"

static bool is_date_letter(char letter) { return letter && strchr("Yymbd", letter); }

static bool is_clock_letter(char letter) { return letter && strchr("HMS", letter); }

/* Does it read digits? */
static bool is_numeric(const struct strata_time_step *step)
{
    return step->letter ? step->letter != 'b' : strata_is_digit(step->literal);
}

static enum strata_status read_steps(struct strata_time_format *format, const char *pattern, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;

    for (const char *at = pattern; *at; at++) {
        if (format->n_steps == STRATA_TIME_PATTERN_MAX)
            STRATA_GIVE_UP(err, STRATA_USAGE, "the time format \"%s\" has more than %d parts", pattern,
                           STRATA_TIME_PATTERN_MAX);
        struct strata_time_step *step = &format->step[format->n_steps];
        *step = (struct strata_time_step){.literal = *at};
        if (*at == '%' && at[1] != '%') {
            *step = (struct strata_time_step){.letter = at[1]};
            if (!is_date_letter(at[1]) && !is_clock_letter(at[1]))
                STRATA_GIVE_UP(err, STRATA_USAGE,
                               "the time format \"%s\" has the unknown letter %%%c; known are %%Y %%m %%d %%H %%M %%S "
                               "%%y %%b and %%%%",
                               pattern, at[1] ? at[1] : ' ');
        }
        at += *at == '%';
        format->n_steps++;
    }
done:
    return status;
}

/* Each part once, and none without the larger one. */
static enum strata_status check_steps(const struct strata_time_format *format, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0;

    for (int i = 0; i < format->n_steps; i++) {
        char letter = format->step[i].letter;
        years += letter == 'Y' || letter == 'y';
        months += letter == 'm' || letter == 'b';
        days += letter == 'd';
        hours += letter == 'H';
        minutes += letter == 'M';
        seconds += letter == 'S';
    }
    if (years != 1 || months != 1 || days != 1)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "the time format \"%s\" must have one year (%%Y or %%y), one month (%%m or %%b) and one day "
                       "(%%d); other formats are " STRATA_TIME_FORMAT_WORDS,
                       format->name);
    if (hours > 1 || minutes > hours || seconds > minutes)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "the time format \"%s\" must have at most one %%H, with it at most one %%M, and with that at "
                       "most one %%S",
                       format->name);
done:
    return status;
}

/* Fields without a mark between them have all their digits. */
static void find_full_steps(struct strata_time_format *format)
{
    for (int i = 0; i + 1 < format->n_steps; i++)
        if (is_numeric(&format->step[i]) && is_numeric(&format->step[i + 1]))
            format->step[i].is_full = format->step[i + 1].is_full = true;
}

static void find_date_steps(struct strata_time_format *format)
{
    int n_fields = 0;

    for (int i = 0; i < format->n_steps && n_fields < 3; i++) {
        if (is_clock_letter(format->step[i].letter))
            return;
        n_fields += is_date_letter(format->step[i].letter);
        if (n_fields == 3)
            format->n_date_steps = (int8_t)(i + 1);
    }
}

/* The layouts of the quick way, where the pattern begins with one of them. */
static void find_quick_way(struct strata_time_format *format)
{
    const struct strata_time_step *step = format->step;
    char mark = format->n_steps >= 5 ? step[1].literal : '\0';
    bool is_clock = format->n_steps == 11 && step[6].letter == 'H' && step[7].literal == ':' && step[8].letter == 'M' &&
                    step[9].literal == ':' && step[10].letter == 'S';

    if (!mark || strata_is_digit(mark) || step[0].letter != 'Y' || step[2].letter != 'm' || step[3].literal != mark ||
        step[4].letter != 'd')
        return;
    format->date_zeros = strata_time_date_zeros(mark);
    format->has_quick_date = format->n_steps == 5;
    format->has_quick_clock = is_clock && step[5].letter == 0 && !strata_is_digit(step[5].literal);
    format->joints[0] = format->joints[1] = step[5].literal;
}

enum strata_status strata_time_pattern_compile(struct strata_time_format *format, const char *pattern,
                                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;

    format->kind = STRATA_TIME_PATTERN;
    if (strlen(pattern) >= sizeof format->name)
        STRATA_GIVE_UP(err, STRATA_USAGE, "the time format \"%.60s...\" is longer than %d bytes", pattern,
                       (int)sizeof format->name - 1);
    strcpy(format->name, pattern);
    STRATA_TRY(read_steps(format, pattern, err));
    STRATA_TRY(check_steps(format, err));
    find_full_steps(format);
    find_date_steps(format);
    find_quick_way(format);
done:
    return status;
}

static bool take_step(const struct strata_time_step *step, struct strata_cursor *cursor, struct strata_date *date,
                      struct strata_clock *clock)
{
    int32_t *const field = step->letter == 'm'   ? &date->month
                           : step->letter == 'd' ? &date->day
                           : step->letter == 'H' ? &clock->hour
                           : step->letter == 'M' ? &clock->minute
                                                 : &clock->second;
    switch (step->letter) {
    case 0:
        if (cursor->at == cursor->n || cursor->text[cursor->at] != step->literal)
            return false;
        cursor->at++;
        return true;
    case 'b': return strata_field_take_month_name(cursor, &date->month);
    case 'y':
        if (strata_cursor_count_digits(cursor, 3) != 2 &&
            !(step->is_full && strata_cursor_count_digits(cursor, 2) == 2))
            return false;
        date->year = strata_full_year(strata_cursor_take_digits(cursor, 2));
        return true;
    case 'Y':
        if (!step->is_full)
            return strata_field_take_year(cursor, 4, &date->year);
        if (strata_cursor_count_digits(cursor, 4) != 4)
            return false;
        date->year = strata_cursor_take_digits(cursor, 4);
        return true;
    default:
        if (!step->is_full)
            return strata_field_take_small(cursor, false, field);
        if (strata_cursor_count_digits(cursor, 2) != 2)
            return false;
        *field = strata_cursor_take_digits(cursor, 2);
        return true;
    }
}

enum strata_time_result strata_time_pattern_read(const struct strata_time_format *format, struct strata_time_memo *memo,
                                                 struct strata_cursor cursor, struct strata_time *out, unsigned *parts)
{
    struct strata_date date = {0};
    struct strata_clock clock = {0};
    char last = format->step[format->n_steps - 1].letter;
    int32_t day = 0;
    int i = 0;
    bool is_recalled = strata_memo_recall_date(memo, &cursor, &day);

    if (is_recalled)
        i = format->n_date_steps;
    for (; i < format->n_steps; i++) {
        if (!take_step(&format->step[i], &cursor, &date, &clock))
            return STRATA_TIME_MALFORMED;
        if (i + 1 == format->n_date_steps) {
            enum strata_time_result result = strata_day_of_fields(date, &day);
            if (result != STRATA_TIME_OK)
                return result;
            strata_memo_remember_date(memo, &cursor, day);
        }
    }
    enum strata_time_result result = STRATA_TIME_OK;
    if (format->n_date_steps == 0)
        result = strata_day_of_fields(date, &day);
    if (result == STRATA_TIME_OK)
        result = strata_clock_check(&clock);
    if (result != STRATA_TIME_OK)
        return result;
    if (last == 'M' || last == 'S') {
        clock.parts |= STRATA_TIME_HAS_CLOCK | (last == 'S' ? STRATA_TIME_HAS_SECOND : 0);
        result = strata_clock_read_end(&cursor, false, &clock);
        if (result != STRATA_TIME_OK)
            return result;
    }
    if (cursor.at != cursor.n)
        return STRATA_TIME_MALFORMED;
    *parts = clock.parts;
    return strata_time_combine(format, memo, day, &clock, out);
}
