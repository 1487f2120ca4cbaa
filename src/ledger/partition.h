/* Inside the ledger: the rows of one partition, grouped by customer. */
#ifndef STRATA_LEDGER_PARTITION_H
#define STRATA_LEDGER_PARTITION_H

#include "chunk.h"

/* A row on its way to a history. */
struct strata_ledger_row {
    int64_t amount;
    int32_t day;
    uint32_t source; /* index into strata_partition_rows.source; only where the run has optional fields */
};

/* First step: who is in the partition. All arrays owned; `{0}` is empty. */
struct strata_numbering {
    size_t n_rows, n_customers;
    struct strata_key *customer; /* n_customers, in canonical order */
    /* n_rows, in the order of the chunks: place in `customer`, or STRATA_ROW_LEFT_OUT. Short numbers if they do. */
    uint32_t *row_customer;
    uint16_t *row_customer_short; /* one of the two is NULL */
};

#define STRATA_ROW_LEFT_OUT       UINT32_MAX
#define STRATA_ROW_LEFT_OUT_SHORT UINT16_MAX

static inline uint32_t strata_numbering_row(const struct strata_numbering *numbering, size_t row)
{
    if (!numbering->row_customer_short)
        return numbering->row_customer[row];
    uint16_t place = numbering->row_customer_short[row];
    return place == STRATA_ROW_LEFT_OUT_SHORT ? STRATA_ROW_LEFT_OUT : place;
}

/* Scratch memory of one thread for the first step; grows as needed. `{0}` is empty. */
struct strata_numbering_scratch {
    uint64_t *slot; /* hash table: upper half of the hash, number + 1 */
    size_t slot_capacity;
    struct strata_partition_entry *entry, *entry_spare; /* the customers in the order of their first rows */
    uint32_t *place;
    size_t customer_capacity;
    uint32_t *row_customer; /* numbers in the order of first rows */
    size_t row_capacity;
};

/* Number the customers of partition `number`. Rows outside the filter's days are left out and accounted for. */
enum strata_status strata_numbering_make(struct strata_numbering *numbering, struct strata_numbering_scratch *scratch,
                                         const struct strata_ledger *ledger, size_t number,
                                         const struct strata_ledger_filter *filter,
                                         struct strata_ledger_account *account,
                                         struct strata_error *err) STRATA_MUST_USE;
void strata_numbering_release(struct strata_numbering *numbering);
void strata_numbering_scratch_release(struct strata_numbering_scratch *scratch);

/* Second step: the rows of each customer together. Scratch memory of one thread; `{0}` is empty. */
struct strata_partition_rows {
    size_t n_customers;
    size_t *first;                 /* n_customers + 1: customer i's rows are row[first[i] .. first[i + 1]) */
    struct strata_ledger_row *row; /* in the order of the chunks inside a customer */
    const char **source;           /* the raw rows inside the chunks, by row in the order of the chunks */
    size_t row_capacity, customer_capacity;
};

enum strata_status strata_partition_rows_load(struct strata_partition_rows *rows, const struct strata_ledger *ledger,
                                              size_t number, const struct strata_numbering *numbering,
                                              struct strata_error *err) STRATA_MUST_USE;
/* What numbering and loading so many rows take. */
static inline uint64_t strata_partition_rows_bytes(const struct strata_ledger *ledger, size_t n_rows)
{
    const size_t source = ledger->options.fields ? sizeof(char *) : 0;
    return n_rows * (sizeof(struct strata_ledger_row) + source + sizeof(uint32_t));
}

void strata_partition_rows_release(struct strata_partition_rows *rows);

/* Replace the array that `array_pointer` points to by a new one; its contents are gone. */
enum strata_status strata_partition_replace(void *array_pointer, size_t count, size_t size,
                                            struct strata_error *err) STRATA_MUST_USE;

#endif
