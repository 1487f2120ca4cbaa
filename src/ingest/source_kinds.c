#include "source_kinds.h"

#include <stdio.h>

#include "check.h"

/* Every kind of source with typed columns; what none of them takes is delimited text. The first that takes a request
 * has it. */
static const struct strata_column_source_kind *const kinds[] = {
    &strata_source_duckdb,
    &strata_source_hdf5,
    &strata_source_postgresql,
    NULL,
};

const struct strata_column_source_kind *strata_source_kind_find(const struct strata_source_request *request,
                                                                const char *magic, size_t n_magic)
{
    for (size_t i = 0; kinds[i]; ++i)
        if (kinds[i]->takes(request, magic, n_magic))
            return kinds[i];
    return NULL;
}

enum strata_status strata_source_kind_find_in_file(const struct strata_input_file *file,
                                                   const struct strata_column_source_kind **kind,
                                                   struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *kind = NULL;
    for (size_t i = 0; kinds[i] && !*kind; ++i) {
        bool takes = false;
        if (kinds[i]->takes_file)
            STRATA_TRY(kinds[i]->takes_file(file, &takes, err));
        *kind = takes ? kinds[i] : NULL;
    }
done:
    return status;
}

void strata_source_kinds_list(char *out, size_t capacity)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; kinds[i] && at < capacity; ++i)
        if (kinds[i]->source)
            at += (size_t)snprintf(out + at, capacity - at, "%s%s", at ? ", " : "", kinds[i]->source);
}
