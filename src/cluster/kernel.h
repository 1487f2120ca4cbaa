/* The inner loops, one build of the same source per instruction set, with bit-identical results.
 *
 * Distances are sums over the columns, in their order, of the squares of differences: of floats, each rounded once with
 * the sum (fused multiply-add), or of doubles, rounded before they are added.
 * Values and centroids are in the units of the tiles (points.h).
 */
#ifndef STRATA_CLUSTER_KERNEL_H
#define STRATA_CLUSTER_KERNEL_H

#include <stdint.h>

#include "points.h"

enum strata_instructions {
    STRATA_INSTRUCTIONS_BEST,
    STRATA_INSTRUCTIONS_BASELINE,
    STRATA_INSTRUCTIONS_AVX2,
    STRATA_INSTRUCTIONS_AVX512,
    STRATA_INSTRUCTIONS_NEON,
};

enum { STRATA_NO_CLUSTER = 0xFFFF, STRATA_MAX_CANDIDATES = 16 };
enum { STRATA_LIST_ROWS = 1024, STRATA_LIST_ROOM = STRATA_LIST_ROWS + 16 };

#define STRATA_VALIDITY_STEPS 0x1p50

/* Centroids to be near to. */
struct strata_places {
    int k, d;
    const void *centroid; /* k x d in the precision of the points; a row of INFINITY is nearest to nobody */
};

struct strata_validity_job {
    const struct strata_points *points;
    int k;
    const void *centroid;  /* k x d in the precision of the points */
    const void *spread;    /* k, so as well: SSE_j / n_j, n_j the sum of the weights */
    const double *factor;  /* k: n_j / (n_j - 1), 0 where n_j is 1 */
    const uint16_t *label; /* 16 n_tiles */
};

struct strata_kernels {
    /* The nearest centroid of each point of n_tiles tiles, the first one on ties. margin: 16 n_tiles, or NULL: how far
     * centroids may shift, the point's own and the others' farthest shift together, without another one becoming its
     * nearest as computed here; below 0 if nothing is certain. */
    void (*nearest)(const struct strata_places *places, const void *tile, size_t n_tiles, uint16_t *now, float *margin);

    /* Those of n <= STRATA_LIST_ROWS rows whose limit is not above the reach (k) of their label, in order. row: room
     * for STRATA_LIST_ROOM. Returns how many. label < k. */
    size_t (*doubtful)(const uint16_t *label, const float *limit, const float *reach, int k, size_t n, uint16_t *row);

    /* The same of those whose labels differ. */
    size_t (*different)(const uint16_t *label, const uint16_t *now, size_t n, uint16_t *row);

    /* The sum of w min(nearest, |x - candidate|^2) over a chunk's rows for each of n_candidates (x d) candidates.
     * nearest: 16 n_tiles, 0 in the padding. */
    void (*potentials)(const struct strata_points *points, size_t chunk, const void *candidate, int n_candidates,
                       const float *nearest, double *potential);

    /* nearest = min(nearest, |x - centroid|^2) over a chunk's rows; returns the sum of w nearest. */
    double (*approach)(const struct strata_points *points, size_t chunk, const void *centroid, float *nearest);

    /* Add to sum (2 + k), over a chunk's rows, each times its integer weight (sums.h) and in steps of
     * 1 / STRATA_VALIDITY_STEPS (validity.h): the silhouettes, the simplified silhouettes, and for each of the k
     * clusters the distances to its centroid. */
    void (*validity)(const struct strata_validity_job *job, size_t chunk, strata_int128 *sum);
};

/* For points of floats, and for these points. NULL if this machine cannot run the instructions wanted. */
const struct strata_kernels *strata_kernels_select(enum strata_instructions wanted);
const struct strata_kernels *strata_kernels_for(const struct strata_points *points, enum strata_instructions wanted);

extern const struct strata_kernels strata_kernels_baseline, strata_kernels_baseline_wide;
#if defined(__x86_64__)
extern const struct strata_kernels strata_kernels_avx2, strata_kernels_avx2_wide;
extern const struct strata_kernels strata_kernels_avx512, strata_kernels_avx512_wide;
#elif defined(__aarch64__)
extern const struct strata_kernels strata_kernels_neon, strata_kernels_neon_wide;
#endif

#endif
