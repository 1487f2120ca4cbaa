/* Times. The first line is 0 for UTC or 1 for a zone with daylight saving, and the layout as it is declared, or auto;
 * each line behind it is a time. The quick way must agree with the general one, ISO with a plain reading, a guessed
 * layout with the samples. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "time_format.h"

enum { LAYOUT_MAX = 80, LINES_MAX = 64 };

struct line {
    const char *text;
    size_t n;
};

static int64_t transition[] = {-1000000000, 1711846800, 1729990800};
static int32_t offset[] = {3600, 7200, -34200};
static const struct strata_time_zone zones[] = {{0}, {transition, offset, 3, 28800}};

/* ---- ISO, plainly ---- */

struct cursor {
    const char *text;
    size_t n;
};

static bool take(struct cursor *at, const char *any_of)
{
    if (at->n == 0 || at->text[0] == '\0' || !strchr(any_of, at->text[0]))
        return false;
    ++at->text, --at->n;
    return true;
}

static bool take_digits(struct cursor *at, size_t n, int *value)
{
    *value = 0;
    for (size_t i = 0; i < n; ++i) {
        if (at->n == 0 || at->text[0] < '0' || at->text[0] > '9')
            return false;
        *value = *value * 10 + (at->text[0] - '0');
        ++at->text, --at->n;
    }
    return true;
}

struct moment {
    struct strata_date date;
    int hour, minute, second, micro;
    bool has_offset;
    int64_t offset; /* seconds */
    bool is_possible;
};

static bool take_clock(struct cursor *at, struct moment *moment)
{
    if (!take_digits(at, 2, &moment->hour) || !take(at, ":") || !take_digits(at, 2, &moment->minute))
        return false;
    if (take(at, ":")) {
        if (!take_digits(at, 2, &moment->second))
            return false;
        if (take(at, ".")) {
            int digit, n = 0;
            for (; at->n && at->text[0] >= '0' && at->text[0] <= '9'; ++n)
                if (take_digits(at, 1, &digit) && n < 6)
                    moment->micro = moment->micro * 10 + digit;
            if (n == 0 || n > 9)
                return false;
            for (; n < 6; ++n)
                moment->micro *= 10;
        }
    }
    moment->is_possible = moment->hour < 24 && moment->minute < 60 && moment->second < 60;
    return true;
}

static bool take_offset(struct cursor *at, struct moment *moment)
{
    int hours, minutes = 0;
    bool is_west = at->n && at->text[0] == '-';
    moment->has_offset = true;
    if (take(at, "Z"))
        return true;
    if (!take(at, "+-") || !take_digits(at, 2, &hours))
        return false;
    bool has_minutes = take(at, ":") || at->n > 0;
    if (has_minutes && !take_digits(at, 2, &minutes))
        return false;
    moment->is_possible = moment->is_possible && hours < 24 && minutes < 60;
    moment->offset = (is_west ? -1 : 1) * (3600 * (int64_t)hours + 60 * (int64_t)minutes);
    return true;
}

static bool read_iso(struct line line, const struct strata_time_zone *zone, struct strata_time *out)
{
    struct cursor at = {line.text, line.n};
    struct moment moment = {.is_possible = true};
    if (!take_digits(&at, 4, &moment.date.year) || !take(&at, "-") || !take_digits(&at, 2, &moment.date.month) ||
        !take(&at, "-") || !take_digits(&at, 2, &moment.date.day))
        return false;
    if (at.n && (!take(&at, "T ") || !take_clock(&at, &moment)))
        return false;
    if (at.n && !take_offset(&at, &moment))
        return false;
    if (at.n || !moment.is_possible || !strata_date_is_valid(moment.date))
        return false;
    int64_t second =
        INT64_C(86400) * strata_day_from_date(moment.date) + 3600 * moment.hour + 60 * moment.minute + moment.second;
    if (moment.has_offset) {
        second -= moment.offset;
        second += strata_time_zone_offset(zone, second);
    }
    int64_t day = second / 86400 - (second % 86400 < 0);
    *out = (struct strata_time){(int32_t)day, (second - 86400 * day) * 1000000 + moment.micro};
    return day >= STRATA_DAY_MIN && day <= STRATA_DAY_MAX;
}

/* ---- the laws ---- */

static void check_text_of(const struct strata_time *time)
{
    static struct strata_time_format iso;
    static struct strata_time_memo memo;
    struct strata_error error;
    char text[40];
    struct strata_time again = {0};
    int64_t second = time->microsecond / 1000000;
    FUZZ_CHECK(time->day >= STRATA_DAY_MIN && time->day <= STRATA_DAY_MAX, "day %d", (int)time->day);
    FUZZ_CHECK(time->microsecond >= 0 && second < 86400, "second %lld", (long long)second);
    strata_day_format(time->day, text);
    (void)snprintf(text + 10, sizeof text - 10, "T%02d:%02d:%02d.%06d", (int)(second / 3600), (int)(second / 60 % 60),
                   (int)(second % 60), (int)(time->microsecond % 1000000));
    if (!iso.name[0])
        FUZZ_CHECK(strata_time_format_declare(&iso, "iso", NULL, &error) == STRATA_OK, "iso");
    enum strata_time_result result = strata_time_parse(&iso, &memo, text, strlen(text), &again);
    FUZZ_CHECK(result == STRATA_TIME_OK && again.day == time->day && again.microsecond == time->microsecond, "%s",
               text);
}

/* With what was remembered of the lines before, without, and without the quick way. */
static bool check_line(const struct strata_time_format *format, struct strata_time_memo *memo, struct line line)
{
    struct strata_time_format general = *format;
    struct strata_time quick = {0}, fresh = {0}, slow = {0};
    struct strata_time_memo empty[2];
    memset(empty, 0, sizeof empty);
    general.has_quick_clock = general.has_quick_date = false;
    enum strata_time_result result = strata_time_parse(format, memo, line.text, line.n, &quick);
    enum strata_time_result other = strata_time_parse(format, &empty[0], line.text, line.n, &fresh);
    FUZZ_CHECK(result == other && quick.day == fresh.day && quick.microsecond == fresh.microsecond,
               "%.*s: %d with what is remembered, %d without", (int)line.n, line.text, (int)result, (int)other);
    other = strata_time_parse(&general, &empty[1], line.text, line.n, &slow);
    FUZZ_CHECK(result == other && quick.day == slow.day && quick.microsecond == slow.microsecond,
               "%.*s: %d the quick way, %d the general way", (int)line.n, line.text, (int)result, (int)other);
    if (result == STRATA_TIME_OK)
        check_text_of(&quick);
    return result == STRATA_TIME_OK;
}

static void check_iso(const struct strata_time_format *format, struct strata_time_memo *memo, struct line line)
{
    struct strata_time time = {0}, expected = {0};
    bool is_time = strata_time_parse(format, memo, line.text, line.n, &time) == STRATA_TIME_OK;
    FUZZ_CHECK(is_time == read_iso(line, format->zone, &expected), "%.*s", (int)line.n, line.text);
    FUZZ_CHECK(!is_time || (time.day == expected.day && time.microsecond == expected.microsecond), "%.*s", (int)line.n,
               line.text);
}

static bool settle(struct strata_time_format *format, const struct strata_time_zone *zone, const struct line *line,
                   size_t n_lines)
{
    static struct strata_time_guess guess;
    char explanation[STRATA_TIME_EXPLANATION];
    strata_time_guess_begin(&guess);
    for (size_t i = 0; i < n_lines; ++i)
        strata_time_guess_feed(&guess, line[i].text, line[i].n);
    enum strata_time_verdict verdict = strata_time_guess_decide(&guess, zone, format);
    if (verdict == STRATA_TIME_SETTLED)
        return true;
    strata_time_guess_explain(&guess, explanation);
    FUZZ_CHECK(memchr(explanation, '\0', sizeof explanation) && explanation[0], "verdict %d", (int)verdict);
    return false;
}

static void check_lines(const char *layout, const struct strata_time_zone *zone, const struct line *line,
                        size_t n_lines)
{
    struct strata_time_format format;
    struct strata_error error;
    struct strata_time_memo memo = {0};
    size_t n_read = 0;
    bool is_guessed = strcmp(layout, "auto") == 0;
    bool is_iso = strcmp(layout, "iso") == 0;
    if (is_guessed ? !settle(&format, zone, line, n_lines)
                   : strata_time_format_declare(&format, layout, zone, &error) != STRATA_OK)
        return;
    FUZZ_CHECK(strata_time_format_name(&format)[0], "a layout without a name: %s", layout);
    for (size_t i = 0; i < n_lines; ++i) {
        bool is_read = check_line(&format, &memo, line[i]);
        n_read += is_read;
        if (is_iso)
            check_iso(&format, &memo, line[i]);
        (void)strata_time_looks_like(line[i].text, line[i].n);
    }
    FUZZ_CHECK(!is_guessed || n_read > 0, "%s reads no sample", strata_time_format_name(&format));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char layout[LAYOUT_MAX], *copy[LINES_MAX];
    struct line line[LINES_MAX];
    size_t n_lines = 0;
    const uint8_t *end = data + n, *stop = n ? memchr(data, '\n', n) : NULL;
    if (!stop || stop == data || (size_t)(stop - data) > sizeof layout)
        return 0;
    memcpy(layout, data + 1, (size_t)(stop - data) - 1);
    layout[stop - data - 1] = '\0';
    for (const uint8_t *at = stop + 1; at < end && n_lines < LINES_MAX; ++n_lines) {
        stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        copy[n_lines] = fuzz_copy(at, length, 0);
        line[n_lines] = (struct line){copy[n_lines], length};
        at += length + 1;
    }
    check_lines(layout, &zones[data[0] & 1], line, n_lines);
    for (size_t i = 0; i < n_lines; ++i)
        free(copy[i]);
    return 0;
}
