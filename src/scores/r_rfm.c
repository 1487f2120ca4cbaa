#include "method.h"

/* Type 7: position (n-1) p among the sorted values, counted from 0, between two neighbours. With p = i / L both the
 * position and the weight of the upper neighbour are exact. */
static enum strata_status find_edges(const struct strata_scoring *scoring, const struct strata_order *order,
                                     struct strata_score_edges *edges, struct strata_error *err)
{
    uint64_t last = order->count[0] - 1, levels = (uint64_t)scoring->options->levels;
    struct strata_order_rank lower_rank[STRATA_MAX_LEVELS - 1], upper_rank[STRATA_MAX_LEVELS - 1];
    double lower[STRATA_MAX_LEVELS - 1], upper[STRATA_MAX_LEVELS - 1];
    for (int i = 0; i < edges->n; ++i) {
        uint64_t position = last * (uint64_t)(i + 1);
        lower_rank[i] = (struct strata_order_rank){0, position / levels};
        upper_rank[i] = (struct strata_order_rank){0, (position + levels - 1) / levels};
    }
    enum strata_status status = strata_order_select(order, lower_rank, (size_t)edges->n, lower, err);
    if (status == STRATA_OK)
        status = strata_order_select(order, upper_rank, (size_t)edges->n, upper, err);
    for (int i = 0; i < edges->n && status == STRATA_OK; ++i) {
        double weight = (double)(last * (uint64_t)(i + 1) % levels) / (double)levels;
        double quantile = lower[i] == upper[i] ? lower[i] : (1 - weight) * lower[i] + weight * upper[i];
        edges->value[scoring->lower_is_better ? edges->n - 1 - i : i] = quantile + 1;
    }
    return status;
}

const struct strata_scorer strata_scorer_r_rfm = {
    .lowest = 1,
    .higher = {true, "score = 1 + thresholds at or below the value"},
    .lower = {false, "score = 1 + thresholds above the value"},
    .find_edges = find_edges,
};
