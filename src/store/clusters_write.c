#include "clusters_write.h"

#include "check.h"
#include "column_data.h"
#include "digest.h"
#include "hdf5_error.h"
#include "memory.h"
#include "snapshot_parts.h"

/* An attribute holds 64 KiB: with more clusters than this, their names are in /clusters alone. */
enum { MOST_FLAGS = 1000 };

static enum strata_status write_root(struct strata_hdf5_file *file, const struct strata_clusters_contents *contents,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int version = STRATA_CLUSTERS_SCHEMA_VERSION;
    STRATA_TRY(strata_hdf5_put_text(file, "/", "schema", STRATA_CLUSTERS_SCHEMA, err));
    STRATA_TRY(strata_hdf5_put_text(file, "/", "tool_version", contents->tool_version, err));
    STRATA_TRY(strata_hdf5_put_text(file, "/", "table", contents->table, err));
    STRATA_TRY(strata_hdf5_put_scalar(file, "/", "schema_version", H5T_NATIVE_INT32, H5T_NATIVE_INT, &version, err));
done:
    return status;
}

static enum strata_status write_labels(struct strata_hdf5_file *file, const struct strata_clusters_contents *contents,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_table_column about = {
        .about = {"labels", STRATA_I16, "1",
                  "Cluster of each row of the table, from 1; missing where a clustered column has no value"},
        .labels = contents->clustering->k <= MOST_FLAGS ? &contents->clustering->labels : NULL};
    struct strata_column_data column = {.path = strata_copy_string("/labels"),
                                        .dataset = -1,
                                        .type = H5T_NATIVE_INT16,
                                        .n_rows = contents->n_rows,
                                        .row_bytes = sizeof *contents->label,
                                        .values = contents->label};
    char digest[STRATA_DIGEST_BYTES];
    if (!column.path)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    STRATA_TRY(strata_column_data_create(&column, file, true, err));
    STRATA_TRY(strata_snapshot_describe_column(file, column.path, &about, err));
    strata_values_digest(contents->label, contents->n_rows * sizeof *contents->label, digest);
    STRATA_TRY(strata_hdf5_put_text(file, column.path, STRATA_DIGEST_ATTRIBUTE, digest, err));
    STRATA_TRY(strata_column_data_write(&column, 1, file, true, contents->threads > 0 ? contents->threads : 1, err));
    hid_t dataset = column.dataset;
    column.dataset = -1;
    if (H5Dclose(dataset) < 0)
        status = strata_hdf5_file_fail(file, err, "closing %s", column.path);
done:
    strata_column_data_release(&column);
    return status;
}

enum strata_status strata_clusters_write(const struct strata_publication *publication,
                                         const struct strata_clusters_contents *contents, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_file file = {0};
    struct strata_hdf5_session session;
    strata_hdf5_session_begin(&session);
    STRATA_TRY(strata_hdf5_file_create(&file, publication->file, publication->temporary, publication->output, err));
    STRATA_TRY(write_root(&file, contents, err));
    STRATA_TRY(write_labels(&file, contents, err));
    STRATA_TRY(strata_snapshot_write_clustering(&file, contents->clustering, err));
    STRATA_TRY(strata_hdf5_file_finish(&file, err));
done:
    strata_hdf5_file_release(&file);
    strata_hdf5_session_end(&session);
    return status;
}
