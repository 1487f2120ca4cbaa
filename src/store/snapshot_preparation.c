/* How columns were prepared for clustering, and what labels are decided by. */
#include "snapshot_parts.h"

#include "check.h"

static enum strata_status put_arrays(struct strata_hdf5_file *file, const struct strata_clustering *clustering,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_preparation *preparation = &clustering->preparation;
    const hsize_t d = (hsize_t)clustering->d, n_fit = (hsize_t)clustering->n_fit;
    const struct strata_hdf5_array arrays[] = {
        {"/clusters/missing_values", H5T_NATIVE_INT64, {d}, preparation->missing_values, "1", "Rows without a value"},
        {"/clusters/imputed",
         H5T_NATIVE_DOUBLE,
         {d},
         preparation->imputed,
         NULL,
         "What a missing value counts as, in raw units; NaN: nothing"},
        {"/clusters/lambda",
         H5T_NATIVE_DOUBLE,
         {d},
         preparation->lambda,
         "1",
         "Power of the transform; NaN where it has none"},
        {"/clusters/lower",
         H5T_NATIVE_DOUBLE,
         {d},
         preparation->lower,
         NULL,
         "Values below count as this, in raw units"},
        {"/clusters/upper",
         H5T_NATIVE_DOUBLE,
         {d},
         preparation->upper,
         NULL,
         "Values above count as this, in raw units"},
        {"/clusters/shift", H5T_NATIVE_DOUBLE, {d}, preparation->shift, NULL, "s = (transform(x) - shift) / divisor"},
        {"/clusters/divisor",
         H5T_NATIVE_DOUBLE,
         {d},
         preparation->divisor,
         NULL,
         "s = (transform(x) - shift) / divisor"},
        {"/clusters/origin",
         H5T_NATIVE_DOUBLE,
         {d},
         preparation->origin,
         "1",
         "Of /clusters/fit: (z - origin) / unit, in float32"},
        {"/clusters/fit/centroids",
         H5T_NATIVE_DOUBLE,
         {n_fit, d},
         clustering->fit_centroid,
         "1",
         "What labels are decided by, (z - origin) / unit: the nearest in float32, the first on ties"},
        {"/clusters/fit/clusters",
         H5T_NATIVE_INT16,
         {n_fit},
         clustering->fit_cluster,
         "1",
         "The cluster that each of these stands for"},
    };
    const struct strata_hdf5_array grid = {
        "/clusters/quantiles",
        H5T_NATIVE_DOUBLE,
        {d, (hsize_t)preparation->n_quantiles},
        preparation->quantile,
        NULL,
        "Values at the ranks 0 to 1 in equal steps, in raw units; one row per column"};
    const struct strata_hdf5_array whitening = {"/clusters/whitening",
                                                H5T_NATIVE_DOUBLE,
                                                {d, d},
                                                preparation->whitening,
                                                "1",
                                                "z = whitening s; otherwise z = s"};
    STRATA_TRY(strata_hdf5_put_group(file, "/clusters/fit", err));
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; ++i)
        STRATA_TRY(strata_hdf5_put_array(file, &arrays[i], err));
    if (preparation->n_quantiles)
        STRATA_TRY(strata_hdf5_put_array(file, &grid, err));
    if (preparation->whitening)
        STRATA_TRY(strata_hdf5_put_array(file, &whitening, err));
done:
    return status;
}

enum strata_status strata_snapshot_write_preparation(struct strata_hdf5_file *file,
                                                     const struct strata_clustering *clustering,
                                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_preparation *preparation = &clustering->preparation;
    const struct {
        const char *name, *word;
    } texts[] = {
        {"transform", strata_transform_names[preparation->transform]},
        {"scaling", strata_scaling_names[preparation->scaling]},
        {"missing_policy", strata_missing_names[preparation->missing]},
        {"precision", strata_precision_names[preparation->precision]},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i)
        STRATA_TRY(strata_hdf5_put_text(file, "/clusters", texts[i].name, texts[i].word, err));
    STRATA_TRY(strata_hdf5_put_scalar(file, "/clusters", "unit", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE,
                                      &preparation->unit, err));
    STRATA_TRY(put_arrays(file, clustering, err));
    if (preparation->n_dropped > 0)
        STRATA_TRY(strata_hdf5_put_text_array(file, "/clusters/dropped", (size_t)preparation->n_dropped,
                                              (const char *const *)preparation->dropped,
                                              "Columns that are left out: all rows are alike in them", err));
done:
    return status;
}
