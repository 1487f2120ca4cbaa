#include "transforms.h"

#include <math.h>

#include "check.h"

static void log1p_forward(const struct strata_preparation *preparation, int c, double *value, size_t n)
{
    (void)preparation, (void)c;
    for (size_t i = 0; i < n; ++i)
        value[i] = copysign(log1p(fabs(value[i])), value[i]);
}

static double log1p_back(const struct strata_preparation *preparation, int c, double value)
{
    (void)preparation, (void)c;
    return copysign(expm1(fabs(value)), value);
}

static enum strata_status winsor_fit(const struct strata_transform_source *source,
                                     struct strata_preparation *preparation, int c, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    double limit[2], last = (double)(source->order->count[0] - 1);
    struct strata_order_rank rank[2] = {{0, (uint64_t)floor(source->winsor_lower * last)},
                                        {0, (uint64_t)ceil(source->winsor_upper * last)}};
    STRATA_TRY(strata_order_select(source->order, rank, 2, limit, err));
    preparation->lower[c] = limit[0];
    preparation->upper[c] = limit[1];
done:
    return status;
}

static void winsor_forward(const struct strata_preparation *preparation, int c, double *value, size_t n)
{
    double lower = preparation->lower[c], upper = preparation->upper[c];
    for (size_t i = 0; i < n; ++i)
        value[i] = value[i] < lower ? lower : value[i] > upper ? upper : value[i];
}

const struct strata_transform strata_transforms[STRATA_N_TRANSFORMS] = {
    [STRATA_TRANSFORM_NONE] = {NULL, NULL, NULL},
    [STRATA_TRANSFORM_LOG1P] = {NULL, log1p_forward, log1p_back},
    [STRATA_TRANSFORM_WINSOR] = {winsor_fit, winsor_forward, NULL},
    [STRATA_TRANSFORM_YEO_JOHNSON] = {strata_yeo_johnson_fit, strata_yeo_johnson_forward, strata_yeo_johnson_back},
    [STRATA_TRANSFORM_BOX_COX] = {strata_box_cox_fit, strata_box_cox_forward, strata_box_cox_back},
    [STRATA_TRANSFORM_QUANTILE] = {strata_quantile_fit, strata_quantile_forward, strata_quantile_back},
    [STRATA_TRANSFORM_QUANTILE_NORMAL] = {strata_quantile_fit, strata_quantile_normal_forward,
                                          strata_quantile_normal_back},
};
