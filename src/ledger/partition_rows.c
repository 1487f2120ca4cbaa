#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "partition.h"

void strata_partition_rows_release(struct strata_partition_rows *rows)
{
    free(rows->first);
    free(rows->row);
    free(rows->source);
    *rows = (struct strata_partition_rows){0};
}

static enum strata_status reserve(struct strata_partition_rows *rows, const struct strata_numbering *numbering,
                                  bool with_source, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (numbering->n_customers > rows->customer_capacity || !rows->first) {
        size_t capacity = numbering->n_customers + numbering->n_customers / 8;
        rows->customer_capacity = 0;
        STRATA_TRY(strata_partition_replace(&rows->first, capacity + 1, sizeof *rows->first, err));
        rows->customer_capacity = capacity;
    }
    if (numbering->n_rows > rows->row_capacity) {
        size_t capacity = numbering->n_rows + numbering->n_rows / 8;
        rows->row_capacity = 0;
        STRATA_TRY(strata_partition_replace(&rows->row, capacity, sizeof *rows->row, err));
        if (with_source)
            STRATA_TRY(strata_partition_replace(&rows->source, capacity, sizeof *rows->source, err));
        rows->row_capacity = capacity;
    }
done:
    return status;
}

/* Where each customer's rows begin. */
static void count_rows(struct strata_partition_rows *rows, const struct strata_numbering *numbering)
{
    size_t *first = rows->first;
    memset(first, 0, (numbering->n_customers + 1) * sizeof *first);
    for (size_t i = 0; i < numbering->n_rows; ++i) {
        uint32_t customer = strata_numbering_row(numbering, i);
        if (customer != STRATA_ROW_LEFT_OUT)
            ++first[customer + 1];
    }
    for (size_t i = 0; i < numbering->n_customers; ++i)
        first[i + 1] += first[i];
}

static void scatter_rows(struct strata_partition_rows *rows, const struct strata_ledger *ledger, size_t number,
                         const struct strata_numbering *numbering)
{
    const bool with_source = ledger->options.fields != 0;
    struct strata_ledger_chunks chunks = {.ledger = ledger, .number = number};
    size_t *next = rows->first, i = 0;
    for (const struct strata_ledger_chunk *chunk; (chunk = strata_ledger_next_chunk(&chunks)) != NULL;) {
        const size_t stride = strata_ledger_stride(ledger, chunk), end = i + chunk->used / stride;
        for (const char *raw = strata_ledger_first_row(chunk); i < end; ++i, raw += stride) {
            uint32_t customer = strata_numbering_row(numbering, i);
            if (customer == STRATA_ROW_LEFT_OUT)
                continue;
            struct strata_ledger_row *row = &rows->row[next[customer]++];
            row->amount = strata_ledger_amount(raw, chunk->width);
            memcpy(&row->day, raw + ledger->layout.day, sizeof row->day);
            row->source = (uint32_t)i;
            if (with_source)
                rows->source[i] = raw;
        }
    }
    /* Each place now holds the beginning of the next customer: shift back. */
    memmove(next + 1, next, numbering->n_customers * sizeof *next);
    next[0] = 0;
}

enum strata_status strata_partition_rows_load(struct strata_partition_rows *rows, const struct strata_ledger *ledger,
                                              size_t number, const struct strata_numbering *numbering,
                                              struct strata_error *err)
{
    enum strata_status status = reserve(rows, numbering, ledger->options.fields != 0, err);
    if (status != STRATA_OK)
        return status;
    rows->n_customers = numbering->n_customers;
    count_rows(rows, numbering);
    scatter_rows(rows, ledger, number, numbering);
    return STRATA_OK;
}
