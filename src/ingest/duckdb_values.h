/* DuckDB's types: which of ours a column becomes, and how its vectors are read. */
#ifndef STRATA_INGEST_DUCKDB_VALUES_H
#define STRATA_INGEST_DUCKDB_VALUES_H

#include "column_source.h"
#include "duckdb_api.h"

/* How a column is read; filled by strata_duckdb_column_make. */
struct strata_duckdb_column {
    enum strata_value_type type;
    int decimals;
    char cast[24];       /* the SQL type that it is cast to in the query; "": none */
    const char *refusal; /* why it cannot be read; NULL: it can be */
    /* From a vector's values to ours; NULL: they are the same. */
    void (*convert)(const void *values, const uint64_t *valid, size_t n, void *out);
    size_t out_size; /* of one of ours, with `convert` */
};

/* Of a column of this logical type. */
void strata_duckdb_column_make(struct strata_duckdb_column *column, const struct strata_duckdb_api *api,
                               strata_duckdb_handle logical_type);

#endif
