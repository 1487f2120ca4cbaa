#include "snapshot_pass.h"

#include <limits.h>

#include "hdf5_read.h"
#include "memory.h"

enum { DECIMALS_MAX = 18 };

static void pass_text(struct strata_wire *wire, const char **text)
{
    char *copy = (char *)*text;
    strata_wire_pass_text(wire, &copy, STRATA_HDF5_MAX_TEXT_BYTES);
    *text = copy;
}

/* Room for what is about to be received. */
static void *make_room(struct strata_wire *wire, size_t *n, size_t size)
{
    void *memory = strata_calloc_array(*n, size);
    if (!memory) {
        *n = 0;
        if (wire->status == STRATA_OK)
            wire->status = STRATA_MEMORY;
    }
    return memory;
}

static void pass_column(struct strata_wire *wire, struct strata_column *column)
{
    int type = (int)column->type;
    strata_wire_pass_int(wire, &type, STRATA_I8, STRATA_F64);
    column->type = (enum strata_type)type;
    pass_text(wire, &column->name);
    pass_text(wire, &column->unit);
    pass_text(wire, &column->description);
    strata_wire_refuse_if(wire, !column->name);
}

static void pass_row(struct strata_wire *wire, struct strata_segment_row *row)
{
    double *const numbers[] = {&row->customer_share, &row->revenue_share, &row->recency_median, &row->frequency_median,
                               &row->monetary_median};
    int value = row->label.value;
    strata_wire_pass_int(wire, &value, INT16_MIN, INT16_MAX);
    row->label.value = (int16_t)value;
    pass_text(wire, &row->label.name);
    pass_text(wire, &row->label.name_zh);
    pass_text(wire, &row->label.action);
    strata_wire_pass_u64(wire, &row->customers);
    strata_wire_pass_i64(wire, &row->revenue_minor);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i)
        strata_wire_pass_double(wire, numbers[i]);
    strata_wire_refuse_if(wire, !row->label.name);
}

static void pass_segmentation(struct strata_wire *wire, struct strata_segmentation *segmentation)
{
    size_t n = (size_t)segmentation->n_rows;
    pass_text(wire, &segmentation->scheme);
    pass_text(wire, &segmentation->map);
    strata_wire_pass_int(wire, &segmentation->amount_decimals, 0, DECIMALS_MAX);
    strata_wire_pass_size(wire, &n, STRATA_HDF5_MAX_ROWS);
    if (!wire->is_sending) {
        segmentation->rows = make_room(wire, &n, sizeof *segmentation->rows);
        segmentation->n_rows = (int)n;
    }
    for (int i = 0; i < segmentation->n_rows; ++i)
        pass_row(wire, &segmentation->rows[i]);
    strata_wire_refuse_if(wire, !segmentation->scheme);
}

static void pass_differences(struct strata_wire *wire, struct strata_cluster_differences *differences)
{
    void *value = differences->value;
    strata_wire_pass_int(wire, &differences->k, 0, INT16_MAX);
    strata_wire_pass_int(wire, &differences->d, 0, STRATA_HDF5_MAX_ROWS);
    const size_t k = (size_t)differences->k, d = (size_t)differences->d;
    if (k == 0)
        return;
    strata_wire_pass_texts(wire, &differences->columns, d, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_pass_texts(wire, &differences->names, k, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_pass_texts(wire, &differences->names_zh, k, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_pass_array(wire, &value, k * d, sizeof *differences->value);
    differences->value = value;
    strata_wire_refuse_if(wire, !differences->columns || !differences->names || !differences->names_zh ||
                                    !differences->value);
    strata_wire_pass_int(wire, &differences->n_features, 0, STRATA_HDF5_MAX_ROWS);
    const size_t n_features = (size_t)differences->n_features;
    if (n_features == 0)
        return;
    value = differences->feature_value;
    strata_wire_pass_texts(wire, &differences->features, n_features, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_pass_array(wire, &value, k * n_features, sizeof *differences->feature_value);
    differences->feature_value = value;
    strata_wire_refuse_if(wire, !differences->features || !differences->feature_value);
}

void strata_snapshot_pass(struct strata_wire *wire, struct strata_snapshot *snapshot)
{
    char **const texts[] = {&snapshot->tool_version, &snapshot->run_id,   &snapshot->created_utc, &snapshot->as_of,
                            &snapshot->time_zone,    &snapshot->currency, &snapshot->config,      &snapshot->manifest};
    strata_wire_pass_u64(wire, &snapshot->customers);
    strata_wire_pass_int(wire, &snapshot->schema_version, INT_MIN, INT_MAX);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i)
        strata_wire_pass_text(wire, texts[i], STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_pass_size(wire, &snapshot->n_columns, STRATA_HDF5_MAX_NAMES);
    if (!wire->is_sending)
        snapshot->columns = make_room(wire, &snapshot->n_columns, sizeof *snapshot->columns);
    for (size_t i = 0; i < snapshot->n_columns; ++i)
        pass_column(wire, &snapshot->columns[i]);
    strata_wire_pass_size(wire, &snapshot->n_segmentations, STRATA_HDF5_MAX_NAMES);
    if (!wire->is_sending)
        snapshot->segmentations = make_room(wire, &snapshot->n_segmentations, sizeof *snapshot->segmentations);
    for (size_t i = 0; i < snapshot->n_segmentations; ++i)
        pass_segmentation(wire, &snapshot->segmentations[i]);
    pass_differences(wire, &snapshot->clusters);
}
