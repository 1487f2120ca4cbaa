/* Inside of the plain columns: the kernels of the instruction sets, as plain_columns.h describes them. */
#ifndef STRATA_INGEST_PLAIN_COLUMNS_KERNELS_H
#define STRATA_INGEST_PLAIN_COLUMNS_KERNELS_H

#include "plain_columns.h"

strata_plain_column_count_function strata_plain_count_portable;

/* The rows from this one on. */
void strata_plain_split_rows(const struct strata_plain_split *split, size_t row, struct strata_plain_column *column);

strata_plain_column_days_function strata_plain_days_portable;

#if defined(__x86_64__)
strata_plain_column_keys_function strata_plain_keys_avx2;
strata_plain_column_amounts_function strata_plain_amounts_avx2;

/* Of the rows whose bits are set. */
uint64_t strata_plain_amounts_of_avx2(const struct strata_plain_column *column, uint64_t rows, int decimals,
                                      int64_t *amount);

strata_plain_column_count_function strata_plain_count_avx512;
strata_plain_column_split_function strata_plain_split_avx512;
strata_plain_column_keys_function strata_plain_keys_avx512;
strata_plain_column_amounts_function strata_plain_amounts_avx512;
strata_plain_column_days_function strata_plain_days_avx512;
#endif

#endif
