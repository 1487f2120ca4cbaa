#include "postgresql_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

/* A range takes its server long enough that asking for it does not count, and there are enough of them that
 * connections end at about the same time. */
enum { PAGES_MIN = 1024, PAGES_MAX = 16384, RANGES_PER_CONNECTION = 8 };

enum { FIRST_SERVER_WITH_RANGES = 140000 };

/* What is asked of a relation: its number, kind, quoted name, pages; and whether it can be read page by page by itself,
 * as nothing but its own rows. */
#define RELATION_COLUMNS                                                                                               \
    "SELECT c.oid, c.relkind, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), "         \
    "pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int8, "                 \
    "coalesce(a.amname = 'heap', false) AND c.relkind IN ('r', 'm') AND NOT c.relrowsecurity AND NOT "                 \
    "c.relhassubclass, "                                                                                               \
    "pg_catalog.has_table_privilege(c.oid, 'SELECT') AND NOT c.relrowsecurity "
#define RELATION_TABLES                                                                                                \
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam "

enum relation_column { NUMBER, KIND, NAME, PAGES, HAS_PAGES, IS_READABLE };

static bool is_true(const PGresult *result, int row, enum relation_column column)
{
    return PQgetvalue(result, row, (int)column)[0] == 't';
}

static enum strata_status find_table(const struct strata_postgresql_connection *connection, const char *name,
                                     PGresult **found, struct strata_error *err)
{
    const char *const parameter[] = {name};
    enum strata_status status = strata_postgresql_query(connection,
                                                        RELATION_COLUMNS "FROM pg_catalog.pg_class c " RELATION_TABLES
                                                                         "WHERE c.oid = pg_catalog.to_regclass($1)",
                                                        1, parameter, found, err);
    if (status != STRATA_OK || PQntuples(*found) == 1)
        return status;
    PQclear(*found);
    *found = NULL;
    return strata_fail(err, STRATA_REJECTED,
                       "%s has no table %s; outside double quotes the case of letters does not count (--table "
                       "'\"Orders\"'), and a schema goes in front: sales.orders",
                       connection->name, name);
}

/* The lock comes before the snapshot: rows that go otherwise than by deletion are gone for older snapshots too. */
static enum strata_status lock(const struct strata_postgresql_connection *connection, const PGresult *found,
                               struct strata_error *err)
{
    char statement[1024];
    const char kind = PQgetvalue(found, 0, KIND)[0];
    if ((kind != 'r' && kind != 'p') || !is_true(found, 0, IS_READABLE))
        return STRATA_OK;
    (void)snprintf(statement, sizeof statement, "LOCK TABLE %s IN ACCESS SHARE MODE", PQgetvalue(found, 0, NAME));
    return strata_postgresql_query(connection, statement, 0, NULL, NULL, err);
}

/* TEXT and the relation's name behind it; malloc'ed. */
static char *with_name(const char *text, const PGresult *found, int row)
{
    const char *name = PQgetvalue(found, row, NAME);
    const size_t n = strlen(text) + strlen(name) + 1;
    char *joined = malloc(n);
    if (joined)
        (void)snprintf(joined, n, "%s%s", text, name);
    return joined;
}

static enum strata_status add_relation(struct strata_postgresql_table *table, const PGresult *found, int row,
                                       const char *before, struct strata_error *err)
{
    struct strata_postgresql_relation *relation = &table->relation[table->n_relations];
    *relation = (struct strata_postgresql_relation){
        .name = with_name(before, found, row),
        .n_pages = strtoull(PQgetvalue(found, row, PAGES), NULL, 10),
        .has_pages = is_true(found, row, HAS_PAGES),
    };
    if (!relation->name)
        return strata_fail(err, STRATA_MEMORY, "out of memory for the partitions of a table");
    ++table->n_relations;
    return STRATA_OK;
}

/* Partitions may be read by themselves where the user may read each of them, and no rule hides rows of the whole. */
static enum strata_status add_partitions(struct strata_postgresql_table *table,
                                         const struct strata_postgresql_connection *connection, const PGresult *whole,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    PGresult *found = NULL;
    const char *const parameter[] = {PQgetvalue(whole, 0, NUMBER)};
    STRATA_TRY(strata_postgresql_query(connection,
                                       RELATION_COLUMNS
                                       "FROM pg_catalog.pg_partition_tree($1::pg_catalog.oid::pg_catalog.regclass) t "
                                       "JOIN pg_catalog.pg_class c ON c.oid = t.relid " RELATION_TABLES
                                       "WHERE t.isleaf ORDER BY c.oid",
                                       1, parameter, &found, err));
    const int n = PQntuples(found);
    bool is_readable = n > 0;
    for (int i = 0; i < n; ++i)
        is_readable = is_readable && is_true(found, i, IS_READABLE);
    if (!is_readable)
        goto done;
    struct strata_postgresql_relation *relation = strata_calloc_array((size_t)n, sizeof *relation);
    if (!relation)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the partitions of a table");
    free(table->relation);
    table->relation = relation;
    for (int i = 0; i < n; ++i)
        STRATA_TRY(add_relation(table, found, i, "ONLY ", err));
done:
    PQclear(found);
    return status;
}

enum strata_status strata_postgresql_table_keep_order(const struct strata_postgresql_connection *connection,
                                                      struct strata_error *err)
{
    static const char *const settings[] = {
        "SET LOCAL synchronize_seqscans = off",
        "SET LOCAL max_parallel_workers_per_gather = 0",
        "SET LOCAL jit = off",
    };
    enum strata_status status = STRATA_OK;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; ++i)
        STRATA_TRY(strata_postgresql_query(connection, settings[i], 0, NULL, NULL, err));
done:
    return status;
}

enum strata_status strata_postgresql_table_open(struct strata_postgresql_table *table,
                                                const struct strata_postgresql_connection *connection, const char *name,
                                                struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    PGresult *before = NULL, *found = NULL;
    *table = (struct strata_postgresql_table){.relation = strata_calloc_array(1, sizeof *table->relation)};
    if (!table->relation)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a table");
    STRATA_TRY(find_table(connection, name, &before, err));
    STRATA_TRY(strata_postgresql_begin(connection, err));
    STRATA_TRY(lock(connection, before, err));
    STRATA_TRY(find_table(connection, name, &found, err));
    if (strcmp(PQgetvalue(before, 0, NUMBER), PQgetvalue(found, 0, NUMBER)) != 0)
        STRATA_GIVE_UP(err, STRATA_IO, "%s: the table %s was replaced while it was opened; run again", connection->name,
                       name);
    table->select = with_name("SELECT * FROM ", found, 0);
    if (!table->select)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a table");
    const bool can_split = PQserverVersion(connection->server) >= FIRST_SERVER_WITH_RANGES;
    if (can_split && PQgetvalue(found, 0, KIND)[0] == 'p' && is_true(found, 0, IS_READABLE))
        STRATA_TRY(add_partitions(table, connection, found, err));
    if (table->n_relations == 0)
        STRATA_TRY(add_relation(table, found, 0, "", err));
    STRATA_TRY(strata_postgresql_table_keep_order(connection, err));
    table->is_split = can_split && (table->n_relations > 1 || table->relation[0].has_pages);
done:
    PQclear(before);
    PQclear(found);
    if (status != STRATA_OK)
        strata_postgresql_table_release(table);
    return status;
}

static uint64_t range_pages(const struct strata_postgresql_table *table, int n_connections)
{
    uint64_t n_pages = 0;
    for (size_t i = 0; i < table->n_relations; ++i)
        n_pages += table->relation[i].n_pages;
    n_pages /= (uint64_t)n_connections * RANGES_PER_CONNECTION;
    return n_pages < PAGES_MIN ? PAGES_MIN : n_pages > PAGES_MAX ? PAGES_MAX : n_pages;
}

static size_t count_ranges(const struct strata_postgresql_table *table, size_t relation, uint64_t pages)
{
    const struct strata_postgresql_relation *of = &table->relation[relation];
    return table->is_split && of->has_pages && of->n_pages > pages ? (of->n_pages + pages - 1) / pages : 1;
}

enum strata_status strata_postgresql_table_cut(struct strata_postgresql_table *table, int n_connections,
                                               struct strata_error *err)
{
    const uint64_t pages = range_pages(table, n_connections);
    size_t n = 0;
    for (size_t i = 0; i < table->n_relations; ++i)
        n += count_ranges(table, i, pages);
    table->range = strata_calloc_array(n, sizeof *table->range);
    if (!table->range)
        return strata_fail_memory(err, "ranges of a table", n, sizeof *table->range);
    for (size_t i = 0; i < table->n_relations; ++i) {
        const size_t n_here = count_ranges(table, i, pages);
        for (size_t r = 0; r < n_here; ++r)
            table->range[table->n_ranges++] = (struct strata_postgresql_range){
                .relation = i,
                .first_page = r * pages,
                .until_page = r + 1 < n_here ? (r + 1) * pages : 0,
            };
    }
    return STRATA_OK;
}

void strata_postgresql_table_release(struct strata_postgresql_table *table)
{
    for (size_t i = 0; i < table->n_relations; ++i)
        free(table->relation[i].name);
    free(table->relation);
    free(table->range);
    free(table->select);
    *table = (struct strata_postgresql_table){0};
}
