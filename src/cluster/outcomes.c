#include "outcomes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distance.h"

void strata_outcome_note(struct strata_outcome *outcome, const struct strata_lloyd *lloyd)
{
    outcome->inertia = strata_lloyd_inertia(lloyd);
    outcome->k = lloyd->k;
    memcpy(outcome->centroid, lloyd->centroid, (size_t)lloyd->k * (size_t)lloyd->points->d * sizeof(double));
}

static int compare(const void *first, const void *second)
{
    const struct strata_outcome *a = first, *b = second;
    int order = (a->inertia > b->inertia) - (a->inertia < b->inertia);
    return order ? order : (a->restart > b->restart) - (a->restart < b->restart);
}

void strata_outcomes_sort(struct strata_outcome *outcome, int n)
{
    qsort(outcome, (size_t)n, sizeof *outcome, compare);
}

int strata_outcomes_count(const struct strata_outcome *outcome, int n, double share)
{
    while (n > 1 && outcome[n - 1].inertia > outcome[0].inertia * (1 + share))
        --n;
    return n;
}

static bool is_same_place(const struct strata_outcome *a, const struct strata_outcome *b, size_t d, double reach)
{
    if (a->k != b->k)
        return false;
    for (size_t i = 0; i < (size_t)a->k; ++i) {
        size_t j = 0;
        while (j < (size_t)b->k && strata_squared_distance(a->centroid + i * d, b->centroid + j * d, d) > reach)
            ++j;
        if (j == (size_t)b->k)
            return false;
    }
    return true;
}

int strata_outcomes_gather(struct strata_outcome *outcome, int n, int d, double reach, int most)
{
    int n_places = 1;
    for (int i = 1; i < n && n_places < most; ++i) {
        int place = 0;
        while (place < n_places && !is_same_place(&outcome[i], &outcome[place], (size_t)d, reach))
            ++place;
        if (place < n_places)
            continue;
        const struct strata_outcome other = outcome[n_places];
        outcome[n_places++] = outcome[i];
        outcome[i] = other;
    }
    return n_places;
}
