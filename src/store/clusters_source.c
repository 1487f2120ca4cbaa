#include "clusters_source.h"

#include <stdlib.h>

#include "check.h"
#include "clustering_read.h"
#include "contained.h"
#include "hdf5_error.h"
#include "snapshot_schema.h"
#include "stored_table.h"

void strata_clusters_source_release(struct strata_clusters_source *source)
{
    free(source->run_id);
    strata_clustering_release(&source->clustering);
    *source = (struct strata_clusters_source){0};
}

/* What the contained process finds out. */
struct reading {
    const char *path;
    struct strata_clusters_source *source;
    bool is_table;
};

static enum strata_status read_source(void *result, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct reading *reading = result;
    const char *path = reading->path;
    struct strata_hdf5_session session;
    hid_t file = -1;
    int version;
    strata_hdf5_session_begin(&session);
    STRATA_TRY(strata_hdf5_open(path, &file, err));
    if (strata_clusters_has_schema(file, path))
        STRATA_TRY(strata_clusters_check_schema(file, path, err));
    else
        STRATA_TRY(strata_snapshot_check_schema(file, path, &version, err));
    STRATA_TRY(strata_hdf5_get_text(file, "run_id", path, &reading->source->run_id, err));
    if (strata_hdf5_has(file, "clusters"))
        STRATA_TRY(strata_clustering_read(file, path, &reading->source->clustering, err));
done:
    if (file >= 0)
        (void)H5Fclose(file);
    strata_hdf5_session_end(&session);
    return status;
}

static void pass_source(void *result, struct strata_wire *wire)
{
    const struct reading *reading = result;
    strata_wire_pass_text(wire, &reading->source->run_id, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_clustering_pass(wire, &reading->source->clustering);
}

enum strata_status strata_clusters_source_read(const char *path, struct strata_clusters_source *source,
                                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct reading reading = {.path = path, .source = source};
    const struct strata_contained_reading contained = {path, &reading, read_source, pass_source};
    *source = (struct strata_clusters_source){0};
    STRATA_TRY(strata_contained_read(&contained, err));
    if (source->clustering.k)
        STRATA_TRY(strata_clustering_check(&source->clustering, path, err));
done:
    if (status != STRATA_OK)
        strata_clusters_source_release(source);
    return status;
}

static enum strata_status read_schema(void *result, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct reading *reading = result;
    struct strata_hdf5_session session;
    hid_t file = -1;
    strata_hdf5_session_begin(&session);
    STRATA_TRY(strata_hdf5_open(reading->path, &file, err));
    reading->is_table = strata_clusters_has_schema(file, reading->path);
done:
    if (file >= 0)
        (void)H5Fclose(file);
    strata_hdf5_session_end(&session);
    return status;
}

static void pass_schema(void *result, struct strata_wire *wire)
{
    strata_wire_pass_bool(wire, &((struct reading *)result)->is_table);
}

bool strata_clusters_source_is_table(const char *path)
{
    struct reading reading = {.path = path};
    struct strata_error ignored = {0};
    const struct strata_contained_reading contained = {path, &reading, read_schema, pass_schema};
    return strata_file_is_hdf5(path) && strata_contained_read(&contained, &ignored) == STRATA_OK && reading.is_table;
}
