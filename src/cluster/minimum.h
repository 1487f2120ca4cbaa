/* No cluster with fewer points than somebody can act on. */
#ifndef STRATA_CLUSTER_MINIMUM_H
#define STRATA_CLUSTER_MINIMUM_H

#include "search.h"

/* While a cluster of the fit has fewer than min_size points and is not the only one, the smallest (the first on ties)
 * loses its centroid and the others are iterated on from where they are: its points go to their neighbours, and every
 * point stays with its nearest centroid. `*n_dissolved`: how many clusters went. options: of the fit; its k and start
 * are not used. The fit is released on failure. */
enum strata_status strata_minimum_enforce(const struct strata_points *points,
                                          const struct strata_search_options *options, uint64_t min_size,
                                          struct strata_fit *fit, int *n_dissolved,
                                          struct strata_error *err) STRATA_MUST_USE;

#endif
