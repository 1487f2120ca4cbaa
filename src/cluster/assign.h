/* One pass over the points: each to its nearest centroid, what moved into the sums.
 *
 * Bounds (Hamerly, SDM 2010, in one number per row): a row's limit is the reach of its cluster at which its label
 * becomes doubtful, where the reach of a cluster grows by its centroid's shift and the farthest shift of the others.
 * Rows whose limit is above the reach keep their label unseen. Limits allow for every rounding: labels are always those
 * of a pass without them.
 *
 * Where reading a limit takes as long as looking at the row, no limits are kept: the rows that would be doubtful at a
 * reach some passes ahead are copied out, and until it comes to that they alone are looked at (border.h).
 */
#ifndef STRATA_CLUSTER_ASSIGN_H
#define STRATA_CLUSTER_ASSIGN_H

#include "border.h"
#include "sums.h"

enum strata_assign_mode {
    STRATA_ASSIGN_PLAIN,   /* look at every row; limits are neither read nor written */
    STRATA_ASSIGN_RENEW,   /* look at every row, and write its limit; every reach is 0 */
    STRATA_ASSIGN_BOUNDED, /* look at the doubtful rows, and renew their limits */
    STRATA_ASSIGN_GATHER,  /* look at every row, and gather those that are doubtful at the reach */
    STRATA_ASSIGN_BORDER,  /* look at the gathered rows */
};

/* What one thread needs for its part of a pass. */
struct strata_assignment {
    const struct strata_points *points;
    const struct strata_kernels *kernels;
    struct strata_places places;
    enum strata_assign_mode mode;
    bool unlabelled;              /* no row is counted in a cluster yet, and labels are not set; the mode is plain */
    uint16_t *label;              /* 16 n_tiles: the cluster that the sums count the row in */
    float *limit;                 /* 16 n_tiles; NULL if passes are plain or use the border */
    struct strata_border *border; /* for gathering */
    const float *reach;           /* k */
    void *packed;                 /* strata_packed_values(d) in the precision of the points, 64-byte aligned */
    struct strata_change *change;
    size_t chunk;                 /* at work on */
    const uint32_t *row_of;       /* the points are gathered ones: which row of the chunk each is; or NULL */
    uint16_t *row_label;          /* and the labels of the chunk */
    uint64_t n_moved, n_doubtful; /* counted up; doubtful: rows looked at with bounds */
};

/* The doubtful rows of several tiles are packed into as many as this. */
enum { STRATA_PACKED_TILES = 4 };

static inline size_t strata_packed_values(int d) { return (size_t)d * STRATA_TILE_ROWS * STRATA_PACKED_TILES; }

/* Before the tiles of a chunk. */
void strata_assign_begin(struct strata_assignment *job, size_t chunk);

/* Tiles first..end of that chunk; nothing is left to do where the border is looked at. */
void strata_assign_tiles(struct strata_assignment *job, size_t first, size_t end);

#endif
