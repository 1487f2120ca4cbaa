#include "medians.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "memory.h"

enum strata_status strata_medians_find(const struct strata_order_source *source, double *median,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_groups = (size_t)source->n_groups, n_ranks = 0;
    struct strata_order order = {0};
    struct strata_order_rank *rank = strata_malloc_array(n_groups, 2 * sizeof *rank);
    double *middle = strata_malloc_array(n_groups, 2 * sizeof *middle);
    if (!rank || !middle) {
        status = strata_fail_memory(err, "medians", n_groups, 2 * sizeof *rank);
        goto done;
    }
    STRATA_TRY(strata_order_init(&order, source, err));
    for (int group = 0; group < source->n_groups; ++group) {
        uint64_t n = order.count[group];
        if (n == 0)
            continue;
        rank[n_ranks++] = (struct strata_order_rank){group, (n - 1) / 2};
        rank[n_ranks++] = (struct strata_order_rank){group, n / 2};
    }
    STRATA_TRY(strata_order_select(&order, rank, n_ranks, middle, err));
    for (size_t group = 0; group < n_groups; ++group)
        median[group] = NAN;
    for (size_t i = 0; i < n_ranks; i += 2)
        median[rank[i].group] = middle[i] == middle[i + 1] ? middle[i] : (middle[i] + middle[i + 1]) / 2;
done:
    strata_order_release(&order);
    free(rank);
    free(middle);
    return status;
}
