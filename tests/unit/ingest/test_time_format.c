#include "time_format.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "random.h"

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static uint64_t random_at(uint64_t stream, uint64_t index, uint64_t below)
{
    return (uint64_t)(strata_uniform_at(11, stream, index) * (double)below);
}

static struct strata_time_format declare(const char *declared, const struct strata_time_zone *zone)
{
    struct strata_time_format format;
    struct strata_error err = {0};
    cr_assert_eq(strata_time_format_declare(&format, declared, zone, &err), STRATA_OK, "%s: %s", declared, err.message);
    return format;
}

/* The text in memory that ends where it ends, so that a read beyond is seen by the sanitizers. */
static enum strata_time_result parse(const struct strata_time_format *format, struct strata_time_memo *memo,
                                     const char *text, struct strata_time *out)
{
    struct strata_time_memo empty = {0};
    size_t n = strlen(text);
    char *exact = malloc(n ? n : 1);
    memcpy(exact, text, n);
    enum strata_time_result result = strata_time_parse(format, memo ? memo : &empty, exact, n, out);
    free(exact);
    return result;
}

static void expect_time(const struct strata_time_format *format, const char *text, const char *date,
                        int64_t microsecond)
{
    struct strata_time time = {0};
    struct strata_time_memo memo = {0};
    int32_t day;
    cr_assert(strata_day_parse(date, &day));
    /* The second time by what the memo holds. */
    for (int i = 0; i < 2; i++) {
        enum strata_time_result result = parse(format, &memo, text, &time);
        cr_expect_eq(result, STRATA_TIME_OK, "%s as %s: %s", text, format->name, strata_time_result_text(result));
        cr_expect_eq(time.day, day, "%s as %s: %d", text, format->name, time.day);
        cr_expect_eq(time.microsecond, microsecond, "%s as %s: %lld", text, format->name, (long long)time.microsecond);
    }
}

static void expect_result(const struct strata_time_format *format, const char *text, enum strata_time_result wanted)
{
    struct strata_time time = {.day = 77};
    enum strata_time_result result = parse(format, NULL, text, &time);
    cr_expect_eq(result, wanted, "\"%s\" as %s: %s", text, format->name, strata_time_result_text(result));
    if (result != STRATA_TIME_OK)
        cr_expect_eq(time.day, 77);
}

static enum strata_time_verdict guess(const char *const *samples, size_t n, const struct strata_time_zone *zone,
                                      struct strata_time_format *format)
{
    struct strata_time_guess evidence;
    strata_time_guess_begin(&evidence);
    for (size_t i = 0; i < n; i++)
        strata_time_guess_feed(&evidence, samples[i], strlen(samples[i]));
    return strata_time_guess_decide(&evidence, zone, format);
}

#define GUESS(format, ...)                                                                                             \
    guess((const char *const[]){__VA_ARGS__}, N_OF(((const char *const[]){__VA_ARGS__})), NULL, format)

#define HOUR   INT64_C(3600000000)
#define MINUTE INT64_C(60000000)
#define SECOND INT64_C(1000000)

/* ---- declared ---- */

Test(time_format, iso)
{
    struct strata_time_format iso = declare("iso", NULL);
    int64_t clock = 13 * HOUR + 5 * MINUTE + 6 * SECOND;
    cr_expect_str_eq(strata_time_format_name(&iso), "iso");
    expect_time(&iso, "2024-02-29", "2024-02-29", 0);
    expect_time(&iso, "2024-02-29 13:05", "2024-02-29", 13 * HOUR + 5 * MINUTE);
    expect_time(&iso, "2024-02-29T13:05:06", "2024-02-29", clock);
    expect_time(&iso, "2024-02-29 13:05:06", "2024-02-29", clock);
    expect_time(&iso, "2024-02-29 13:05:06.5", "2024-02-29", clock + 500000);
    expect_time(&iso, "2024-02-29 13:05:06.123456789", "2024-02-29", clock + 123456);
    expect_time(&iso, "2024-02-29T13:05:06Z", "2024-02-29", clock);
    expect_time(&iso, "2024-02-29T13:05:06+01:00", "2024-02-29", clock - HOUR);
    expect_time(&iso, "2024-02-29T13:05:06-0530", "2024-02-29", clock + 5 * HOUR + 30 * MINUTE);
    expect_time(&iso, "2024-02-29T13:05:06.25-05", "2024-02-29", clock + 5 * HOUR + 250000);
    expect_time(&iso, "2024-02-29T13:05Z", "2024-02-29", 13 * HOUR + 5 * MINUTE);
    expect_time(&iso, "2024-03-01T00:30:00+01:00", "2024-02-29", 23 * HOUR + 30 * MINUTE);
    expect_time(&iso, "0001-01-01 00:00:00", "0001-01-01", 0);
    expect_time(&iso, "9999-12-31 23:59:59", "9999-12-31", 24 * HOUR - SECOND);
}

Test(time_format, iso_refuses)
{
    struct strata_time_format iso = declare("iso", NULL);
    const char *const malformed[] = {" ",
                                     "x",
                                     "2024",
                                     "2024-1-01",
                                     "2024-01-1",
                                     "2024/01/01",
                                     "20240101",
                                     "2024-01-01 ",
                                     " 2024-01-01",
                                     "2024-01-01  13:05",
                                     "2024-01-01t13:05",
                                     "2024-01-01 1:05",
                                     "2024-01-01 13",
                                     "2024-01-01 13:5",
                                     "2024-01-01 13:05:6",
                                     "2024-01-01 13:05:06.",
                                     "2024-01-01 13:05:06.1234567890",
                                     "2024-01-01 13:05.5",
                                     "2024-01-01 13:05:06 Z",
                                     "2024-01-01 13:05:06z",
                                     "2024-01-01 13:05:06+1",
                                     "2024-01-01 13:05:06+01:0",
                                     "2024-01-01 13:05:06+010",
                                     "2024-01-01 13:05:06+01000",
                                     "2024-01-01 13:05:06 UTC",
                                     "2024-01-01Z",
                                     "2024-01-01 1:05 PM",
                                     "2024-01-01 13:05:060",
                                     "2024-01-01-13:05:06",
                                     "2024-01-01x13:05:06",
                                     "2024-01-01 13-05-06",
                                     "2024-01-01 13:05:0x",
                                     "2024-0a-01",
                                     "2024-01-01T",
                                     "-2024-01-01",
                                     "2024--1-01",
                                     "2024-01-01 13:05:06 ",
                                     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                                     ("2024\xad"
                                      "01-01 13:05:06")};
    for (size_t i = 0; i < N_OF(malformed); i++)
        expect_result(&iso, malformed[i], STRATA_TIME_MALFORMED);
    const char *const impossible[] = {"2023-02-29",
                                      "2024-02-30",
                                      "2024-04-31",
                                      "2024-13-01",
                                      "2024-00-01",
                                      "2024-01-00",
                                      "2024-01-32",
                                      "1900-02-29 00:00:00",
                                      "2024-01-01 24:00:00",
                                      "2024-01-01 23:60:00",
                                      "2024-01-01 23:59:60",
                                      "2024-01-01 24:00",
                                      "2024-01-01 99:99:99",
                                      "2024-01-01 00:00:00+24:00",
                                      "2024-01-01 00:00:00+01:60"};
    for (size_t i = 0; i < N_OF(impossible); i++)
        expect_result(&iso, impossible[i], STRATA_TIME_IMPOSSIBLE);
    const char *const beyond[] = {"0000-01-01",           "0000-00-00 00:00:00",       "10000-01-01",
                                  "99999-12-31 00:00:00", "0001-01-01 00:00:00+01:00", "9999-12-31 23:30:00-01:00"};
    for (size_t i = 0; i < N_OF(beyond); i++)
        expect_result(&iso, beyond[i], STRATA_TIME_OUT_OF_RANGE);
    expect_result(&iso, "", STRATA_TIME_EMPTY);
    struct strata_time_memo memo = {0};
    struct strata_time time;
    cr_expect_eq(strata_time_parse(&iso, &memo, "\0\0\0\0\0\0\0\0\0\0", 10, &time), STRATA_TIME_MALFORMED);
    cr_expect_eq(strata_time_parse(&iso, &memo, "\0\0\0\0\0\0\0\00001", 10, &time), STRATA_TIME_MALFORMED);
}

Test(time_format, date)
{
    struct strata_time_format date = declare("date", NULL);
    expect_time(&date, "2024-02-29", "2024-02-29", 0);
    expect_time(&date, "20240229", "2024-02-29", 0);
    expect_result(&date, "2024-02-29 00:00:00", STRATA_TIME_MALFORMED);
    expect_result(&date, "20240229T1300", STRATA_TIME_MALFORMED);
    expect_result(&date, "20240229130506", STRATA_TIME_MALFORMED);
    expect_result(&date, "2024-2-9", STRATA_TIME_MALFORMED);
    expect_result(&date, "2024022x", STRATA_TIME_MALFORMED);
    expect_result(&date, "20230229", STRATA_TIME_IMPOSSIBLE);
    expect_result(&date, "00000229", STRATA_TIME_OUT_OF_RANGE);
}

Test(time_format, epochs)
{
    struct strata_time_format seconds = declare("epoch-s", NULL);
    struct strata_time_format milliseconds = declare("epoch-ms", NULL);
    expect_time(&seconds, "0", "1970-01-01", 0);
    expect_time(&seconds, "-1", "1969-12-31", 24 * HOUR - SECOND);
    expect_time(&seconds, "-0.5", "1969-12-31", 24 * HOUR - SECOND / 2);
    expect_time(&seconds, "1709211906", "2024-02-29", 13 * HOUR + 5 * MINUTE + 6 * SECOND);
    expect_time(&seconds, "1709211906.25", "2024-02-29", 13 * HOUR + 5 * MINUTE + 6 * SECOND + 250000);
    expect_time(&seconds, "-62135596800", "0001-01-01", 0);
    expect_time(&seconds, "253402300799", "9999-12-31", 24 * HOUR - SECOND);
    expect_time(&milliseconds, "1709211906250", "2024-02-29", 13 * HOUR + 5 * MINUTE + 6 * SECOND + 250000);
    expect_time(&milliseconds, "-1", "1969-12-31", 24 * HOUR - 1000);
    struct strata_time_format microseconds = declare("epoch-us", NULL), nanoseconds = declare("epoch-ns", NULL);
    const int64_t clock = 13 * HOUR + 5 * MINUTE + 6 * SECOND;
    expect_time(&milliseconds, "1709211906250.0625", "2024-02-29", clock + 250062);
    expect_time(&microseconds, "1709211906250001", "2024-02-29", clock + 250001);
    expect_time(&microseconds, "1709211906250001.9", "2024-02-29", clock + 250001);
    expect_time(&nanoseconds, "1709211906250001999", "2024-02-29", clock + 250001);
    expect_time(&nanoseconds, "253402300799999999999.5", "9999-12-31", 24 * HOUR - 1);
    expect_time(&nanoseconds, "-62135596800000000000", "0001-01-01", 0);
    expect_result(&nanoseconds, "253402300800000000000", STRATA_TIME_OUT_OF_RANGE);
    expect_result(&nanoseconds, "999999999999999999999999999999", STRATA_TIME_OUT_OF_RANGE);
    /* Few digits, and what is finer than a microsecond on both sides of 1970. */
    expect_time(&nanoseconds, "7", "1970-01-01", 0);
    expect_time(&nanoseconds, "1007", "1970-01-01", 1);
    expect_time(&nanoseconds, "-1", "1969-12-31", 24 * HOUR - 1);
    expect_time(&nanoseconds, "-1000", "1969-12-31", 24 * HOUR - 1);
    expect_time(&nanoseconds, "-1001", "1969-12-31", 24 * HOUR - 2);
    expect_time(&microseconds, "-1", "1969-12-31", 24 * HOUR - 1);
    expect_time(&seconds, "-0.0000001", "1969-12-31", 24 * HOUR - 1);
    const char *const beyond[] = {"253402300800", "-62135596801", "1709211906250000", "999999999999999999999999"};
    for (size_t i = 0; i < N_OF(beyond); i++)
        expect_result(&seconds, beyond[i], STRATA_TIME_OUT_OF_RANGE);
    const char *const malformed[] = {"-", "+1", "1.", ".5", "1.2.3", "1e9", "1 ", "--1", "0x1", "2024-01-01"};
    for (size_t i = 0; i < N_OF(malformed); i++)
        expect_result(&seconds, malformed[i], STRATA_TIME_MALFORMED);
}

Test(time_format, patterns)
{
    int64_t clock = 13 * HOUR + 5 * MINUTE + 6 * SECOND;
    const struct {
        const char *pattern, *text;
        int64_t microsecond;
    } cases[] = {
        {"%Y-%m-%d %H:%M:%S", "2024-02-29 13:05:06", clock},
        {"%Y-%m-%d %H:%M:%S", "2024-2-29 13:5:6", clock},
        {"%d/%m/%Y", "29/2/2024", 0},
        {"%m/%d/%Y", "02/29/2024", 0},
        {"%m/%d/%y %H:%M", "2/29/24 13:05", 13 * HOUR + 5 * MINUTE},
        {"%d.%m.%Y %H:%M:%S", "29.02.2024 13:05:06.5", clock + 500000},
        {"%d/%m/%Y %H:%M", "29/02/2024 1:05 pm", 13 * HOUR + 5 * MINUTE},
        {"%Y-%m-%dT%H:%M:%S", "2024-02-29T13:05:06+01:00", clock - HOUR},
        {"%Y%m%d%H%M%S", "20240229130506", clock},
        {"%y%m%d", "240229", 0},
        {"%d%b%Y", "29FEB2024", 0},
        {"%d-%b-%y", "29-feb-24", 0},
        {"%b %d, %Y", "Feb 29, 2024", 0},
        {"%H:%M on %d.%m.%Y", "13:05 on 29.02.2024", 13 * HOUR + 5 * MINUTE},
        {"%Y\u5e74%m\u6708%d\u65e5", "2024\u5e742\u670829\u65e5", 0},
        {"%%%Y%%%m%%%d", "%2024%2%29", 0},
        {"%Y/%m/%d", "2024/02/29", 0},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct strata_time_format format = declare(cases[i].pattern, NULL);
        cr_expect_str_eq(strata_time_format_name(&format), cases[i].pattern);
        expect_time(&format, cases[i].text, "2024-02-29", cases[i].microsecond);
    }
    struct strata_time_format format = declare("%d/%m/%Y", NULL);
    const char *const malformed[] = {"29/02/24",    "29-02-2024", "29/02/2024 ", "29/02/2024 13:05",
                                     "029/02/2024", "/02/2024",   "29/02/",      "29/feb/2024"};
    for (size_t i = 0; i < N_OF(malformed); i++)
        expect_result(&format, malformed[i], STRATA_TIME_MALFORMED);
    expect_result(&format, "02/29/2024", STRATA_TIME_IMPOSSIBLE);
    expect_result(&format, "01/01/0000", STRATA_TIME_OUT_OF_RANGE);
    expect_result(&format, "01/01/12024", STRATA_TIME_OUT_OF_RANGE);
    format = declare("%Y%m%d", NULL);
    expect_result(&format, "2024229", STRATA_TIME_MALFORMED);
    format = declare("%Y-%m-%d %H:%M:%S", NULL);
    expect_result(&format, "2024-02-29T13:05:06", STRATA_TIME_MALFORMED);
    expect_result(&format, "2024-02-29 13:05", STRATA_TIME_MALFORMED);
    expect_result(&format, "2024-02-29", STRATA_TIME_MALFORMED);
    expect_result(&format, "2024-02-29 24:05:06", STRATA_TIME_IMPOSSIBLE);
    expect_result(&format, "2024-02-29 13:05:06 AM", STRATA_TIME_IMPOSSIBLE);
}

Test(time_format, two_digit_years_pivot_as_in_strptime)
{
    struct strata_time_format format = declare("%y-%m-%d", NULL);
    expect_time(&format, "69-01-02", "1969-01-02", 0);
    expect_time(&format, "99-01-02", "1999-01-02", 0);
    expect_time(&format, "00-01-02", "2000-01-02", 0);
    expect_time(&format, "68-01-02", "2068-01-02", 0);
}

Test(time_format, declarations_that_are_none)
{
    const char *const declared[] = {"",
                                    "auto",
                                    "ISO",
                                    "epoch",
                                    "dd/mm/yyyy",
                                    "%d/%m",
                                    "%Y-%m-%d %M",
                                    "%Y-%m-%d %H:%S",
                                    "%Y-%y-%m-%d",
                                    "%Y-%m-%b-%d",
                                    "%Y-%m-%d-%d",
                                    "%Y-%m-%d %H %H",
                                    "%Y-%m-%d %",
                                    "%Y-%m-%d %H:%M:%S:%S"};
    struct strata_time_format format;
    struct strata_error err = {0};
    for (size_t i = 0; i < N_OF(declared); i++)
        cr_expect_eq(strata_time_format_declare(&format, declared[i], NULL, &err), STRATA_USAGE, "%s", declared[i]);
    cr_expect_eq(strata_time_format_declare(&format, "%Y-%m-%d %Q", NULL, &err), STRATA_USAGE);
    cr_expect_not_null(strstr(err.message, "%Q"), "%s", err.message);
    char longer[200] = "%Y-%m-%d";
    for (size_t n = 8; n < 199; n++) {
        memset(longer + 8, '.', n - 8);
        longer[n] = '\0';
        /* Five letters and marks, and the points. */
        cr_expect_eq(strata_time_format_declare(&format, longer, NULL, &err),
                     n - 8 + 5 <= STRATA_TIME_PATTERN_MAX ? STRATA_OK : STRATA_USAGE, "%zu", n);
    }
}

/* ---- zones ---- */

/* Noon UTC, 2024-03-31: from one hour to two hours east. */
static int64_t zone_transition[] = {1711886400};
static int32_t zone_offset[] = {7200};
static const struct strata_time_zone test_zone = {.transition = zone_transition,
                                                  .offset = zone_offset,
                                                  .n_transitions = 1,
                                                  .first_offset = 3600};

Test(time_format, instants_go_to_the_zone_and_local_times_stay)
{
    struct strata_time_format iso = declare("iso", &test_zone);
    struct strata_time_format seconds = declare("epoch-s", &test_zone);
    expect_time(&iso, "2024-03-31 23:30:00", "2024-03-31", 23 * HOUR + 30 * MINUTE);
    expect_time(&iso, "2024-03-31T11:59:59Z", "2024-03-31", 13 * HOUR - SECOND);
    expect_time(&iso, "2024-03-31T12:00:00Z", "2024-03-31", 14 * HOUR);
    expect_time(&iso, "2024-03-30T23:30:00Z", "2024-03-31", HOUR / 2);
    expect_time(&iso, "2024-03-31T22:30:00Z", "2024-04-01", HOUR / 2);
    expect_time(&iso, "2024-03-31T22:30:00-02:00", "2024-04-01", 2 * HOUR + HOUR / 2);
    expect_time(&seconds, "1711886399", "2024-03-31", 13 * HOUR - SECOND);
    expect_time(&seconds, "1711886400", "2024-03-31", 14 * HOUR);
    expect_result(&iso, "9999-12-31T23:00:00Z", STRATA_TIME_OUT_OF_RANGE);

    struct strata_time_memo memo = {0};
    struct strata_time time;
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(parse(&seconds, &memo, i % 2 ? "1711886400" : "1711886399", &time), STRATA_TIME_OK);
        cr_expect_eq(time.microsecond, i % 2 ? 14 * HOUR : 13 * HOUR - SECOND);
    }
}

Test(time_format, format_then_parse_is_the_identity_over_days_and_offsets)
{
    struct strata_time_format iso = declare("iso", &test_zone);
    struct strata_time_memo memo = {0};
    for (uint64_t i = 0; i < 100000; i++) {
        char date[11], text[64];
        int32_t day = STRATA_DAY_MIN + 2 + (int32_t)random_at(1, i, STRATA_DAY_MAX - STRATA_DAY_MIN - 4);
        int second = (int)random_at(2, i, 86400), fraction = (int)random_at(3, i, 1000000);
        int offset = ((int)random_at(4, i, 2 * 840 + 1) - 840) * 60;
        int64_t instant = (int64_t)day * 86400 + second;
        int64_t local = instant + strata_time_zone_offset(&test_zone, instant);
        int64_t written = instant + offset;
        int64_t written_second = (written % 86400 + 86400) % 86400;
        strata_day_format((int32_t)((written - written_second) / 86400), date);
        snprintf(text, sizeof text, "%sT%02d:%02d:%02d.%06d%c%02d:%02d", date, (int)(written_second / 3600),
                 (int)(written_second / 60 % 60), (int)(written_second % 60), fraction, offset < 0 ? '-' : '+',
                 abs(offset) / 3600, abs(offset) / 60 % 60);
        struct strata_time time;
        cr_assert_eq(parse(&iso, &memo, text, &time), STRATA_TIME_OK, "%s", text);
        int64_t microseconds = (int64_t)time.day * 86400000000 + time.microsecond;
        cr_assert_eq(microseconds, local * 1000000 + fraction, "%s", text);
        cr_assert(time.microsecond >= 0 && time.microsecond < 86400000000);
    }
}

/* ---- differential ---- */

Test(time_format, agrees_with_strptime_on_random_dates)
{
    static const char *const patterns[] = {"%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M",    "%m/%d/%y",
                                           "%Y%m%d%H%M%S",      "%d-%b-%Y %H:%M:%S", "%Y.%m.%d"};
    for (size_t p = 0; p < N_OF(patterns); p++) {
        struct strata_time_format format = declare(patterns[p], NULL);
        struct strata_time_memo memo = {0};
        for (uint64_t i = 0; i < 20000; i++) {
            /* 1000 to 2999; strptime itself knows no time zone here. */
            time_t seconds = -30610224000 + (time_t)(strata_uniform_at(5, p, i) * 63113904000.0);
            struct tm broken, again = {0};
            char text[64];
            gmtime_r(&seconds, &broken);
            strftime(text, sizeof text, patterns[p], &broken);
            cr_assert_not_null(strptime(text, patterns[p], &again));
            int64_t expected = timegm(&again);
            struct strata_time time;
            cr_assert_eq(parse(&format, &memo, text, &time), STRATA_TIME_OK, "%s", text);
            cr_assert_eq((int64_t)time.day * 86400 + time.microsecond / 1000000, expected, "%s", text);
        }
    }
}

Test(time_format, the_quick_way_is_the_general_way)
{
    struct strata_time_format quick = declare("iso", NULL), general = quick;
    struct strata_time_memo quick_memo = {0}, general_memo = {0};
    static const char letters[] = "0123456789-: T/;.\xb0";
    general.has_quick_clock = general.has_quick_date = false;
    for (uint64_t i = 0; i < 400000; i++) {
        char text[80];
        snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", (int)random_at(20, i, 3) + 2022,
                 (int)random_at(21, i, 14), (int)random_at(22, i, 33), (int)random_at(23, i, 26),
                 (int)random_at(24, i, 62), (int)random_at(25, i, 62));
        if (i % 2)
            text[random_at(26, i, 19)] = letters[random_at(27, i, sizeof letters - 1)];
        if (i % 3 == 0)
            text[10] = '\0';
        struct strata_time a = {0}, b = {0};
        enum strata_time_result result = parse(&quick, &quick_memo, text, &a);
        cr_assert_eq(parse(&general, &general_memo, text, &b), result, "%s", text);
        cr_assert(a.day == b.day && a.microsecond == b.microsecond, "%s", text);
        cr_assert_eq(parse(&quick, NULL, text, &b), result, "%s", text);
        cr_assert(a.day == b.day && a.microsecond == b.microsecond, "%s", text);
    }
}

Test(time_format, the_memo_changes_nothing)
{
    const char *const samples[] = {"13/1/2024", "1/13/2024"};
    for (size_t s = 0; s < N_OF(samples); s++) {
        struct strata_time_format format;
        struct strata_time_memo memo = {0};
        cr_assert_eq(guess(&samples[s], 1, NULL, &format), STRATA_TIME_SETTLED);
        for (uint64_t i = 0; i < 200000; i++) {
            char text[40];
            int n = snprintf(text, sizeof text, "%d/%d/%d", (int)random_at(30, i, 14), (int)random_at(31, i, 14),
                             (int)random_at(32, i, 4) == 0 ? 20240 : 2024 + (int)random_at(32, i, 2));
            if (i % 3 == 1)
                snprintf(text + n, sizeof text - (size_t)n, " %d:%02d", (int)random_at(33, i, 25),
                         (int)random_at(34, i, 61));
            if (i % 7 == 1)
                text[random_at(35, i, (uint64_t)n)] = "0/ x"[random_at(36, i, 4)];
            struct strata_time a = {0}, b = {0};
            enum strata_time_result result = parse(&format, &memo, text, &a);
            cr_assert_eq(parse(&format, NULL, text, &b), result, "%s", text);
            cr_assert(a.day == b.day && a.microsecond == b.microsecond, "%s", text);
        }
    }
}

/* ---- guessed ---- */

Test(time_guess, recognises)
{
    int64_t minutes = 13 * HOUR + 5 * MINUTE, clock = minutes + 6 * SECOND;
    const struct {
        const char *text, *name;
        int64_t microsecond;
    } cases[] = {
        {"2024-02-29", "YYYY-MM-DD", 0},
        {"2024-2-29", "YYYY-MM-DD", 0},
        {"2024/02/29 13:05", "YYYY/MM/DD HH:MM", minutes},
        {"2024.2.29 13:05:06", "YYYY.MM.DD HH:MM:SS", clock},
        {"2024-02-29T13:05:06.5Z", "YYYY-MM-DD HH:MM:SS.fraction with offset", clock + 500000},
        {"2024-02-29 13:05:06 UTC", "YYYY-MM-DD HH:MM:SS with offset", clock},
        {"2024-02-29  1:05:06 PM", "YYYY-MM-DD HH:MM:SS AM/PM", clock},
        {"29/2/2024", "D/M/YYYY", 0},
        {"2/29/2024 13:05", "M/D/YYYY HH:MM", minutes},
        {"2/29/2024 1:05pm", "M/D/YYYY HH:MM AM/PM", minutes},
        {"29.02.2024 13:05:06", "D.M.YYYY HH:MM:SS", clock},
        {"02-29-2024", "M-D-YYYY", 0},
        {"29-Feb-2024", "D-Mon-YYYY", 0},
        {"29 FEB 2024 13:05", "D Mon YYYY HH:MM", minutes},
        {"29/feb/2024", "D/Mon/YYYY", 0},
        {"20240229", "YYYYMMDD", 0},
        {"20240229130506", "YYYYMMDDHHMMSS", clock},
        {"20240229T130506Z", "YYYYMMDDHHMMSS with offset", clock},
        {"20240229 13:05", "YYYYMMDD HH:MM", minutes},
        {"2024\u5e742\u670829\u65e5", "YYYY\u5e74M\u6708D\u65e5", 0},
        {"2024\u5e7402\u670829\u65e5 13:05:06", "YYYY\u5e74M\u6708D\u65e5 HH:MM:SS", clock},
        {"2024\u5e742\u670829\u65e513:05", "YYYY\u5e74M\u6708D\u65e5 HH:MM", minutes},
        {"1709211906", "epoch-s", clock},
        {"1709211906000", "epoch-ms", clock},
        {"1709211906000001", "epoch-us", clock + 1},
        {"1709211906000001999", "epoch-ns", clock + 1},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct strata_time_format format;
        cr_assert_eq(guess(&cases[i].text, 1, NULL, &format), STRATA_TIME_SETTLED, "%s", cases[i].text);
        cr_expect_str_eq(strata_time_format_name(&format), cases[i].name, "%s: %s", cases[i].text, format.name);
        expect_time(&format, cases[i].text, "2024-02-29", cases[i].microsecond);
        cr_expect(strata_time_looks_like(cases[i].text, strlen(cases[i].text)), "%s", cases[i].text);
    }
}

Test(time_guess, day_and_month)
{
    struct strata_time_format format = {0};
    cr_expect_eq(GUESS(&format, "03/04/2024", "05/06/2024"), STRATA_TIME_AMBIGUOUS);
    cr_expect_eq(format.kind, 0);
    cr_assert_eq(GUESS(&format, "03/04/2024", "13/06/2024", "01/02/2024"), STRATA_TIME_SETTLED);
    expect_time(&format, "03/04/2024", "2024-04-03", 0);
    expect_time(&format, "3/4/2024 9:05", "2024-04-03", 9 * HOUR + 5 * MINUTE);
    /* Binding: the other order is never tried. */
    expect_result(&format, "06/13/2024", STRATA_TIME_IMPOSSIBLE);
    expect_result(&format, "2024-04-03", STRATA_TIME_MALFORMED);
    expect_result(&format, "03-04-2024", STRATA_TIME_MALFORMED);
    expect_result(&format, "03/04/24", STRATA_TIME_MALFORMED);
    cr_assert_eq(GUESS(&format, "03/04/2024", "06/13/2024"), STRATA_TIME_SETTLED);
    expect_time(&format, "03/04/2024", "2024-03-04", 0);
    expect_result(&format, "13/06/2024", STRATA_TIME_IMPOSSIBLE);
    cr_expect_eq(GUESS(&format, "13/06/2024", "06/13/2024"), STRATA_TIME_CONTRADICTORY);
    cr_expect_eq(GUESS(&format, "13/06/24", "06/13/24"), STRATA_TIME_CONTRADICTORY);
}

Test(time_guess, feeding_on_settles_what_was_ambiguous)
{
    struct strata_time_guess evidence;
    struct strata_time_format format;
    strata_time_guess_begin(&evidence);
    cr_expect_eq(strata_time_guess_decide(&evidence, NULL, &format), STRATA_TIME_UNRECOGNISED);
    strata_time_guess_feed(&evidence, "", 0);
    cr_expect_eq(evidence.n_samples, 0u);
    for (int i = 0; i < 100; i++) {
        strata_time_guess_feed(&evidence, "1/2/2011 8:26", 13);
        cr_expect_eq(strata_time_guess_decide(&evidence, NULL, &format), STRATA_TIME_AMBIGUOUS);
    }
    strata_time_guess_feed(&evidence, "1/13/2011 8:26", 14);
    cr_assert_eq(strata_time_guess_decide(&evidence, NULL, &format), STRATA_TIME_SETTLED);
    cr_expect_str_eq(format.name, "M/D/YYYY HH:MM");
}

Test(time_guess, years_of_two_digits)
{
    struct strata_time_format format;
    /* Many days and one year: DD/MM/YY. Many last fields and one first: perhaps YY-MM-DD. */
    cr_assert_eq(GUESS(&format, "03/04/24", "15/04/24", "28/05/24"), STRATA_TIME_SETTLED);
    expect_time(&format, "03/04/24", "2024-04-03", 0);
    expect_time(&format, "03/04/69", "1969-04-03", 0);
    cr_assert_eq(GUESS(&format, "04/03/24", "04/15/24"), STRATA_TIME_SETTLED);
    expect_time(&format, "03/04/24", "2024-03-04", 0);
    cr_expect_eq(GUESS(&format, "24-04-03", "24-04-12", "24-05-28"), STRATA_TIME_AMBIGUOUS);
    cr_expect_eq(GUESS(&format, "98-04-03", "99-04-12"), STRATA_TIME_AMBIGUOUS);
    cr_expect_eq(GUESS(&format, "15-04-03", "99-04-12"), STRATA_TIME_AMBIGUOUS);
}

Test(time_guess, bad_samples_do_not_count)
{
    struct strata_time_format format;
    cr_assert_eq(GUESS(&format, "n/a", "2024-02-30", "order_date", "2024-02-29 13:05:06", "0"), STRATA_TIME_SETTLED);
    cr_expect_str_eq(format.name, "YYYY-MM-DD HH:MM:SS");
    cr_assert_eq(GUESS(&format, "20240101", "2024-01-01", "2024-01-02"), STRATA_TIME_SETTLED);
    cr_expect_str_eq(format.name, "YYYY-MM-DD");
    cr_expect_eq(GUESS(&format, "n/a", "12.5", "C00012", "12345678", "99999999", "123456789", "99999999999999"),
                 STRATA_TIME_UNRECOGNISED);
}

Test(time_guess, variations_inside_a_layout)
{
    struct strata_time_format format;
    cr_assert_eq(GUESS(&format, "2024-02-29 13:05:06"), STRATA_TIME_SETTLED);
    expect_time(&format, "2024-02-29", "2024-02-29", 0);
    expect_time(&format, "2024-2-9 9:05", "2024-02-09", 9 * HOUR + 5 * MINUTE);
    expect_time(&format, "2024-02-29T13:05:06.25+01:00", "2024-02-29", 12 * HOUR + 5 * MINUTE + 6 * SECOND + 250000);
    expect_time(&format, "2024-02-29 1:05 PM", "2024-02-29", 13 * HOUR + 5 * MINUTE);
    expect_result(&format, "2024-02-29 13:05 PM", STRATA_TIME_IMPOSSIBLE);
    cr_assert_eq(GUESS(&format, "1709211906"), STRATA_TIME_SETTLED);
    expect_time(&format, "999999999", "2001-09-09", 1 * HOUR + 46 * MINUTE + 39 * SECOND);
    expect_result(&format, "20240229", STRATA_TIME_MALFORMED);
    expect_result(&format, "1709211906000", STRATA_TIME_MALFORMED);
    cr_assert_eq(GUESS(&format, "1709211906000000"), STRATA_TIME_SETTLED);
    expect_time(&format, "999999999999999", "2001-09-09", 1 * HOUR + 46 * MINUTE + 40 * SECOND - 1);
    expect_result(&format, "1709211906", STRATA_TIME_MALFORMED);
    expect_result(&format, "1709211906000000000", STRATA_TIME_MALFORMED);
}

Test(time_guess, numbers_of_other_lengths_are_no_times_but_may_be_declared)
{
    const char *const numbers[] = {"123456789", "12345678901", "170921190600000", "17092119060000000",
                                   "1709211906.5e3"};
    for (size_t i = 0; i < N_OF(numbers); i++) {
        struct strata_time_guess evidence;
        struct strata_time_format format;
        char text[STRATA_TIME_EXPLANATION];
        strata_time_guess_begin(&evidence);
        strata_time_guess_feed(&evidence, numbers[i], strlen(numbers[i]));
        cr_assert_eq(strata_time_guess_decide(&evidence, NULL, &format), STRATA_TIME_UNRECOGNISED);
        strata_time_guess_explain(&evidence, text);
        cr_expect_not_null(strstr(text, i < 4 ? "epoch-us" : "%d/%m/%Y"), "%s", text);
    }
}

Test(time_guess, twelve_hours_need_their_half)
{
    struct strata_time_format format;
    cr_assert_eq(GUESS(&format, "2024-02-29 1:05 PM", "2024-02-29 12:00 AM"), STRATA_TIME_SETTLED);
    expect_time(&format, "2024-02-29 12:00:00 AM", "2024-02-29", 0);
    expect_time(&format, "2024-02-29 12:00:00 pm", "2024-02-29", 12 * HOUR);
    expect_time(&format, "2024-02-29 11:59 pm", "2024-02-29", 23 * HOUR + 59 * MINUTE);
    expect_time(&format, "2024-02-29", "2024-02-29", 0);
    expect_result(&format, "2024-02-29 11:05:00", STRATA_TIME_MALFORMED);
    expect_result(&format, "2024-02-29 0:05 AM", STRATA_TIME_IMPOSSIBLE);
}

/* What the explanation of a name advises. */
Test(time_pattern, may_end_in_the_name_of_a_zone)
{
    struct strata_time_format format;
    cr_assert_eq(strata_time_format_declare(&format, "%Y-%m-%d %H:%M:%S EST", NULL, NULL), STRATA_OK);
    expect_time(&format, "2024-02-29 23:30:00 EST", "2024-02-29", 23 * HOUR + 30 * MINUTE);
    expect_result(&format, "2024-02-29 23:30:00 EDT", STRATA_TIME_MALFORMED);
    expect_result(&format, "2024-02-29 23:30:00", STRATA_TIME_MALFORMED);
}

Test(time_guess, explains)
{
    const struct {
        const char *samples[2];
        const char *parts[3];
    } cases[] = {
        {{"03/04/2024 10:11", "05/04/2024 10:11"}, {"03/04/2024 10:11", "%d/%m/%Y %H:%M\"", "%m/%d/%Y %H:%M\""}},
        {{"24-04-03", "24-04-12"}, {"24-04-03", "%y-%m-%d", "%d-%m-%y"}},
        {{"13/04/2024", "04/15/2024"}, {"13/04/2024", "04/15/2024", "bad rows"}},
        {{"yesterday\n\x1b[2J\xff", "n/a"}, {"\"yesterday??[2J?\"", "declare", "layout"}},
        {{"2024-01-01 10:00:00 EST", ""}, {"ends in \"EST\"", "+01:00", "\"%Y-%m-%d %H:%M:%S EST\""}},
        {{"29.02.2024 10:00 (CET)", "x"}, {"ends in \"(CET)\"", "+01:00", "%S (CET)\""}},
        {{"2024-01-01T10:00:00+01:00[Europe/Paris]", ""}, {"[Europe/Paris]", "offsets", "several"}},
        {{"2024-01-01 10:00:00 Europe/Berlin", ""}, {"ends in \"Europe/Berlin\"", "offsets", "several"}},
        {{"2024-01-01 10:00:00 (EST", ""}, {"no known layout", "pattern", "%d/%m/%Y"}},
        {{"2024-01-01 10:00:00 EST)", ""}, {"no known layout", "pattern", "%d/%m/%Y"}},
        {{"2024-01-01 Mon", ""}, {"no known layout", "pattern", "%d/%m/%Y"}},
        {{"at 10:00 in EST", ")"}, {"no known layout", "pattern", "%d/%m/%Y"}},
        {{"]", "EST"}, {"no known layout", "pattern", "%d/%m/%Y"}},
        {{"", ""}, {"no time", "column", "?"}},
        {{"2024-01-01", ""}, {"settled", "layout", "times"}},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct strata_time_guess evidence;
        char text[STRATA_TIME_EXPLANATION];
        strata_time_guess_begin(&evidence);
        for (size_t k = 0; k < 2; k++)
            strata_time_guess_feed(&evidence, cases[i].samples[k], strlen(cases[i].samples[k]));
        strata_time_guess_explain(&evidence, text);
        for (size_t k = 0; k < 3; k++)
            cr_expect_not_null(strstr(text, cases[i].parts[k]), "%s has no %s", text, cases[i].parts[k]);
    }
}

/* Every day of a century of years, in every layout that the guess knows, written, recognised and read again. */
Test(time_guess, writes_and_reads_every_layout)
{
    static const char *const layouts[] = {"%04d-%02d-%02d", "%04d/%d/%d", "%04d.%02d.%02d", "%04d%02d%02d",
                                          "%04d\u5e74%d\u6708%d\u65e5"};
    for (size_t l = 0; l < N_OF(layouts); l++) {
        struct strata_time_format format;
        struct strata_time_memo memo = {0};
        char text[64];
        snprintf(text, sizeof text, layouts[l], 2024, 12, 31);
        const char *sample = text;
        cr_assert_eq(guess(&sample, 1, NULL, &format), STRATA_TIME_SETTLED);
        for (int32_t day = -3653; day < 32873; day++) {
            struct strata_date date = strata_date_from_day(day);
            struct strata_time time;
            snprintf(text, sizeof text, layouts[l], date.year, date.month, date.day);
            cr_assert_eq(parse(&format, &memo, text, &time), STRATA_TIME_OK, "%s", text);
            cr_assert_eq(time.day, day, "%s", text);
        }
    }
}

Test(time_guess, headers_do_not_look_like_times)
{
    const char *const no_times[] = {"",      "order_date",  "InvoiceDate", "\u65e5\u671f", "C0001", "12345",
                                    "12.50", "1,5",         "8 oz",        "date",         "T",     "-",
                                    "2024",  "12345678901", "99999999",    "Jan",          "0"};
    for (size_t i = 0; i < N_OF(no_times); i++)
        cr_expect_not(strata_time_looks_like(no_times[i], strlen(no_times[i])), "%s", no_times[i]);
    const char *const times[] = {"2024-02-30", "0000-00-00", "03/04/2024", "31/31/2024", "2024-01-01 25:00"};
    for (size_t i = 0; i < N_OF(times); i++)
        cr_expect(strata_time_looks_like(times[i], strlen(times[i])), "%s", times[i]);
}

Test(time_guess, random_bytes_are_harmless)
{
    static const char letters[] = "0123456789/-.: TZ+APMjanfeb\xe5\xb9\xb4";
    for (uint64_t i = 0; i < 100000; i++) {
        char text[24];
        size_t n = random_at(40, i, 24);
        for (size_t k = 0; k < n; k++)
            text[k] = letters[random_at(41 + k, i, sizeof letters - 1)];
        char *exact = malloc(n ? n : 1);
        memcpy(exact, text, n);
        struct strata_time_guess evidence;
        struct strata_time_format format;
        strata_time_guess_begin(&evidence);
        strata_time_guess_feed(&evidence, exact, n);
        bool looks_like = strata_time_looks_like(exact, n);
        if (strata_time_guess_decide(&evidence, NULL, &format) == STRATA_TIME_SETTLED)
            cr_assert(looks_like);
        free(exact);
    }
}

Test(time_format, every_result_has_a_reason)
{
    for (int result = STRATA_TIME_OK; result <= STRATA_TIME_OUT_OF_RANGE; result++)
        cr_expect_gt(strlen(strata_time_result_text((enum strata_time_result)result)), 4u);
}
