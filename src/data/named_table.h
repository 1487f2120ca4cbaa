/* A table read from a file: it owns the names of its columns. No customers' keys. */
#ifndef STRATA_DATA_NAMED_TABLE_H
#define STRATA_DATA_NAMED_TABLE_H

#include <stdbool.h>

#include "table.h"

/* `{0}` is empty. */
struct strata_named_table {
    struct strata_table table;
    size_t n_names, capacity;
    char **name;     /* n_names; owned */
    bool has_header; /* the names come from the file; otherwise they are the numbers from 1 */
    char *place;     /* which of a file's tables it is, where that was chosen by the reader, for a message; owned */
    char *left_out;  /* names of columns that were not asked for, and are no numbers or, without a header, stand beside
                        the table, for a message; owned, NULL: none */
};

/* Add a column under a copy of `name`; on success the table owns `values` (from strata_malloc_array, table.n_rows of
 * `type`), on failure the caller still does. STRATA_USAGE if the name is taken. */
enum strata_status strata_named_table_add(struct strata_named_table *named, const char *name, enum strata_type type,
                                          void *values, struct strata_error *err) STRATA_MUST_USE;

/* One more name in left_out; those that find no room are told by "...". */
enum strata_status strata_named_table_leave_out(struct strata_named_table *named, const char *name,
                                                struct strata_error *err) STRATA_MUST_USE;

void strata_named_table_release(struct strata_named_table *named);

#endif
