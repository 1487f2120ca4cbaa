/* PostgreSQL as a source: --source postgresql://... with a query or a table. Where strata was built without libpq,
 * opening it says so. */
#ifndef STRATA_INGEST_POSTGRESQL_H
#define STRATA_INGEST_POSTGRESQL_H

#include "column_source.h"

extern const struct strata_column_source_kind strata_column_source_postgresql;

#endif
