#include "scalings.h"

#include <math.h>

#include "check.h"
#include "transforms.h"

static enum strata_status fit_standard(const struct strata_scaling_source *source,
                                       struct strata_preparation *preparation, struct strata_error *err)
{
    (void)err;
    for (int c = 0; c < preparation->d; ++c) {
        const struct strata_moments *moments = &source->moments[c];
        bool varies = strata_moments_vary(moments);
        preparation->shift[c] = varies ? moments->mean : moments->min;
        preparation->divisor[c] = varies ? sqrt(moments->squares / moments->n) : 1;
    }
    return STRATA_OK;
}

/* Transforms keep the order of values, so the order statistics of x become those of t. */
static enum strata_status find_quartiles(const struct strata_scaling_source *source, int c, double quartile[3],
                                         struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_order order = {0};
    const struct strata_placing *placing = source->placing;
    const struct strata_transform *transform = &strata_transforms[placing->preparation->transform];
    const struct strata_order_source rows = {.column = placing->column[c],
                                             .n_rows = source->chunks->n_rows,
                                             .group = source->label,
                                             .n_groups = 1,
                                             .threads = source->threads};
    struct strata_order_rank rank[3] = {{0}};
    double value[2][3];
    STRATA_TRY(strata_order_init(&order, &rows, err));
    for (int side = 0; side < 2; ++side) {
        for (uint64_t q = 0; q < 3; ++q) {
            struct strata_quantile_place place = strata_quantile_place_of(order.count[0], q + 1, 4);
            rank[q].rank = side ? place.upper : place.lower;
        }
        STRATA_TRY(strata_order_select(&order, rank, 3, value[side], err));
        if (transform->forward)
            transform->forward(placing->preparation, c, value[side], 3);
    }
    for (uint64_t q = 0; q < 3; ++q)
        quartile[q] =
            value[0][q] + strata_quantile_place_of(order.count[0], q + 1, 4).share * (value[1][q] - value[0][q]);
done:
    strata_order_release(&order);
    return status;
}

static enum strata_status fit_robust(const struct strata_scaling_source *source, struct strata_preparation *preparation,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int c = 0; c < preparation->d; ++c) {
        double quartile[3];
        STRATA_TRY(find_quartiles(source, c, quartile, err));
        preparation->shift[c] = quartile[1];
        preparation->divisor[c] = quartile[2] > quartile[0] ? quartile[2] - quartile[0] : 1;
    }
done:
    return status;
}

static enum strata_status fit_whiten(const struct strata_scaling_source *source, struct strata_preparation *preparation,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(fit_standard(source, preparation, err));
    STRATA_TRY(strata_whitening_fit(source, preparation, err));
done:
    return status;
}

strata_scaling_fit *const strata_scalings[STRATA_N_SCALINGS] = {
    [STRATA_SCALING_NONE] = NULL,
    [STRATA_SCALING_STANDARD] = fit_standard,
    [STRATA_SCALING_ROBUST] = fit_robust,
    [STRATA_SCALING_WHITEN] = fit_whiten,
};
