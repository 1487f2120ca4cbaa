/* Several connections that see one state of the database. */
#ifndef STRATA_INGEST_POSTGRESQL_SNAPSHOT_H
#define STRATA_INGEST_POSTGRESQL_SNAPSHOT_H

#include "postgresql_connection.h"

/* What the transaction of a connection sees, and what tells its server from others. */
struct strata_postgresql_snapshot {
    char name[128]; /* '...' of SQL, quoted */
    char server[128];
};

/* For others to take over while the connection's transaction lasts. */
enum strata_status strata_postgresql_snapshot_export(struct strata_postgresql_snapshot *snapshot,
                                                     const struct strata_postgresql_connection *connection,
                                                     struct strata_error *err) STRATA_MUST_USE;

/* One more connection, in a transaction that sees what the first one's sees. On failure there is none. */
enum strata_status strata_postgresql_snapshot_join(const struct strata_postgresql_snapshot *snapshot,
                                                   struct strata_postgresql_connection *connection,
                                                   const struct strata_postgresql_connection *first,
                                                   struct strata_error *err) STRATA_MUST_USE;

#endif
