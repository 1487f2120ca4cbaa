#include "minimum.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

static int smallest(const struct strata_fit *fit)
{
    int cluster = 0;
    for (int j = 1; j < fit->k; ++j)
        if (fit->size[j] < fit->size[cluster])
            cluster = j;
    return cluster;
}

enum strata_status strata_minimum_enforce(const struct strata_points *points,
                                          const struct strata_search_options *options, uint64_t min_size,
                                          struct strata_fit *fit, int *n_dissolved, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const int k = fit->k;
    const size_t d = (size_t)points->d;
    struct strata_search_options search = *options;
    struct strata_fit next = {0};
    double *start = NULL;
    int cluster = smallest(fit);
    *n_dissolved = 0;
    if (k < 2 || fit->size[cluster] >= min_size)
        return STRATA_OK;
    start = strata_malloc_array((size_t)k - 1, d * sizeof *start);
    if (!start)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d centroids", k - 1);
    search.start = start;
    for (; fit->k > 1 && fit->size[cluster] < min_size; cluster = smallest(fit)) {
        size_t before = (size_t)cluster * d, all = (size_t)fit->k * d;
        memcpy(start, fit->centroid, before * sizeof *start);
        memcpy(start + before, fit->centroid + before + d, (all - before - d) * sizeof *start);
        search.k = fit->k - 1;
        STRATA_TRY(strata_search_run(points, &search, &next, err));
        strata_fit_release(fit);
        *fit = next;
        next = (struct strata_fit){0};
    }
    *n_dissolved = k - fit->k;
done:
    free(start);
    if (status != STRATA_OK)
        strata_fit_release(fit);
    return status;
}
