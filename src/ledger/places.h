/* Inside the ledger: which places in the table the customers of each partition get. The partitions' customers follow
 * each other in the order of the partitions, whoever loads them when. */
#ifndef STRATA_LEDGER_PLACES_H
#define STRATA_LEDGER_PLACES_H

#include <pthread.h>
#include <stdbool.h>

#include "ledger.h"

struct strata_ledger_places {
    const struct strata_ledger_visitor *visitor;
    uint32_t *count; /* of a partition's customers, by number; STRATA_COUNT_UNKNOWN before */
    size_t *first;   /* the place of a partition's first customer, by number; before `turn` */
    size_t turn;     /* the first partition without places; atomic */
    size_t n_customers, room;
    size_t prepared;         /* partitions that the visitor has been told of */
    pthread_mutex_t lock;    /* of all that */
    pthread_rwlock_t moving; /* what the visitor has moves, or it is used */
};

#define STRATA_COUNT_UNKNOWN UINT32_MAX

enum strata_status strata_places_init(struct strata_ledger_places *places, const struct strata_ledger_visitor *visitor,
                                      struct strata_error *err) STRATA_MUST_USE;
void strata_places_release(struct strata_ledger_places *places);

/* A partition has so many customers. Any thread, but each partition once. */
void strata_places_note(struct strata_ledger_places *places, size_t partition, size_t n_customers);

/* Places for the partitions whose number of customers and that of all before is known; at first, only when it is known
 * of several, or of all before `end`, the partitions that are being loaded. *has_prepared: the visitor has prepared for
 * more. Any thread. */
enum strata_status strata_places_advance(struct strata_ledger_places *places, size_t end, bool *has_prepared,
                                         struct strata_error *err) STRATA_MUST_USE;

/* Does the partition have its places? Then what is in `first` of it holds. */
static inline bool strata_places_has(const struct strata_ledger_places *places, size_t partition)
{
    return __atomic_load_n(&places->turn, __ATOMIC_ACQUIRE) > partition;
}

/* Between these two nothing moves, and customers may be handed to the visitor. */
void strata_places_hold(struct strata_ledger_places *places);
void strata_places_let_go(struct strata_ledger_places *places);

#endif
