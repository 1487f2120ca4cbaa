#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "memory.h"
#include "transforms.h"

/* Shares of 0 and 1 would be infinitely far out. */
static const double normal_edge = 1e-7;

int strata_quantile_grid_size(size_t n) { return n < STRATA_MAX_QUANTILES ? n < 2 ? 2 : (int)n : STRATA_MAX_QUANTILES; }

struct strata_quantile_place strata_quantile_place_of(uint64_t n, uint64_t numerator, uint64_t denominator)
{
    uint64_t last = n - 1, place = numerator * (last % denominator);
    uint64_t rank = numerator * (last / denominator) + place / denominator;
    return (struct strata_quantile_place){.lower = rank,
                                          .upper = rank < last ? rank + 1 : rank,
                                          .share = (double)(place % denominator) / (double)denominator};
}

enum strata_status strata_type7_quantiles(const struct strata_order *order, const uint64_t *numerator, size_t n_places,
                                          uint64_t denominator, double *value, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_order_rank *rank = strata_calloc_array(n_places, sizeof *rank);
    double *upper = strata_malloc_array(n_places, sizeof *upper);
    if (!rank || !upper)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu quantiles", n_places);
    for (size_t i = 0; i < n_places; ++i)
        rank[i].rank = strata_quantile_place_of(order->count[0], numerator[i], denominator).lower;
    STRATA_TRY(strata_order_select(order, rank, n_places, value, err));
    for (size_t i = 0; i < n_places; ++i)
        rank[i].rank = strata_quantile_place_of(order->count[0], numerator[i], denominator).upper;
    STRATA_TRY(strata_order_select(order, rank, n_places, upper, err));
    for (size_t i = 0; i < n_places; ++i)
        value[i] += strata_quantile_place_of(order->count[0], numerator[i], denominator).share * (upper[i] - value[i]);
done:
    free(rank);
    free(upper);
    return status;
}

enum strata_status strata_quantile_fit(const struct strata_transform_source *source,
                                       struct strata_preparation *preparation, int c, struct strata_error *err)
{
    uint64_t numerator[STRATA_MAX_QUANTILES];
    size_t n = (size_t)preparation->n_quantiles;
    for (size_t i = 0; i < n; ++i)
        numerator[i] = i;
    return strata_type7_quantiles(source->order, numerator, n, n - 1, preparation->quantile + (size_t)c * n, err);
}

/* The first grid point that is not below x, or above it: n if there is none. */
static int first_not_below(const double *grid, int n, double x, bool strictly_above)
{
    int low = 0, high = n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (grid[middle] < x || (strictly_above && grid[middle] == x))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double share_below(const double *grid, int n, double x)
{
    double last = n - 1;
    if (x <= grid[0] || x >= grid[n - 1])
        return x <= grid[0] ? 0 : 1;
    int first = first_not_below(grid, n, x, false), after = first_not_below(grid, n, x, true);
    if (after > first)
        return (first + after - 1) / 2.0 / last;
    return (first - 1 + (x - grid[first - 1]) / (grid[first] - grid[first - 1])) / last;
}

static double value_at_share(const double *grid, int n, double share)
{
    double place = fmin(fmax(share, 0), 1) * (n - 1);
    int below = (int)floor(place);
    if (below >= n - 1)
        return grid[n - 1];
    return grid[below] + (place - below) * (grid[below + 1] - grid[below]);
}

static const double *grid_of(const struct strata_preparation *preparation, int c)
{
    return preparation->quantile + (size_t)c * (size_t)preparation->n_quantiles;
}

void strata_quantile_forward(const struct strata_preparation *preparation, int c, double *value, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        value[i] = share_below(grid_of(preparation, c), preparation->n_quantiles, value[i]);
}

double strata_quantile_back(const struct strata_preparation *preparation, int c, double value)
{
    return value_at_share(grid_of(preparation, c), preparation->n_quantiles, value);
}

void strata_quantile_normal_forward(const struct strata_preparation *preparation, int c, double *value, size_t n)
{
    strata_quantile_forward(preparation, c, value, n);
    for (size_t i = 0; i < n; ++i)
        value[i] = gsl_cdf_ugaussian_Pinv(fmin(fmax(value[i], normal_edge), 1 - normal_edge));
}

double strata_quantile_normal_back(const struct strata_preparation *preparation, int c, double value)
{
    return strata_quantile_back(preparation, c, gsl_cdf_ugaussian_P(value));
}
