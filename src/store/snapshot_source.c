#include "snapshot_source.h"

#include <stdlib.h>

#include "check.h"
#include "clustering_read.h"
#include "contained.h"
#include "hdf5_error.h"
#include "memory.h"
#include "snapshot_schema.h"

void strata_snapshot_source_release(struct strata_snapshot_source *source)
{
    for (size_t i = 0; source->score && i < source->n_scores; ++i)
        free(source->score[i].method);
    free(source->score);
    free(source->run_id);
    free(source->created_utc);
    free(source->tool_version);
    free(source->config);
    strata_clustering_release(&source->clustering);
    *source = (struct strata_snapshot_source){0};
}

static enum strata_status read_config(hid_t file, const char *path, char **config, struct strata_error *err)
{
    enum strata_status status = strata_hdf5_get_text(file, "config", path, config, err);
    if (status == STRATA_OK && !*config)
        status = strata_fail(err, STRATA_REJECTED, "%s is not a whole snapshot: it has no configuration", path);
    return status;
}

static enum strata_status read_score(hid_t scores, const char *name, const char *path,
                                     struct strata_stored_score *score, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t group = -1, dataset = -1;
    hsize_t n = 0;
    STRATA_TRY(strata_hdf5_open_group(scores, name, path, &group, err));
    STRATA_TRY(strata_hdf5_get_text(group, "method", path, &score->method, err));
    STRATA_TRY(strata_hdf5_open_column(group, "thresholds", path, &dataset, &n, err));
    if (!score->method || n >= STRATA_MAX_LEVELS)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the thresholds of %s are none of strata's", path, name);
    score->n_thresholds = (int)n;
    STRATA_TRY(strata_hdf5_get_numbers(group, "thresholds", path, H5T_NATIVE_DOUBLE, (size_t)n, score->value, err));
done:
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    if (group >= 0)
        (void)H5Gclose(group);
    return status;
}

static enum strata_status read_scores(hid_t file, const char *path, const char *const *names, size_t n_scores,
                                      struct strata_snapshot_source *source, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t group = -1;
    source->score = strata_calloc_array(n_scores, sizeof *source->score);
    if (!source->score)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    source->n_scores = n_scores;
    STRATA_TRY(strata_hdf5_open_group(file, "scores", path, &group, err));
    for (size_t i = 0; i < n_scores; ++i)
        STRATA_TRY(read_score(group, names[i], path, &source->score[i], err));
done:
    if (group >= 0)
        (void)H5Gclose(group);
    return status;
}

/* A snapshot of this schema, inside a session; H5Fclose it, also on failure, if it is not negative. */
static enum strata_status open_snapshot(const char *path, hid_t *file, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int version;
    STRATA_TRY(strata_hdf5_open(path, file, err));
    STRATA_TRY(strata_snapshot_check_schema(*file, path, &version, err));
done:
    return status;
}

/* What is to be read, and what of it is there. */
struct reading {
    const char *path;
    const char *const *scores;
    size_t n_scores;
    struct strata_snapshot_source *source;
    char *config;
};

static enum strata_status read_source(void *result, struct strata_error *err)
{
    const struct reading *reading = result;
    struct strata_snapshot_source *source = reading->source;
    const char *path = reading->path;
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_session session;
    hid_t file = -1;
    strata_hdf5_session_begin(&session);
    STRATA_TRY(open_snapshot(path, &file, err));
    STRATA_TRY(strata_hdf5_get_text(file, "run_id", path, &source->run_id, err));
    STRATA_TRY(strata_hdf5_get_text(file, "created_utc", path, &source->created_utc, err));
    STRATA_TRY(strata_hdf5_get_text(file, "tool_version", path, &source->tool_version, err));
    STRATA_TRY(read_config(file, path, &source->config, err));
    STRATA_TRY(read_scores(file, path, reading->scores, reading->n_scores, source, err));
    if (strata_hdf5_has(file, "clusters"))
        STRATA_TRY(strata_clustering_read(file, path, &source->clustering, err));
done:
    if (file >= 0)
        (void)H5Fclose(file);
    strata_hdf5_session_end(&session);
    return status;
}

static void pass_score(struct strata_wire *wire, struct strata_stored_score *score)
{
    strata_wire_pass_text(wire, &score->method, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_pass_int(wire, &score->n_thresholds, 0, STRATA_MAX_LEVELS - 1);
    for (int i = 0; i < score->n_thresholds; ++i)
        strata_wire_pass_double(wire, &score->value[i]);
    strata_wire_refuse_if(wire, !score->method);
}

static void pass_source(void *result, struct strata_wire *wire)
{
    const struct reading *reading = result;
    struct strata_snapshot_source *source = reading->source;
    char **const texts[] = {&source->run_id, &source->created_utc, &source->tool_version, &source->config};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i)
        strata_wire_pass_text(wire, texts[i], STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_refuse_if(wire, !source->config);
    if (!wire->is_sending) {
        source->score = strata_calloc_array(reading->n_scores, sizeof *source->score);
        if (!source->score && wire->status == STRATA_OK)
            wire->status = STRATA_MEMORY;
        source->n_scores = source->score ? reading->n_scores : 0;
    }
    for (size_t i = 0; i < source->n_scores; ++i)
        pass_score(wire, &source->score[i]);
    strata_clustering_pass(wire, &source->clustering);
}

enum strata_status strata_snapshot_source_read(const char *path, const char *const *scores, size_t n_scores,
                                               struct strata_snapshot_source *source, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct reading reading = {.path = path, .scores = scores, .n_scores = n_scores, .source = source};
    const struct strata_contained_reading contained = {path, &reading, read_source, pass_source};
    *source = (struct strata_snapshot_source){0};
    STRATA_TRY(strata_contained_read(&contained, err));
    if (source->clustering.k)
        STRATA_TRY(strata_clustering_check(&source->clustering, path, err));
done:
    if (status != STRATA_OK)
        strata_snapshot_source_release(source);
    return status;
}

static enum strata_status read_config_alone(void *result, struct strata_error *err)
{
    struct reading *reading = result;
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_session session;
    hid_t file = -1;
    strata_hdf5_session_begin(&session);
    STRATA_TRY(open_snapshot(reading->path, &file, err));
    STRATA_TRY(read_config(file, reading->path, &reading->config, err));
done:
    if (file >= 0)
        (void)H5Fclose(file);
    strata_hdf5_session_end(&session);
    return status;
}

static void pass_config(void *result, struct strata_wire *wire)
{
    struct reading *reading = result;
    strata_wire_pass_text(wire, &reading->config, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_refuse_if(wire, !reading->config);
}

enum strata_status strata_snapshot_config_read(const char *path, char **config, struct strata_error *err)
{
    struct reading reading = {.path = path};
    const struct strata_contained_reading contained = {path, &reading, read_config_alone, pass_config};
    enum strata_status status = strata_contained_read(&contained, err);
    if (status != STRATA_OK) {
        free(reading.config);
        reading.config = NULL;
    }
    *config = reading.config;
    return status;
}
