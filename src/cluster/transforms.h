/* Transforms of single columns: what tames long tails before the scaling.
 *
 *   log1p            sign(x) log(1 + |x|)
 *   winsor           values beyond two order statistics, of rank floor(lower (n - 1)) and ceil(upper (n - 1)) from 0,
 *                    count as these
 *   yeo-johnson      Yeo, Johnson: A new family of power transformations to improve normality or symmetry. Biometrika
 *                    87, 2000: ((x + 1)^L - 1) / L for x >= 0, -((1 - x)^(2 - L) - 1) / (2 - L) below 0
 *   box-cox          Box, Cox: An analysis of transformations. JRSS B 26, 1964: (x^L - 1) / L; x > 0
 *   quantile         the share of customers below, from 0 to 1, linear between the values at the ranks i / (m - 1) of
 *                    m = min(1000, n) grid points; several equal grid points give the middle of their shares
 *   quantile-normal  the same as a value of the standard normal distribution, within +-5.2
 *
 * L is the power of highest likelihood within [-5, 5], of all values or, with more than 2^16, of 2^16 order statistics
 * in equal steps. The likelihood has one maximum (Marchand et al.: SecureFedYJ. NeurIPS 2022). Where L would leave so
 * little of the column's variation that doubles could not tell the values apart, it is 1.
 *
 * All are monotone and depend on no other column, row order or thread.
 */
#ifndef STRATA_CLUSTER_TRANSFORMS_H
#define STRATA_CLUSTER_TRANSFORMS_H

#include "order_statistics.h"
#include "preparation.h"

/* What a column's parameters are fitted to: the order statistics of its values, of which there is at least one. */
struct strata_transform_source {
    const struct strata_order *order; /* one group */
    double winsor_lower, winsor_upper;
};

/* One row of the table: to add a transform, write its functions, and a word in STRATA_TRANSFORM_LIST. */
struct strata_transform {
    /* Settle the parameters of column c; NULL: it has none. */
    enum strata_status (*fit)(const struct strata_transform_source *source, struct strata_preparation *preparation,
                              int c, struct strata_error *err);
    /* n values, in place, and one value back; NULL: they stay as they are. */
    void (*forward)(const struct strata_preparation *preparation, int c, double *value, size_t n);
    double (*back)(const struct strata_preparation *preparation, int c, double value);
};

extern const struct strata_transform strata_transforms[STRATA_N_TRANSFORMS];

/* transform_power.c */
enum strata_status strata_yeo_johnson_fit(const struct strata_transform_source *source,
                                          struct strata_preparation *preparation, int c,
                                          struct strata_error *err) STRATA_MUST_USE;
void strata_yeo_johnson_forward(const struct strata_preparation *preparation, int c, double *value, size_t n);
double strata_yeo_johnson_back(const struct strata_preparation *preparation, int c, double value);
enum strata_status strata_box_cox_fit(const struct strata_transform_source *source,
                                      struct strata_preparation *preparation, int c,
                                      struct strata_error *err) STRATA_MUST_USE;
void strata_box_cox_forward(const struct strata_preparation *preparation, int c, double *value, size_t n);
double strata_box_cox_back(const struct strata_preparation *preparation, int c, double value);

/* transform_quantile.c */
enum strata_status strata_quantile_fit(const struct strata_transform_source *source,
                                       struct strata_preparation *preparation, int c,
                                       struct strata_error *err) STRATA_MUST_USE;
void strata_quantile_forward(const struct strata_preparation *preparation, int c, double *value, size_t n);
double strata_quantile_back(const struct strata_preparation *preparation, int c, double value);
void strata_quantile_normal_forward(const struct strata_preparation *preparation, int c, double *value, size_t n);
double strata_quantile_normal_back(const struct strata_preparation *preparation, int c, double value);

/* The points of the grid for n values. */
int strata_quantile_grid_size(size_t n);

/* The value that stands at rank numerator / denominator of the way from the smallest to the largest, linear between
 * order statistics (type 7 of Hyndman, Fan: Sample quantiles in statistical packages. The American Statistician 50,
 * 1996): for each of n_places ascending numerators. */
enum strata_status strata_type7_quantiles(const struct strata_order *order, const uint64_t *numerator, size_t n_places,
                                          uint64_t denominator, double *value,
                                          struct strata_error *err) STRATA_MUST_USE;

/* The two order statistics that such a quantile lies between, and how far it is from the lower to the upper. */
struct strata_quantile_place {
    uint64_t lower, upper; /* ranks */
    double share;
};
struct strata_quantile_place strata_quantile_place_of(uint64_t n, uint64_t numerator, uint64_t denominator);

#endif
