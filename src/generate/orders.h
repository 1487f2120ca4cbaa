/* All orders of all customers, in the order of time. */
#ifndef STRATA_GENERATE_ORDERS_H
#define STRATA_GENERATE_ORDERS_H

#include <stddef.h>
#include <stdint.h>
#include <strata/generate.h>

#include "season.h"
#include "shopper.h"

struct strata_orders {
    struct strata_order *order; /* by second, then customer, then as the customer's walk gives them */
    size_t n;
};

/* Walk all customers twice: count the orders per day and chunk of customers, then put each in its place; last, sort
 * every day. The chunks depend on the number of customers alone, so the result does not depend on `threads` (> 0). */
enum strata_status strata_orders_init(struct strata_orders *orders, const struct strata_generate_options *options,
                                      const struct strata_season *season, int threads,
                                      struct strata_error *err) STRATA_MUST_USE;
void strata_orders_release(struct strata_orders *orders);

#endif
