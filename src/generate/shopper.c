#include "shopper.h"

#include <gsl/gsl_randist.h>
#include <math.h>

#include "random.h"

#define DAYS_PER_YEAR 365.25

const char *const strata_channel_names[STRATA_N_CHANNELS] = {"web", "app", "store", "wechat", "phone"};
const char *const strata_category_names[STRATA_N_CATEGORIES] = {"grocery",     "apparel", "home", "beauty",
                                                                "electronics", "sports",  "toys", "books"};

/* Cumulative shares, of 256. */
static const uint16_t channel_up_to[STRATA_N_CHANNELS] = {97, 167, 223, 248, 256};
static const uint16_t category_up_to[STRATA_N_CATEGORIES] = {72, 123, 161, 192, 215, 233, 246, 256};

/* Of 256: how often a customer uses the preferred channel, the others at random. */
enum { LOYAL_TO_CHANNEL = 180 };

/* An amount below one unit of the currency is not worth splitting. */
enum { SMALLEST_SPLIT_MINOR = 100, LARGEST_AMOUNT_MINOR = 2000000000 };

#define RETURN_MEAN_DAYS  6.0
#define RETURN_FIRST_DAYS 0.5
#define RETURN_LAST_DAYS  45.0

enum purpose { TIMES, DETAILS, N_PURPOSES };

void strata_behaviour_init(struct strata_behaviour *behaviour, const struct strata_generate_options *options)
{
    *behaviour = (struct strata_behaviour){
        .seed = options->seed,
        .one_time_share = options->one_time_share,
        .return_share = options->return_share,
        .multi_line_share = options->multi_line_share,
        .r = 0.9,
        .a = 0.8,
        .b = 6.0,
        .p = 6.25,
        .q = 3.74,
    };
    behaviour->alpha = behaviour->r * DAYS_PER_YEAR / options->orders_per_year;
    behaviour->gamma = options->mean_amount * (behaviour->q - 1.0) / behaviour->p;
}

static uint8_t pick(const uint16_t up_to[], uint8_t count, uint32_t byte)
{
    uint8_t choice = 0;
    while (choice + 1 < count && byte >= up_to[choice])
        ++choice;
    return choice;
}

void strata_shopper_begin(struct strata_shopper *shopper, const struct strata_behaviour *behaviour,
                          const struct strata_season *season, struct strata_shopper_streams streams, uint32_t customer)
{
    *shopper =
        (struct strata_shopper){.behaviour = behaviour, .season = season, .streams = streams, .customer = customer};
    strata_rng_rekey(streams.times, behaviour->seed, (uint64_t)customer * N_PURPOSES + TIMES);
    shopper->time = gsl_rng_uniform(streams.times) * season->days;
    if (gsl_rng_uniform(streams.times) < behaviour->one_time_share) {
        shopper->rate = 0.0;
    } else {
        shopper->rate = gsl_ran_gamma(streams.times, behaviour->r, 1.0 / behaviour->alpha);
        shopper->dropout = gsl_ran_beta(streams.times, behaviour->a, behaviour->b);
    }
    if (streams.details) {
        strata_rng_rekey(streams.details, behaviour->seed, (uint64_t)customer * N_PURPOSES + DETAILS);
        shopper->amount_rate = gsl_ran_gamma(streams.details, behaviour->q, 1.0 / behaviour->gamma);
        shopper->preferred_channel =
            pick(channel_up_to, STRATA_N_CHANNELS, (uint32_t)gsl_rng_get(streams.details) & 255);
    }
}

static void draw_details(struct strata_shopper *shopper, struct strata_order *order)
{
    const struct strata_behaviour *behaviour = shopper->behaviour;
    gsl_rng *rng = shopper->streams.details;
    double minor = round(100.0 * gsl_ran_gamma(rng, behaviour->p, 1.0 / shopper->amount_rate));
    order->amount_minor = minor < 1.0 ? 1 : minor > LARGEST_AMOUNT_MINOR ? LARGEST_AMOUNT_MINOR : (int32_t)minor;

    uint32_t bits = (uint32_t)gsl_rng_get(rng);
    order->split = (uint8_t)(bits >> 24);
    order->category = pick(category_up_to, STRATA_N_CATEGORIES, bits & 255);
    order->lines = 1;
    if (gsl_rng_uniform(rng) < behaviour->multi_line_share && order->amount_minor >= SMALLEST_SPLIT_MINOR)
        order->lines = order->split % 3 ? 2 : 3;
    order->channel = shopper->preferred_channel;
    if ((bits >> 8 & 255) >= LOYAL_TO_CHANNEL)
        order->channel = pick(channel_up_to, STRATA_N_CHANNELS, bits >> 16 & 255);
}

/* The first purchase starts the relation; dropping out is decided after each of the repeat purchases. */
static void plan_next_purchase(struct strata_shopper *shopper)
{
    gsl_rng *rng = shopper->streams.times;
    bool repeat = shopper->orders > 1;
    if (shopper->rate <= 0.0 || (repeat && gsl_rng_uniform(rng) < shopper->dropout)) {
        shopper->gone = true;
        return;
    }
    shopper->time += gsl_ran_exponential(rng, 1.0 / shopper->rate);
    shopper->gone = !(shopper->time < shopper->season->days);
}

static void plan_return(struct strata_shopper *shopper, uint32_t second)
{
    gsl_rng *rng = shopper->streams.times;
    if (shopper->behaviour->return_share <= 0.0 || gsl_rng_uniform(rng) >= shopper->behaviour->return_share)
        return;
    double days = RETURN_FIRST_DAYS + gsl_ran_exponential(rng, RETURN_MEAN_DAYS);
    double when = second + fmin(days, RETURN_LAST_DAYS) * STRATA_SECONDS_PER_DAY;
    if (when >= (double)shopper->season->days * STRATA_SECONDS_PER_DAY)
        return;
    shopper->returns_next = true;
    shopper->return_second = (uint32_t)when;
}

bool strata_shopper_next(struct strata_shopper *shopper, struct strata_order *order)
{
    if (shopper->returns_next) {
        shopper->returns_next = false;
        *order = shopper->last;
        order->second = shopper->return_second;
        order->amount_minor = -order->amount_minor;
        order->lines = 1;
        return true;
    }
    if (shopper->gone)
        return false;
    *order = (struct strata_order){.customer = shopper->customer,
                                   .second = strata_season_second(shopper->season, shopper->time)};
    if (shopper->streams.details)
        draw_details(shopper, order);
    ++shopper->orders;
    plan_return(shopper, order->second);
    plan_next_purchase(shopper);
    shopper->last = *order;
    return true;
}
