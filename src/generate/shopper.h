/* One customer's orders, a pure function of (options, customer). */
#ifndef STRATA_GENERATE_SHOPPER_H
#define STRATA_GENERATE_SHOPPER_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stdint.h>
#include <strata/generate.h>

#include "season.h"

enum { STRATA_N_CHANNELS = 5, STRATA_N_CATEGORIES = 8, STRATA_MAX_LINES = 3 };

extern const char *const strata_channel_names[STRATA_N_CHANNELS];
extern const char *const strata_category_names[STRATA_N_CATEGORIES];

/* 16 bytes: a log of 100 million orders is sorted in memory. */
struct strata_order {
    uint32_t second;      /* since the beginning of the first day */
    uint32_t customer;    /* from 0 */
    int32_t amount_minor; /* hundredths of the currency unit; below zero: a return */
    uint8_t channel;
    uint8_t category;
    uint8_t lines; /* 1..STRATA_MAX_LINES */
    uint8_t split; /* random bits: how the amount and the categories spread over the lines */
};

/* BG/NBD: rate ~ Gamma(r, alpha) per day of season time, dropout ~ Beta(a, b).
 * Gamma-Gamma: amount ~ Gamma(p, nu), nu ~ Gamma(q, gamma). */
struct strata_behaviour {
    uint64_t seed;
    double one_time_share, return_share, multi_line_share;
    double r, alpha, a, b;
    double p, q, gamma;
};

void strata_behaviour_init(struct strata_behaviour *behaviour, const struct strata_generate_options *options);

/* The two random streams that a walk needs: times apart from details, so that orders can be counted without the cost
 * of their details. `details` may be NULL: then amount, channel, category, lines and split are not filled. */
struct strata_shopper_streams {
    gsl_rng *times;
    gsl_rng *details;
};

struct strata_shopper {
    const struct strata_behaviour *behaviour;
    const struct strata_season *season;
    struct strata_shopper_streams streams;
    uint32_t customer;
    double time; /* season time of the next order */
    double rate, dropout, amount_rate;
    uint8_t preferred_channel;
    bool returns_next; /* the next one is the return of `last` */
    uint32_t return_second;
    struct strata_order last; /* the order before */
    uint64_t orders;          /* purchases so far */
    bool gone;
};

void strata_shopper_begin(struct strata_shopper *shopper, const struct strata_behaviour *behaviour,
                          const struct strata_season *season, struct strata_shopper_streams streams, uint32_t customer);

/* The next order or return; false: there is no more. The first call always gives an order. Orders come in time order, a
 * return right after its order although it is later. */
bool strata_shopper_next(struct strata_shopper *shopper, struct strata_order *order);

#endif
