#include "postgresql_sample.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "postgresql_statement.h"

#define CURSOR "strata_sample"
#define ROWS   "4096" /* of one round trip; a time is short */

enum strata_status strata_postgresql_sample_begin(const struct strata_postgresql_connection *connection,
                                                  const struct strata_postgresql_columns *columns, int n,
                                                  const int chosen[], const char *query, struct strata_error *err)
{
    char *statement = strata_postgresql_cursor_of_query(columns, n, chosen, query, CURSOR);
    if (!statement)
        return strata_fail(err, STRATA_MEMORY, "out of memory for a statement");
    enum strata_status status = strata_postgresql_query(connection, statement, 0, NULL, NULL, err);
    free(statement);
    return status;
}

static size_t count_bytes(const PGresult *found)
{
    const int n_rows = PQntuples(found), n_fields = PQnfields(found);
    size_t n = (size_t)n_rows * (sizeof(uint16_t) + (size_t)n_fields * sizeof(uint32_t));
    for (int row = 0; row < n_rows; ++row)
        for (int field = 0; field < n_fields; ++field)
            n += (size_t)PQgetlength(found, row, field);
    return n;
}

static char *put(char *out, const void *bytes, size_t n)
{
    memcpy(out, bytes, n);
    return out + n;
}

static char *put_row(char *out, const PGresult *found, int row)
{
    const int n_fields = PQnfields(found);
    const uint16_t count = htobe16((uint16_t)n_fields);
    out = put(out, &count, sizeof count);
    for (int field = 0; field < n_fields; ++field) {
        const int n = PQgetlength(found, row, field); /* 0 of NULL */
        const uint32_t length = htobe32(PQgetisnull(found, row, field) ? UINT32_MAX : (uint32_t)n);
        out = put(out, &length, sizeof length);
        out = put(out, PQgetvalue(found, row, field), (size_t)n);
    }
    return out;
}

enum strata_status strata_postgresql_sample_next(const struct strata_postgresql_connection *connection, char **rows,
                                                 size_t *n_bytes, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    PGresult *found = NULL;
    *rows = NULL;
    STRATA_TRY(strata_postgresql_query_binary(connection, "FETCH " ROWS " FROM " CURSOR, &found, err));
    *n_bytes = count_bytes(found);
    *rows = malloc(*n_bytes + 1);
    if (!*rows)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for rows from a database");
    char *out = *rows;
    for (int row = 0; row < PQntuples(found); ++row)
        out = put_row(out, found, row);
done:
    PQclear(found);
    return status;
}

enum strata_status strata_postgresql_sample_end(const struct strata_postgresql_connection *connection,
                                                struct strata_error *err)
{
    return strata_postgresql_query(connection, "CLOSE " CURSOR, 0, NULL, NULL, err);
}
