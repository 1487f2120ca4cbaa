#include "postgresql_columns.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "memory.h"

#define AS_TEXT    "::pg_catalog.text"
#define AS_NUMERIC "::pg_catalog.numeric"

/* The numbers of the built-in types are the same in all servers. */
static const struct {
    Oid type;
    enum strata_copy_form form;
    const char *cast;
} known_types[] = {
    {20, STRATA_COPY_INT64, ""},            /* bigint */
    {21, STRATA_COPY_INT16, ""},            /* smallint */
    {23, STRATA_COPY_INT32, ""},            /* integer */
    {18, STRATA_COPY_TEXT, AS_TEXT},        /* "char" */
    {19, STRATA_COPY_TEXT, ""},             /* name */
    {25, STRATA_COPY_TEXT, ""},             /* text */
    {705, STRATA_COPY_TEXT, AS_TEXT},       /* a literal */
    {1043, STRATA_COPY_TEXT, ""},           /* varchar */
    {1042, STRATA_COPY_PADDED_TEXT, ""},    /* char(n) */
    {700, STRATA_COPY_FLOAT32, ""},         /* real */
    {701, STRATA_COPY_FLOAT64, ""},         /* double precision */
    {790, STRATA_COPY_NUMERIC, AS_NUMERIC}, /* money */
    {1700, STRATA_COPY_NUMERIC, ""},        /* numeric */
    {1082, STRATA_COPY_DATE, ""},           /* date */
    {1114, STRATA_COPY_TIMESTAMP, ""},      /* timestamp */
    {1184, STRATA_COPY_TIMESTAMPTZ, ""},    /* timestamptz */
    {2950, STRATA_COPY_UUID, ""},           /* uuid */
};

static bool find_known(struct strata_postgresql_column *column, Oid type)
{
    for (size_t i = 0; i < sizeof known_types / sizeof known_types[0]; ++i) {
        if (known_types[i].type != type)
            continue;
        column->form = known_types[i].form;
        column->cast = known_types[i].cast;
        return true;
    }
    return false;
}

/* A type that came with the database: enumerations are sent as their text, other texts (citext) are cast to it. */
static enum strata_status look_up(struct strata_postgresql_column *column,
                                  const struct strata_postgresql_connection *connection, Oid type,
                                  struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    PGresult *found = NULL;
    char number[16];
    const char *const parameter[] = {number};
    (void)snprintf(number, sizeof number, "%u", type);
    STRATA_TRY(strata_postgresql_query(connection,
                                       "SELECT typtype, typcategory, pg_catalog.format_type(oid, NULL) "
                                       "FROM pg_catalog.pg_type WHERE oid = $1::pg_catalog.oid",
                                       1, parameter, &found, err));
    column->cast = "";
    if (PQntuples(found) == 1 && PQgetvalue(found, 0, 0)[0] == 'e')
        goto done;
    column->cast = AS_TEXT;
    if (PQntuples(found) == 1 && PQgetvalue(found, 0, 1)[0] == 'S')
        goto done;
    column->refused_type = strata_copy_string(PQntuples(found) == 1 ? PQgetvalue(found, 0, 2) : "unknown");
    if (!column->refused_type)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the columns of a database");
done:
    PQclear(found);
    return status;
}

void strata_postgresql_columns_release(struct strata_postgresql_columns *columns)
{
    for (int i = 0; i < columns->n; ++i) {
        free(columns->column[i].name);
        free(columns->column[i].refused_type);
    }
    free(columns->column);
    *columns = (struct strata_postgresql_columns){0};
}

enum strata_status strata_postgresql_columns_init(struct strata_postgresql_columns *columns,
                                                  const struct strata_postgresql_connection *connection,
                                                  const PGresult *described, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const int n = PQnfields(described);
    *columns = (struct strata_postgresql_columns){.column = strata_calloc_array((size_t)n, sizeof *columns->column)};
    if (!columns->column)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the columns of a database");
    for (; columns->n < n; ++columns->n) {
        struct strata_postgresql_column *column = &columns->column[columns->n];
        column->name = strata_copy_string(PQfname(described, columns->n));
        if (!column->name)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the columns of a database");
        if (!find_known(column, PQftype(described, columns->n)))
            STRATA_TRY(look_up(column, connection, PQftype(described, columns->n), err));
    }
done:
    if (status != STRATA_OK) {
        columns->n += columns->column != NULL; /* the one that failed */
        strata_postgresql_columns_release(columns);
    }
    return status;
}
