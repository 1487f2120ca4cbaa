/* A lightweight coreset: rows drawn half uniformly (by weight), half by squared distance from the mean, weighted so
 * that every clustering costs on it about what it costs on all rows (Bachem, Lucic, Krause, KDD 2018,
 * arXiv 1702.08248). Far rows are kept. The draws are stratified over the rows' order.
 */
#ifndef STRATA_CLUSTER_CORESET_H
#define STRATA_CLUSTER_CORESET_H

#include "points.h"

/* At most n_draws distinct rows of `points` as a finished point set of its own, weighted, in the same units. The draws
 * depend on the seed alone. */
enum strata_status strata_coreset_draw(struct strata_points *coreset, const struct strata_points *points,
                                       size_t n_draws, uint64_t seed, int threads,
                                       struct strata_error *err) STRATA_MUST_USE;

#endif
