/* The ledger: every transaction of the run, hash-partitioned by customer.
 *
 * Threads append batches to chunks of their own, so appending needs no lock and no atomic. Afterwards one thread at a
 * time works on a partition: it groups the rows by customer, orders each customer's rows by day and hands out
 * histories. The partition of a customer is the top bits of the id's hash and does not depend on the threads, and the
 * order of customers is (top STRATA_LEDGER_BUCKET_BITS bits of the hash, id as bytes), which does not even depend on
 * the number of partitions: the same transactions give the same rows in the same order.
 *
 * With a limit, rows beyond it go to a temporary file; at least 16 KiB of each thread stay in memory. Grouping then
 * writes out what is left in memory and takes the rows back a neighbourhood (1/64) at a time, or as much of one as the
 * limit allows, down to a partition.
 */
#ifndef STRATA_LEDGER_LEDGER_H
#define STRATA_LEDGER_LEDGER_H

#include <stdbool.h>

#include "batch.h"
#include "history.h"
#include "page_pool.h"
#include "temporary_file.h"

enum {
    STRATA_LEDGER_BUCKET_BITS = STRATA_KEY_BUCKET_BITS,
    STRATA_LEDGER_PARTITION_BITS = 11,
    STRATA_LEDGER_PARTITIONS = 1 << STRATA_LEDGER_PARTITION_BITS,
};

struct strata_ledger_options {
    int threads;           /* how many append and group */
    unsigned fields;       /* enum strata_batch_fields */
    uint64_t memory_limit; /* bytes of rows and texts to hold at most, other rows go to a temporary file; 0: no limit */
    uint64_t grouping_limit; /* bytes of rows, texts and what grouping takes beside them; 0: no limit */
    const char *temp_dir;    /* folder of that file, not owned; needed with a limit */
    uint32_t n_origins;      /* input files, for the accounts of dropped rows */
};

/* Where each optional field lies in the part of a row that all rows have alike; -1: absent. */
struct strata_ledger_layout {
    int origin, order, channel, category, fingerprint;
    int n_bytes; /* of that part */
};

struct strata_ledger {
    struct strata_ledger_options options;
    struct strata_ledger_layout layout;
    const struct strata_ledger_heads_variant *heads; /* how heads are made on this machine */
    struct strata_ledger_thread *thread;             /* options.threads */
    uint64_t n_bytes;                                /* in slabs; updated atomically */
    uint64_t text_bytes;                             /* strata_ledger_count_texts of all threads; updated atomically */
    struct strata_page_pool pages;      /* memory of rows that have been loaded; the visitor may take of it */
    struct strata_temporary_file spill; /* open if rows had to leave memory */
    char *returned;                     /* rows of the neighbourhood that has come back */
    uint64_t n_returned;                /* room there */
};

enum strata_status strata_ledger_init(struct strata_ledger *ledger, const struct strata_ledger_options *options,
                                      struct strata_error *err) STRATA_MUST_USE;
void strata_ledger_release(struct strata_ledger *ledger);

/* Append a batch as thread `thread` (0..threads-1). Each thread has its own number; different threads may append at
 * the same time. STRATA_IO if the temporary file cannot be written. Long customer keys must outlive the ledger. */
enum strata_status strata_ledger_append(struct strata_ledger *ledger, int thread, const struct strata_batch *batch,
                                        struct strata_error *err) STRATA_MUST_USE;

/* Thread `thread` now holds n_bytes, never fewer than before, of texts of long customer ids. They take from the limit.
 * Returns what all threads hold. */
uint64_t strata_ledger_count_texts(struct strata_ledger *ledger, int thread, uint64_t n_bytes);

uint64_t strata_ledger_rows(const struct strata_ledger *ledger);

/* Bytes written to the temporary file; 0: all rows are in memory. */
uint64_t strata_ledger_spilled_bytes(const struct strata_ledger *ledger);

/* First and last day of all rows; false if there are none. */
bool strata_ledger_days(const struct strata_ledger *ledger, int32_t *first, int32_t *last);

/* Rows that grouping leaves out. Rows outside the days are excluded before duplicates are looked for. With
 * drop_duplicates, rows of one customer with equal fingerprints count once: the row of the lowest origin stays. Either
 * needs STRATA_HAS_ORIGIN; duplicates need STRATA_HAS_FINGERPRINT. */
struct strata_ledger_filter {
    int32_t first_day, last_day; /* inclusive */
    bool drop_duplicates;
};

/* Rows and amounts (10^-4 currency units) left out, per origin. */
struct strata_ledger_account {
    uint64_t excluded_rows, duplicate_rows;
    __extension__ __int128 excluded_amount, duplicate_amount;
};

/* Receives the customers: some are added, then each of them is handed out, by any thread, while others are added. */
struct strata_ledger_visitor {
    void *context;
    /* Room for n_customers in all, those so far included. Nobody is handed out meanwhile: all may move. */
    enum strata_status (*reserve)(void *context, size_t n_customers, struct strata_error *err);
    /* n > 0 more customers, for whom there is room; numbered from 0 on. One thread at a time. */
    enum strata_status (*add)(void *context, size_t n, struct strata_error *err);
    /* One of the customers that have been added. */
    void (*customer)(void *context, size_t index, struct strata_key id, const struct strata_history *history);
    /* Now and then: until the next time there will be about n_customers in all. The ledger's pool has pages for them.
     * One thread at a time, while customers are handed out. May be NULL. */
    void (*prepare)(void *context, size_t n_customers);
};

/* Visit every customer. The memory of rows is given back while they are visited, so the ledger can be grouped once.
 * account: n_origins, zeroed by the caller, may be NULL if the filter keeps everything. progress (may be NULL) is
 * called with the number of rows visited so far, by one thread at a time. STRATA_MEMORY before more than the limit of
 * grouping is taken: few customers may have most of the rows. */
enum strata_status strata_ledger_group(struct strata_ledger *ledger, const struct strata_ledger_filter *filter,
                                       const struct strata_ledger_visitor *visitor,
                                       struct strata_ledger_account *account,
                                       void (*progress)(void *context, uint64_t rows), void *progress_context,
                                       struct strata_error *err) STRATA_MUST_USE;

#endif
