/* What struct strata_column_source_kind asks of PostgreSQL, through libpq; `kind` of the source is left to the caller.
 */
#ifndef STRATA_INGEST_POSTGRESQL_SOURCE_H
#define STRATA_INGEST_POSTGRESQL_SOURCE_H

#include "column_source.h"

enum strata_status strata_postgresql_open(struct strata_column_source *source,
                                          const struct strata_source_request *request,
                                          struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_postgresql_rewind(struct strata_column_source *source, int threads,
                                            struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_postgresql_select(struct strata_column_source *source, const int column[STRATA_N_ROLES],
                                            struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_postgresql_next(struct strata_column_source *source, int number,
                                          struct strata_column_block *block, struct strata_error *err) STRATA_MUST_USE;
uint64_t strata_postgresql_row_number(const struct strata_column_source *source, uint64_t number);
void strata_postgresql_close(struct strata_column_source *source);

#endif
