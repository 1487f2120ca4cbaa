#include <strata/snapshot.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contained.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"
#include "minor_unit.h"
#include "snapshot_pass.h"
#include "snapshot_schema.h"
#include "table.h"

static enum strata_status read_root(hid_t file, const char *path, struct strata_snapshot *snapshot,
                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct {
        const char *name;
        char **text;
    } attributes[] = {
        {"tool_version", &snapshot->tool_version},
        {"run_id", &snapshot->run_id},
        {"created_utc", &snapshot->created_utc},
        {"as_of", &snapshot->as_of},
        {"time_zone", &snapshot->time_zone},
        {"currency", &snapshot->currency},
        {"config", &snapshot->config},
        {"manifest", &snapshot->manifest},
    };
    STRATA_TRY(strata_snapshot_check_schema(file, path, &snapshot->schema_version, err));
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; ++i)
        STRATA_TRY(strata_hdf5_get_text(file, attributes[i].name, path, attributes[i].text, err));
done:
    return status;
}

static enum strata_status column_type(hid_t dataset, const char *path, const char *name, enum strata_type *type,
                                      struct strata_error *err)
{
    hid_t stored = H5Dget_type(dataset);
    H5T_class_t class = stored < 0 ? H5T_NO_CLASS : H5Tget_class(stored);
    size_t n_bytes = stored < 0 ? 0 : H5Tget_size(stored);
    bool is_signed = class == H5T_INTEGER && H5Tget_sign(stored) == H5T_SGN_2;
    if (stored >= 0)
        (void)H5Tclose(stored);
    for (enum strata_type known = STRATA_I8; known <= STRATA_F64; ++known) {
        bool is_real = known == STRATA_F32 || known == STRATA_F64;
        if (strata_type_size(known) == n_bytes && (is_real ? class == H5T_FLOAT : is_signed)) {
            *type = known;
            return STRATA_OK;
        }
    }
    return strata_fail(err, STRATA_REJECTED, "%s: the column %s has a type that strata does not write", path, name);
}

/* Takes `name` over, also on failure. */
static enum strata_status read_column(hid_t group, const char *path, char *name, uint64_t customers,
                                      struct strata_column *column, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t dataset = -1;
    hsize_t n_rows = 0;
    char *unit = NULL, *description = NULL;

    column->name = name;
    STRATA_TRY(strata_hdf5_open_column(group, name, path, &dataset, &n_rows, err));
    if (n_rows != customers)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the column %s has %llu rows where there are %llu customers", path,
                       name, (unsigned long long)n_rows, (unsigned long long)customers);
    STRATA_TRY(column_type(dataset, path, name, &column->type, err));
    STRATA_TRY(strata_hdf5_get_text(dataset, "units", path, &unit, err));
    column->unit = unit;
    STRATA_TRY(strata_hdf5_get_text(dataset, "description", path, &description, err));
    column->description = description;
done:
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return status;
}

static enum strata_status read_columns(hid_t file, const char *path, struct strata_snapshot *snapshot,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t group = -1, row_number = -1;
    hsize_t customers = 0;
    char **names = NULL;
    size_t n_names = 0;

    STRATA_TRY(strata_hdf5_open_group(file, "customers", path, &group, err));
    STRATA_TRY(strata_hdf5_open_column(group, "customer", path, &row_number, &customers, err));
    (void)H5Dclose(row_number);
    snapshot->customers = customers;
    STRATA_TRY(strata_hdf5_names(group, path, &names, &n_names, err));
    snapshot->columns = strata_calloc_array(n_names, sizeof *snapshot->columns);
    if (!snapshot->columns)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    for (size_t i = 0; i < n_names; ++i) {
        if (strcmp(names[i], "customer") == 0)
            continue;
        char *name = names[i];
        names[i] = NULL;
        STRATA_TRY(read_column(group, path, name, customers, &snapshot->columns[snapshot->n_columns++], err));
    }
done:
    strata_hdf5_free_names(names, n_names);
    if (group >= 0)
        (void)H5Gclose(group);
    return status;
}

/* Number of rows of a scheme: that of its values. */
static enum strata_status segment_count(hid_t group, const char *path, int *n_rows, struct strata_error *err)
{
    hid_t dataset = -1;
    hsize_t n = 0;
    enum strata_status status = strata_hdf5_open_column(group, "values", path, &dataset, &n, err);
    if (status != STRATA_OK)
        return status;
    (void)H5Dclose(dataset);
    if (n > STRATA_HDF5_MAX_ROWS)
        return strata_fail(err, STRATA_REJECTED, "%s: a segmentation of %llu rows is none of strata's", path,
                           (unsigned long long)n);
    *n_rows = (int)n;
    return STRATA_OK;
}

/* A dataset of the group and the member of each row that it fills. */
struct number_field {
    const char *name;
    size_t offset;
};

static enum strata_status read_numbers(hid_t group, const char *path, struct strata_segmentation *segmentation,
                                       struct strata_error *err)
{
#define FIELD(dataset, member)                                                                                         \
    {                                                                                                                  \
        dataset, offsetof(struct strata_segment_row, member)                                                           \
    }
    static const struct number_field integers[] = {FIELD("customers", customers),
                                                   FIELD("revenue_minor", revenue_minor)};
    static const struct number_field reals[] = {
        FIELD("customer_share", customer_share),   FIELD("revenue_share", revenue_share),
        FIELD("recency_median", recency_median),   FIELD("frequency_median", frequency_median),
        FIELD("monetary_median", monetary_median),
    };
#undef FIELD
    enum strata_status status = STRATA_OK;
    size_t n = (size_t)segmentation->n_rows;
    char *rows = (char *)segmentation->rows;
    int64_t *whole = strata_calloc_array(n, sizeof *whole);
    double *real = strata_calloc_array(n, sizeof *real);
    if (!whole || !real)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    for (size_t f = 0; f < sizeof integers / sizeof *integers; ++f) {
        STRATA_TRY(strata_hdf5_get_numbers(group, integers[f].name, path, H5T_NATIVE_INT64, n, whole, err));
        for (size_t i = 0; i < n; ++i)
            memcpy(rows + i * sizeof *segmentation->rows + integers[f].offset, &whole[i], sizeof *whole);
    }
    for (size_t f = 0; f < sizeof reals / sizeof *reals; ++f) {
        STRATA_TRY(strata_hdf5_get_numbers(group, reals[f].name, path, H5T_NATIVE_DOUBLE, n, real, err));
        for (size_t i = 0; i < n; ++i)
            memcpy(rows + i * sizeof *segmentation->rows + reals[f].offset, &real[i], sizeof *real);
    }
    STRATA_TRY(strata_hdf5_get_numbers(group, "values", path, H5T_NATIVE_INT64, n, whole, err));
    for (size_t i = 0; i < n; ++i)
        segmentation->rows[i].label.value = (int16_t)whole[i];
done:
    free(whole);
    free(real);
    return status;
}

/* An empty Chinese name or action is one that was not given. */
static const char *text_or_null(char *text)
{
    if (text && *text == '\0') {
        free(text);
        return NULL;
    }
    return text;
}

static enum strata_status read_texts(hid_t group, const char *path, struct strata_segmentation *segmentation,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n = (size_t)segmentation->n_rows;
    char **names = strata_calloc_array(n, sizeof *names), **names_zh = strata_calloc_array(n, sizeof *names_zh),
         **actions = strata_calloc_array(n, sizeof *actions);
    if (!names || !names_zh || !actions)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    STRATA_TRY(strata_hdf5_get_texts(group, "names", path, n, names, err));
    STRATA_TRY(strata_hdf5_get_texts(group, "names_zh", path, n, names_zh, err));
    STRATA_TRY(strata_hdf5_get_texts(group, "actions", path, n, actions, err));
done:
    for (size_t i = 0; i < n; ++i) {
        struct strata_label *label = &segmentation->rows[i].label;
        label->name = names ? names[i] : NULL;
        label->name_zh = names_zh ? text_or_null(names_zh[i]) : NULL;
        label->action = actions ? text_or_null(actions[i]) : NULL;
    }
    free(names);
    free(names_zh);
    free(actions);
    return status;
}

/* The decimals of revenue_minor, from its unit. */
static enum strata_status read_decimals(hid_t group, const char *path, struct strata_segmentation *segmentation,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t dataset = -1;
    hsize_t n = 0;
    char *unit = NULL;

    STRATA_TRY(strata_hdf5_open_column(group, "revenue_minor", path, &dataset, &n, err));
    STRATA_TRY(strata_hdf5_get_text(dataset, "units", path, &unit, err));
    if (!unit || !strata_minor_unit_parse(unit, &segmentation->amount_decimals))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the unit of revenue_minor is none of strata's", path);
done:
    free(unit);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return status;
}

static enum strata_status read_segmentation(hid_t parent, const char *path, struct strata_segmentation *segmentation,
                                            struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t group = -1;
    char *map = NULL;

    STRATA_TRY(strata_hdf5_open_group(parent, segmentation->scheme, path, &group, err));
    STRATA_TRY(strata_hdf5_get_text(group, "map", path, &map, err));
    segmentation->map = map;
    int n_rows = 0;
    STRATA_TRY(segment_count(group, path, &n_rows, err));
    segmentation->rows = strata_calloc_array((size_t)n_rows, sizeof *segmentation->rows);
    if (!segmentation->rows)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    segmentation->n_rows = n_rows;
    STRATA_TRY(read_numbers(group, path, segmentation, err));
    STRATA_TRY(read_decimals(group, path, segmentation, err));
    STRATA_TRY(read_texts(group, path, segmentation, err));
done:
    if (group >= 0)
        (void)H5Gclose(group);
    return status;
}

static enum strata_status read_segmentations(hid_t file, const char *path, struct strata_snapshot *snapshot,
                                             struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t group = -1;
    char **names = NULL;
    size_t n_names = 0;

    if (!strata_hdf5_has(file, "segments"))
        return STRATA_OK;
    STRATA_TRY(strata_hdf5_open_group(file, "segments", path, &group, err));
    STRATA_TRY(strata_hdf5_names(group, path, &names, &n_names, err));
    snapshot->segmentations = strata_calloc_array(n_names, sizeof *snapshot->segmentations);
    if (!snapshot->segmentations)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    for (size_t i = 0; i < n_names; ++i) {
        struct strata_segmentation *segmentation = &snapshot->segmentations[snapshot->n_segmentations++];
        segmentation->scheme = names[i];
        names[i] = NULL;
        STRATA_TRY(read_segmentation(group, path, segmentation, err));
    }
done:
    strata_hdf5_free_names(names, n_names);
    if (group >= 0)
        (void)H5Gclose(group);
    return status;
}

struct reading {
    const char *path;
    struct strata_snapshot *snapshot;
};

static enum strata_status read_snapshot(void *result, struct strata_error *err)
{
    const struct reading *reading = result;
    struct strata_snapshot *snapshot = reading->snapshot;
    const char *path = reading->path;
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_session session;
    hid_t file = -1;

    strata_hdf5_session_begin(&session);
    STRATA_TRY(strata_hdf5_open(path, &file, err));
    STRATA_TRY(read_root(file, path, snapshot, err));
    STRATA_TRY(read_columns(file, path, snapshot, err));
    STRATA_TRY(read_segmentations(file, path, snapshot, err));
    STRATA_TRY(strata_hdf5_get_differences(file, path, &snapshot->clusters, err));
done:
    if (file >= 0)
        (void)H5Fclose(file);
    strata_hdf5_session_end(&session);
    return status;
}

static void pass_snapshot(void *result, struct strata_wire *wire)
{
    const struct reading *reading = result;
    strata_snapshot_pass(wire, reading->snapshot);
}

enum strata_status strata_snapshot_read(const char *path, struct strata_snapshot *snapshot, struct strata_error *err)
{
    struct reading reading = {path, snapshot};
    const struct strata_contained_reading contained = {path, &reading, read_snapshot, pass_snapshot};
    *snapshot = (struct strata_snapshot){0};
    enum strata_status status = strata_contained_read(&contained, err);
    if (status != STRATA_OK)
        strata_snapshot_release(snapshot);
    return status;
}

static void release_segmentation(struct strata_segmentation *segmentation)
{
    for (int i = 0; segmentation->rows && i < segmentation->n_rows; ++i) {
        free((char *)segmentation->rows[i].label.name);
        free((char *)segmentation->rows[i].label.name_zh);
        free((char *)segmentation->rows[i].label.action);
    }
    free((char *)segmentation->scheme);
    free((char *)segmentation->map);
    free(segmentation->rows);
}

void strata_snapshot_release(struct strata_snapshot *snapshot)
{
    char *texts[] = {snapshot->tool_version, snapshot->run_id,   snapshot->created_utc, snapshot->as_of,
                     snapshot->time_zone,    snapshot->currency, snapshot->config,      snapshot->manifest};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i)
        free(texts[i]);
    for (size_t i = 0; i < snapshot->n_columns; ++i) {
        free((char *)snapshot->columns[i].name);
        free((char *)snapshot->columns[i].unit);
        free((char *)snapshot->columns[i].description);
    }
    free(snapshot->columns);
    for (size_t i = 0; i < snapshot->n_segmentations; ++i)
        release_segmentation(&snapshot->segmentations[i]);
    free(snapshot->segmentations);
    strata_hdf5_free_differences(&snapshot->clusters);
    *snapshot = (struct strata_snapshot){0};
}
