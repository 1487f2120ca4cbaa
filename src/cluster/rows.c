#include "rows.h"

enum { MAX_CHUNKS = 1024 };

struct strata_row_chunks strata_row_chunks_of(size_t n_rows)
{
    size_t n_blocks = n_rows / STRATA_BLOCK_ROWS + (n_rows % STRATA_BLOCK_ROWS != 0);
    size_t blocks = n_blocks / MAX_CHUNKS + (n_blocks % MAX_CHUNKS != 0);
    blocks = blocks < 4 ? 4 : blocks;
    return (struct strata_row_chunks){.n_rows = n_rows,
                                      .n_chunks = (n_blocks + blocks - 1) / blocks,
                                      .chunk_rows = blocks * STRATA_BLOCK_ROWS};
}

#define READ(type, missing)                                                                                            \
    for (size_t i = 0; i < n; ++i) {                                                                                   \
        type x = ((const type *)column->values)[first + i];                                                            \
        value[i] = x == (missing) ? (double)NAN : (double)x;                                                           \
    }                                                                                                                  \
    break
#define READ_REAL(type)                                                                                                \
    for (size_t i = 0; i < n; ++i)                                                                                     \
        value[i] = (double)((const type *)column->values)[first + i];                                                  \
    break

void strata_rows_read(const struct strata_table_column *column, size_t first, size_t n, double *value)
{
    switch (column->about.type) {
    case STRATA_I8: READ(int8_t, INT8_MIN);
    case STRATA_I16: READ(int16_t, INT16_MIN);
    case STRATA_I32: READ(int32_t, INT32_MIN);
    case STRATA_I64: READ(int64_t, INT64_MIN);
    case STRATA_F32: READ_REAL(float);
    case STRATA_F64: READ_REAL(double);
    }
}
