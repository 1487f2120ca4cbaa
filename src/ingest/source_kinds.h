/* The kinds of sources: one file source_NAME.c each, a line here and a row in source_kinds.c. */
#ifndef STRATA_INGEST_SOURCE_KINDS_H
#define STRATA_INGEST_SOURCE_KINDS_H

#include "column_source.h"

/* extern const struct strata_column_source_kind strata_source_NAME; */

#endif
