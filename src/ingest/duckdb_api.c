#include "duckdb_api.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* The first version that can be kept to the files that a run names. */
enum { OLDEST_MAJOR = 1, OLDEST_MINOR = 2 };

static const char how_to_get_it[] =
    "unpack libduckdb.so from libduckdb-linux-amd64.zip (or -arm64), under C/C++ at https://duckdb.org/install, into a "
    "folder where the system looks for libraries, or set STRATA_DUCKDB_LIBRARY to its path";

static enum strata_status check_version(const char *version, struct strata_error *err)
{
    int major, minor;
    if (sscanf(version, "v%d.%d", &major, &minor) != 2)
        return STRATA_OK; /* a build from a development branch has no number */
    if (major > OLDEST_MAJOR || (major == OLDEST_MAJOR && minor >= OLDEST_MINOR))
        return STRATA_OK;
    return strata_fail(err, STRATA_USAGE,
                       "DuckDB's library is of version %s, which is too old: strata needs %d.%d or later\n%s", version,
                       OLDEST_MAJOR, OLDEST_MINOR, how_to_get_it);
}

/* Functions and data have pointers of one size here, but C has no cast between them. */
static bool find(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

enum strata_status strata_duckdb_load(struct strata_duckdb_api *api, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const char *variable = getenv("STRATA_DUCKDB_LIBRARY");
    const char *path = variable && *variable ? variable : "libduckdb.so";
    *api = (struct strata_duckdb_api){.loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)};
    if (!api->loaded)
        STRATA_GIVE_UP(err, STRATA_USAGE, "Parquet files and DuckDB queries need DuckDB's library: %s\n%s", dlerror(),
                       how_to_get_it);
    if (!find(api->loaded, "duckdb_library_version", &api->library_version))
        STRATA_GIVE_UP(err, STRATA_USAGE, "%s is not DuckDB's library\n%s", path, how_to_get_it);
    STRATA_TRY(check_version(api->library_version(), err));
#define STRATA_DUCKDB_FIND(type, name, parameters)                                                                     \
    if (!find(api->loaded, "duckdb_" #name, &api->name))                                                               \
        STRATA_GIVE_UP(err, STRATA_USAGE, "DuckDB's library of version %s has no function duckdb_%s; use another one", \
                       api->library_version(), #name);
    STRATA_DUCKDB_FUNCTIONS(STRATA_DUCKDB_FIND)
#undef STRATA_DUCKDB_FIND
done:
    if (status != STRATA_OK)
        strata_duckdb_unload(api);
    return status;
}

void strata_duckdb_unload(struct strata_duckdb_api *api)
{
    if (api->loaded)
        (void)dlclose(api->loaded);
    *api = (struct strata_duckdb_api){0};
}
