#include "plain_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

enum strata_status strata_plain_table_read(struct strata_plain_table *table, const char *const *columns,
                                           size_t n_columns, struct strata_error *err)
{
    if (table->group || strata_file_is_hdf5(table->path))
        return strata_stored_table_read(table->path, table->group, columns, n_columns, &table->contents, err);
    return strata_number_table_read(table->path, columns, n_columns, &table->contents, err);
}

void strata_plain_table_release(struct strata_plain_table *table)
{
    strata_named_table_release(&table->contents);
    free(table->path);
    *table = (struct strata_plain_table){0};
}
