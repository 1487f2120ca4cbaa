/* Is a clustering that a file or another process told of one to assign customers by? */
#include <math.h>

#include "check.h"
#include "clustering_read.h"

/* Values end at 1e100 (data/preparation.h); what whitening makes of them can be some times as large. */
static const double largest_centroid = 1e110;

struct checking {
    const char *path;
    const struct strata_clustering *clustering;
};

static enum strata_status fail_values(const struct checking *checking, const char *what, struct strata_error *err)
{
    return strata_fail(err, STRATA_REJECTED, "%s: /clusters/%s has values that strata does not write", checking->path,
                       what);
}

static bool takes_power(const struct strata_preparation *preparation)
{
    return preparation->transform == STRATA_TRANSFORM_YEO_JOHNSON || preparation->transform == STRATA_TRANSFORM_BOX_COX;
}

/* Each column's are finite and do not fall. */
static enum strata_status check_quantiles(const struct checking *checking, struct strata_error *err)
{
    const struct strata_preparation *preparation = &checking->clustering->preparation;
    const size_t n = (size_t)preparation->n_quantiles;
    const double *quantile = preparation->quantile;
    for (size_t i = 0; i < (size_t)preparation->d * n; ++i)
        if (!isfinite(quantile[i]) || (i % n > 0 && quantile[i] < quantile[i - 1]))
            return fail_values(checking, "quantiles", err);
    return STRATA_OK;
}

static enum strata_status check_preparation(const struct checking *checking, struct strata_error *err)
{
    const struct strata_preparation *preparation = &checking->clustering->preparation;
    bool imputes = preparation->missing == STRATA_MISSING_MEDIAN || preparation->missing == STRATA_MISSING_ZERO;
    for (int c = 0; c < preparation->d; ++c) {
        if (imputes ? !strata_preparation_takes(preparation, preparation->imputed[c]) : !isnan(preparation->imputed[c]))
            return fail_values(checking, "imputed", err);
        if (takes_power(preparation) && !isfinite(preparation->lambda[c]))
            return fail_values(checking, "lambda", err);
        if (!(preparation->lower[c] <= preparation->upper[c]))
            return fail_values(checking, "lower and upper", err);
        if (!isfinite(preparation->shift[c]) || !isfinite(preparation->origin[c]))
            return fail_values(checking, "shift and origin", err);
        if (!isfinite(preparation->divisor[c]) || !(preparation->divisor[c] > 0))
            return fail_values(checking, "divisor", err);
    }
    if (!isfinite(preparation->unit) || !(preparation->unit > 0))
        return fail_values(checking, "unit", err);
    for (size_t i = 0; preparation->whitening && i < (size_t)preparation->d * (size_t)preparation->d; ++i)
        if (!isfinite(preparation->whitening[i]))
            return fail_values(checking, "whitening", err);
    return STRATA_OK;
}

/* Numbers from 1, rising, below the next one to be given. */
static enum strata_status check_numbers(const struct checking *checking, struct strata_error *err)
{
    const struct strata_clustering *clustering = checking->clustering;
    for (int j = 0; j < clustering->k; ++j)
        if (clustering->label[j].value < 1 || (j > 0 && clustering->label[j].value <= clustering->label[j - 1].value))
            return fail_values(checking, "values", err);
    if (clustering->next_number <= clustering->label[clustering->k - 1].value)
        return fail_values(checking, "values up to next_number", err);
    return STRATA_OK;
}

static bool has_number(const struct strata_clustering *clustering, int16_t number)
{
    for (int j = 0; j < clustering->k; ++j)
        if (clustering->label[j].value == number)
            return true;
    return false;
}

static enum strata_status check_centroids(const struct checking *checking, struct strata_error *err)
{
    const struct strata_clustering *clustering = checking->clustering;
    const size_t k = (size_t)clustering->k, d = (size_t)clustering->d, n_fit = (size_t)clustering->n_fit;
    for (size_t j = 0; j < n_fit; ++j)
        if (!has_number(clustering, clustering->fit_cluster[j]))
            return strata_fail(err, STRATA_REJECTED, "%s: /clusters/fit names a cluster %d that /clusters has not",
                               checking->path, clustering->fit_cluster[j]);
    for (size_t i = 0; i < k * d; ++i)
        if (!(fabs(clustering->centroid[i]) <= largest_centroid))
            return fail_values(checking, "centroids", err);
    for (size_t i = 0; i < n_fit * d; ++i)
        if (!isfinite(clustering->fit_centroid[i]))
            return strata_fail(err, STRATA_REJECTED, "%s: /clusters/fit has a centroid that is not finite",
                               checking->path);
    return STRATA_OK;
}

enum strata_status strata_clustering_check(const struct strata_clustering *clustering, const char *path,
                                           struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct checking checking = {path, clustering};
    STRATA_TRY(check_quantiles(&checking, err));
    STRATA_TRY(check_preparation(&checking, err));
    STRATA_TRY(check_numbers(&checking, err));
    STRATA_TRY(check_centroids(&checking, err));
done:
    return status;
}
