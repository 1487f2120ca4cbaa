/* Rows converted a column at a time, up to 64 of them, into the room behind the rows of a batch: which of them become
 * rows of it. A set of rows is a word with a bit for each. */
#ifndef STRATA_INGEST_USED_ROWS_H
#define STRATA_INGEST_USED_ROWS_H

#include "convert.h"

enum { STRATA_USED_ROWS = 64 };

static inline uint64_t strata_used_rows_all(size_t n) { return UINT64_MAX >> (STRATA_USED_ROWS - n); }

/* The first of a set that is not empty. */
static inline size_t strata_used_rows_first(uint64_t rows) { return (size_t)__builtin_ctzll(rows); }

/* Of the good rows, those whose amount the run does not exclude. */
uint64_t strata_used_rows_wanted(const struct strata_converter *converter, const int64_t *amount, uint64_t good);

/* Add the good ones of the n rows to the batch, which may have no fingerprints, and to the account. */
void strata_used_rows_add(struct strata_converter *converter, size_t n, uint64_t good);

#endif
