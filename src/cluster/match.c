#include "match.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "check.h"
#include "memory.h"

/* n few x m many, n <= m. Numbers from 1, 0 for none. */
struct matching {
    const double *cost;
    size_t few_step, many_step;
    int n, m;
    double *potential_few, *potential_many; /* n + 1, m + 1 */
    double *least;                          /* m + 1: of the reduced costs on the way so far */
    int *partner;                           /* m + 1: of the few; partner[0] is the one that looks for a partner */
    int *before;                            /* m + 1: on the shortest path */
    bool *done;                             /* m + 1 */
};

static double reduced(const struct matching *matching, int few, int many)
{
    double cost = matching->cost[(size_t)(few - 1) * matching->few_step + (size_t)(many - 1) * matching->many_step];
    return cost - matching->potential_few[few] - matching->potential_many[many];
}

/* One step of Dijkstra from `many`, whose partner is on the path: the nearest of the rest. */
static int extend(struct matching *matching, int many)
{
    int next = 0;
    double shortest = INFINITY;
    matching->done[many] = true;
    for (int j = 1; j <= matching->m; ++j) {
        if (matching->done[j])
            continue;
        double length = reduced(matching, matching->partner[many], j);
        if (length < matching->least[j]) {
            matching->least[j] = length;
            matching->before[j] = many;
        }
        if (matching->least[j] < shortest) {
            shortest = matching->least[j];
            next = j;
        }
    }
    for (int j = 0; j <= matching->m; ++j) {
        if (matching->done[j]) {
            matching->potential_few[matching->partner[j]] += shortest;
            matching->potential_many[j] -= shortest;
        } else {
            matching->least[j] -= shortest;
        }
    }
    return next;
}

static void find_partner(struct matching *matching, int few)
{
    int many = 0;
    matching->partner[0] = few;
    for (int j = 0; j <= matching->m; ++j) {
        matching->least[j] = INFINITY;
        matching->done[j] = false;
    }
    do
        many = extend(matching, many);
    while (matching->partner[many] != 0);
    while (many != 0) {
        int before = matching->before[many];
        matching->partner[many] = matching->partner[before];
        many = before;
    }
}

enum strata_status strata_match(const double *cost, int n_rows, int n_columns, int *partner, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool rows_are_few = n_rows <= n_columns;
    struct matching matching = {.cost = cost,
                                .few_step = rows_are_few ? (size_t)n_columns : 1,
                                .many_step = rows_are_few ? 1 : (size_t)n_columns,
                                .n = rows_are_few ? n_rows : n_columns,
                                .m = rows_are_few ? n_columns : n_rows};
    size_t room_few = (size_t)matching.n + 1, room_many = (size_t)matching.m + 1;
    matching.potential_few = strata_calloc_array(room_few, sizeof *matching.potential_few);
    matching.potential_many = strata_calloc_array(room_many, sizeof *matching.potential_many);
    matching.least = strata_calloc_array(room_many, sizeof *matching.least);
    matching.partner = strata_calloc_array(room_many, sizeof *matching.partner);
    matching.before = strata_calloc_array(room_many, sizeof *matching.before);
    matching.done = strata_calloc_array(room_many, sizeof *matching.done);
    if (!matching.potential_few || !matching.potential_many || !matching.least || !matching.partner ||
        !matching.before || !matching.done)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: pairs of %d and %d", n_rows, n_columns);
    for (int few = 1; few <= matching.n; ++few)
        find_partner(&matching, few);
    for (int row = 0; row < n_rows; ++row)
        partner[row] = -1;
    for (int many = 1; many <= matching.m; ++many) {
        int few = matching.partner[many];
        if (few != 0)
            partner[rows_are_few ? few - 1 : many - 1] = rows_are_few ? many - 1 : few - 1;
    }
done:
    free(matching.potential_few);
    free(matching.potential_many);
    free(matching.least);
    free(matching.partner);
    free(matching.before);
    free(matching.done);
    return status;
}
