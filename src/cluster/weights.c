#include "weights.h"

#include <math.h>
#include <stdio.h>

#include "check.h"
#include "rows.h"

static enum strata_status refuse(const struct strata_table_column *column, size_t row, double weight,
                                 struct strata_error *err)
{
    char what[64] = "no weight";
    if (!isnan(weight))
        (void)snprintf(what, sizeof what, "the weight %g", weight);
    return strata_fail(err, STRATA_REJECTED,
                       "clusters: row %zu has %s in column %s\nweights are 0, or %g to %g: correct it, or leave "
                       "the row out",
                       row + 1, what, column->about.name, STRATA_WEIGHT_LEAST, STRATA_WEIGHT_MOST);
}

enum strata_status strata_weights_check(const struct strata_table_column *column, size_t n_rows, const int16_t *label,
                                        struct strata_error *err)
{
    double weight[STRATA_BLOCK_ROWS];
    bool any = false;
    for (size_t first = 0; first < n_rows; first += STRATA_BLOCK_ROWS) {
        size_t n = n_rows - first < STRATA_BLOCK_ROWS ? n_rows - first : STRATA_BLOCK_ROWS;
        strata_rows_read(column, first, n, weight);
        for (size_t i = 0; i < n; ++i) {
            if (!strata_points_may_weigh(weight[i]))
                return refuse(column, first + i, weight[i], err);
            any = any || (weight[i] > 0 && label[first + i] == 0);
        }
    }
    if (!any)
        return strata_fail(err, STRATA_REJECTED,
                           "clusters: all rows to cluster have the weight 0 in column %s\ngive at least one a weight",
                           column->about.name);
    return STRATA_OK;
}

void strata_weights_place(const struct strata_table_column *column, size_t n_rows, const int16_t *label,
                          struct strata_points *points)
{
    double weight[STRATA_BLOCK_ROWS];
    size_t point = 0;
    for (size_t first = 0; first < n_rows; first += STRATA_BLOCK_ROWS) {
        size_t n = n_rows - first < STRATA_BLOCK_ROWS ? n_rows - first : STRATA_BLOCK_ROWS;
        strata_rows_read(column, first, n, weight);
        for (size_t i = 0; i < n; ++i)
            if (label[first + i] == 0)
                points->weight[point++] = weight[i];
    }
    strata_points_scale_weights(points);
}

enum strata_status strata_weights_compare(const struct strata_points *points, const char *name, int max_k,
                                          struct strata_error *err)
{
    double sum = 0;
    size_t n_weighing = 0;
    if (!points->weight)
        return STRATA_OK;
    for (size_t row = 0; row < points->n; ++row) {
        sum += points->weight[row];
        n_weighing += points->weight[row] > 0;
    }
    sum *= points->weight_unit;
    if (sum > max_k || sum >= (double)n_weighing)
        return STRATA_OK;
    return strata_fail(
        err, STRATA_REJECTED,
        "clusters: the weights in column %s sum to %g, and a row of weight w counts as w rows: too few to "
        "choose among 2 to %d clusters\nmake them sum to the number of rows, or give the number of "
        "clusters",
        name, sum, max_k);
}
