/* The proleptic Gregorian calendar as day numbers, and time zones as tables. Thread-safe, no global state. */
#ifndef STRATA_BASE_CALENDAR_H
#define STRATA_BASE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>
#include <strata/status.h>

/* Supported range of days since 1970-01-01: the years 1 to 9999. */
#define STRATA_DAY_MIN (-719162)
#define STRATA_DAY_MAX 2932896

struct strata_date {
    int32_t year;  /* 1..9999 */
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

/* Is it a real date (leap years, month lengths, year 1..9999)? */
bool strata_date_is_valid(struct strata_date date);

/* Days since 1970-01-01 of a valid date. */
int32_t strata_day_from_date(struct strata_date date);
struct strata_date strata_date_from_day(int32_t day);

/* "YYYY-MM-DD" -> day number; false if it is anything else. `text` is terminated. */
bool strata_day_parse(const char *text, int32_t *day);

/* day number -> "YYYY-MM-DD", 11 bytes with the terminator. */
void strata_day_format(int32_t day, char out[11]);

/* A time zone: its offsets from UTC at any instant. `{0}` is UTC. */
struct strata_time_zone {
    int64_t *transition; /* UTC seconds at which offset[i] begins, ascending */
    int32_t *offset;     /* seconds east of UTC */
    int32_t n_transitions;
    int32_t first_offset; /* before transition[0] */
};

/* Load an IANA zone by name ("UTC", "Asia/Shanghai") from the system's TZif files; daylight saving rules are expanded
 * to the year 2200. STRATA_USAGE if there is no such zone (names with ".." or a leading "/" are refused). */
enum strata_status strata_time_zone_load(struct strata_time_zone *zone, const char *name,
                                         struct strata_error *err) STRATA_MUST_USE;
void strata_time_zone_release(struct strata_time_zone *zone);

/* Seconds east of UTC at an instant. */
int32_t strata_time_zone_offset(const struct strata_time_zone *zone, int64_t utc_seconds);

/* The same with the instants [from, until) for which it holds, so that a caller can remember it. */
struct strata_zone_span {
    int64_t from, until;
    int32_t offset;
};
struct strata_zone_span strata_time_zone_span(const struct strata_time_zone *zone, int64_t utc_seconds);

#endif
