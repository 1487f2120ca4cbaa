/* A table of a PostgreSQL database, cut into ranges of pages that several connections read at the same time.
 *
 * Ordinary tables, materialised views and partitions are cut by the place of their rows (ctid) where the server finds
 * such a range without reading the whole table: PostgreSQL 14 and later. Views, foreign tables, tables with row
 * security or with children that are no partitions are one range.
 */
#ifndef STRATA_INGEST_POSTGRESQL_TABLE_H
#define STRATA_INGEST_POSTGRESQL_TABLE_H

#include "postgresql_connection.h"

struct strata_postgresql_range {
    size_t relation;                 /* of the table's */
    uint64_t first_page, until_page; /* until_page 0: to the end */
    uint64_t n_rows;                 /* once it is read */
};

struct strata_postgresql_table {
    char *select; /* a query of all its columns */
    bool is_split;
    size_t n_relations; /* the table itself, or its partitions */
    struct strata_postgresql_relation {
        char *name; /* quoted, with ONLY in front of a partition */
        uint64_t n_pages;
        bool has_pages; /* that its rows can be looked for by */
    } * relation;
    size_t n_ranges;
    struct strata_postgresql_range *range;
};

/* Begin a read-only transaction in which the table can neither change nor be emptied, and find out what it is. `name`
 * is as in SQL: with its schema or not, in quotes where it needs them. */
enum strata_status strata_postgresql_table_open(struct strata_postgresql_table *table,
                                                const struct strata_postgresql_connection *connection, const char *name,
                                                struct strata_error *err) STRATA_MUST_USE;

/* Its rows in the order in which they are stored, so that their numbers mean something: for the transaction of one more
 * connection. */
enum strata_status strata_postgresql_table_keep_order(const struct strata_postgresql_connection *connection,
                                                      struct strata_error *err) STRATA_MUST_USE;

/* Cut it for so many connections. */
enum strata_status strata_postgresql_table_cut(struct strata_postgresql_table *table, int n_connections,
                                               struct strata_error *err) STRATA_MUST_USE;

void strata_postgresql_table_release(struct strata_postgresql_table *table);

#endif
