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

/* Integer sums until the last step, so that the result does not depend on any order of addition. */
static void compute(const struct strata_history *history, const struct strata_window *window, double out[])
{
    int64_t gaps = 0, sum = 0;
    uint64_t squares = 0; /* at most the square of their sum */
    for (size_t i = 1; i < history->n_purchases; ++i) {
        const int64_t gap = (int64_t)history->day[i] - history->day[i - 1];
        gaps += gap > 0;
        sum += gap;
        squares += (uint64_t)gap * (uint64_t)gap;
    }
    out[GAP_MEAN] = out[GAP_SD] = out[DAYS_OVER_GAP] = NAN;
    if (gaps == 0)
        return;
    out[GAP_MEAN] = (double)sum / (double)gaps;
    out[DAYS_OVER_GAP] = window->as_of_day - history->day[history->n_purchases - 1] - out[GAP_MEAN];
    if (gaps > 1) {
        strata_wide deviation = (strata_wide)gaps * squares - (strata_wide)sum * sum;
        out[GAP_SD] = sqrt((double)deviation / ((double)gaps * (double)(gaps - 1)));
    }
}

const struct strata_family strata_family_gaps = {
    .name = "gaps",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .compute = compute,
};
