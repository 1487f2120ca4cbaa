#include "previous_labels.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contained.h"
#include "digest.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"

/* Ids are read in parts of about this size. */
enum { PART_BYTES = 4 << 20 };

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
    char digest[STRATA_DIGEST_BYTES];
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
    STRATA_TRY(status);
    strata_values_digest(roll->cluster, (size_t)roll->n_rows * sizeof *roll->cluster, digest);
    STRATA_TRY(strata_digest_check(clusters, "/customers/cluster", path, digest, err));
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

/* Where to, for whom. */
struct request {
    const char *path;
    const struct strata_key *customer; /* the child has them as they were when it began */
    int16_t *label;
    size_t n;
};

static enum strata_status read_labels(void *result, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct request *request = result;
    struct strata_hdf5_session session;
    struct strata_key_arena arena[2] = {{0}, {0}}; /* of this part, and of the one before, whose last id is compared */
    struct roll roll = {.path = request->path,
                        .file = -1,
                        .customers = -1,
                        .keys = -1,
                        .ids = -1,
                        .type = -1,
                        .customer = request->customer,
                        .label = request->label,
                        .n = request->n};
    strata_hdf5_session_begin(&session);
    for (size_t i = 0; i < roll.n; ++i)
        roll.label[i] = INT16_MIN;
    STRATA_TRY(open_roll(&roll, err));
    int part = 0;
    for (hsize_t first = 0; first < roll.n_rows; first += roll.part_rows, part = 1 - part) {
        hsize_t rest = roll.n_rows - first, n_part = rest < roll.part_rows ? rest : roll.part_rows;
        strata_contained_allow_time();
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

static void pass_labels(void *result, struct strata_wire *wire)
{
    const struct request *request = result;
    strata_wire_pass_bytes(wire, request->label, request->n * sizeof *request->label);
    for (size_t i = 0; !wire->is_sending && i < request->n; ++i)
        strata_wire_refuse_if(wire, request->label[i] <= 0 && request->label[i] != INT16_MIN);
}

enum strata_status strata_previous_labels_read(const char *path, const struct strata_key *customer, size_t n,
                                               int16_t *label, struct strata_error *err)
{
    struct request request = {path, customer, label, n};
    const struct strata_contained_reading contained = {path, &request, read_labels, pass_labels};
    return strata_contained_read(&contained, err);
}
