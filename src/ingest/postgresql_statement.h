/* The statements that send the rows of a query, or of a range of a table. */
#ifndef STRATA_INGEST_POSTGRESQL_STATEMENT_H
#define STRATA_INGEST_POSTGRESQL_STATEMENT_H

#include "postgresql_columns.h"
#include "postgresql_table.h"

/* COPY of the n columns whose numbers are in `chosen`, in their order; malloc'ed, NULL if out of memory. */
char *strata_postgresql_copy_of_query(const struct strata_postgresql_columns *columns, int n, const int chosen[],
                                      const char *query);
char *strata_postgresql_copy_of_range(const struct strata_postgresql_columns *columns, int n, const int chosen[],
                                      const struct strata_postgresql_table *table, size_t range);

#endif
