#include "hdf5_service.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_dataset.h"
#include "hdf5_error.h"
#include "hdf5_find.h"
#include "memory.h"

struct service {
    const struct strata_hdf5_order *order;
    struct strata_hdf5_session session;
    struct strata_hdf5_latch latch;
    hid_t driver, file;
    struct strata_hdf5_table table;
    const struct strata_hdf5_column *column[STRATA_N_ROLES]; /* that are selected; NULL: not */
    struct strata_hdf5_selection selection;
    size_t cache_bytes; /* that are left for chunks */
    struct strata_hdf5_dataset dataset[STRATA_N_ROLES];
};

static enum strata_status open_file(struct service *service, struct strata_error *err)
{
    const char *path = service->order->path;
    enum strata_status status = STRATA_OK;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    service->driver = strata_hdf5_driver_register();
    if (access >= 0 && service->driver >= 0 &&
        strata_hdf5_driver_use(access, service->driver, service->order->descriptor, &service->latch) >= 0)
        service->file = H5Fopen("/input", H5F_ACC_RDONLY, access); /* the driver knows what file that is */
    if (service->latch.os_error)
        status = strata_fail(err, STRATA_IO, "cannot read %s: %s", path, strerror(service->latch.os_error));
    else if (service->file <= 0)
        status = strata_hdf5_fail_input(err, path, "opening it (is it whole?)");
    if (access >= 0)
        (void)H5Pclose(access);
    return status;
}

static void close_file(struct service *service)
{
    for (int i = 0; i < service->selection.n_datasets; ++i)
        strata_hdf5_dataset_close(&service->dataset[i]);
    strata_hdf5_table_release(&service->table);
    if (service->file > 0)
        (void)H5Fclose(service->file);
    if (service->driver > 0)
        (void)H5FDunregister(service->driver);
}

/* A read that failed looks like damage to HDF5. */
static enum strata_status correct(const struct service *service, enum strata_status status, struct strata_error *err)
{
    if (status == STRATA_OK || !service->latch.os_error)
        return status;
    return strata_fail(err, STRATA_IO, "cannot read %s: %s", service->order->path, strerror(service->latch.os_error));
}

/* Of a dataset with members: as it is stored if all that are wanted are so, else HDF5 picks and converts them. */
static hid_t compound_memory(const struct service *service, hid_t stored, size_t offset[STRATA_N_ROLES], bool *is_plain)
{
    size_t n_bytes = 0;
    *is_plain = true;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        const struct strata_hdf5_column *column = service->column[role];
        if (!column)
            continue;
        *is_plain = *is_plain && column->is_plain;
        offset[role] = n_bytes;
        n_bytes += (column->size + 7) / 8 * 8;
    }
    if (*is_plain) {
        for (int role = 0; role < STRATA_N_ROLES; ++role)
            if (service->column[role])
                offset[role] = H5Tget_member_offset(stored, (unsigned)service->column[role]->member);
        return H5Tcopy(stored);
    }
    hid_t memory = H5Tcreate(H5T_COMPOUND, n_bytes);
    for (int role = 0; memory >= 0 && role < STRATA_N_ROLES; ++role) {
        const struct strata_hdf5_column *column = service->column[role];
        bool is_again = false;
        for (int earlier = 0; earlier < role; ++earlier)
            if (column && service->column[earlier] == column) {
                offset[role] = offset[earlier];
                is_again = true;
            }
        if (column && !is_again)
            (void)H5Tinsert(memory, column->name, offset[role], column->memory);
    }
    return memory;
}

/* Where in a row the columns are that are strings of variable length. */
static int find_variable(const struct service *service, const size_t offset[STRATA_N_ROLES],
                         size_t variable[STRATA_N_ROLES])
{
    int n = 0;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        const struct strata_hdf5_column *column = service->column[role];
        bool is_again = false;
        for (int i = 0; i < n; ++i)
            is_again = is_again || variable[i] == offset[role];
        if (column && column->form == STRATA_HDF5_VARIABLE_TEXT && !is_again)
            variable[n++] = offset[role];
    }
    return n;
}

static enum strata_status open_compound(struct service *service, struct strata_error *err)
{
    size_t offset[STRATA_N_ROLES] = {0}, variable[STRATA_N_ROLES];
    bool is_plain = false;
    const char *name = service->table.path;
    hid_t dataset = H5Dopen2(service->file, name, H5P_DEFAULT), stored = dataset < 0 ? -1 : H5Dget_type(dataset);
    hid_t memory = stored < 0 ? -1 : compound_memory(service, stored, offset, &is_plain);
    if (stored >= 0)
        (void)H5Tclose(stored);
    if (memory < 0) {
        enum strata_status status = strata_hdf5_fail_input(err, service->order->path, "the dataset %s", name);
        if (dataset >= 0)
            (void)H5Dclose(dataset);
        return status;
    }
    memcpy(service->selection.offset, offset, sizeof offset);
    const struct strata_hdf5_dataset_request request = {
        .dataset = dataset,
        .memory = memory,
        .is_plain = is_plain,
        .n_variable = find_variable(service, offset, variable),
        .variable = variable,
        .cache_bytes = &service->cache_bytes,
        .name = name,
        .path = service->order->path,
        .latch = &service->latch,
    };
    enum strata_status status = strata_hdf5_dataset_open(&service->dataset[0], &request, err);
    service->selection.n_datasets = status == STRATA_OK;
    return status;
}

static enum strata_status open_dataset(struct service *service, int role, struct strata_error *err)
{
    static const size_t beginning = 0;
    const struct strata_hdf5_column *column = service->column[role];
    hid_t group = H5Gopen2(service->file, service->table.path, H5P_DEFAULT);
    hid_t id = group < 0 ? -1 : H5Dopen2(group, column->name, H5P_DEFAULT);
    if (id < 0) {
        enum strata_status status = strata_hdf5_fail_input(err, service->order->path, "the dataset %s", column->name);
        if (group >= 0)
            (void)H5Gclose(group);
        return status;
    }
    (void)H5Gclose(group);
    enum strata_status status =
        strata_hdf5_column_check(column, id, role == STRATA_ROLE_TIME, service->order->path, err);
    if (status != STRATA_OK) {
        (void)H5Dclose(id);
        return status;
    }
    const struct strata_hdf5_dataset_request request = {
        .dataset = id,
        .memory = H5Tcopy(column->memory),
        .is_plain = column->is_plain,
        .n_variable = column->form == STRATA_HDF5_VARIABLE_TEXT,
        .variable = &beginning,
        .cache_bytes = &service->cache_bytes,
        .name = column->name,
        .path = service->order->path,
        .latch = &service->latch,
    };
    const int number = service->selection.n_datasets;
    struct strata_hdf5_dataset *dataset = &service->dataset[number];
    status = strata_hdf5_dataset_open(dataset, &request, err);
    if (status != STRATA_OK)
        return status;
    service->selection.dataset[role] = service->selection.n_datasets++;
    if (number > 0 && dataset->layout.n_rows != service->dataset[0].layout.n_rows)
        return strata_fail(err, STRATA_REJECTED, "%s: column %s has %llu rows where %s has %llu", service->order->path,
                           dataset->name, (unsigned long long)dataset->layout.n_rows, service->dataset[0].name,
                           (unsigned long long)service->dataset[0].layout.n_rows);
    return STRATA_OK;
}

static enum strata_status open_datasets(struct service *service, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        if (!service->column[role])
            continue;
        int same = 0;
        while (same < role && service->column[same] != service->column[role])
            ++same;
        if (same < role)
            service->selection.dataset[role] = service->selection.dataset[same];
        else
            STRATA_TRY(open_dataset(service, role, err));
    }
done:
    return status;
}

static void answer_select(struct service *service, struct strata_wire *wire)
{
    enum strata_status outcome = STRATA_OK;
    struct strata_error error = {0};
    int column[STRATA_N_ROLES];
    strata_hdf5_columns_pass(wire, column, service->table.n_columns);
    if (wire->status != STRATA_OK)
        return;
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        service->column[role] = column[role] < 0 ? NULL : &service->table.column[column[role]];
    if (service->selection.n_datasets)
        outcome = strata_fail(&error, STRATA_INTERNAL, "columns are selected twice");
    else
        outcome = service->table.is_compound ? open_compound(service, &error) : open_datasets(service, &error);
    outcome = correct(service, outcome, &error);
    strata_wire_send(wire);
    strata_wire_pass_outcome(wire, &outcome, &error);
    if (outcome != STRATA_OK)
        return;
    strata_hdf5_selection_pass(wire, &service->selection);
    for (int i = 0; i < service->selection.n_datasets; ++i)
        strata_hdf5_layout_pass(wire, &service->dataset[i].layout);
}

static void answer_rows(struct service *service, enum strata_hdf5_request request, struct strata_wire *wire)
{
    struct strata_hdf5_range range = {0};
    strata_hdf5_range_pass(wire, &range);
    if (wire->status == STRATA_OK && range.dataset >= (size_t)service->selection.n_datasets)
        wire->status = STRATA_REJECTED;
    if (wire->status != STRATA_OK)
        return;
    strata_wire_send(wire);
    if (request == STRATA_HDF5_LOCATE)
        strata_hdf5_dataset_locate(&service->dataset[range.dataset], &range, wire);
    else
        strata_hdf5_dataset_read(&service->dataset[range.dataset], &range, wire);
}

void strata_hdf5_serve(void *context, struct strata_wire *wire)
{
    const struct strata_hdf5_order *order = context;
    struct service service = {.order = order, .cache_bytes = order->cache_bytes};
    struct strata_error error = {0};
    strata_hdf5_session_begin(&service.session);
    enum strata_status outcome = open_file(&service, &error);
    if (outcome == STRATA_OK)
        outcome = correct(&service,
                          strata_hdf5_table_find(&service.table, service.file, service.order->table,
                                                 service.order->path, &error),
                          &error);
    strata_wire_send(wire);
    strata_wire_pass_outcome(wire, &outcome, &error);
    if (outcome == STRATA_OK)
        strata_hdf5_table_pass(wire, &service.table);
    strata_wire_receive(wire);
    while (outcome == STRATA_OK && wire->status == STRATA_OK) {
        int request = 0;
        strata_wire_pass_int(wire, &request, 0, STRATA_HDF5_N_REQUESTS - 1);
        strata_contained_allow_time();
        if (wire->status != STRATA_OK)
            break;
        if (request == STRATA_HDF5_SELECT)
            answer_select(&service, wire);
        else
            answer_rows(&service, (enum strata_hdf5_request)request, wire);
        strata_wire_receive(wire);
    }
    close_file(&service);
    strata_hdf5_session_end(&service.session);
}
