#include "method.h"

static enum strata_status find_edges(const struct strata_scoring *scoring, const struct strata_order *order,
                                     struct strata_score_edges *edges, struct strata_error *err)
{
    uint64_t levels = (uint64_t)scoring->options->levels, rank[STRATA_MAX_LEVELS - 1];
    for (int i = 0; i < edges->n; ++i)
        rank[i] = (order->count[0] * (uint64_t)(i + 1) + levels - 1) / levels;
    return strata_score_select(scoring, order, rank, edges, err);
}

const struct strata_scorer strata_scorer_quantile = {
    .lowest = 1,
    .higher = {false, "score = 1 + thresholds below the value"},
    .lower = {false, "score = 1 + thresholds above the value"},
    .find_edges = find_edges,
};
