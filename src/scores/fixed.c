#include "method.h"

static enum strata_status find_edges(const struct strata_scoring *scoring, const struct strata_order *order,
                                     struct strata_score_edges *edges, struct strata_error *err)
{
    (void)order;
    (void)err;
    for (int i = 0; i < edges->n; ++i)
        edges->value[i] = scoring->options->cuts[scoring->lower_is_better ? edges->n - 1 - i : i];
    return STRATA_OK;
}

const struct strata_scorer strata_scorer_fixed = {
    .lowest = 1,
    .higher = {true, "score = 1 + thresholds at or below the value"},
    .lower = {true, "score = 1 + thresholds at or above the value"},
    .find_edges = find_edges,
};
