#include "postgresql_snapshot.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

static enum strata_status ask(const struct strata_postgresql_connection *connection, const char *statement, char *out,
                              size_t capacity, struct strata_error *err)
{
    PGresult *result = NULL;
    enum strata_status status = strata_postgresql_query(connection, statement, 0, NULL, &result, err);
    if (status == STRATA_OK)
        (void)snprintf(out, capacity, "%s", PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return status;
}

static enum strata_status ask_server(const struct strata_postgresql_connection *connection, char *out, size_t capacity,
                                     struct strata_error *err)
{
    return ask(connection, "SELECT pg_catalog.pg_postmaster_start_time()", out, capacity, err);
}

enum strata_status strata_postgresql_snapshot_export(struct strata_postgresql_snapshot *snapshot,
                                                     const struct strata_postgresql_connection *connection,
                                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(ask_server(connection, snapshot->server, sizeof snapshot->server, err));
    STRATA_TRY(ask(connection, "SELECT pg_catalog.quote_literal(pg_catalog.pg_export_snapshot())", snapshot->name,
                   sizeof snapshot->name, err));
done:
    return status;
}

enum strata_status strata_postgresql_snapshot_join(const struct strata_postgresql_snapshot *snapshot,
                                                   struct strata_postgresql_connection *connection,
                                                   const struct strata_postgresql_connection *first,
                                                   struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char statement[256], server[sizeof snapshot->server];
    STRATA_TRY(strata_postgresql_connect_again(connection, first, err));
    STRATA_TRY(strata_postgresql_begin(connection, err));
    (void)snprintf(statement, sizeof statement, "SET TRANSACTION SNAPSHOT %s", snapshot->name);
    STRATA_TRY(strata_postgresql_query(connection, statement, 0, NULL, NULL, err));
    STRATA_TRY(ask_server(connection, server, sizeof server, err));
    if (strcmp(server, snapshot->server) != 0)
        STRATA_GIVE_UP(err, STRATA_IO, "%s: another server answers", connection->name);
done:
    if (status != STRATA_OK)
        strata_postgresql_disconnect(connection);
    return status;
}
