#include "snapshot_schema.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "snapshot_write.h"

enum strata_status strata_snapshot_check_schema(hid_t file, const char *path, int *version, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *schema = NULL;
    STRATA_TRY(strata_hdf5_get_text(file, "schema", path, &schema, err));
    if (!schema || strcmp(schema, STRATA_SNAPSHOT_SCHEMA) != 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s is not a snapshot of strata: its attribute 'schema' is not \"" STRATA_SNAPSHOT_SCHEMA "\"",
                       path);
    STRATA_TRY(strata_hdf5_get_int(file, "schema_version", path, version, err));
    if (*version != STRATA_SNAPSHOT_SCHEMA_VERSION)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has schema version %d; this strata reads version %d", path, *version,
                       STRATA_SNAPSHOT_SCHEMA_VERSION);
done:
    free(schema);
    return status;
}
