/* The yearly rule of a time zone in the form of POSIX TZ, as TZif files (RFC 8536, section 3.3) carry it for the years
 * after their table: "CET-1CEST,M3.5.0,M10.5.0/3". */
#ifndef STRATA_BASE_TIME_ZONE_RULE_H
#define STRATA_BASE_TIME_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strata_zone_switch {
    enum {
        STRATA_SWITCH_MONTH_WEEK_DAY, /* Mm.w.d: week 5 is the last */
        STRATA_SWITCH_JULIAN,         /* Jn: 1..365, 29 February is never counted */
        STRATA_SWITCH_DAY_OF_YEAR,    /* n: 0..365 */
    } form;
    int32_t month, week, day;
    int32_t seconds; /* local time of that day, may be negative or beyond 24 h */
};

struct strata_zone_rule {
    int32_t standard_offset; /* seconds east of UTC */
    int32_t daylight_offset;
    bool has_daylight;
    struct strata_zone_switch begin, end; /* of daylight saving, where there is any */
};

/* false if `text` (n bytes) is no such rule. */
bool strata_zone_rule_parse(const char *text, size_t n, struct strata_zone_rule *rule);

/* UTC second at which daylight saving begins or ends in a year (1..9999). */
int64_t strata_zone_rule_begin(const struct strata_zone_rule *rule, int32_t year);
int64_t strata_zone_rule_end(const struct strata_zone_rule *rule, int32_t year);

#endif
