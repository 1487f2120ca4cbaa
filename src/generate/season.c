#include "season.h"

#include <stdlib.h>

#include "calendar.h"
#include "memory.h"

enum { MONDAY_BEFORE_EPOCH = -3, DAYS_PER_WEEK = 7 };

/* Monday first; mean 1. */
static const double weekday_weight[DAYS_PER_WEEK] = {0.85, 0.83, 0.86, 0.90, 1.06, 1.32, 1.18};

/* January first; mean 1. */
static const double month_weight[] = {0.88, 0.84, 0.92, 0.93, 0.97, 0.98, 0.92, 0.90, 0.95, 1.01, 1.30, 1.40};

/* Purchases per hour of the day, in any unit: quiet nights, a peak in the evening. */
static const double hour_weight[STRATA_HOURS_PER_DAY] = {8,  4,  2,  2,  2,  3,  8,  18, 32, 46, 56, 58,
                                                         62, 56, 50, 50, 54, 60, 68, 76, 80, 70, 44, 20};

double strata_season_weight(int32_t day)
{
    int32_t weekday = (day - MONDAY_BEFORE_EPOCH) % DAYS_PER_WEEK;
    if (weekday < 0)
        weekday += DAYS_PER_WEEK;
    return weekday_weight[weekday] * month_weight[strata_date_from_day(day).month - 1];
}

static void fill_hours(struct strata_season *season)
{
    double total = 0.0, before = 0.0;
    for (int hour = 0; hour < STRATA_HOURS_PER_DAY; ++hour)
        total += hour_weight[hour];
    for (int hour = 0; hour < STRATA_HOURS_PER_DAY; ++hour) {
        season->hour[hour] = before / total;
        before += hour_weight[hour];
    }
    season->hour[STRATA_HOURS_PER_DAY] = 1.0;
    for (int guide = 0, hour = 0; guide < STRATA_HOUR_GUIDES; ++guide) {
        while (season->hour[hour + 1] <= (double)guide / STRATA_HOUR_GUIDES)
            ++hour;
        season->hour_guide[guide] = (uint8_t)hour;
    }
}

enum strata_status strata_season_init(struct strata_season *season, int32_t first_day, int32_t days,
                                      struct strata_error *err)
{
    size_t count = (size_t)days + 1;
    *season = (struct strata_season){.first_day = first_day, .days = days};
    season->begin = strata_malloc_array(count, sizeof *season->begin);
    season->guide = strata_malloc_array(count, sizeof *season->guide);
    if (!season->begin || !season->guide) {
        strata_season_release(season);
        return strata_fail_memory(err, "the season", count, sizeof *season->begin + sizeof *season->guide);
    }

    double total = 0.0;
    for (int32_t day = 0; day < days; ++day) {
        season->begin[day] = total;
        total += strata_season_weight(first_day + day);
    }
    for (int32_t day = 0; day < days; ++day)
        season->begin[day] *= days / total;
    season->begin[days] = days;

    for (int32_t whole = 0, day = 0; whole <= days; ++whole) {
        while (day + 1 < days && season->begin[day + 1] <= whole)
            ++day;
        season->guide[whole] = day;
    }
    fill_hours(season);
    return STRATA_OK;
}

void strata_season_release(struct strata_season *season)
{
    free(season->begin);
    free(season->guide);
    *season = (struct strata_season){0};
}

uint32_t strata_season_second(const struct strata_season *season, double time)
{
    int32_t day = season->guide[(int32_t)time];
    while (day + 1 < season->days && season->begin[day + 1] <= time)
        ++day;
    double share = (time - season->begin[day]) / (season->begin[day + 1] - season->begin[day]);

    int guide = (int)(share * STRATA_HOUR_GUIDES);
    int hour = season->hour_guide[guide < STRATA_HOUR_GUIDES ? guide : STRATA_HOUR_GUIDES - 1];
    while (hour + 1 < STRATA_HOURS_PER_DAY && season->hour[hour + 1] <= share)
        ++hour;
    double in_hour = (share - season->hour[hour]) / (season->hour[hour + 1] - season->hour[hour]);

    uint32_t second = (uint32_t)((hour + in_hour) * STRATA_SECONDS_PER_HOUR);
    if (second >= STRATA_SECONDS_PER_DAY)
        second = STRATA_SECONDS_PER_DAY - 1;
    return (uint32_t)day * STRATA_SECONDS_PER_DAY + second;
}
