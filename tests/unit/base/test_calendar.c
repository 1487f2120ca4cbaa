#include "calendar.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "random.h"

static int32_t day_of(const char *text)
{
    int32_t day = INT32_MIN;
    cr_assert(strata_day_parse(text, &day), "%s", text);
    return day;
}

static int64_t second_of(const char *date, int hour, int minute, int second)
{
    return (int64_t)day_of(date) * 86400 + hour * 3600 + minute * 60 + second;
}

Test(calendar, known_days)
{
    cr_expect_eq(day_of("1970-01-01"), 0);
    cr_expect_eq(day_of("1969-12-31"), -1);
    cr_expect_eq(day_of("2000-02-29"), 11016);
    cr_expect_eq(day_of("2024-01-01"), 19723);
    cr_expect_eq(day_of("0001-01-01"), STRATA_DAY_MIN);
    cr_expect_eq(day_of("9999-12-31"), STRATA_DAY_MAX);
}

Test(calendar, every_day_round_trips_in_order)
{
    struct strata_date before = {0};
    for (int32_t day = STRATA_DAY_MIN; day <= STRATA_DAY_MAX; day++) {
        struct strata_date date = strata_date_from_day(day);
        cr_assert(strata_date_is_valid(date), "%d", day);
        cr_assert_eq(strata_day_from_date(date), day);
        cr_assert(date.year * 10000 + date.month * 100 + date.day >
                  before.year * 10000 + before.month * 100 + before.day);
        before = date;
    }
}

Test(calendar, agrees_with_the_c_library)
{
    for (uint64_t i = 0; i < 20000; i++) {
        int32_t day = STRATA_DAY_MIN + (int32_t)(strata_uniform_at(1, 0, i) * (STRATA_DAY_MAX - STRATA_DAY_MIN + 1));
        time_t seconds = (time_t)day * 86400;
        struct tm expected;
        gmtime_r(&seconds, &expected);
        struct strata_date date = strata_date_from_day(day);
        cr_assert_eq(date.year, expected.tm_year + 1900);
        cr_assert_eq(date.month, expected.tm_mon + 1);
        cr_assert_eq(date.day, expected.tm_mday);
        char text[11];
        char wanted[40];
        int32_t parsed;
        strata_day_format(day, text);
        snprintf(wanted, sizeof wanted, "%04d-%02d-%02d", expected.tm_year + 1900, expected.tm_mon + 1,
                 expected.tm_mday);
        cr_assert_str_eq(text, wanted);
        cr_assert(strata_day_parse(text, &parsed) && parsed == day);
    }
}

Test(calendar, dates_that_do_not_exist)
{
    const struct strata_date dates[] = {{0, 1, 1},    {10000, 1, 1}, {2023, 2, 29}, {1900, 2, 29}, {2024, 13, 1},
                                        {2024, 0, 1}, {2024, 4, 31}, {2024, 1, 0},  {2024, 1, 32}, {-1, 1, 1}};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        cr_expect_not(strata_date_is_valid(dates[i]), "%zu", i);
    cr_expect(strata_date_is_valid((struct strata_date){2000, 2, 29}));
    cr_expect(strata_date_is_valid((struct strata_date){2024, 2, 29}));
}

Test(calendar, day_parse_takes_one_form_only)
{
    const char *const texts[] = {"",           "2024",        "2024-1-01",   "2024-01-1",
                                 "2024/01/01", "2024-01-01 ", " 2024-01-01", "2024-02-30",
                                 "0000-01-01", "2024-01-0a",  "20240101",    "2024-01",
                                 "2024-01-",   "2024-01-011", "-024-01-01"};
    int32_t day = 77;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_expect_not(strata_day_parse(texts[i], &day), "\"%s\"", texts[i]);
    cr_expect_eq(day, 77);
}

Test(time_zone, utc_needs_no_file)
{
    struct strata_time_zone zone;
    setenv("TZDIR", "/nonexistent", 1);
    cr_assert_eq(strata_time_zone_load(&zone, "UTC", NULL), STRATA_OK);
    cr_expect_eq(strata_time_zone_offset(&zone, 0), 0);
    cr_expect_eq(strata_time_zone_offset(&zone, INT64_MIN), 0);
    cr_expect_eq(strata_time_zone_offset(&zone, INT64_MAX), 0);
    strata_time_zone_release(&zone);
    strata_time_zone_release(&zone);
}

Test(time_zone, hostile_and_unknown_names)
{
    const char *const names[] = {
        "",  "..",        "../etc/passwd", "/etc/passwd",    "Europe/../Asia", "Europe//Berlin", "Europe/", "Europe",
        ".", "Mars/Base", "a b",           "Europe/.hidden", "zone\n",         "a/./b",          "\xff"};
    struct strata_error err = {0};
    struct strata_time_zone zone;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        cr_expect_eq(strata_time_zone_load(&zone, names[i], &err), STRATA_USAGE, "\"%s\"", names[i]);
        cr_expect_null(zone.transition);
        cr_expect_gt(strlen(err.message), 0u);
    }
    char long_name[400];
    memset(long_name, 'a', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    cr_expect_eq(strata_time_zone_load(&zone, long_name, &err), STRATA_USAGE);
}

/* Facts of the IANA database, each a UTC instant and the offset from then on (and a second earlier). */
static const struct {
    const char *zone;
    const char *date;
    int hour, minute;
    int32_t before, after;
} facts[] = {
    {"Europe/Berlin", "2024-03-31", 1, 0, 3600, 7200},
    {"Europe/Berlin", "2024-10-27", 1, 0, 7200, 3600},
    {"Europe/Berlin", "2150-03-29", 1, 0, 3600, 7200},
    {"Europe/Berlin", "1980-04-06", 1, 0, 3600, 7200},
    {"America/New_York", "2024-03-10", 7, 0, -18000, -14400},
    {"America/New_York", "2024-11-03", 6, 0, -14400, -18000},
    {"America/New_York", "2100-03-14", 7, 0, -18000, -14400},
    {"Australia/Lord_Howe", "2024-04-06", 15, 0, 39600, 37800},
    {"Australia/Lord_Howe", "2024-10-05", 15, 30, 37800, 39600},
    {"Australia/Lord_Howe", "2120-04-06", 15, 0, 39600, 37800},
    {"America/Sao_Paulo", "2019-02-17", 2, 0, -7200, -10800},
    {"Asia/Shanghai", "1991-09-14", 17, 0, 32400, 28800},
};

Test(time_zone, known_changes)
{
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
        cr_skip("skipped: data not found (tzdata)");
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        struct strata_time_zone zone;
        struct strata_error err = {0};
        cr_assert_eq(strata_time_zone_load(&zone, facts[i].zone, &err), STRATA_OK, "%s", err.message);
        int64_t instant = second_of(facts[i].date, facts[i].hour, facts[i].minute, 0);
        cr_expect_eq(strata_time_zone_offset(&zone, instant - 1), facts[i].before, "%s %s", facts[i].zone,
                     facts[i].date);
        cr_expect_eq(strata_time_zone_offset(&zone, instant), facts[i].after, "%s %s", facts[i].zone, facts[i].date);
        strata_time_zone_release(&zone);
    }
}

Test(time_zone, constant_offsets)
{
    if (access("/usr/share/zoneinfo/Asia/Kolkata", R_OK) != 0)
        cr_skip("skipped: data not found (tzdata)");
    struct strata_time_zone zone;
    cr_assert_eq(strata_time_zone_load(&zone, "Asia/Kolkata", NULL), STRATA_OK);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-07-01", 0, 0, 0)), 19800);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2199-07-01", 0, 0, 0)), 19800);
    strata_time_zone_release(&zone);
    cr_assert_eq(strata_time_zone_load(&zone, "America/Sao_Paulo", NULL), STRATA_OK);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2018-12-25", 0, 0, 0)), -7200);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2149-12-25", 0, 0, 0)), -10800);
    strata_time_zone_release(&zone);
}

/* Names of the database that are no Area/City: EST has one offset, CET has summer time. */
Test(time_zone, short_names)
{
    if (access("/usr/share/zoneinfo/CET", R_OK) != 0)
        cr_skip("skipped: data not found (tzdata)");
    struct strata_time_zone zone;
    struct strata_error err = {0};
    cr_assert_eq(strata_time_zone_load(&zone, "EST", NULL), STRATA_OK);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-01-01", 0, 0, 0)), -18000);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-07-01", 0, 0, 0)), -18000);
    strata_time_zone_release(&zone);
    cr_assert_eq(strata_time_zone_load(&zone, "CET", NULL), STRATA_OK);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-01-01", 0, 0, 0)), 3600);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-07-01", 0, 0, 0)), 7200);
    strata_time_zone_release(&zone);
    cr_assert_eq(strata_time_zone_load(&zone, "Etc/GMT-8", NULL), STRATA_OK);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-07-01", 0, 0, 0)), 28800);
    strata_time_zone_release(&zone);
    const char *const others[] = {"PST", "CEST", "IST", "+08:00"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        cr_expect_eq(strata_time_zone_load(&zone, others[i], &err), STRATA_USAGE, "%s", others[i]);
        cr_expect_not_null(strstr(err.message, "Area/City such as Europe/Berlin, or Etc/GMT-8"), "%s", err.message);
    }
}

/* The C library's own reading of the same files (it expands the rules as well). */
Test(time_zone, agrees_with_the_c_library)
{
    const char *const names[] = {"Europe/Berlin",     "America/New_York",  "Asia/Shanghai", "Australia/Lord_Howe",
                                 "America/Sao_Paulo", "Africa/Casablanca", "Asia/Gaza",     "Pacific/Chatham"};
    if (access("/usr/share/zoneinfo/Pacific/Chatham", R_OK) != 0)
        cr_skip("skipped: data not found (tzdata)");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct strata_time_zone zone;
        cr_assert_eq(strata_time_zone_load(&zone, names[i], NULL), STRATA_OK);
        setenv("TZ", names[i], 1);
        tzset();
        for (uint64_t k = 0; k < 5000; k++) {
            /* 1900 to 2150 */
            time_t seconds = -2208988800 + (time_t)(strata_uniform_at(2, i, k) * 7889238000.0);
            struct tm local;
            localtime_r(&seconds, &local);
            struct strata_zone_span span = strata_time_zone_span(&zone, seconds);
            cr_assert_eq(strata_time_zone_offset(&zone, seconds), local.tm_gmtoff, "%s at %lld", names[i],
                         (long long)seconds);
            cr_assert(span.from <= seconds && seconds < span.until && span.offset == local.tm_gmtoff);
        }
        strata_time_zone_release(&zone);
    }
}

/* Files made by hand, in a folder of the test. */

static char folder[] = "/tmp/strata-zones-XXXXXX";

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    setenv("TZDIR", folder, 1);
}

static void remove_folder(void)
{
    char path[64];
    snprintf(path, sizeof path, "%s/Zone", folder);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void write_zone(const void *bytes, size_t n)
{
    char path[64];
    snprintf(path, sizeof path, "%s/Zone", folder);
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, n, file), n);
    cr_assert_eq(fclose(file), 0);
}

/* A version 2 file with one type of `offset` seconds, one instant at which it begins, and a rule. */
static size_t make_zone(unsigned char *out, int32_t offset, int32_t instant, const char *rule)
{
    unsigned char header[44] = {'T', 'Z', 'i', 'f', '2'};
    size_t n = 0;
    header[39] = 1;
    header[43] = 4;
    memcpy(out, header, 44);
    memset(out + 44, 0, 10);
    n = 54;
    header[35] = 1;
    memcpy(out + n, header, 44);
    n += 44;
    for (int i = 0; i < 8; i++)
        out[n++] = (unsigned char)((uint64_t)(int64_t)instant >> (56 - 8 * i));
    out[n++] = 0;
    for (int i = 0; i < 4; i++)
        out[n++] = (unsigned char)((uint32_t)offset >> (24 - 8 * i));
    memcpy(out + n, "\0\0ABC", 6);
    n += 6;
    int length = sprintf((char *)out + n, "\n%s\n", rule);
    return n + (size_t)length;
}

static struct strata_time_zone load_rule(const char *rule)
{
    unsigned char bytes[512];
    struct strata_time_zone zone;
    struct strata_error err = {0};
    write_zone(bytes, make_zone(bytes, 3600, 0, rule));
    cr_assert_eq(strata_time_zone_load(&zone, "Zone", &err), STRATA_OK, "%s: %s", rule, err.message);
    return zone;
}

Test(time_zone, forms_of_rules, .init = make_folder, .fini = remove_folder)
{
    /* Julian days never count 29 February: J60 is 1 March in every year; 59 is it in common years only. */
    struct strata_time_zone zone = load_rule("AAA-1BBB,J60/0,J300");
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-02-29", 22, 59, 59)), 3600);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-02-29", 23, 0, 0)), 7200);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2023-02-28", 23, 0, 0)), 7200);
    strata_time_zone_release(&zone);

    zone = load_rule("AAA-1BBB,59/0,299");
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-02-28", 22, 59, 59)), 3600);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-02-28", 23, 0, 0)), 7200);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2023-02-28", 23, 0, 0)), 7200);
    strata_time_zone_release(&zone);

    /* Quoted names, an offset of its own, hours before midnight and after 24. */
    zone = load_rule("<-01>1<+0030>-0:30,M3.5.0/-1:30,M10.5.0/50:00:01");
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-03-30", 23, 29, 59)), -3600);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-03-30", 23, 30, 0)), 1800);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-10-29", 1, 30, 0)), 1800);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-10-29", 1, 30, 1)), -3600);
    strata_time_zone_release(&zone);

    /* Daylight saving all year: the end of one year's is the beginning of the next. */
    zone = load_rule("EST5EDT,0/0,J365/25");
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2024-01-01", 5, 0, 0)), -14400);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2023-12-31", 23, 59, 59)), -14400);
    cr_expect_eq(strata_time_zone_offset(&zone, second_of("2100-07-01", 5, 0, 0)), -14400);
    strata_time_zone_release(&zone);
}

Test(time_zone, rules_that_are_none, .init = make_folder, .fini = remove_folder)
{
    const char *const rules[] = {"AAA",
                                 "AA-1",
                                 "AAA-25",
                                 "AAA-1BBB",
                                 "AAA-1BBB,M3.5.0",
                                 "AAA-1BBB,M13.5.0,M10.5.0",
                                 "AAA-1BBB,M0.5.0,M10.5.0",
                                 "AAA-1BBB,M3.6.0,M10.5.0",
                                 "AAA-1BBB,M3.0.0,M10.5.0",
                                 "AAA-1BBB,M3.5.7,M10.5.0",
                                 "AAA-1BBB,J0,J300",
                                 "AAA-1BBB,J366,J300",
                                 "AAA-1BBB,366,300",
                                 "AAA-1BBB,M3.5.0/168,M10.5.0",
                                 "AAA-1BBB,M3.5.0/2:60,M10.5.0",
                                 "AAA-1BBB,M3.5.0,M10.5.0x",
                                 "<+08-8",
                                 "AAA-99999999999999999999"};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        unsigned char bytes[512];
        struct strata_time_zone zone;
        write_zone(bytes, make_zone(bytes, 3600, 0, rules[i]));
        cr_expect_eq(strata_time_zone_load(&zone, "Zone", NULL), STRATA_IO, "%s", rules[i]);
        cr_expect_null(zone.transition);
    }
}

Test(time_zone, every_cut_of_a_file_is_an_error, .init = make_folder, .fini = remove_folder)
{
    unsigned char bytes[512];
    struct strata_time_zone zone;
    size_t n = make_zone(bytes, 3600, 0, "CET-1CEST,M3.5.0,M10.5.0/3");
    for (size_t cut = 0; cut < n; cut++) {
        write_zone(bytes, cut);
        cr_expect_eq(strata_time_zone_load(&zone, "Zone", NULL), STRATA_IO, "%zu", cut);
    }
}

Test(time_zone, any_changed_byte_is_harmless, .init = make_folder, .fini = remove_folder)
{
    unsigned char bytes[512];
    size_t n = make_zone(bytes, 3600, 0, "CET-1CEST,M3.5.0,M10.5.0/3");
    for (size_t at = 0; at < n; at++) {
        static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
        unsigned char kept = bytes[at];
        for (size_t v = 0; v < sizeof values; v++) {
            struct strata_time_zone zone;
            bytes[at] = values[v];
            write_zone(bytes, n);
            if (strata_time_zone_load(&zone, "Zone", NULL) == STRATA_OK) {
                for (int32_t i = 1; i < zone.n_transitions; i++)
                    cr_assert_lt(zone.transition[i - 1], zone.transition[i]);
                strata_time_zone_release(&zone);
            }
        }
        bytes[at] = kept;
    }
}

Test(time_zone, leap_second_tables_are_refused, .init = make_folder, .fini = remove_folder)
{
    unsigned char bytes[600];
    unsigned char moved[600];
    struct strata_time_zone zone;
    size_t n = make_zone(bytes, 3600, 0, "");
    /* One leap second of 12 bytes behind the letters of the second table. */
    size_t data_end = 54 + 44 + 9 + 6 + 4;
    memcpy(moved, bytes, data_end);
    moved[54 + 31] = 1;
    memset(moved + data_end, 0, 12);
    memcpy(moved + data_end + 12, bytes + data_end, n - data_end);
    write_zone(moved, n + 12);
    cr_expect_eq(strata_time_zone_load(&zone, "Zone", NULL), STRATA_USAGE);
}

Test(time_zone, instants_out_of_order_and_unknown_types, .init = make_folder, .fini = remove_folder)
{
    unsigned char bytes[512];
    struct strata_time_zone zone;
    size_t n = make_zone(bytes, 3600, 0, "");
    write_zone(bytes, n);
    cr_assert_eq(strata_time_zone_load(&zone, "Zone", NULL), STRATA_OK);
    strata_time_zone_release(&zone);
    bytes[54 + 44 + 8] = 1;
    write_zone(bytes, n);
    cr_expect_eq(strata_time_zone_load(&zone, "Zone", NULL), STRATA_IO);
    n = make_zone(bytes, 200000, 0, "");
    write_zone(bytes, n);
    cr_expect_eq(strata_time_zone_load(&zone, "Zone", NULL), STRATA_IO);
}
