/* A score method: where its edges lie and how a value meets them.
 *
 * To add a method: one row in STRATA_SCORE_METHOD_LIST, one file with its `strata_scorer_NAME`, one row in scores.c.
 */
#ifndef STRATA_SCORES_METHOD_H
#define STRATA_SCORES_METHOD_H

#include "order_statistics.h"
#include "scores.h"

/* What is being scored. */
struct strata_scoring {
    const struct strata_table *table;
    const struct strata_table_column *column;
    bool lower_is_better;
    const struct strata_score_options *options;
};

struct strata_score_edges {
    int n;
    double value[STRATA_MAX_LEVELS - 1]; /* in the order of rising score */
};

/* A level is `lowest` + the edges that a value meets: those strictly worse than it, or equal ones too. */
struct strata_edge_rule {
    bool equal_meets;
    const char *text; /* for the snapshot */
};

struct strata_scorer {
    int8_t lowest;
    struct strata_edge_rule higher, lower; /* where higher or lower is better */
    /* Find the edges; `order` has at least one value. */
    enum strata_status (*find_edges)(const struct strata_scoring *scoring, const struct strata_order *order,
                                     struct strata_score_edges *edges, struct strata_error *err);
    /* Raise the levels of some customers at an edge; NULL: equal values stay together. */
    enum strata_status (*split_ties)(const struct strata_scoring *scoring, const struct strata_order *order,
                                     const struct strata_score_edges *edges, int8_t *score, struct strata_error *err);
};

extern const struct strata_scorer strata_scorer_quantile, strata_scorer_ntile, strata_scorer_r_rfm, strata_scorer_fixed,
    strata_scorer_mean;

/* The values whose goodness is the goodness_rank[i]-th smallest (from 1, ascending), i = 0..edges->n-1. */
enum strata_status strata_score_select(const struct strata_scoring *scoring, const struct strata_order *order,
                                       const uint64_t *goodness_rank, struct strata_score_edges *edges,
                                       struct strata_error *err) STRATA_MUST_USE;

/* Customers in the first i of `levels` groups of n customers as SQL's NTILE makes them. */
static inline uint64_t strata_ntile_border(uint64_t n, int levels, int i)
{
    uint64_t size = n / (uint64_t)levels, larger = n % (uint64_t)levels;
    return (uint64_t)i * size + ((uint64_t)i < larger ? (uint64_t)i : larger);
}

#endif
