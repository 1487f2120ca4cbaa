#include "snapshot_write.h"

#include "check.h"
#include "hdf5_error.h"
#include "snapshot_parts.h"

static enum strata_status write_root(struct strata_hdf5_file *file, const struct strata_snapshot_contents *contents,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct {
        const char *name, *text;
    } attributes[] = {
        {"schema", STRATA_SNAPSHOT_SCHEMA}, {"tool_version", contents->tool_version},
        {"run_id", contents->run_id},       {"created_utc", contents->created_utc},
        {"as_of", contents->as_of},         {"time_zone", contents->time_zone},
        {"currency", contents->currency},   {"config", contents->config},
        {"manifest", contents->manifest},
    };
    int version = STRATA_SNAPSHOT_SCHEMA_VERSION;
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; ++i)
        STRATA_TRY(strata_hdf5_put_text(file, "/", attributes[i].name, attributes[i].text, err));
    STRATA_TRY(strata_hdf5_put_scalar(file, "/", "schema_version", H5T_NATIVE_INT32, H5T_NATIVE_INT, &version, err));
done:
    return status;
}

enum strata_status strata_snapshot_write(const struct strata_publication *publication,
                                         const struct strata_snapshot_contents *contents, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_file file = {0};
    struct strata_hdf5_session session;

    if (contents->table->n_rows == 0)
        return strata_fail(err, STRATA_INTERNAL, "a snapshot needs at least one customer");
    strata_hdf5_session_begin(&session);
    STRATA_TRY(strata_hdf5_file_create(&file, publication->file, publication->temporary, publication->output, err));
    STRATA_TRY(write_root(&file, contents, err));
    STRATA_TRY(strata_snapshot_write_customers(&file, contents, err));
    if (contents->n_thresholds > 0)
        STRATA_TRY(strata_hdf5_put_group(&file, "/scores", err));
    for (size_t i = 0; i < contents->n_thresholds; ++i)
        STRATA_TRY(strata_snapshot_write_thresholds(&file, &contents->thresholds[i], err));
    if (contents->clustering)
        STRATA_TRY(strata_snapshot_write_clustering(&file, contents->clustering, err));
    if (contents->n_segmentations > 0)
        STRATA_TRY(strata_hdf5_put_group(&file, "/segments", err));
    for (size_t i = 0; i < contents->n_segmentations; ++i)
        STRATA_TRY(strata_snapshot_write_segmentation(&file, &contents->segmentations[i], err));
    STRATA_TRY(strata_hdf5_file_finish(&file, err));
done:
    strata_hdf5_file_release(&file);
    strata_hdf5_session_end(&session);
    return status;
}
