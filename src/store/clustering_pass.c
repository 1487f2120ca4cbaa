/* A clustering over a wire. */
#include <limits.h>

#include "clustering_read.h"
#include "memory.h"

static void pass_doubles(struct strata_wire *wire, double **values, size_t n)
{
    void *array = *values;
    strata_wire_pass_array(wire, &array, n, sizeof **values);
    strata_wire_refuse_if(wire, !array);
    *values = array;
}

static void pass_preparation(struct strata_wire *wire, struct strata_preparation *preparation, int d)
{
    int transform = (int)preparation->transform, scaling = (int)preparation->scaling;
    int missing = (int)preparation->missing, precision = (int)preparation->precision;
    const size_t n = (size_t)d;
    bool whitens = preparation->whitening;
    void *missing_values = preparation->missing_values;
    preparation->d = d;
    strata_wire_pass_int(wire, &transform, 0, STRATA_N_TRANSFORMS - 1);
    strata_wire_pass_int(wire, &scaling, 0, STRATA_N_SCALINGS - 1);
    strata_wire_pass_int(wire, &missing, 0, STRATA_N_MISSING - 1);
    strata_wire_pass_int(wire, &precision, 0, STRATA_N_PRECISIONS - 1);
    strata_wire_pass_int(wire, &preparation->n_quantiles, 0, STRATA_MAX_QUANTILES);
    preparation->transform = (enum strata_cluster_transform)transform;
    preparation->scaling = (enum strata_cluster_scaling)scaling;
    preparation->missing = (enum strata_cluster_missing)missing;
    preparation->precision = (enum strata_cluster_precision)precision;
    strata_wire_pass_array(wire, &missing_values, n, sizeof *preparation->missing_values);
    strata_wire_refuse_if(wire, !missing_values);
    preparation->missing_values = missing_values;
    pass_doubles(wire, &preparation->imputed, n);
    pass_doubles(wire, &preparation->lambda, n);
    pass_doubles(wire, &preparation->lower, n);
    pass_doubles(wire, &preparation->upper, n);
    pass_doubles(wire, &preparation->quantile, n * (size_t)preparation->n_quantiles);
    pass_doubles(wire, &preparation->shift, n);
    pass_doubles(wire, &preparation->divisor, n);
    pass_doubles(wire, &preparation->origin, n);
    strata_wire_pass_bool(wire, &whitens);
    strata_wire_refuse_if(wire, whitens != (preparation->scaling == STRATA_SCALING_WHITEN));
    if (whitens)
        pass_doubles(wire, &preparation->whitening, n * n);
    strata_wire_pass_double(wire, &preparation->unit);
    strata_wire_pass_int(wire, &preparation->n_dropped, 0, STRATA_HDF5_MAX_ROWS);
    strata_wire_pass_texts(wire, &preparation->dropped, (size_t)preparation->n_dropped, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_refuse_if(wire, preparation->n_dropped && !preparation->dropped);
}

static void pass_label(struct strata_wire *wire, struct strata_label *label)
{
    int number = label->value;
    char *name = (char *)label->name, *name_zh = (char *)label->name_zh;
    strata_wire_pass_int(wire, &number, INT16_MIN, INT16_MAX);
    strata_wire_pass_text(wire, &name, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_pass_text(wire, &name_zh, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_refuse_if(wire, !name);
    label->value = (int16_t)number;
    label->name = name;
    label->name_zh = name_zh;
}

static void pass_labels(struct strata_wire *wire, struct strata_clustering *clustering)
{
    if (!wire->is_sending) {
        clustering->label = strata_calloc_array((size_t)clustering->k, sizeof *clustering->label);
        if (!clustering->label && wire->status == STRATA_OK)
            wire->status = STRATA_MEMORY;
        clustering->labels = (struct strata_labels){clustering->k, clustering->label};
    }
    for (int j = 0; clustering->label && j < clustering->k; ++j)
        pass_label(wire, &clustering->label[j]);
}

static void pass_fit(struct strata_wire *wire, struct strata_clustering *clustering)
{
    int *const numbers[] = {&clustering->iterations, &clustering->converged, &clustering->restarts,
                            &clustering->n_dissolved, &clustering->next_number};
    strata_wire_pass_double(wire, &clustering->inertia);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i)
        strata_wire_pass_int(wire, numbers[i], INT_MIN, INT_MAX);
    strata_wire_pass_u64(wire, &clustering->seed);
    strata_wire_pass_u64(wire, &clustering->min_size);
}

void strata_clustering_pass(struct strata_wire *wire, struct strata_clustering *clustering)
{
    bool is_one = clustering->k > 0;
    strata_wire_pass_bool(wire, &is_one);
    if (!is_one)
        return;
    strata_wire_pass_int(wire, &clustering->k, 1, STRATA_CLUSTERS_MAX);
    strata_wire_pass_int(wire, &clustering->d, 1, STRATA_HDF5_MAX_ROWS);
    strata_wire_pass_int(wire, &clustering->n_fit, 1, STRATA_CLUSTERS_MAX);
    const size_t k = (size_t)clustering->k, d = (size_t)clustering->d, n_fit = (size_t)clustering->n_fit;
    strata_wire_pass_texts(wire, &clustering->column, d, STRATA_HDF5_MAX_TEXT_BYTES);
    strata_wire_refuse_if(wire, !clustering->column);
    strata_wire_pass_text(wire, &clustering->weights, STRATA_HDF5_MAX_TEXT_BYTES);
    pass_preparation(wire, &clustering->preparation, clustering->d);
    pass_fit(wire, clustering);
    pass_labels(wire, clustering);
    pass_doubles(wire, &clustering->centroid, k * d);
    pass_doubles(wire, &clustering->centroid_scaled, k * d);
    pass_doubles(wire, &clustering->fit_centroid, n_fit * d);
    void *cluster = clustering->fit_cluster, *size = clustering->size;
    strata_wire_pass_array(wire, &cluster, n_fit, sizeof *clustering->fit_cluster);
    strata_wire_pass_array(wire, &size, k, sizeof *clustering->size);
    strata_wire_refuse_if(wire, !cluster || !size);
    clustering->fit_cluster = cluster;
    clustering->size = size;
}
