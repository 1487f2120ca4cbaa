/* Inside the ledger: the rows of one partition, grouped by customer. */
#ifndef STRATA_LEDGER_PARTITION_H
#define STRATA_LEDGER_PARTITION_H

#include "customers.h"

/* The rows that the filter keeps. The arrays lie in one block of memory, which later partitions use again. `{0}` is
 * empty. */
struct strata_partition {
    size_t n_rows, n_customers;
    struct strata_key *customer; /* n_customers, in canonical order */
    uint32_t *first;             /* n_customers + 1: customer i's rows are first[i] .. first[i + 1] - 1 */
    int32_t *day;                /* n_rows; in order inside a customer if the rows came in order of time */
    int64_t *amount;             /* n_rows */
    char *rest;                  /* n_rows of layout.n_bytes: the optional fields */
    char *memory;
    size_t capacity; /* bytes */
};

/* A row on its way to its customer. */
struct strata_partition_row {
    int64_t amount;
    int32_t day;
    uint32_t customer; /* number in strata_customers */
};

/* Where one thread's rows of one width have been read to; see partition.c. */
struct strata_partition_stream {
    const struct strata_ledger_chunk *chunk; /* NULL: at its end */
    const char *row, *end;
    int32_t day; /* of that row */
};

/* Scratch memory of one thread to load partitions with; grows as needed. `{0}` is empty. */
struct strata_partition_loader {
    struct strata_customers customers;
    struct strata_partition_stream *stream; /* two per thread of the ledger */
    struct strata_partition_row *row;       /* n_rows, in the order in which they are read */
    const char **rest;                      /* the same; NULL where the run has no optional fields */
    size_t n_rows, capacity;
};

/* Load partition `number`; its chunks are no longer needed then. Rows outside the filter's days are left out and
 * accounted for. STRATA_MEMORY if there is not enough. */
enum strata_status strata_partition_load(struct strata_partition *partition, struct strata_partition_loader *loader,
                                         const struct strata_ledger *ledger, size_t number,
                                         const struct strata_ledger_filter *filter,
                                         struct strata_ledger_account *account,
                                         struct strata_error *err) STRATA_MUST_USE;
void strata_partition_release(struct strata_partition *partition);
void strata_partition_loader_release(struct strata_partition_loader *loader);

/* Rows of a partition, with those that a filter leaves out. */
size_t strata_partition_count_rows(const struct strata_ledger *ledger, size_t number);

/* What loading so many rows takes: of the loader's memory, of the partition's. */
uint64_t strata_partition_loader_bytes(const struct strata_ledger *ledger, size_t n_rows);
uint64_t strata_partition_bytes(const struct strata_ledger *ledger, size_t n_rows, size_t n_customers);

#endif
