/* Reading table columns in blocks, and fixed chunks of table rows. */
#ifndef STRATA_CLUSTER_ROWS_H
#define STRATA_CLUSTER_ROWS_H

#include "table.h"

enum { STRATA_BLOCK_ROWS = 1024 };

/* Chunks of whole blocks, a function of n_rows alone. */
struct strata_row_chunks {
    size_t n_rows, n_chunks, chunk_rows;
};
struct strata_row_chunks strata_row_chunks_of(size_t n_rows);

/* A chunk's rows are from its start to the next one's. */
static inline size_t strata_row_chunk_start(const struct strata_row_chunks *chunks, size_t chunk)
{
    size_t row = chunk * chunks->chunk_rows;
    return row < chunks->n_rows ? row : chunks->n_rows;
}

/* n <= STRATA_BLOCK_ROWS values from row `first` as doubles, NaN where missing. */
void strata_rows_read(const struct strata_table_column *column, size_t first, size_t n, double *value);

#endif
