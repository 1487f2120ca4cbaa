/* The clock of the shoppers: busy days are long, quiet days short.
 *
 * Season time runs from 0 to `days` over the whole log, its speed on a day proportional to that day's weight (weekday
 * times month). Purchases that are a plain Poisson process in season time crowd into weekends and the end of the year.
 */
#ifndef STRATA_GENERATE_SEASON_H
#define STRATA_GENERATE_SEASON_H

#include <stdint.h>
#include <strata/status.h>

enum {
    STRATA_SECONDS_PER_HOUR = 3600,
    STRATA_SECONDS_PER_DAY = 86400,
    STRATA_HOURS_PER_DAY = 24,
    STRATA_HOUR_GUIDES = 64
};

struct strata_season {
    int32_t first_day; /* since 1970-01-01 */
    int32_t days;
    double *begin;                          /* days + 1: season time at which each day begins; begin[days] = days */
    int32_t *guide;                         /* days + 1: the day that contains this whole number of season time */
    double hour[STRATA_HOURS_PER_DAY + 1];  /* share of a day's purchases before each hour */
    uint8_t hour_guide[STRATA_HOUR_GUIDES]; /* the hour in which each 64th of a day's purchases begins */
};

enum strata_status strata_season_init(struct strata_season *season, int32_t first_day, int32_t days,
                                      struct strata_error *err) STRATA_MUST_USE;
void strata_season_release(struct strata_season *season);

/* Weight of a calendar day, 1 on average over weeks and about 1 over a year. */
double strata_season_weight(int32_t day);

/* Season time in [0, days) -> seconds since the beginning of the first day. Monotone. */
uint32_t strata_season_second(const struct strata_season *season, double time);

#endif
