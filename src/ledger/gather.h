/* Inside the ledger: equal ones of very many, brought together in linear time, in place. */
#ifndef STRATA_LEDGER_GATHER_H
#define STRATA_LEDGER_GATHER_H

#include "history_orders.h"

/* Orders with one key become neighbours, in an order that means nothing. */
void strata_gather_orders(struct strata_history_order *order, size_t n);

/* Values that are hashes: the same. */
void strata_gather_values(uint64_t *value, size_t n);

#endif
