/* A synthetic transaction log: the same bytes for the same options, whatever the number of threads.
 *
 * Behaviour: every customer makes a first purchase at a time spread over the whole log. A share of them never comes
 * back. The others follow BG/NBD (Fader, Hardie, Lee: "Counting your customers" the easy way. Marketing Science 24,
 * 2005): purchases at a rate that is gamma-distributed over customers, and after each repeat purchase a chance to drop
 * out that is beta-distributed over customers. Spend is Gamma-Gamma (Fader, Hardie 2013): a gamma-distributed amount
 * per order whose rate is gamma-distributed over customers. Time runs faster on weekends and in November and December.
 */
#ifndef STRATA_GENERATE_H
#define STRATA_GENERATE_H

#include <stdbool.h>
#include <stdint.h>
#include <strata/observer.h>
#include <strata/status.h>

enum strata_generate_ids {
    STRATA_IDS_SHORT, /* C0001234: as many digits as the last customer needs, at least 7 */
    STRATA_IDS_UUID,  /* random UUIDs, version 4 */
};

/* Bounds in brackets; outside them: STRATA_USAGE. */
struct strata_generate_options {
    uint64_t customers; /* [1, 2e9]; each of them occurs in the log */
    int days;           /* [1, 36500] */
    const char *start;  /* first day, YYYY-MM-DD; borrowed */
    uint64_t seed;
    double one_time_share;   /* [0, 1] of the customers never come back */
    double orders_per_year;  /* (0, 10000]: mean rate of the others while they are customers */
    double mean_amount;      /* [0.01, 1000000]: mean value of an order, in currency units */
    double return_share;     /* [0, 1] of the orders are sent back later: a negative amount, order id R... */
    double multi_line_share; /* [0, 1] of the orders have two or three rows */
    enum strata_generate_ids ids;
    const char *columns; /* which and in what order: of customer,time,amount,order,channel,category; NULL: all;
                            borrowed */
    bool header;         /* first line: customer_id,order_time,amount,order_id,channel,category */
    int threads;         /* 0: as many as OpenMP would take */
};

/* 10,000 customers, 730 days from 2024-01-01, seed 1, 40 % one-time, 12 orders a year of 60.00, 2 % returned, 15 % with
 * several rows, short ids, all columns, a header. */
STRATA_API void strata_generate_options_init(struct strata_generate_options *options);

/* Write the log, rows in the order of time, to the file `path`, or to the process's standard output if it is "-".
 * A file appears under its name only when it is whole; `path` may also be an existing pipe or device. `*rows`
 * (may be NULL) receives the rows written without the header. Memory: 16 bytes per order. `observer` may be NULL.
 *
 * STRATA_USAGE: an option out of bounds, an unknown or repeated column; STRATA_IO: cannot create or write (a full disk,
 * a reader that has gone); STRATA_MEMORY. */
STRATA_API enum strata_status strata_generate(const struct strata_generate_options *options, const char *path,
                                              const struct strata_observer *observer, uint64_t *rows,
                                              struct strata_error *err) STRATA_MUST_USE;

#endif
