/* PostgreSQL as a source: --source postgresql://... with a query or a table. Where strata was built without libpq,
 * opening it says so. */
#include <string.h>

#include "postgresql_source.h"
#include "source_kinds.h"

static bool takes(const struct strata_source_request *request, const char *magic, size_t n_magic)
{
    static const char *const beginnings[] = {"postgresql://", "postgres://"};
    (void)magic;
    (void)n_magic;
    if (!request->from)
        return false;
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; ++i)
        if (strncmp(request->from, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return strcmp(request->from, "postgresql") == 0;
}

#ifdef STRATA_HAS_POSTGRESQL

static enum strata_status open_source(struct strata_column_source *source, const struct strata_source_request *request,
                                      struct strata_error *err)
{
    enum strata_status status = strata_postgresql_open(source, request, err);
    source->kind = status == STRATA_OK ? &strata_source_postgresql : NULL;
    return status;
}

const struct strata_column_source_kind strata_source_postgresql = {
    .name = "postgresql",
    .source = "postgresql://...",
    .takes = takes,
    .open = open_source,
    .rewind = strata_postgresql_rewind,
    .select = strata_postgresql_select,
    .next = strata_postgresql_next,
    .row_number = strata_postgresql_row_number,
    .close = strata_postgresql_close,
};

#else

static enum strata_status refuse(struct strata_column_source *source, const struct strata_source_request *request,
                                 struct strata_error *err)
{
    (void)source;
    (void)request;
    return strata_fail(err, STRATA_USAGE,
                       "this strata was built without libpq, so it cannot read PostgreSQL databases; install libpq "
                       "(Debian: libpq-dev) and build it again");
}

const struct strata_column_source_kind strata_source_postgresql = {
    .name = "postgresql",
    .source = "postgresql://...",
    .takes = takes,
    .open = refuse,
};

#endif
