#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "calendar.h"
#include "season.h"

static int32_t day_of(const char *text)
{
    int32_t day = 0;
    cr_assert(strata_day_parse(text, &day));
    return day;
}

Test(season, a_week_has_mean_weight_of_its_month)
{
    int32_t monday = day_of("2024-06-03");
    double total = 0.0;
    for (int32_t day = 0; day < 7; ++day)
        total += strata_season_weight(monday + day);
    cr_assert_float_eq(total / 7.0, 0.98, 1e-12, "a week of June weighs %g", total / 7.0);
}

Test(season, saturday_before_the_epoch_is_a_saturday)
{
    double saturday = strata_season_weight(day_of("1969-11-29"));
    double monday = strata_season_weight(day_of("1969-11-24"));
    cr_assert_float_eq(saturday / monday, 1.32 / 0.85, 1e-12);
}

Test(season, time_is_monotone_and_covers_every_day)
{
    struct strata_season season;
    struct strata_error err = {0};
    cr_assert(eq(int, strata_season_init(&season, day_of("2023-12-25"), 40, &err), STRATA_OK));
    uint32_t before = 0;
    bool seen[40] = {false};
    for (int i = 0; i < 40000; ++i) {
        uint32_t second = strata_season_second(&season, i / 1000.0);
        cr_assert(second >= before);
        cr_assert(second < 40u * STRATA_SECONDS_PER_DAY);
        seen[second / STRATA_SECONDS_PER_DAY] = true;
        before = second;
    }
    for (int day = 0; day < 40; ++day)
        cr_assert(seen[day], "day %d is never reached", day);
    strata_season_release(&season);
}

Test(season, a_day_takes_time_by_its_weight)
{
    struct strata_season season;
    struct strata_error err = {0};
    int32_t first = day_of("2024-01-01");
    cr_assert(eq(int, strata_season_init(&season, first, 366, &err), STRATA_OK));
    double first_day = season.begin[1] - season.begin[0];
    for (int32_t day = 0; day < 366; ++day)
        cr_assert_float_eq((season.begin[day + 1] - season.begin[day]) / first_day,
                           strata_season_weight(first + day) / strata_season_weight(first), 1e-9);
    cr_assert_float_eq(season.begin[366], 366.0, 1e-12);
    strata_season_release(&season);
}

Test(season, one_day)
{
    struct strata_season season;
    struct strata_error err = {0};
    cr_assert(eq(int, strata_season_init(&season, 0, 1, &err), STRATA_OK));
    cr_assert(eq(u32, strata_season_second(&season, 0.0), 0u));
    cr_assert(strata_season_second(&season, 0.999999999999) < STRATA_SECONDS_PER_DAY);
    strata_season_release(&season);
    strata_season_release(&season);
}
