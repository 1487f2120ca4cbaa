#include "lloyd.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

enum strata_status strata_lloyd_init(struct strata_lloyd *lloyd, const struct strata_points *points,
                                     const struct strata_kernels *kernels, int capacity, int threads, bool bounded,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t k = (size_t)capacity, d = (size_t)points->d;
    size_t cluster_bytes = strata_sums_width(points) * sizeof *lloyd->total;
    *lloyd = (struct strata_lloyd){
        .rows = points, .points = points, .kernels = kernels, .capacity = capacity, .threads = threads};
    lloyd->centroid = strata_malloc_array(k, d * sizeof *lloyd->centroid);
    lloyd->place = strata_malloc_array(k, d * strata_points_real_size(points));
    lloyd->row_label = strata_malloc_array(points->n_tiles, STRATA_TILE_ROWS * sizeof *lloyd->label);
    if (points->distinct)
        lloyd->distinct_label = strata_malloc_array(points->distinct->n_tiles, STRATA_TILE_ROWS * sizeof *lloyd->label);
    lloyd->total = strata_malloc_array(k, cluster_bytes);
    lloyd->change = strata_calloc_array((size_t)threads, sizeof *lloyd->change);
    lloyd->packed =
        strata_calloc_array((size_t)threads, strata_packed_values(points->d) * strata_points_real_size(points));
    lloyd->far = strata_malloc_array(points->n_chunks, sizeof *lloyd->far);
    if (!lloyd->centroid || !lloyd->place || !lloyd->row_label || (points->distinct && !lloyd->distinct_label) ||
        !lloyd->total || !lloyd->change || !lloyd->packed || !lloyd->far)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d clusters of %zu points in %zu columns", capacity,
                       points->n, d);
    for (int thread = 0; thread < threads; ++thread)
        STRATA_TRY(strata_change_init(&lloyd->change[thread], points, capacity, err));
    STRATA_TRY(strata_bounds_init(&lloyd->bounds, points, capacity, bounded, err));
done:
    if (status != STRATA_OK)
        strata_lloyd_release(lloyd);
    return status;
}

void strata_lloyd_release(struct strata_lloyd *lloyd)
{
    free(lloyd->centroid);
    free(lloyd->place);
    free(lloyd->row_label);
    free(lloyd->distinct_label);
    free(lloyd->total);
    for (int thread = 0; lloyd->change && thread < lloyd->threads; ++thread)
        strata_change_release(&lloyd->change[thread]);
    free(lloyd->change);
    free(lloyd->packed);
    strata_bounds_release(&lloyd->bounds);
    free(lloyd->far);
    *lloyd = (struct strata_lloyd){0};
}

static strata_int128 *sums_of(const struct strata_lloyd *lloyd, int j)
{
    return lloyd->total + (size_t)j * strata_sums_width(lloyd->points);
}

static strata_int128 mass_of(const struct strata_lloyd *lloyd, int j)
{
    return sums_of(lloyd, j)[strata_sums_mass(lloyd->points)];
}

uint64_t strata_lloyd_size(const struct strata_lloyd *lloyd, int j)
{
    return (uint64_t)sums_of(lloyd, j)[strata_sums_rows(lloyd->points)];
}

static void begin(struct strata_lloyd *lloyd, int k)
{
    lloyd->points = lloyd->rows->distinct ? lloyd->rows->distinct : lloyd->rows;
    lloyd->label = lloyd->rows->distinct ? lloyd->distinct_label : lloyd->row_label;
    lloyd->k = k;
    lloyd->unlabelled = true;
    memset(lloyd->total, 0, (size_t)k * strata_sums_width(lloyd->points) * sizeof *lloyd->total);
    strata_bounds_forget(&lloyd->bounds);
}

/* The part of a pass over a chunk, a block for each run in turn while it is in cache. */
static void assign_chunk(struct strata_assignment *job, int n, const struct strata_points *points, size_t chunk)
{
    size_t first = chunk * points->chunk_tiles, end = first + points->chunk_tiles;
    end = end < points->n_tiles ? end : points->n_tiles;
    for (int i = 0; i < n; ++i)
        strata_assign_begin(&job[i], chunk);
    size_t step = n > 1 ? STRATA_LIST_ROWS / STRATA_TILE_ROWS : end - first;
    for (size_t tile = first; tile < end; tile += step)
        for (int i = 0; i < n; ++i)
            strata_assign_tiles(&job[i], tile, tile + step < end ? tile + step : end);
}

static struct strata_assignment assignment_of(struct strata_lloyd *lloyd, int thread)
{
    return (struct strata_assignment){
        .points = lloyd->points,
        .kernels = lloyd->kernels,
        .places = {lloyd->k, lloyd->points->d, lloyd->place},
        .mode = lloyd->bounds.mode,
        .unlabelled = lloyd->unlabelled,
        .label = lloyd->label,
        .limit = lloyd->bounds.limit,
        .border = &lloyd->bounds.border,
        .reach = lloyd->bounds.reach,
        .packed = (char *)lloyd->packed +
                  (size_t)thread * strata_packed_values(lloyd->points->d) * strata_points_real_size(lloyd->points),
        .change = &lloyd->change[thread],
    };
}

/* One pass for several runs on the same points. */
static void assign(struct strata_lloyd *const *lloyd, int n)
{
    const struct strata_points *points = lloyd[0]->points;
    const int threads = lloyd[0]->threads;
    for (int i = 0; i < n; ++i) {
        size_t n_values = (size_t)lloyd[i]->k * (size_t)points->d;
        for (size_t v = 0; v < n_values; ++v)
            strata_points_set_real(points, lloyd[i]->place, v, lloyd[i]->centroid[v]);
        strata_bounds_advance(&lloyd[i]->bounds, points, lloyd[i]->place, lloyd[i]->k);
        lloyd[i]->n_moved = lloyd[i]->n_doubtful = 0;
    }
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        struct strata_assignment job[STRATA_LLOYD_TOGETHER];
        for (int i = 0; i < n; ++i)
            job[i] = assignment_of(lloyd[i], omp_get_thread_num());
#pragma omp for schedule(static)
        for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
            assign_chunk(job, n, points, chunk);
#pragma omp critical
        for (int i = 0; i < n; ++i) {
            lloyd[i]->n_moved += job[i].n_moved;
            lloyd[i]->n_doubtful += job[i].n_doubtful;
        }
    }
    for (int i = 0; i < n; ++i) {
        lloyd[i]->unlabelled = false;
        for (int thread = 0; thread < threads; ++thread)
            strata_change_add(&lloyd[i]->change[thread], points, lloyd[i]->k, lloyd[i]->total);
        strata_bounds_choose(&lloyd[i]->bounds, points, lloyd[i]->n_doubtful, lloyd[i]->n_moved, lloyd[i]->k);
    }
}

/* Centroids to the means of their points; returns the summed squared shift. */
static double update(struct strata_lloyd *lloyd)
{
    size_t d = (size_t)lloyd->points->d;
    double shift = 0, per_value = strata_sums_per_value(lloyd->points);
    for (int j = 0; j < lloyd->k; ++j) {
        const strata_int128 *sums = sums_of(lloyd, j);
        double mass = (double)mass_of(lloyd, j);
        double *centroid = lloyd->centroid + (size_t)j * d;
        for (size_t c = 0; mass > 0 && c < d; ++c) {
            double mean = (double)sums[c] / mass / per_value;
            shift += (mean - centroid[c]) * (mean - centroid[c]);
            centroid[c] = mean;
        }
    }
    return shift;
}

/* As the kernels compute it. */
static double distance_to(const struct strata_lloyd *lloyd, size_t row, size_t cluster)
{
    const struct strata_points *points = lloyd->points;
    const size_t first = cluster * (size_t)points->d;
    double wide = 0;
    float distance = 0;
    for (int c = 0; c < points->d; ++c) {
        double difference =
            strata_points_value(points, row, c) - strata_points_real(points, lloyd->place, first + (size_t)c);
        wide += difference * difference;
        distance = fmaf((float)difference, (float)difference, distance);
    }
    return points->wide ? wide : (double)distance;
}

/* A row that scores more than 0 is nearer to itself than to its centroid. */
static struct strata_far_point farthest_in_chunk(const struct strata_lloyd *lloyd, size_t chunk)
{
    const struct strata_points *points = lloyd->points;
    struct strata_far_point far = {0, SIZE_MAX};
    size_t end = strata_points_chunk_start(points, chunk + 1);
    for (size_t row = strata_points_chunk_start(points, chunk); row < end; ++row) {
        double score = strata_points_weight(points, row) * distance_to(lloyd, row, lloyd->label[row]);
        if (score > far.score && strata_sums_weight(points, row) < mass_of(lloyd, lloyd->label[row]))
            far = (struct strata_far_point){score, row};
    }
    return far;
}

static size_t farthest_row(struct strata_lloyd *lloyd)
{
    const struct strata_points *points = lloyd->points;
#pragma omp parallel for num_threads(lloyd->threads) schedule(static) if (lloyd->threads > 1)
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        lloyd->far[chunk] = farthest_in_chunk(lloyd, chunk);
    struct strata_far_point far = {0, SIZE_MAX};
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        if (lloyd->far[chunk].score > far.score)
            far = lloyd->far[chunk];
    return far.row;
}

void strata_lloyd_label_rows(struct strata_lloyd *lloyd)
{
    const struct strata_points *rows = lloyd->rows;
    if (lloyd->points == rows)
        return;
#pragma omp parallel for num_threads(lloyd->threads) schedule(static) if (lloyd->threads > 1)
    for (size_t row = 0; row < rows->n; ++row)
        lloyd->row_label[row] = lloyd->distinct_label[rows->distinct_of[row]];
    lloyd->points = rows;
    lloyd->label = lloyd->row_label;
    strata_bounds_forget(&lloyd->bounds);
}

/* Give each cluster without weight the farthest row; returns how many were refilled. */
static int refill(struct strata_lloyd *lloyd)
{
    const struct strata_points *points = lloyd->rows;
    int n_refilled = 0;
    for (int j = 0; j < lloyd->k; ++j) {
        if (mass_of(lloyd, j) > 0)
            continue;
        strata_lloyd_label_rows(lloyd);
        size_t row = farthest_row(lloyd);
        if (row == SIZE_MAX || strata_sums_weight(points, row) == 0)
            break;
        strata_sums_move(points, row, sums_of(lloyd, lloyd->label[row]), sums_of(lloyd, j));
        lloyd->label[row] = (uint16_t)j;
        for (int c = 0; c < points->d; ++c) {
            size_t place = (size_t)j * (size_t)points->d + (size_t)c;
            lloyd->centroid[place] = strata_points_value(points, row, c);
            strata_points_set_real(points, lloyd->place, place, lloyd->centroid[place]);
        }
        ++n_refilled;
        strata_bounds_forget(&lloyd->bounds);
    }
    return n_refilled;
}

/* Drop the clusters that stayed without weight, and assign once more. */
static void drop_empty(struct strata_lloyd *lloyd)
{
    size_t d = (size_t)lloyd->points->d;
    int kept = 0;
    for (int j = 0; j < lloyd->k; ++j)
        if (mass_of(lloyd, j) > 0)
            memmove(lloyd->centroid + (size_t)kept++ * d, lloyd->centroid + (size_t)j * d, d * sizeof(double));
    if (kept == lloyd->k)
        return;
    begin(lloyd, kept);
    assign(&lloyd, 1);
}

/* What follows a pass: the run ends, or its centroids move. */
static void advance(struct strata_lloyd *lloyd, int max_iterations, double tolerance)
{
    int n_refilled = refill(lloyd);
    /* Labels may repeat at first in a run that goes on from where another one stopped. */
    bool repeated = lloyd->n_moved == 0 && lloyd->iterations > 0;
    lloyd->converged = (lloyd->settled || repeated) && n_refilled == 0;
    /* A refill is worth up to k iterations more than asked for: no cluster is left empty without need. */
    bool exhausted = lloyd->iterations >= max_iterations + (n_refilled > 0 ? lloyd->k : 0);
    lloyd->ended = lloyd->converged || exhausted;
    if (lloyd->ended) {
        drop_empty(lloyd);
        return;
    }
    lloyd->settled = update(lloyd) <= tolerance * lloyd->points->mean_variance;
    ++lloyd->iterations;
}

/* The runs that go on and are on the same points as the first of them; returns how many. */
static int gather(struct strata_lloyd *lloyd, int n, struct strata_lloyd **together)
{
    int n_together = 0;
    for (int i = 0; i < n; ++i)
        if (!lloyd[i].ended && (n_together == 0 || lloyd[i].points == together[0]->points))
            together[n_together++] = &lloyd[i];
    return n_together;
}

static void iterate(struct strata_lloyd *lloyd, int n, int max_iterations, double tolerance)
{
    struct strata_lloyd *together[STRATA_LLOYD_TOGETHER];
    int n_together;
    for (int i = 0; i < n; ++i) {
        lloyd[i].iterations = lloyd[i].converged = 0;
        lloyd[i].settled = lloyd[i].ended = false;
    }
    while ((n_together = gather(lloyd, n, together)) > 0) {
        assign(together, n_together);
        for (int i = 0; i < n_together; ++i)
            advance(together[i], max_iterations, tolerance);
    }
}

void strata_lloyd_run_together(struct strata_lloyd *lloyd, int n, const double *const *start, const int *k,
                               int max_iterations, double tolerance)
{
    for (int i = 0; i < n; ++i) {
        memcpy(lloyd[i].centroid, start[i], (size_t)k[i] * (size_t)lloyd[i].rows->d * sizeof *lloyd->centroid);
        begin(&lloyd[i], k[i]);
    }
    iterate(lloyd, n, max_iterations, tolerance);
}

void strata_lloyd_run(struct strata_lloyd *lloyd, const double *start, int k, int max_iterations, double tolerance)
{
    strata_lloyd_run_together(lloyd, 1, &start, &k, max_iterations, tolerance);
}

void strata_lloyd_resume(struct strata_lloyd *lloyd, int max_iterations, double tolerance)
{
    strata_bounds_forget(&lloyd->bounds);
    iterate(lloyd, 1, max_iterations, tolerance);
}

void strata_lloyd_copy(struct strata_lloyd *lloyd, const struct strata_lloyd *from)
{
    const struct strata_points *points = from->points;
    size_t k = (size_t)from->k;
    lloyd->points = points;
    lloyd->label = points == lloyd->rows ? lloyd->row_label : lloyd->distinct_label;
    lloyd->k = from->k;
    lloyd->iterations = from->iterations;
    lloyd->converged = from->converged;
    lloyd->unlabelled = from->unlabelled;
    memcpy(lloyd->centroid, from->centroid, k * (size_t)points->d * sizeof *lloyd->centroid);
    memcpy(lloyd->label, from->label, points->n_tiles * STRATA_TILE_ROWS * sizeof *lloyd->label);
    memcpy(lloyd->total, from->total, k * strata_sums_width(points) * sizeof *lloyd->total);
}

double strata_lloyd_inertia(const struct strata_lloyd *lloyd)
{
    const struct strata_points *points = lloyd->points;
    double explained = 0, per_mass = strata_sums_per_mass(points);
    for (int j = 0; j < lloyd->k; ++j) {
        const strata_int128 *sums = sums_of(lloyd, j);
        double mass = (double)mass_of(lloyd, j), length = 0;
        for (int c = 0; c < points->d; ++c)
            length += (double)sums[c] * (double)sums[c];
        if (mass > 0)
            explained += length / (mass * per_mass);
    }
    double per_value = strata_sums_per_value(points);
    return fmax(points->squares - explained / per_value / per_value, 0);
}
