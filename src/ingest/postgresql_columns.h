/* The columns of a table or query: which of them strata reads, and as what. */
#ifndef STRATA_INGEST_POSTGRESQL_COLUMNS_H
#define STRATA_INGEST_POSTGRESQL_COLUMNS_H

#include "postgresql_connection.h"

struct strata_postgresql_column {
    char *name;
    enum strata_copy_form form;
    const char *cast;   /* what the server makes of the value before it sends it, "::..."; "" for none */
    char *refused_type; /* the name of a type that is not read; NULL for others */
};

struct strata_postgresql_columns {
    int n;
    struct strata_postgresql_column *column;
};

/* Of what strata_postgresql_describe gave. Integers, numeric, floating point, text types, enumerations, uuid, date and
 * times are read as they are, money as the numeric that the server makes of it; domains are what they are based on. */
enum strata_status strata_postgresql_columns_init(struct strata_postgresql_columns *columns,
                                                  const struct strata_postgresql_connection *connection,
                                                  const PGresult *described, struct strata_error *err) STRATA_MUST_USE;
void strata_postgresql_columns_release(struct strata_postgresql_columns *columns);

#endif
