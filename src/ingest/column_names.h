/* Which column of an input is what: the same rules for headers of delimited text and columns of other sources. */
#ifndef STRATA_INGEST_COLUMN_NAMES_H
#define STRATA_INGEST_COLUMN_NAMES_H

#include "ingest.h"

struct strata_column_names {
    const char *path; /* of the input, for messages */
    size_t n;
    char **name;
    bool has_header; /* else the names are a row's values */
};

/* The column (from 0) of each role, -1 for none: those that the options name, by name or by number from 1, then the
 * usual names. STRATA_REJECTED: no such column, two candidates, one that is needed is missing. */
enum strata_status strata_column_names_map(const struct strata_column_names *names,
                                           const struct strata_ingest_options *options, int field[STRATA_N_ROLES],
                                           struct strata_error *err) STRATA_MUST_USE;

/* Printable copies of the mapped columns' names (without a header: their numbers), for messages. */
enum strata_status strata_column_names_keep(const struct strata_column_names *names, const int field[STRATA_N_ROLES],
                                            char *name[STRATA_N_ROLES], struct strata_error *err) STRATA_MUST_USE;

#endif
