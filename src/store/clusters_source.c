#include "clusters_source.h"

#include <stdlib.h>

#include "check.h"
#include "clustering_read.h"
#include "hdf5_error.h"
#include "snapshot_schema.h"
#include "stored_table.h"

void strata_clusters_source_release(struct strata_clusters_source *source)
{
    free(source->run_id);
    strata_clustering_release(&source->clustering);
    *source = (struct strata_clusters_source){0};
}

enum strata_status strata_clusters_source_read(const char *path, struct strata_clusters_source *source,
                                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_session session;
    hid_t file = -1;
    int version;
    *source = (struct strata_clusters_source){0};
    strata_hdf5_session_begin(&session);
    STRATA_TRY(strata_hdf5_open(path, &file, err));
    if (strata_clusters_has_schema(file, path))
        STRATA_TRY(strata_clusters_check_schema(file, path, err));
    else
        STRATA_TRY(strata_snapshot_check_schema(file, path, &version, err));
    STRATA_TRY(strata_hdf5_get_text(file, "run_id", path, &source->run_id, err));
    if (strata_hdf5_has(file, "clusters"))
        STRATA_TRY(strata_clustering_read(file, path, &source->clustering, err));
done:
    if (file >= 0)
        (void)H5Fclose(file);
    strata_hdf5_session_end(&session);
    if (status != STRATA_OK)
        strata_clusters_source_release(source);
    return status;
}

bool strata_clusters_source_is_table(const char *path)
{
    struct strata_hdf5_session session;
    struct strata_error ignored = {0};
    hid_t file = -1;
    if (!strata_file_is_hdf5(path))
        return false;
    strata_hdf5_session_begin(&session);
    bool is = strata_hdf5_open(path, &file, &ignored) == STRATA_OK && strata_clusters_has_schema(file, path);
    if (file >= 0)
        (void)H5Fclose(file);
    strata_hdf5_session_end(&session);
    return is;
}
