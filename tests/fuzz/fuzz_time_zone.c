/* Time zones: a TZif file, or behind the letter R the rule of its last line alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "fuzz.h"
#include "time_zone_rule.h"

enum { OFFSET_MAX = 26 * 3600, DAY_SECONDS = 86400 };

static void check_rule(const char *text, size_t n)
{
    struct strata_zone_rule rule;
    if (!strata_zone_rule_parse(text, n, &rule) || !rule.has_daylight)
        return;
    for (int32_t year = 1; year < 9999; year += 101) {
        int64_t new_year = INT64_C(86400) * strata_day_from_date((struct strata_date){year, 1, 1});
        int64_t begin = strata_zone_rule_begin(&rule, year), end = strata_zone_rule_end(&rule, year);
        FUZZ_CHECK(llabs(begin - new_year) < INT64_C(400) * DAY_SECONDS, "year %d: %lld", (int)year, (long long)begin);
        FUZZ_CHECK(llabs(end - new_year) < INT64_C(400) * DAY_SECONDS, "year %d: %lld", (int)year, (long long)end);
    }
}

static void check_zone(const struct strata_time_zone *zone)
{
    for (int32_t i = 0; i < zone->n_transitions; ++i) {
        FUZZ_CHECK(i == 0 || zone->transition[i] > zone->transition[i - 1], "transition %d", (int)i);
        FUZZ_CHECK(abs(zone->offset[i]) <= OFFSET_MAX, "offset %d", (int)zone->offset[i]);
        FUZZ_CHECK(strata_time_zone_offset(zone, zone->transition[i]) == zone->offset[i], "transition %d", (int)i);
    }
    struct strata_zone_span span = strata_time_zone_span(zone, INT64_MIN);
    for (int32_t i = 0; span.until != INT64_MAX; ++i) {
        FUZZ_CHECK(span.from < span.until && i <= zone->n_transitions, "span %d", (int)i);
        span = strata_time_zone_span(zone, span.until);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct strata_time_zone zone;
    struct strata_error error;
    if (n > 0 && data[0] == 'R') {
        char *text = fuzz_copy(data + 1, n - 1, 0);
        check_rule(text, n - 1);
        free(text);
        return 0;
    }
    const char *path = fuzz_file(data, n), *name = strrchr(path, '/') + 1;
    (void)setenv("TZDIR", "/proc/self/fd", 1);
    if (strata_time_zone_load(&zone, name, &error) != STRATA_OK)
        return 0;
    check_zone(&zone);
    strata_time_zone_release(&zone);
    return 0;
}
