/* The random streams of the clustering: each purpose has 2^32 of its own. */
#ifndef STRATA_CLUSTER_STREAMS_H
#define STRATA_CLUSTER_STREAMS_H

#include <stdint.h>

#define STRATA_STREAM_SEEDING    ((uint64_t)1 << 32) /* + restart; index: round and candidate */
#define STRATA_STREAM_CORESET    ((uint64_t)2 << 32) /* index: place in the coreset */
#define STRATA_STREAM_SWAPS      ((uint64_t)3 << 32) /* + restart; index: round */
#define STRATA_STREAM_CANDIDATES ((uint64_t)7 << 32) /* + round; index: row */

#endif
