#include "named_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

/* Of names in a message. */
enum { LEFT_OUT_BYTES = 400 };

enum strata_status strata_named_table_add(struct strata_named_table *named, const char *name, enum strata_type type,
                                          void *values, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    void *names = named->name;
    char *copy = strata_copy_string(name);
    if (!copy)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the name of a column");
    status = strata_grow_array(&names, &named->capacity, named->n_names + 1, sizeof *named->name, err);
    named->name = names;
    if (status != STRATA_OK)
        goto done;
    const struct strata_column about = {.name = copy, .type = type, .unit = "1", .description = "Read from a file"};
    STRATA_TRY(strata_table_add_column(&named->table, &about, NULL, values, err));
    named->name[named->n_names++] = copy;
    copy = NULL;
done:
    free(copy);
    return status;
}

enum strata_status strata_named_table_leave_out(struct strata_named_table *named, const char *name,
                                                struct strata_error *err)
{
    static const char more[] = "...";
    const char *before = named->left_out ? named->left_out : "", *gap = named->left_out ? ", " : "";
    size_t used = strlen(before);
    char *longer;
    if (used >= sizeof more && strcmp(before + used - (sizeof more - 1), more) == 0)
        return STRATA_OK;
    if (asprintf(&longer, "%s%s%s", before, gap, used + strlen(name) > LEFT_OUT_BYTES ? more : name) < 0)
        return strata_fail(err, STRATA_MEMORY, "out of memory for the names of columns");
    free(named->left_out);
    named->left_out = longer;
    return STRATA_OK;
}

void strata_named_table_release(struct strata_named_table *named)
{
    free(named->place);
    free(named->left_out);
    strata_table_release(&named->table);
    for (size_t i = 0; i < named->n_names; ++i)
        free(named->name[i]);
    free(named->name);
    *named = (struct strata_named_table){0};
}
