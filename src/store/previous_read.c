#include "previous_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"
#include "snapshot_write.h"

/* Ids are read in parts of about this size. */
enum { PART_BYTES = 4 << 20 };

static const double largest_value = 1e100;

static enum strata_status check_schema(hid_t file, const char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int version;
    char *schema = NULL;
    STRATA_TRY(strata_hdf5_get_text(file, "schema", path, &schema, err));
    if (!schema || strcmp(schema, STRATA_SNAPSHOT_SCHEMA) != 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s is not a snapshot of strata: there are no earlier clusters to take up",
                       path);
    STRATA_TRY(strata_hdf5_get_int(file, "schema_version", path, &version, err));
    if (version != STRATA_SNAPSHOT_SCHEMA_VERSION)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has schema version %d; this strata reads version %d", path, version,
                       STRATA_SNAPSHOT_SCHEMA_VERSION);
done:
    free(schema);
    return status;
}

static enum strata_status count_rows(hid_t group, const char *name, const char *path, int *n, struct strata_error *err)
{
    hid_t dataset = -1;
    hsize_t n_rows = 0;
    enum strata_status status = strata_hdf5_open_column(group, name, path, &dataset, &n_rows, err);
    if (status != STRATA_OK)
        return status;
    (void)H5Dclose(dataset);
    if (n_rows < 1 || n_rows > INT16_MAX)
        return strata_fail(err, STRATA_REJECTED, "%s: %llu rows of %s in /clusters are none of strata's", path,
                           (unsigned long long)n_rows, name);
    *n = (int)n_rows;
    return STRATA_OK;
}

static enum strata_status read_centroids(hid_t group, const char *path, struct strata_previous_clusters *previous,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t dataset = -1;
    hsize_t extent[2], k = (hsize_t)previous->k, d = (hsize_t)previous->d;
    STRATA_TRY(strata_hdf5_open_matrix(group, "centroids", path, &dataset, extent, err));
    if (extent[0] != k || extent[1] != d || !strata_hdf5_is_stored(dataset, k * d))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the centroids are not those of %d clusters in %d columns", path,
                       previous->k, previous->d);
    previous->centroid = strata_malloc_array((size_t)k, (size_t)d * sizeof *previous->centroid);
    if (!previous->centroid)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the clusters of %s", path);
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, previous->centroid) < 0) {
        status = strata_hdf5_fail_read(err, path, "the centroids");
        goto done;
    }
    for (size_t i = 0; i < k * d; ++i)
        if (!(fabs(previous->centroid[i]) <= largest_value))
            STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: a centroid is %g, which is none of strata's", path,
                           previous->centroid[i]);
done:
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return status;
}

/* Their numbers: distinct, from 1; and the next one. */
static enum strata_status read_numbers(hid_t group, const char *path, struct strata_previous_clusters *previous,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t k = (size_t)previous->k;
    int *number = strata_malloc_array(k, sizeof *number);
    bool *is_taken = strata_calloc_array((size_t)INT16_MAX + 1, sizeof *is_taken);
    if (!number || !is_taken)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the clusters of %s", path);
    STRATA_TRY(strata_hdf5_get_numbers(group, "values", path, H5T_NATIVE_INT, k, number, err));
    previous->next_number = 1;
    if (H5Aexists(group, "next_number") > 0)
        STRATA_TRY(strata_hdf5_get_int(group, "next_number", path, &previous->next_number, err));
    for (size_t j = 0; j < k; ++j) {
        if (number[j] < 1 || number[j] > INT16_MAX || is_taken[number[j]])
            STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: the numbers of its clusters are not distinct numbers from 1",
                           path);
        is_taken[number[j]] = true;
        previous->label[j].value = (int16_t)number[j];
        previous->next_number = number[j] >= previous->next_number ? number[j] + 1 : previous->next_number;
    }
done:
    free(number);
    free(is_taken);
    return status;
}

static enum strata_status read_names(hid_t group, const char *path, struct strata_previous_clusters *previous,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t k = (size_t)previous->k;
    char **name = strata_calloc_array(k, 2 * sizeof *name), **name_zh = name ? name + k : NULL;
    if (!name)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the clusters of %s", path);
    STRATA_TRY(strata_hdf5_get_texts(group, "names", path, k, name, err));
    STRATA_TRY(strata_hdf5_get_texts(group, "names_zh", path, k, name_zh, err));
done:
    for (size_t j = 0; name && j < k; ++j) {
        previous->label[j].name = name[j];
        previous->label[j].name_zh = name_zh[j];
    }
    free(name);
    return status;
}

static enum strata_status read_clusters(hid_t file, const char *path, struct strata_previous_clusters *previous,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t group = -1;
    STRATA_TRY(strata_hdf5_open_group(file, "clusters", path, &group, err));
    STRATA_TRY(count_rows(group, "columns", path, &previous->d, err));
    previous->column = strata_calloc_array((size_t)previous->d, sizeof *previous->column);
    STRATA_TRY(count_rows(group, "values", path, &previous->k, err));
    previous->label = strata_calloc_array((size_t)previous->k, sizeof *previous->label);
    if (!previous->column || !previous->label)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the clusters of %s", path);
    STRATA_TRY(strata_hdf5_get_texts(group, "columns", path, (size_t)previous->d, previous->column, err));
    STRATA_TRY(read_centroids(group, path, previous, err));
    STRATA_TRY(read_numbers(group, path, previous, err));
    STRATA_TRY(read_names(group, path, previous, err));
done:
    if (group >= 0)
        (void)H5Gclose(group);
    return status;
}

enum strata_status strata_previous_read(const char *path, struct strata_previous_clusters *previous,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_session session;
    hid_t file = -1;
    *previous = (struct strata_previous_clusters){0};
    strata_hdf5_session_begin(&session);
    STRATA_TRY(strata_hdf5_open(path, &file, err));
    STRATA_TRY(check_schema(file, path, err));
    STRATA_TRY(strata_hdf5_get_text(file, "run_id", path, &previous->run_id, err));
    if (strata_hdf5_has(file, "clusters"))
        STRATA_TRY(read_clusters(file, path, previous, err));
done:
    if (file >= 0)
        (void)H5Fclose(file);
    strata_hdf5_session_end(&session);
    if (status != STRATA_OK)
        strata_previous_clusters_release(previous);
    return status;
}

/* The ids and clusters of a snapshot, and where the pass over them is. */
struct roll {
    const char *path;
    hid_t file, customers, keys, ids, type; /* type: of the ids */
    hsize_t n_rows;
    size_t width, part_rows;
    int16_t *cluster; /* n_rows */
    char *text;       /* part_rows x width */
    struct strata_key last;
    const struct strata_key *customer; /* n */
    int16_t *label;
    size_t n, next; /* the next customer who is not behind the last id */
};

static enum strata_status open_roll(struct roll *roll, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t clusters = -1;
    hsize_t n_clusters = 0;
    const char *path = roll->path;
    STRATA_TRY(strata_hdf5_open(path, &roll->file, err));
    STRATA_TRY(strata_hdf5_open_group(roll->file, "customers", path, &roll->customers, err));
    STRATA_TRY(strata_hdf5_open_group(roll->file, "keys", path, &roll->keys, err));
    STRATA_TRY(strata_hdf5_open_column(roll->keys, "customer_id", path, &roll->ids, &roll->n_rows, err));
    STRATA_TRY(strata_hdf5_open_column(roll->customers, "cluster", path, &clusters, &n_clusters, err));
    roll->type = H5Dget_type(roll->ids);
    bool is_text = roll->type >= 0 && H5Tget_class(roll->type) == H5T_STRING && H5Tis_variable_str(roll->type) == 0;
    roll->width = is_text ? H5Tget_size(roll->type) : 0;
    if (!is_text || roll->width < 1 || roll->width > STRATA_KEY_MAX_BYTES || n_clusters != roll->n_rows ||
        !strata_hdf5_is_stored(roll->ids, roll->n_rows) || !strata_hdf5_is_stored(clusters, n_clusters))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s is not a whole snapshot: its ids and clusters are not of one length",
                       path);
    roll->part_rows = PART_BYTES / roll->width;
    roll->text = strata_malloc_array(roll->part_rows, roll->width);
    roll->cluster = strata_malloc_array((size_t)roll->n_rows, sizeof *roll->cluster);
    if (!roll->text || !roll->cluster)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %llu ids of %s", (unsigned long long)roll->n_rows, path);
    if (H5Dread(clusters, H5T_NATIVE_INT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, roll->cluster) < 0)
        status = strata_hdf5_fail_read(err, path, "the clusters of its customers");
done:
    if (clusters >= 0)
        (void)H5Dclose(clusters);
    return status;
}

static void close_roll(struct roll *roll)
{
    if (roll->type >= 0)
        (void)H5Tclose(roll->type);
    if (roll->ids >= 0)
        (void)H5Dclose(roll->ids);
    if (roll->keys >= 0)
        (void)H5Gclose(roll->keys);
    if (roll->customers >= 0)
        (void)H5Gclose(roll->customers);
    if (roll->file >= 0)
        (void)H5Fclose(roll->file);
    free(roll->text);
    free(roll->cluster);
}

static enum strata_status read_part(struct roll *roll, hsize_t first, hsize_t n, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t in_file = H5Dget_space(roll->ids), in_memory = H5Screate_simple(1, &n, NULL);
    if (in_file < 0 || in_memory < 0 || H5Sselect_hyperslab(in_file, H5S_SELECT_SET, &first, NULL, &n, NULL) < 0 ||
        H5Dread(roll->ids, roll->type, in_memory, in_file, H5P_DEFAULT, roll->text) < 0)
        status = strata_hdf5_fail_read(err, roll->path, "the ids of its customers");
    if (in_file >= 0)
        (void)H5Sclose(in_file);
    if (in_memory >= 0)
        (void)H5Sclose(in_memory);
    return status;
}

/* Both are in the same order: who is behind the id was not there. */
static void meet(struct roll *roll, struct strata_key id, int16_t cluster)
{
    int order = 1;
    while (roll->next < roll->n && (order = strata_key_compare_places(roll->customer[roll->next], id)) < 0)
        ++roll->next;
    if (roll->next < roll->n && order == 0)
        roll->label[roll->next] = cluster > 0 ? cluster : INT16_MIN;
}

static enum strata_status meet_part(struct roll *roll, hsize_t first, size_t n, struct strata_key_arena *arena,
                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (size_t i = 0; i < n; ++i) {
        const char *text = roll->text + i * roll->width;
        struct strata_key id;
        STRATA_TRY(strata_key_encode(text, strnlen(text, roll->width), arena, &id, err));
        if (first + i > 0 && strata_key_compare_places(roll->last, id) >= 0)
            STRATA_GIVE_UP(err, STRATA_REJECTED,
                           "%s is not a whole snapshot: its customers are not in the order that strata writes",
                           roll->path);
        roll->last = id;
        meet(roll, id, roll->cluster[first + i]);
    }
done:
    return status;
}

enum strata_status strata_previous_read_labels(const char *path, const struct strata_key *customer, size_t n,
                                               int16_t *label, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_hdf5_session session;
    struct strata_key_arena arena[2] = {{0}, {0}}; /* of this part, and of the one before, whose last id is compared */
    struct roll roll = {.path = path,
                        .file = -1,
                        .customers = -1,
                        .keys = -1,
                        .ids = -1,
                        .type = -1,
                        .customer = customer,
                        .label = label,
                        .n = n};
    strata_hdf5_session_begin(&session);
    for (size_t i = 0; i < n; ++i)
        label[i] = INT16_MIN;
    STRATA_TRY(open_roll(&roll, err));
    int part = 0;
    for (hsize_t first = 0; first < roll.n_rows; first += roll.part_rows, part = 1 - part) {
        hsize_t rest = roll.n_rows - first, n_part = rest < roll.part_rows ? rest : roll.part_rows;
        strata_key_arena_release(&arena[part]);
        STRATA_TRY(read_part(&roll, first, n_part, err));
        STRATA_TRY(meet_part(&roll, first, (size_t)n_part, &arena[part], err));
    }
done:
    close_roll(&roll);
    strata_key_arena_release(&arena[0]);
    strata_key_arena_release(&arena[1]);
    strata_hdf5_session_end(&session);
    return status;
}
