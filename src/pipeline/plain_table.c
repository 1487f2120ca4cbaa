#include "plain_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "memory.h"
#include "number_table.h"
#include "stored_table.h"

enum strata_status strata_plain_table_find(struct strata_plain_table *table, const char *name, struct strata_error *err)
{
    struct stat about;
    char *copy = strata_copy_string(name);
    *table = (struct strata_plain_table){.path = copy};
    if (!copy)
        return strata_fail(err, STRATA_MEMORY, "out of memory for a path");
    char *colon = strstr(copy, ":/");
    for (char *next = colon; next; next = strstr(next + 1, ":/"))
        colon = next;
    if (colon && stat(copy, &about) != 0) {
        *colon = '\0';
        table->group = colon + 1;
    }
    return STRATA_OK;
}

static bool is_stored(const struct strata_plain_table *table)
{
    return table->group || strata_file_is_hdf5(table->path);
}

enum strata_status strata_plain_table_read(struct strata_plain_table *table, const char *const *columns,
                                           size_t n_columns, struct strata_error *err)
{
    if (is_stored(table))
        return strata_stored_table_read(table->path, table->group, columns, n_columns, &table->contents, err);
    return strata_number_table_read(table->path, columns, n_columns, &table->contents, err);
}

static enum strata_status fail_text_column(const struct strata_plain_table *table, const char *column,
                                           struct strata_error *err)
{
    enum { LIST_BYTES = 512, NAME_BYTES = 100 };
    char all[LIST_BYTES] = "";
    size_t used = 0;
    for (size_t i = 0; i < table->contents.n_names && used < LIST_BYTES - NAME_BYTES - 8; ++i)
        used += (size_t)snprintf(all + used, LIST_BYTES - used, "%s%.*s", used ? ", " : "", NAME_BYTES,
                                 table->contents.name[i]);
    return strata_fail(err, STRATA_USAGE, "%s has no column %s of numbers\nits columns of numbers are %s", table->path,
                       column, all);
}

enum strata_status strata_plain_table_read_also(struct strata_plain_table *table, const char *column,
                                                struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_named_table also = {0}, *contents = &table->contents;
    /* All of a text's columns of numbers were read, and it may be a pipe. */
    if (!is_stored(table))
        return fail_text_column(table, column, err);
    STRATA_TRY(strata_stored_table_read(table->path, table->group, &column, 1, &also, err));
    if (also.table.n_rows != contents->table.n_rows)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: column %s has %zu rows where the others have %zu", table->path,
                       column, also.table.n_rows, contents->table.n_rows);
    struct strata_table_column *added = also.table.columns;
    STRATA_TRY(strata_named_table_add(contents, column, added->about.type, added->values, err));
    added->values = NULL;
done:
    strata_named_table_release(&also);
    return status;
}

void strata_plain_table_release(struct strata_plain_table *table)
{
    strata_named_table_release(&table->contents);
    free(table->path);
    *table = (struct strata_plain_table){0};
}
