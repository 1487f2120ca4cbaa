#include <math.h>

#include "family.h"
#include "money.h"

enum { GAP_MEAN, GAP_SD, DAYS_OVER_GAP, N_COLUMNS };

static const struct strata_column columns[N_COLUMNS] = {
    [GAP_MEAN] = {"gap_mean", STRATA_F32, "d", "Mean gap between successive purchase days; missing below two days"},
    [GAP_SD] = {"gap_sd", STRATA_F32, "d",
                "Sample standard deviation of the gaps between purchase days; missing below two gaps"},
    [DAYS_OVER_GAP] = {"days_over_gap", STRATA_F32, "d",
                       "recency - gap_mean: days that the next purchase is overdue, negative while it is not"},
};

/* Integer sums until the last step, so that the result does not depend on any order of addition. The gaps add up to
 * the days from the first purchase to the last. */
static void compute(const struct strata_history *history, const struct strata_digest *digest,
                    const struct strata_window *window, const struct strata_table_column column[], size_t row)
{
    const int64_t gaps = (int64_t)digest->purchases.n_days - 1;
    double mean = NAN, deviation = NAN, over = NAN;
    if (gaps > 0) {
        const int32_t last = history->day[history->n_purchases - 1];
        const int64_t sum = (int64_t)last - history->day[0];
        const strata_wide squares = (strata_wide)gaps * digest->purchases.squared_gaps - (strata_wide)sum * sum;
        mean = (double)sum / (double)gaps;
        over = window->as_of_day - last - mean;
        if (gaps > 1)
            deviation = sqrt(strata_wide_value(squares) / ((double)gaps * (double)(gaps - 1)));
    }
    strata_put_f32(&column[GAP_MEAN], row, (float)mean);
    strata_put_f32(&column[GAP_SD], row, (float)deviation);
    strata_put_f32(&column[DAYS_OVER_GAP], row, (float)over);
}

const struct strata_family strata_family_gaps = {
    .name = "gaps",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .compute = compute,
};
