#include "assign_table.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "missing.h"
#include "placing.h"

struct assigning {
    const struct strata_clustering *clustering;
    struct strata_placing placing;
    const double *centroid; /* n_fit x d: fit_centroid as the kernels read it */
    int16_t *label;         /* 0 for rows that get a cluster */
};

/* The columns that are clustered, then those that were left out. */
static enum strata_status find_columns(const struct strata_table *table, const struct strata_clustering *clustering,
                                       const struct strata_table_column **source, struct strata_error *err)
{
    const struct strata_preparation *preparation = &clustering->preparation;
    for (int c = 0; c < clustering->d + preparation->n_dropped; ++c) {
        const char *name = c < clustering->d ? clustering->column[c] : preparation->dropped[c - clustering->d];
        source[c] = strata_table_find(table, name);
        if (!source[c])
            return strata_fail(err, STRATA_USAGE,
                               "clusters: there is no column %s, which the clusters were made with\nmap the columns of "
                               "the transactions as it was done then",
                               name);
    }
    return STRATA_OK;
}

/* Which rows get a cluster: a row needs a value also in the columns that were left out, unless values are imputed. */
static enum strata_status settle_missing(const struct strata_table *table, struct strata_clustering *clustering,
                                         const struct strata_table_column *const *source,
                                         const struct strata_row_chunks *chunks, int threads, int16_t *label,
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_missing_scan scan = {0};
    struct strata_preparation *preparation = &clustering->preparation;
    bool imputes = preparation->missing == STRATA_MISSING_MEDIAN || preparation->missing == STRATA_MISSING_ZERO;
    int n_columns = clustering->d + (imputes ? 0 : preparation->n_dropped);
    size_t n_without = 0;
    STRATA_TRY(strata_missing_scan(&scan, source, n_columns, preparation->transform, chunks, threads, label, err));
    memcpy(preparation->missing_values, scan.n_missing, (size_t)clustering->d * sizeof *scan.n_missing);
    if (imputes)
        memset(label, 0, table->n_rows * sizeof *label);
    else
        STRATA_TRY(
            strata_missing_settle(&scan, preparation->missing, source, n_columns, chunks, label, &n_without, err));
    clustering->n_missing = n_without;
done:
    strata_missing_scan_release(&scan);
    return status;
}

/* As the kernels compute it (kernel.h); place: d numbers in the range of the fit, in its precision. */
static int nearest_in_range(const struct assigning *assigning, const double *place)
{
    const struct strata_clustering *clustering = assigning->clustering;
    const bool wide = clustering->preparation.precision == STRATA_PRECISION_FLOAT64;
    int nearest = 0, d = clustering->d;
    double best = INFINITY;
    for (int j = 0; j < clustering->n_fit; ++j) {
        const double *centroid = assigning->centroid + (size_t)j * (size_t)d;
        double distance = 0;
        for (int c = 0; c < d && distance < best; ++c) {
            double difference = place[c] - centroid[c];
            /* Of floats, rounding it to a float rounds once. */
            distance = wide ? difference * difference + distance
                            : (double)fmaf((float)difference, (float)difference, (float)distance);
        }
        if (distance < best) {
            best = distance;
            nearest = j;
        }
    }
    return nearest;
}

/* In the precision of the fit. */
static double in_precision(const struct strata_clustering *clustering, double value)
{
    return clustering->preparation.precision == STRATA_PRECISION_FLOAT64 ? value : (double)(float)value;
}

/* z: its values lie `stride` apart. */
static int nearest_beyond(const struct assigning *assigning, const double *z, size_t stride)
{
    const struct strata_preparation *preparation = assigning->placing.preparation;
    int nearest = 0, d = assigning->clustering->d;
    double best = INFINITY;
    for (int j = 0; j < assigning->clustering->n_fit; ++j) {
        const double *centroid = assigning->clustering->fit_centroid + (size_t)j * (size_t)d;
        double distance = 0;
        for (int c = 0; c < d; ++c) {
            double difference = (z[(size_t)c * stride] - preparation->origin[c]) / preparation->unit - centroid[c];
            distance += difference * difference;
        }
        if (distance < best) {
            best = distance;
            nearest = j;
        }
    }
    return nearest;
}

/* Label the rows of a block; place: d values of room. */
static void assign_block(const struct assigning *assigning, size_t first, size_t n, double *z, double *place)
{
    size_t stride = strata_placing_rows(&assigning->placing);
    const struct strata_clustering *clustering = assigning->clustering;
    strata_placing_scale(&assigning->placing, first, n, z);
    for (size_t i = 0; i < n; ++i) {
        if (assigning->label[first + i] != 0)
            continue;
        bool is_in_range = true;
        for (int c = 0; c < clustering->d; ++c) {
            double value = strata_preparation_place(&clustering->preparation, c, z[(size_t)c * stride + i]);
            place[c] = in_precision(clustering, value);
            is_in_range = is_in_range && fabs(place[c]) <= 1;
        }
        int nearest = is_in_range ? nearest_in_range(assigning, place) : nearest_beyond(assigning, z + i, stride);
        assigning->label[first + i] = clustering->fit_cluster[nearest];
    }
}

static enum strata_status assign_rows(const struct assigning *assigning, const struct strata_row_chunks *chunks,
                                      int threads, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t d = (size_t)assigning->clustering->d, rows = strata_placing_rows(&assigning->placing);
    size_t doubles = strata_placing_room(&assigning->placing);
    double *room = strata_malloc_array((size_t)threads, doubles * sizeof *room);
    double *place = strata_malloc_array((size_t)threads, d * sizeof *place);
    if (!room || !place)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu columns to assign", d);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks->n_chunks; ++chunk) {
        size_t thread = (size_t)omp_get_thread_num(), end = strata_row_chunk_start(chunks, chunk + 1);
        for (size_t first = strata_row_chunk_start(chunks, chunk); first < end; first += rows)
            assign_block(assigning, first, end - first < rows ? end - first : rows, room + thread * doubles,
                         place + thread * d);
    }
done:
    free(room);
    free(place);
    return status;
}

enum strata_status strata_cluster_assign(const struct strata_table *table, struct strata_clustering *clustering,
                                         int threads, int16_t *label, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_row_chunks chunks = strata_row_chunks_of(table->n_rows);
    size_t n_fit_values = (size_t)clustering->n_fit * (size_t)clustering->d;
    size_t n_columns = (size_t)clustering->d + (size_t)clustering->preparation.n_dropped;
    const struct strata_table_column **source =
        strata_calloc_array(n_columns, sizeof(const struct strata_table_column *));
    double *centroid = strata_malloc_array(n_fit_values, sizeof *centroid);
    uint64_t *size = strata_calloc_array(INT16_MAX + 1, sizeof *size); /* by number */
    if (!source || !centroid || !size)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d clusters in %d columns", clustering->k, clustering->d);
    STRATA_TRY(find_columns(table, clustering, source, err));
    STRATA_TRY(settle_missing(table, clustering, source, &chunks, threads, label, err));
    for (size_t i = 0; i < n_fit_values; ++i)
        centroid[i] = in_precision(clustering, clustering->fit_centroid[i]);
    const struct assigning assigning = {clustering, {&clustering->preparation, source}, centroid, label};
    STRATA_TRY(assign_rows(&assigning, &chunks, threads, err));
    for (size_t row = 0; row < table->n_rows; ++row)
        if (label[row] > 0)
            ++size[label[row]];
    for (int j = 0; j < clustering->k; ++j)
        clustering->size[j] = size[clustering->label[j].value];
done:
    free(size);
    free(source);
    free(centroid);
    return status;
}
