/* Inside the ledger: what the threads that group its rows share, and how they load partitions. */
#ifndef STRATA_LEDGER_GROUPING_H
#define STRATA_LEDGER_GROUPING_H

#include "histories.h"
#include "places.h"

/* Partitions of a thread that are loaded and have no places yet: usually one, but while another thread loads one that
 * is many times as large, there is more to do. */
enum { STRATA_MAX_LOADED = 128 };

struct strata_loaded_partition {
    struct strata_partition *partition;
    size_t number;
};

/* What one thread works with. */
struct strata_grouping_worker {
    struct strata_partition_loader loader;
    struct strata_history_builder builder;
    struct strata_partition memory[STRATA_MAX_LOADED];        /* for the partitions that it loads */
    struct strata_loaded_partition loaded[STRATA_MAX_LOADED]; /* n_loaded from `oldest` on, in a ring */
    size_t oldest, n_loaded;
    struct strata_ledger_account *account;
    uint64_t loader_bytes, builder_bytes; /* as far as they grow with the rows */
};

/* A partition that a customer with very many rows makes large. */
struct strata_large_partition {
    uint64_t bytes;
    size_t number;
};

/* One grouping: what all threads share. */
struct strata_grouping {
    struct strata_ledger *ledger;
    const struct strata_ledger_filter *filter;
    const struct strata_ledger_visitor *visitor;
    struct strata_ledger_places places;
    struct strata_large_partition *large; /* n_large, the largest first */
    size_t n_large, next_large;           /* to be loaded by a thread; atomic */
    bool is_large[STRATA_LEDGER_PARTITIONS];
    struct strata_partition *partition; /* by number: the large ones */
    struct strata_grouping_worker *worker;
    size_t next, end;     /* partitions to be taken by threads; atomic */
    uint64_t taken_bytes; /* by the workers; atomic */
    enum strata_status status;
    struct strata_error error; /* the first */
    bool is_spilled;
    void (*progress)(void *context, uint64_t rows);
    void *progress_context;
    uint64_t rows_done;
    int n_done[STRATA_LEDGER_NEIGHBOURHOODS]; /* partitions that have been loaded; atomic */
};

/* The first failure of all threads ends the grouping. */
void strata_grouping_latch(struct strata_grouping *grouping, enum strata_status status,
                           const struct strata_error *error);

static inline bool strata_grouping_has_failed(const struct strata_grouping *grouping)
{
    return __atomic_load_n(&grouping->status, __ATOMIC_RELAXED) != STRATA_OK;
}

/* Somebody is about to take so many bytes instead of *taken, for a partition of n_rows. STRATA_MEMORY beyond the limit.
 */
enum strata_status strata_grouping_take(struct strata_grouping *grouping, uint64_t *taken, uint64_t n_bytes,
                                        size_t n_rows, struct strata_error *err) STRATA_MUST_USE;

/* The rows of each customer together. Partitions of which all is known by then get their places. A neighbourhood of
 * which all is loaded gives its memory back. */
enum strata_status strata_grouping_load(struct strata_grouping *grouping, struct strata_grouping_worker *worker,
                                        struct strata_partition *partition, size_t number,
                                        struct strata_error *err) STRATA_MUST_USE;

/* Find the large ones of the n partitions from `first` on. */
void strata_grouping_find_large(struct strata_grouping *grouping, size_t first, size_t n);

/* Load those of them that no other thread takes. */
enum strata_status strata_grouping_load_large(struct strata_grouping *grouping, struct strata_grouping_worker *worker,
                                              struct strata_error *err) STRATA_MUST_USE;

#endif
