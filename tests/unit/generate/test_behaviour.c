/* Do the generated orders follow the models that they are drawn from? Fixed seeds; tolerances of 4 standard errors or
 * more. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <gsl/gsl_sf_hyperg.h>
#include <math.h>
#include <stdlib.h>

#include "calendar.h"
#include "orders.h"

enum { CUSTOMERS = 60000, DAYS = 731 };

struct sample {
    struct strata_generate_options options;
    struct strata_season season;
    struct strata_orders orders;
    int32_t first_day;
};

static void sample_init(struct sample *sample, const struct strata_generate_options *options)
{
    struct strata_error err = {0};
    sample->options = *options;
    cr_assert(strata_day_parse(options->start, &sample->first_day));
    cr_assert(eq(int, strata_season_init(&sample->season, sample->first_day, options->days, &err), STRATA_OK));
    cr_assert(eq(int, strata_orders_init(&sample->orders, options, &sample->season, 2, &err), STRATA_OK));
}

static void sample_release(struct sample *sample)
{
    strata_orders_release(&sample->orders);
    strata_season_release(&sample->season);
}

static struct strata_generate_options common_options(void)
{
    struct strata_generate_options options;
    strata_generate_options_init(&options);
    options.customers = CUSTOMERS;
    options.days = DAYS;
    options.seed = 20240101;
    options.return_share = 0.0;
    return options;
}

static uint32_t *count_by_customer(const struct sample *sample)
{
    uint32_t *count = calloc(sample->options.customers, sizeof *count);
    cr_assert_not_null(count);
    for (size_t i = 0; i < sample->orders.n; ++i)
        if (sample->orders.order[i].amount_minor > 0)
            ++count[sample->orders.order[i].customer];
    return count;
}

/* BG/NBD: the expected number of repeat purchases in a time t (Fader, Hardie, Lee 2005, equation 9). 2F1 by Euler's
 * transformation at t / (alpha + t) near 1. */
static double expected_repeats(const struct strata_behaviour *behaviour, double t)
{
    double r = behaviour->r, alpha = behaviour->alpha, a = behaviour->a, b = behaviour->b, z = t / (alpha + t);
    double hyperg = pow(1.0 - z, a - 1.0 - r) * gsl_sf_hyperg_2F1(a + b - 1.0 - r, a - 1.0, a + b - 1.0, z);
    return (a + b - 1.0) / (a - 1.0) * (1.0 - pow(alpha / (alpha + t), r) * hyperg);
}

Test(behaviour, every_customer_buys_and_the_mean_is_that_of_bg_nbd)
{
    struct strata_generate_options options = common_options();
    struct sample sample;
    sample_init(&sample, &options);
    uint32_t *count = count_by_customer(&sample);
    double sum = 0.0, squares = 0.0;
    for (int customer = 0; customer < CUSTOMERS; ++customer) {
        cr_assert(count[customer] >= 1);
        sum += count[customer];
        squares += (double)count[customer] * count[customer];
    }
    double mean = sum / CUSTOMERS, error = sqrt((squares / CUSTOMERS - mean * mean) / CUSTOMERS);

    /* First purchases are uniform in season time, so the time that is left is uniform in (0, days). */
    struct strata_behaviour behaviour;
    strata_behaviour_init(&behaviour, &options);
    enum { STEPS = 2000 };
    double repeats = 0.0;
    for (int i = 0; i < STEPS; ++i)
        repeats += expected_repeats(&behaviour, DAYS * (i + 0.5) / STEPS) / STEPS;
    double expected = 1.0 + (1.0 - options.one_time_share) * repeats;
    cr_assert_float_eq(mean, expected, 4.0 * error, "mean %.4f, expected %.4f, standard error %.4f", mean, expected,
                       error);
    free(count);
    sample_release(&sample);
}

Test(behaviour, one_time_buyers)
{
    struct strata_generate_options options = common_options();
    /* So many orders a year and so many days that nearly all others come back. */
    options.customers = 5000;
    options.days = 20000;
    options.orders_per_year = 1000.0;
    options.one_time_share = 0.7;
    struct sample sample;
    sample_init(&sample, &options);
    uint32_t *count = count_by_customer(&sample);
    double once = 0.0;
    for (uint64_t customer = 0; customer < options.customers; ++customer)
        once += count[customer] == 1;
    double error = sqrt(0.7 * 0.3 / 5000.0);
    cr_assert_float_eq(once / 5000.0, 0.7, 4.0 * error, "share %.4f", once / 5000.0);
    free(count);
    sample_release(&sample);
}

Test(behaviour, all_or_none_are_one_time_buyers)
{
    struct strata_generate_options options = common_options();
    options.one_time_share = 1.0;
    struct sample sample;
    sample_init(&sample, &options);
    cr_assert(eq(sz, sample.orders.n, CUSTOMERS));
    sample_release(&sample);
}

Test(behaviour, seasons_of_week_and_year)
{
    struct strata_generate_options options = common_options();
    /* One-time buyers alone: their times are uniform in season time. */
    options.one_time_share = 1.0;
    struct sample sample;
    sample_init(&sample, &options);
    double weekend = 0.0, november_december = 0.0, expected_weekend = 0.0, expected_november_december = 0.0, all = 0.0;
    for (int32_t day = 0; day < DAYS; ++day) {
        double weight = strata_season_weight(sample.first_day + day);
        bool is_weekend = (day % 7) >= 5; /* 2024-01-01 is a Monday */
        all += weight;
        expected_weekend += is_weekend ? weight : 0.0;
        expected_november_december += strata_date_from_day(sample.first_day + day).month >= 11 ? weight : 0.0;
    }
    for (size_t i = 0; i < sample.orders.n; ++i) {
        int32_t day = (int32_t)(sample.orders.order[i].second / STRATA_SECONDS_PER_DAY);
        weekend += (day % 7) >= 5;
        november_december += strata_date_from_day(sample.first_day + day).month >= 11;
    }
    cr_assert_float_eq(weekend / CUSTOMERS, expected_weekend / all, 0.01);
    cr_assert_float_eq(november_december / CUSTOMERS, expected_november_december / all, 0.01);
    /* Per day, weekends are busier by 1.25 / 0.9 and the end of the year by 1.35 / 0.93. */
    cr_assert_float_eq(expected_weekend / all / (2.0 / 7.0) / ((1.0 - expected_weekend / all) / (5.0 / 7.0)), 1.39,
                       0.02);
    sample_release(&sample);
}

Test(behaviour, amounts_have_the_mean_that_was_asked_for)
{
    struct strata_generate_options options = common_options();
    options.mean_amount = 42.5;
    struct sample sample;
    sample_init(&sample, &options);
    /* The first order of each customer: independent amounts. */
    bool *seen = calloc(CUSTOMERS, sizeof *seen);
    cr_assert_not_null(seen);
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < sample.orders.n; ++i) {
        const struct strata_order *order = &sample.orders.order[i];
        if (seen[order->customer])
            continue;
        seen[order->customer] = true;
        double amount = order->amount_minor / 100.0;
        sum += amount;
        squares += amount * amount;
    }
    double mean = sum / CUSTOMERS, error = sqrt((squares / CUSTOMERS - mean * mean) / CUSTOMERS);
    cr_assert_float_eq(mean, 42.5, 4.0 * error, "mean %.3f, standard error %.3f", mean, error);
    free(seen);
    sample_release(&sample);
}

Test(behaviour, returns_mirror_an_earlier_order)
{
    struct strata_generate_options options = common_options();
    options.customers = 3000;
    options.return_share = 0.3;
    struct sample sample;
    sample_init(&sample, &options);
    size_t orders = 0, returns = 0;
    for (size_t i = 0; i < sample.orders.n; ++i) {
        const struct strata_order *order = &sample.orders.order[i];
        orders += order->amount_minor > 0;
        if (order->amount_minor > 0)
            continue;
        ++returns;
        bool found = false;
        for (size_t k = i; k-- > 0 && !found;)
            found = sample.orders.order[k].customer == order->customer &&
                    sample.orders.order[k].amount_minor == -order->amount_minor;
        cr_assert(found, "order %zu is the return of nothing", i);
    }
    /* Some fall behind the end of the log. */
    double share = (double)returns / (double)orders;
    cr_assert(share > 0.27 && share < 0.31, "share %.3f", share);
    sample_release(&sample);
}

Test(behaviour, orders_come_in_time_order_with_one_to_three_lines)
{
    struct strata_generate_options options = common_options();
    options.multi_line_share = 0.5;
    options.return_share = 0.1;
    struct sample sample;
    sample_init(&sample, &options);
    size_t several = 0, purchases = 0;
    for (size_t i = 0; i < sample.orders.n; ++i) {
        const struct strata_order *order = &sample.orders.order[i];
        cr_assert(i == 0 || order->second >= order[-1].second);
        cr_assert(order->lines >= 1 && order->lines <= STRATA_MAX_LINES);
        cr_assert(order->channel < STRATA_N_CHANNELS && order->category < STRATA_N_CATEGORIES);
        cr_assert(order->amount_minor != 0);
        purchases += order->amount_minor > 0;
        several += order->amount_minor > 0 && order->lines > 1;
    }
    double share = (double)several / (double)purchases;
    cr_assert_float_eq(share, 0.5, 0.01);
    sample_release(&sample);
}
