/* Inside the ledger: the rows of one customer on their way to a history: in order of day, each once. */
#ifndef STRATA_LEDGER_HISTORY_ROWS_H
#define STRATA_LEDGER_HISTORY_ROWS_H

#include <string.h>

#include "ledger.h"

/* So many rows of one customer are spread and gathered in linear time; fewer are sorted by comparing. */
enum { STRATA_HISTORY_MANY = 2048 };

struct strata_history_row {
    int64_t amount;
    int32_t day;
    uint32_t number; /* of the row among those of the customer */
};

/* The optional fields of a customer's rows, by number. */
struct strata_history_fields {
    const char *first;
    const struct strata_ledger_layout *layout;
};

static inline const char *strata_history_fields_of(const struct strata_history_fields *fields,
                                                   const struct strata_history_row *row)
{
    return fields->first + (size_t)row->number * (size_t)fields->layout->n_bytes;
}

/* The rows by day, those of one day in the order in which they were; in `row` or in `spare`, which has room for n. */
struct strata_history_row *strata_history_rows_sort(struct strata_history_row *row, struct strata_history_row *spare,
                                                    size_t n);

/* Rows by day: keep the first of each fingerprint, the others are accounted for. Returns how many remain. */
size_t strata_history_rows_drop_duplicates(struct strata_history_row *row, size_t n,
                                           struct strata_history_fields *fields, struct strata_ledger_account *account);

#endif
