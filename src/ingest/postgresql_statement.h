/* The statements that give the rows of a query, or of a range of a table. What is returned is malloc'ed, NULL if out of
 * memory. */
#ifndef STRATA_INGEST_POSTGRESQL_STATEMENT_H
#define STRATA_INGEST_POSTGRESQL_STATEMENT_H

#include "postgresql_columns.h"
#include "postgresql_table.h"

/* COPY of the n columns whose numbers are in `chosen`, in their order. */
char *strata_postgresql_copy_of_query(const struct strata_postgresql_columns *columns, int n, const int chosen[],
                                      const char *query);
char *strata_postgresql_copy_of_range(const struct strata_postgresql_columns *columns, int n, const int chosen[],
                                      const struct strata_postgresql_table *table, size_t range);

/* The same columns through a cursor of that name. */
char *strata_postgresql_cursor_of_query(const struct strata_postgresql_columns *columns, int n, const int chosen[],
                                        const char *query, const char *cursor);

/* A name as SQL takes it whatever is in it: "a ""name""". */
char *strata_postgresql_identifier(const char *name);

#endif
