/* The random streams of the clustering: each purpose has 2^32 of its own. */
#ifndef STRATA_CLUSTER_STREAMS_H
#define STRATA_CLUSTER_STREAMS_H

#include <stdint.h>

#define STRATA_STREAM_SEEDING    ((uint64_t)1 << 32) /* + restart; index: round and candidate */
#define STRATA_STREAM_CORESET    ((uint64_t)2 << 32) /* index: place in the coreset */
#define STRATA_STREAM_SWAPS      ((uint64_t)3 << 32) /* + restart; index: round */
#define STRATA_STREAM_SILHOUETTE ((uint64_t)4 << 32) /* + cluster; index: stretch */
#define STRATA_STREAM_BOOTSTRAP  ((uint64_t)5 << 32) /* + resample; index: place in the sample */
#define STRATA_STREAM_GAP        ((uint64_t)6 << 32) /* + reference, or 0 for the sample; index: value */
#define STRATA_STREAM_CANDIDATES ((uint64_t)7 << 32) /* + round; index: row */
#define STRATA_STREAM_COLLAPSE   ((uint64_t)8 << 32) /* index: place in the sample */

#endif
