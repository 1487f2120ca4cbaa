/* A table: customers x named columns. Features, scores, model outputs and labels are all columns. */
#ifndef STRATA_DATA_TABLE_H
#define STRATA_DATA_TABLE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/column.h>

#include "file_array.h"
#include "key.h"
#include "labels.h"
#include "page_array.h"
#include "page_pool.h"

/* Missing values: NaN in reals, these in integers. */
#define STRATA_MISSING_I32 INT32_MIN
#define STRATA_MISSING_I8  INT8_MIN

struct strata_table_column {
    struct strata_column about;         /* its strings outlive the table (static tables of a stage) */
    const struct strata_labels *labels; /* NULL unless a label; outlives the table */
    void *values;                       /* n_rows of about.type; owned by the table, 64-byte aligned */
    struct strata_page_array pages;     /* where the values are if they are in large memory */
    struct strata_file_array file;      /* where the values are if they are not in memory */
};

struct strata_table {
    size_t n_rows, row_capacity; /* all columns have room for that many rows */
    size_t n_filled;             /* rows that have been thought of; see strata_table_fill */
    struct strata_key *customer; /* n_rows; owned */
    struct strata_page_array customer_pages;
    struct strata_file_array customer_file;
    size_t n_columns, capacity;
    struct strata_table_column *columns; /* owned */
    const char *folder; /* NULL: all is in memory; else the table is in temporary files there, but for columns that are
                           added with values; not owned, set before there are rows */
};

void strata_table_release(struct strata_table *table);

/* Add a column; on success the table owns `values` (from strata_malloc_array), on failure the caller still does.
 * STRATA_USAGE if the name is taken. */
enum strata_status strata_table_add_column(struct strata_table *table, const struct strata_column *about,
                                           const struct strata_labels *labels, void *values,
                                           struct strata_error *err) STRATA_MUST_USE;

/* Add a column whose values are not set yet; NULL while there are no rows. */
enum strata_status strata_table_make_column(struct strata_table *table, const struct strata_column *about,
                                            const struct strata_labels *labels,
                                            struct strata_error *err) STRATA_MUST_USE;

/* Room for n_rows rows in all, so that growing up to that many moves nothing. Ids and columns move. */
enum strata_status strata_table_reserve(struct strata_table *table, size_t n_rows,
                                        struct strata_error *err) STRATA_MUST_USE;

/* More rows behind those so far, whose ids and values are not set yet. Ids and columns move if there is no room. */
enum strata_status strata_table_grow(struct strata_table *table, size_t n_rows,
                                     struct strata_error *err) STRATA_MUST_USE;

/* Rows up to n_rows are about to be written for the first time, as far as there is room for them: into pages of the
 * pool as far as it has some, where the table is in large memory. Not called before with fewer. */
void strata_table_fill(struct strata_table *table, size_t n_rows, struct strata_page_pool *pool);

/* What the table holds in files need not be in memory now; nothing for a table in memory. Any thread. */
void strata_table_rest(const struct strata_table *table);

/* NULL if there is none of that name. Valid until the next column is added. */
const struct strata_table_column *strata_table_find(const struct strata_table *table, const char *name);

/* Bytes of one value of a type. */
size_t strata_type_size(enum strata_type type);

/* One value as a double, NaN if missing. */
double strata_table_value(const struct strata_table_column *column, size_t row);

/* The values of n rows from `first` on as doubles, NaN if missing: one loop per type, for whole columns. */
void strata_table_read(const struct strata_table_column *column, size_t first, size_t n, double *value);

#endif
