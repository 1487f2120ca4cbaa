/* The description of a column: what the catalogue, the snapshot's attributes and the reports all read. */
#ifndef STRATA_COLUMN_H
#define STRATA_COLUMN_H

#include <stdint.h>
#include <strata/export.h>

enum strata_type {
    STRATA_I8,
    STRATA_I16,
    STRATA_I32,
    STRATA_I64,
    STRATA_F32,
    STRATA_F64,
};

/* "int8", "float32", ... */
STRATA_API const char *strata_type_name(enum strata_type type);

struct strata_column {
    const char *name; /* [a-z][a-z0-9_]* */
    enum strata_type type;
    const char *unit;        /* "d" days, "currency" money, "1" counts and ratios, "days since 1970-01-01" dates */
    const char *description; /* one line */
};

#endif
