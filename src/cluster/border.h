/* The rows near a border between clusters, copied out of the points: as long as no other row can change its cluster
 * (bounds.h), a pass looks at these alone, and reads no more memory than they take.
 *
 * They are kept chunk by chunk, each in room of its own, so that threads do not meet.
 */
#ifndef STRATA_CLUSTER_BORDER_H
#define STRATA_CLUSTER_BORDER_H

#include "points.h"

struct strata_border {
    size_t room;     /* rows of a chunk at most, whole tiles */
    size_t *n;       /* n_chunks: rows of the chunk; above room if they were too many, and are not all here */
    float *tile;     /* n_chunks x room x d, as in points.h */
    uint32_t *row;   /* n_chunks x room: which row of the chunk it is */
    uint16_t *label; /* n_chunks x room: its cluster */
};

/* The share of the points' rows that there is room for: it takes at most 8 bytes per row of the points. */
double strata_border_share(const struct strata_points *points);

/* Only for float32 points without weights and counts. */
enum strata_status strata_border_init(struct strata_border *border, const struct strata_points *points,
                                      struct strata_error *err) STRATA_MUST_USE;

/* Are all rows here that were to be? */
bool strata_border_is_whole(const struct strata_border *border, const struct strata_points *points);

/* Add rows row[0..n), from row `first` of the points on, which are in `chunk` and in clusters label[row[i]]. */
void strata_border_add(struct strata_border *border, const struct strata_points *points, size_t chunk, size_t first,
                       const uint16_t *row, size_t n, const uint16_t *label);

/* The rows of a chunk as points, without more than a pass needs; they own nothing. */
struct strata_points strata_border_points(const struct strata_border *border, const struct strata_points *points,
                                          size_t chunk);

void strata_border_release(struct strata_border *border);

#endif
