#include "prepare.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "collapse.h"
#include "memory.h"
#include "missing.h"
#include "moments.h"
#include "scalings.h"
#include "transforms.h"
#include "weights.h"

/* While columns are prepared. */
struct preparing {
    const struct strata_prepare_options *options;
    struct strata_row_chunks chunks;
    struct strata_missing_scan scan;
    struct strata_imputed_columns imputed;     /* the columns with their missing values filled in */
    struct strata_placing placing;             /* of those */
    struct strata_moments *moments;            /* one per column */
    const struct strata_table_column *weights; /* or NULL */
    struct strata_moments *scratch;            /* n_chunks */
};

void strata_prepared_release(struct strata_prepared *prepared)
{
    strata_points_release(&prepared->points);
    strata_preparation_release(&prepared->preparation);
    free(prepared->source);
    *prepared = (struct strata_prepared){0};
}

static void release(struct preparing *preparing)
{
    strata_missing_scan_release(&preparing->scan);
    strata_imputed_columns_release(&preparing->imputed);
    free(preparing->moments);
    free(preparing->scratch);
}

static enum strata_status find_columns(const struct strata_table *table, const struct strata_prepare_options *options,
                                       const struct strata_table_column **source, struct strata_error *err)
{
    for (int c = 0; c < options->n_columns; ++c) {
        const char *name = options->columns[c];
        source[c] = strata_table_find(table, name);
        if (!source[c])
            return strata_fail(err, STRATA_USAGE, "clusters: there is no column %s; name features or scores", name);
        for (int other = 0; other < c; ++other)
            if (source[other] == source[c])
                return strata_fail(err, STRATA_USAGE, "clusters: column %s is named twice; remove one", name);
    }
    return STRATA_OK;
}

static enum strata_status find_weights(struct preparing *preparing, const struct strata_table *table,
                                       const int16_t *label, struct strata_error *err)
{
    const char *name = preparing->options->weights;
    if (!name)
        return STRATA_OK;
    preparing->weights = strata_table_find(table, name);
    if (!preparing->weights)
        return strata_fail(err, STRATA_USAGE, "clusters: there is no column of weights %s", name);
    return strata_weights_check(preparing->weights, table->n_rows, label, err);
}

/* The transform's parameters, and the moments of what comes out. */
static enum strata_status measure_column(struct preparing *preparing, struct strata_preparation *preparation, int c,
                                         const int16_t *label, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_prepare_options *options = preparing->options;
    const struct strata_transform *transform = &strata_transforms[options->transform];
    struct strata_order order = {0};
    if (transform->fit) {
        const struct strata_order_source rows = {.column = preparing->placing.column[c],
                                                 .n_rows = preparing->chunks.n_rows,
                                                 .group = label,
                                                 .n_groups = 1,
                                                 .threads = options->threads};
        STRATA_TRY(strata_order_init(&order, &rows, err));
        const struct strata_transform_source source = {.order = &order,
                                                       .winsor_lower = options->winsor_lower,
                                                       .winsor_upper = options->winsor_upper};
        STRATA_TRY(transform->fit(&source, preparation, c, err));
    }
    preparing->moments[c] =
        strata_moments_measure(&preparing->placing, c, &preparing->chunks, label, preparing->scratch, options->threads);
done:
    strata_order_release(&order);
    return status;
}

static enum strata_status drop_column(struct strata_preparation *preparation, const char *name,
                                      struct strata_error *err)
{
    char *copy = strata_copy_string(name);
    if (!copy)
        return strata_fail(err, STRATA_MEMORY, "out of memory: the name of a column");
    preparation->dropped[preparation->n_dropped++] = copy;
    return STRATA_OK;
}

/* Keep the columns that vary; all of them if none does. */
static enum strata_status keep_varying(struct preparing *preparing, struct strata_prepared *prepared,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_preparation *preparation = &prepared->preparation;
    int n_columns = preparation->d, kept = 0;
    prepared->constant = true;
    for (int c = 0; c < n_columns; ++c)
        prepared->constant = prepared->constant && !strata_moments_vary(&preparing->moments[c]);
    for (int c = 0; c < n_columns; ++c) {
        if (!prepared->constant && !strata_moments_vary(&preparing->moments[c])) {
            STRATA_TRY(drop_column(preparation, prepared->source[c]->about.name, err));
            continue;
        }
        strata_preparation_move(preparation, c, kept);
        prepared->source[kept] = prepared->source[c];
        preparing->imputed.column[kept] = preparing->imputed.column[c];
        preparing->moments[kept++] = preparing->moments[c];
    }
    preparation->d = kept;
done:
    return status;
}

/* The widest distance from the origin. */
static double measure_reach(const struct preparing *preparing, struct strata_preparation *preparation)
{
    double widest = 0;
    for (int c = 0; c < preparation->d; ++c) {
        const struct strata_moments *moments = &preparing->moments[c];
        double low = (moments->min - preparation->shift[c]) / preparation->divisor[c];
        double high = (moments->max - preparation->shift[c]) / preparation->divisor[c];
        if (preparation->scaling == STRATA_SCALING_NONE) {
            /* Rounding the values by the subtraction would move all of a grid, and so the centroids, the same way. */
            double mean = fmin(fmax(moments->mean, moments->min), moments->max);
            double step = strata_points_mean_step(low, high);
            preparation->origin[c] = rint(mean / step) * step;
        }
        widest = fmax(widest, fmax(high - preparation->origin[c], preparation->origin[c] - low));
    }
    return widest;
}

/* Call `visit` for the places of the rows of every chunk, block by block, in parallel. */
struct visitor {
    void (*visit)(void *context, size_t chunk, size_t first, size_t n, const double *z, size_t stride);
    void *context;
};

static enum strata_status visit_places(const struct preparing *preparing, const struct visitor *visitor,
                                       struct strata_error *err)
{
    const struct strata_row_chunks *chunks = &preparing->chunks;
    size_t stride = strata_placing_rows(&preparing->placing), doubles = strata_placing_room(&preparing->placing);
    int threads = preparing->options->threads;
    double *room = strata_malloc_array((size_t)threads, doubles * sizeof *room);
    if (!room)
        return strata_fail_memory(err, "columns to cluster", (size_t)threads, doubles * sizeof *room);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks->n_chunks; ++chunk) {
        double *z = room + (size_t)omp_get_thread_num() * doubles;
        size_t end = strata_row_chunk_start(chunks, chunk + 1);
        for (size_t first = strata_row_chunk_start(chunks, chunk); first < end; first += stride) {
            size_t n = end - first < stride ? end - first : stride;
            strata_placing_scale(&preparing->placing, first, n, z);
            visitor->visit(visitor->context, chunk, first, n, z, stride);
        }
    }
    free(room);
    return STRATA_OK;
}

struct reaching {
    const int16_t *label;
    int d;
    double *widest; /* one per chunk */
};

static void reach_block(void *context, size_t chunk, size_t first, size_t n, const double *z, size_t stride)
{
    struct reaching *reaching = context;
    for (size_t c = 0; c < (size_t)reaching->d; ++c)
        for (size_t i = 0; i < n; ++i)
            if (reaching->label[first + i] == 0)
                reaching->widest[chunk] = fmax(reaching->widest[chunk], fabs(z[c * stride + i]));
}

static enum strata_status measure_whitened_reach(const struct preparing *preparing, int d, const int16_t *label,
                                                 double *widest, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct reaching reaching = {.label = label,
                                .d = d,
                                .widest = strata_calloc_array(preparing->chunks.n_chunks, sizeof *widest)};
    if (!reaching.widest)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the range of %d columns", d);
    STRATA_TRY(visit_places(preparing, &(struct visitor){reach_block, &reaching}, err));
    *widest = 0;
    for (size_t chunk = 0; chunk < preparing->chunks.n_chunks; ++chunk)
        *widest = fmax(*widest, reaching.widest[chunk]);
done:
    free(reaching.widest);
    return status;
}

struct filling {
    const struct strata_preparation *preparation;
    const int16_t *label;
    struct strata_points *points;
    size_t *next; /* one per chunk: the point of its next row */
};

static void fill_block(void *context, size_t chunk, size_t first, size_t n, const double *z, size_t stride)
{
    struct filling *filling = context;
    size_t point = filling->next[chunk];
    for (int c = 0; c < filling->preparation->d; ++c) {
        point = filling->next[chunk];
        for (size_t i = 0; i < n; ++i)
            if (filling->label[first + i] == 0)
                strata_points_set(filling->points, point++, c,
                                  strata_preparation_place(filling->preparation, c, z[(size_t)c * stride + i]));
    }
    filling->next[chunk] = point;
}

/* The points from the settled preparation. */
static enum strata_status place_points(struct preparing *preparing, const int16_t *label,
                                       struct strata_prepared *prepared, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_preparation *preparation = &prepared->preparation;
    struct strata_points *points = &prepared->points;
    double widest = 0;
    if (preparation->whitening)
        STRATA_TRY(measure_whitened_reach(preparing, preparation->d, label, &widest, err));
    else
        widest = measure_reach(preparing, preparation);
    /* A hair more than the range: rounding must not push the farthest value out of [-1, 1]. */
    preparation->unit = strata_points_unit(widest * (1 + 0x1p-20));
    STRATA_TRY(strata_points_init(points, preparing->chunks.n_rows - prepared->n_missing, preparation->d,
                                  preparing->weights, preparation->precision == STRATA_PRECISION_FLOAT64, err));
    memcpy(points->shift, preparation->origin, (size_t)preparation->d * sizeof *points->shift);
    points->unit = preparation->unit;
    struct filling filling = {preparation, label, points, preparing->scan.start};
    STRATA_TRY(visit_places(preparing, &(struct visitor){fill_block, &filling}, err));
    if (preparing->weights)
        strata_weights_place(preparing->weights, preparing->chunks.n_rows, label, points);
    STRATA_TRY(strata_points_finish(points, preparing->options->threads, err));
    STRATA_TRY(strata_points_collapse(points, STRATA_COLLAPSE_MEASURED, preparing->options->threads, err));
done:
    return status;
}

static enum strata_status settle_columns(struct preparing *preparing, struct strata_prepared *prepared,
                                         const int16_t *label, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_preparation *preparation = &prepared->preparation;
    for (int c = 0; c < preparation->d; ++c)
        STRATA_TRY(measure_column(preparing, preparation, c, label, err));
    STRATA_TRY(keep_varying(preparing, prepared, err));
    if (strata_scalings[preparation->scaling]) {
        const struct strata_scaling_source source = {.placing = &preparing->placing,
                                                     .chunks = &preparing->chunks,
                                                     .label = label,
                                                     .moments = preparing->moments,
                                                     .threads = preparing->options->threads};
        STRATA_TRY(strata_scalings[preparation->scaling](&source, preparation, err));
    }
done:
    return status;
}

enum strata_status strata_prepare(const struct strata_table *table, const struct strata_prepare_options *options,
                                  int16_t *label, struct strata_prepared *prepared, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_row_chunks chunks = strata_row_chunks_of(table->n_rows);
    struct preparing preparing = {.options = options, .chunks = chunks};
    struct strata_preparation *preparation = &prepared->preparation;
    size_t n_columns = (size_t)options->n_columns;
    bool has_grid =
        options->transform == STRATA_TRANSFORM_QUANTILE || options->transform == STRATA_TRANSFORM_QUANTILE_NORMAL;
    *prepared = (struct strata_prepared){
        .source = strata_calloc_array(n_columns, sizeof(const struct strata_table_column *)),
    };
    preparing.moments = strata_malloc_array(n_columns, sizeof *preparing.moments);
    preparing.scratch = strata_malloc_array(chunks.n_chunks, sizeof *preparing.scratch);
    if (!preparing.moments || !preparing.scratch || !prepared->source)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu columns to cluster", n_columns);
    STRATA_TRY(find_columns(table, options, prepared->source, err));
    STRATA_TRY(strata_missing_scan(&preparing.scan, prepared->source, options->n_columns, options->transform, &chunks,
                                   options->threads, label, err));
    STRATA_TRY(strata_missing_settle(&preparing.scan, options->missing, prepared->source, options->n_columns, &chunks,
                                     label, &prepared->n_missing, err));
    size_t n_placed = table->n_rows - prepared->n_missing;
    STRATA_TRY(strata_preparation_init(preparation, options->n_columns, options->transform, options->scaling,
                                       has_grid ? strata_quantile_grid_size(n_placed) : 0, err));
    preparation->missing = options->missing;
    preparation->precision = options->precision;
    memcpy(preparation->missing_values, preparing.scan.n_missing, n_columns * sizeof *preparation->missing_values);
    preparation->dropped = strata_calloc_array(n_columns, sizeof *preparation->dropped);
    if (!preparation->dropped)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu columns to cluster", n_columns);
    if (n_placed == 0)
        goto done;
    STRATA_TRY(find_weights(&preparing, table, label, err));
    STRATA_TRY(strata_impute(&preparing.imputed, preparation, prepared->source, table->n_rows, options->threads, err));
    preparing.placing = (struct strata_placing){preparation, preparing.imputed.column};
    STRATA_TRY(settle_columns(&preparing, prepared, label, err));
    STRATA_TRY(place_points(&preparing, label, prepared, err));
done:
    release(&preparing);
    if (status != STRATA_OK)
        strata_prepared_release(prepared);
    return status;
}
