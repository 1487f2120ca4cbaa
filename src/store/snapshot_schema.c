#include "snapshot_schema.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "clusters_write.h"
#include "snapshot_write.h"

static enum strata_status check_version(hid_t file, const char *path, int wanted, int *version,
                                        struct strata_error *err)
{
    enum strata_status status = strata_hdf5_get_int(file, "schema_version", path, version, err);
    if (status == STRATA_OK && *version != wanted)
        status = strata_fail(err, STRATA_REJECTED, "%s has schema version %d; this strata reads version %d", path,
                             *version, wanted);
    return status;
}

static bool has_schema(hid_t file, const char *path, const char *wanted)
{
    char *schema = NULL;
    struct strata_error ignored = {0};
    bool has = strata_hdf5_get_text(file, "schema", path, &schema, &ignored) == STRATA_OK && schema &&
               strcmp(schema, wanted) == 0;
    free(schema);
    return has;
}

bool strata_clusters_has_schema(hid_t file, const char *path) { return has_schema(file, path, STRATA_CLUSTERS_SCHEMA); }

enum strata_status strata_clusters_check_schema(hid_t file, const char *path, struct strata_error *err)
{
    int version;
    return check_version(file, path, STRATA_CLUSTERS_SCHEMA_VERSION, &version, err);
}

enum strata_status strata_snapshot_check_schema(hid_t file, const char *path, int *version, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *schema = NULL;
    STRATA_TRY(strata_hdf5_get_text(file, "schema", path, &schema, err));
    if (schema && strcmp(schema, STRATA_CLUSTERS_SCHEMA) == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s holds the clusters of a table, not a snapshot\n"
                       "other tables are assigned by it with strata assign",
                       path);
    if (!schema || strcmp(schema, STRATA_SNAPSHOT_SCHEMA) != 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s is not a snapshot of strata: its attribute 'schema' is not \"" STRATA_SNAPSHOT_SCHEMA "\"",
                       path);
    STRATA_TRY(check_version(file, path, STRATA_SNAPSHOT_SCHEMA_VERSION, version, err));
done:
    free(schema);
    return status;
}
