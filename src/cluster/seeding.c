#include "seeding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "random.h"
#include "streams.h"

enum strata_status strata_seeding_init(struct strata_seeding *seeding, const struct strata_points *points,
                                       const struct strata_kernels *kernels, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *seeding = (struct strata_seeding){.points = points, .kernels = kernels};
    seeding->nearest = strata_calloc_array(points->n_tiles, STRATA_TILE_ROWS * sizeof *seeding->nearest);
    seeding->candidate =
        strata_malloc_array((size_t)points->d, STRATA_MAX_CANDIDATES * strata_points_real_size(points));
    seeding->mass = strata_malloc_array(points->n_chunks, sizeof *seeding->mass);
    if (!seeding->nearest || !seeding->candidate || !seeding->mass)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: seeding among %zu points", points->n);
done:
    if (status != STRATA_OK)
        strata_seeding_release(seeding);
    return status;
}

void strata_seeding_release(struct strata_seeding *seeding)
{
    free(seeding->nearest);
    free(seeding->candidate);
    free(seeding->mass);
    *seeding = (struct strata_seeding){0};
}

/* Before the first centroid every point counts with its weight. */
static void begin(struct strata_seeding *seeding)
{
    const struct strata_points *points = seeding->points;
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk) {
        seeding->mass[chunk] = 0;
        size_t end = strata_points_chunk_start(points, chunk + 1);
        for (size_t row = strata_points_chunk_start(points, chunk); row < end; ++row) {
            seeding->nearest[row] = 1;
            seeding->mass[chunk] += strata_points_weight(points, row);
        }
    }
}

static double total_mass(const struct strata_seeding *seeding)
{
    double total = 0;
    for (size_t chunk = 0; chunk < seeding->points->n_chunks; ++chunk)
        total += seeding->mass[chunk];
    return total;
}

/* The row at which the cumulative mass passes `target`; always one with a mass above 0. */
static size_t row_at(const struct strata_seeding *seeding, double target)
{
    const struct strata_points *points = seeding->points;
    size_t chosen = 0, with_mass = 0;
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk) {
        if (!(seeding->mass[chunk] > 0))
            continue;
        chosen = chunk;
        if (target < seeding->mass[chunk])
            break;
        target -= seeding->mass[chunk];
    }
    size_t end = strata_points_chunk_start(points, chosen + 1);
    for (size_t row = strata_points_chunk_start(points, chosen); row < end; ++row) {
        double mass = strata_points_weight(points, row) * (double)seeding->nearest[row];
        if (!(mass > 0))
            continue;
        with_mass = row;
        target -= mass;
        if (target < 0)
            break;
    }
    return with_mass;
}

/* Candidate i of a round is drawn with number (round, i) of the stream. */
static void draw_candidates(struct strata_seeding *seeding, int n_candidates, uint64_t seed, uint64_t stream, int round)
{
    const struct strata_points *points = seeding->points;
    double total = total_mass(seeding);
    for (int i = 0; i < n_candidates; ++i) {
        uint64_t index = (uint64_t)round * STRATA_MAX_CANDIDATES + (uint64_t)i;
        size_t row = row_at(seeding, strata_uniform_at(seed, stream, index) * total);
        for (int c = 0; c < points->d; ++c)
            strata_points_set_real(points, seeding->candidate, (size_t)(i * points->d + c),
                                   strata_points_value(points, row, c));
    }
}

/* The candidate that leaves the least mass, the first one on ties. */
static int best_candidate(const struct strata_seeding *seeding, int n_candidates)
{
    double sum[STRATA_MAX_CANDIDATES] = {0}, potential[STRATA_MAX_CANDIDATES];
    if (n_candidates == 1)
        return 0;
    for (size_t chunk = 0; chunk < seeding->points->n_chunks; ++chunk) {
        seeding->kernels->potentials(seeding->points, chunk, seeding->candidate, n_candidates, seeding->nearest,
                                     potential);
        for (int i = 0; i < n_candidates; ++i)
            sum[i] += potential[i];
    }
    int best = 0;
    for (int i = 1; i < n_candidates; ++i)
        if (sum[i] < sum[best])
            best = i;
    return best;
}

static void raise_nearest(struct strata_seeding *seeding)
{
    for (size_t row = 0; row < seeding->points->n; ++row)
        seeding->nearest[row] = INFINITY;
}

static void approach(struct strata_seeding *seeding, const void *centroid)
{
    for (size_t chunk = 0; chunk < seeding->points->n_chunks; ++chunk)
        seeding->mass[chunk] = seeding->kernels->approach(seeding->points, chunk, centroid, seeding->nearest);
}

int strata_seeding_run(struct strata_seeding *seeding, int k, uint64_t seed, int restart, double *centroid)
{
    const struct strata_points *points = seeding->points;
    int n_candidates = 2 + (int)floor(log(k));
    begin(seeding);
    for (int round = 0; round < k; ++round) {
        if (!(total_mass(seeding) > 0))
            return round;
        /* One draw for the first centroid: no distance tells candidates apart yet. */
        int n_drawn = round == 0 ? 1 : n_candidates;
        draw_candidates(seeding, n_drawn, seed, STRATA_STREAM_SEEDING + (uint64_t)restart, round);
        size_t best = (size_t)best_candidate(seeding, n_drawn), d = (size_t)points->d;
        const char *chosen = (const char *)seeding->candidate + best * d * strata_points_real_size(points);
        if (round == 0)
            raise_nearest(seeding);
        approach(seeding, chosen);
        for (size_t c = 0; c < d; ++c)
            centroid[(size_t)round * d + c] = strata_points_real(points, chosen, c);
    }
    return k;
}

int strata_seeding_survey(struct strata_seeding *seeding, const double *centroid, int k)
{
    size_t d = (size_t)seeding->points->d;
    raise_nearest(seeding);
    for (size_t j = 0; j < (size_t)k; ++j) {
        for (size_t c = 0; c < d; ++c)
            strata_points_set_real(seeding->points, seeding->candidate, c, centroid[j * d + c]);
        approach(seeding, seeding->candidate);
    }
    return total_mass(seeding) > 0;
}

void strata_seeding_swap(struct strata_seeding *seeding, double *centroid, int k, uint64_t seed, int restart, int round)
{
    size_t d = (size_t)seeding->points->d;
    uint64_t stream = STRATA_STREAM_SWAPS + (uint64_t)restart;
    /* The draw of the point uses the round's first number. */
    uint64_t index = (uint64_t)round * STRATA_MAX_CANDIDATES + 1;
    size_t removed = (size_t)(strata_uniform_at(seed, stream, index) * k);
    draw_candidates(seeding, 1, seed, stream, round);
    for (size_t c = 0; c < d; ++c)
        centroid[removed * d + c] = strata_points_real(seeding->points, seeding->candidate, c);
}
